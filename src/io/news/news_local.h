/* What other files of this room need of news.c. Inside this room. */
#ifndef IO_NEWS_NEWS_LOCAL_H
#define IO_NEWS_NEWS_LOCAL_H

#include "io/news/news_pool.h"

struct news_pool *news_pool_of(struct news *news);

/* Run fn(arg) on the net thread and wait for it: a net loop never blocks, so this is short. */
void news_on_net(struct news *news, loop_fn fn, void *arg);

#endif
