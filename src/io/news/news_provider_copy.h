/* Owned copies of providers, and bounds for settings. Inside this room only. */
#ifndef IO_NEWS_NEWS_PROVIDER_COPY_H
#define IO_NEWS_NEWS_PROVIDER_COPY_H

#include <stdbool.h>

#include "io/news/news_provider.h"

enum {
    NEWS_TRIES_MAX = 100,
    NEWS_PIPELINE_MAX = 64,
};

/* Put every budget between 1 and its maximum. */
void news_settings_bound(struct news_settings *settings);

/* Make *to an own copy of `from`, its connections within bounds. ERR_BAD_REQUEST: no host. *to is
 * empty after an error; else the caller calls news_provider_clear(). */
MUST_USE enum err news_provider_copy(const struct news_provider *from, struct news_provider *to);

/* Free what a copy holds, the password wiped. */
void news_provider_clear(struct news_provider *own);

/* Take over what can change at work: whether it is paused, what it is for, its order, its quota
 * and what is known of it; not what it has spent. */
void news_provider_tune(struct news_provider *own, const struct news_provider *from);

/* Are both the same in every field but those? */
bool news_provider_same(const struct news_provider *a, const struct news_provider *b);

#endif
