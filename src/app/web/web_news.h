/* What is going on, as numbered states: a sender per listener asks what it has not said yet. Knows
 * no sockets. However slow a listener is, it costs one number. */
#ifndef APP_WEB_WEB_NEWS_H
#define APP_WEB_WEB_NEWS_H

#include <jansson.h>
#include <stdint.h>

#include "base/bytes.h"

enum {
    WEB_NEWS_STEPS = 128,       /* changes kept for those who are behind ... */
    WEB_NEWS_BYTES = 256 << 10, /* ... and of what size together */
    WEB_NEWS_QUIET_MS = 15000,  /* with nothing new for so long, the time is told */
};

struct web_news;

/* `boot` names this life of the daemon; it is copied. */
MUST_USE enum err web_news_new(const char *boot, struct web_news **news);
void web_news_free(struct web_news *news);

/* The state now; taken over. Its member "time" alone is not news. A state that cannot be taken (no
 * memory) is passed over: the next one will say all. */
void web_news_put(struct web_news *news, json_t *state, uint64_t now_ms);

/* The number of the newest state; 0: there is none yet. */
uint64_t web_news_seq(const struct web_news *news);

/* Where a listener begins who says that it knows `since` of `boot` (NULL: it says nothing): that
 * number if what came after is still known, else 0. */
uint64_t web_news_begin(const struct web_news *news, const char *boot, uint64_t since);

/* The message for a listener that was told `seq` (0: nothing): what changed since, or a snapshot.
 * A view that dies with the next call here; empty without memory. The listener knows
 * web_news_seq() after it. */
struct bytes web_news_message(struct web_news *news, uint64_t seq);

#endif
