/* Looking at the connections of a pool while they work. Called from the home loop's thread; each
 * call waits for the net loop, shortly. */
#ifndef IO_NEWS_NEWS_WATCH_H
#define IO_NEWS_NEWS_WATCH_H

#include "io/news/news.h"

enum news_link_state {
    NEWS_LINK_CONNECTING,
    NEWS_LINK_LOGIN,
    NEWS_LINK_IDLE,
    NEWS_LINK_POSTING,
    NEWS_LINK_FETCHING,
    NEWS_LINK_ASKING,  /* STAT */
    NEWS_LINK_WAITING, /* not there: the next try is not due yet */
    NEWS_LINK_CLOSED,  /* saying goodbye */
};

struct news_link {
    size_t provider; /* its place */
    enum news_link_state state;
    uint64_t since_ms;      /* how long it has been so, as far as anybody looked */
    struct net_moved moved; /* bytes since it was opened */
};

/* Fill in up to `cap` connections of all providers: those that are there, and one that waits for a
 * provider that is not tried for a while. Returns how many. */
size_t news_links_get(struct news *news, struct news_link *links, size_t cap);

/* Bytes that went either way since the pool was made, over all providers that it has now. */
struct net_moved news_moved(struct news *news);

#endif
