/* Articles on news servers: post, stat, fetch. Behind this door: connections, logins, the budget of
 * connections per provider, pacing, back-off, retries and fail-over (NNTP-NOTES.md, DESIGN.md
 * section 5). Called from the home loop's thread; the connections live on the net loop's thread;
 * every `done` runs on the home loop's. */
#ifndef IO_NEWS_NEWS_H
#define IO_NEWS_NEWS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "io/loop/loop.h"
#include "io/news/news_provider.h"

struct news;

/* Make the pool without providers. `home` and `net` may be the same loop. Settings are copied. A
 * net loop of its own must run until news_free() has returned: calls here wait for it, shortly. */
MUST_USE enum err news_new(
    struct loop *home, struct loop *net, const struct news_settings *settings, struct news **news);

/* Cancel everything and free. Home thread only; no `done` runs any more. Blocks until the net loop
 * let go. */
void news_free(struct news *news);

/* Use these providers (copied) from now on. Work under way leaves those that are gone. */
MUST_USE enum err news_set_providers(
    struct news *news, const struct news_provider *providers, size_t count);

/* Send and fetch no more than this from now on, over all providers: bytes a second, 0: no limit,
 * NEWS_RATE_NOTHING: no article goes out, no body is asked for. The grain is an article: what is on
 * a connection runs to its end. To begin with there is no limit. */
enum { NEWS_RATE_NOTHING = -1 };
void news_set_rates(struct news *news, int64_t up, int64_t down);

/* Open no more connections than that over all providers from now on; 0: no limit but theirs. Each
 * provider gets its part, and one at least; what is too many ends with what it has in flight. */
void news_set_connections(struct news *news, unsigned connections);

/* So many bytes count against the quota of provider `i` from now on; what it carries is added. */
void news_set_spent(struct news *news, size_t i, uint64_t spent);

/* How many providers there are; who may be asked for requests of this role, as bits (those that are
 * paused or out, too); a copy of what was counted for provider `i` since the start. */
size_t news_provider_count(const struct news *news);
uint32_t news_providers_for(const struct news *news, enum news_role role);
void news_counters_get(struct news *news, size_t i, struct news_counters *counters);

/* Most requests worth giving at once: enough to keep every connection busy. At least 1. */
size_t news_post_width(const struct news *news);
size_t news_stat_width(const struct news *news);
size_t news_fetch_width(const struct news *news);

/* What a request came to. */
struct news_result {
    enum err err;    /* OK, or the reason it will not be; KIND_RETRY only after the retry budget */
    enum err unsure; /* with ERR_NO_ARTICLE: why some providers could not be asked; OK: all were */
    size_t provider; /* who answered last */
    unsigned tries;  /* how many times it was asked or sent */
    bool duplicate;  /* post: OK by "441 duplicate": an article of this id was there */
    bool id_changed; /* post: the server stored it under `id` below */
    struct article_id id;
    const char *text; /* the server's last words, fit for a terminal, or ""; dies with the call */
};

typedef void (*news_done_fn)(void *arg, const struct news_result *result);
typedef void (*news_body_fn)(void *arg, const struct news_result *result, struct buf *body);

/* Requests of one lane go out in the order in which they came. Lanes that wait for a server's
 * connections, to post or to fetch bodies, get them in turns: a job with a thousand requests keeps
 * nobody waiting for long. A job takes any number of its own; 0 is a lane like others. */

/* A request under way; freed by the pool when done has run or after news_cancel(). */
struct news_op;

/* What to post. Every view must live until done or cancel. */
struct news_article {
    struct article_id id;
    const char *from;    /* a mailbox, 7-bit */
    const char *subject; /* 7-bit */
    struct bytes body; /* CRLF lines, ready for the wire: dots dealt with, no lone dot at the end */
    uint64_t lane;     /* whose it is; see above */
    bool keep_id; /* under another id it would be of no use: no provider that is known to change
                     ids, if there is another one */
};

/* Post one article; Newsgroups comes from the provider, Date is now. Outcome unknown: the same
 * again, same id. OK means accepted (240 or duplicate), which is not confirmed. */
MUST_USE enum err news_post_start(struct news *news, const struct news_article *article,
    news_done_fn done, void *arg, struct news_op **op);

/* Is the article there? OK: yes. ERR_NO_ARTICLE: every provider that could be asked said no, and
 * at least one was asked; see `unsure`. Other: unknown. */
MUST_USE enum err news_stat_start(struct news *news, const struct article_id *id, news_done_fn done,
    void *arg, struct news_op **op);

/* Fetch an article's body as sent on the wire: dots still doubled, no lone dot. `body` may be taken
 * over by the callee (swap it empty). ERR_NO_ARTICLE as for stat; ERR_TOO_LONG: none has it, but
 * one something of more than NEWS_BODY_MAX bytes. */
enum { NEWS_BODY_MAX = 2 << 20 };
MUST_USE enum err news_fetch_start(struct news *news, const struct article_id *id,
    news_body_fn done, void *arg, struct news_op **op);

/* The same, with more to say about whom to ask. */
struct news_question {
    struct article_id id;
    enum news_role role; /* 0: NEWS_ROLE_CONFIRM for stat, NEWS_ROLE_READ for fetch */
    uint32_t skip;       /* bit i: not provider i, as if it had said no */
    uint64_t lane;
};
MUST_USE enum err news_stat_by(struct news *news, const struct news_question *question,
    news_done_fn done, void *arg, struct news_op **op);
MUST_USE enum err news_fetch_by(struct news *news, const struct news_question *question,
    news_body_fn done, void *arg, struct news_op **op);

/* done never runs after this. */
void news_cancel(struct news_op *op);

#endif
