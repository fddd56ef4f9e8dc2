/* The net side: which provider gets a request, what an answer means for it, when it is tried again
 * and when it ends. Net thread only, but for news_pool_counters(). Inside this room. */
#ifndef IO_NEWS_NEWS_POOL_H
#define IO_NEWS_NEWS_POOL_H

#include <pthread.h>

#include "codec/nntp/nntp_reply.h"
#include "io/news/news_op.h"
#include "io/news/news_rate.h"

struct news_pool {
    struct loop *home, *net;
    struct news_settings settings;
    struct news_server **servers; /* changed on net while home waits: home may look at it */
    size_t count;
    struct list waiting; /* requests in back-off, the next due first */
    struct list held;    /* requests that only a paused provider could answer */
    struct loop_timer *timer;
    size_t busy;     /* requests that are not finished */
    loop_fn on_back; /* runs at home with a finished request */
    uint32_t dice;
    struct rate up, down; /* over all servers */
    unsigned connections; /* over all servers; 0: as many as they allow */
    size_t body_guess;    /* as long will the next body be: as the last one */
    pthread_mutex_t lock; /* guards every server's counters */
};

/* Make an empty pool. The timer is not made before news_pool_servers(). */
void news_pool_init(struct news_pool *pool, struct loop *home, struct loop *net,
    const struct news_settings *settings, loop_fn on_back);

/* Let go of `ops` (all requests, by .home) and of everything else. Net thread. */
void news_pool_clear(struct news_pool *pool, struct list *ops);

/* Use copies of `providers` from now on; requests whose server is gone move over. After an error
 * everything is as it was. */
MUST_USE enum err news_pool_servers(
    struct news_pool *pool, const struct news_provider *providers, size_t count, struct list *ops);

/* Keep to these rates from now on: bytes a second, 0: no limit, NEWS_RATE_NOTHING. */
void news_pool_rates(struct news_pool *pool, int64_t up, int64_t down);

/* Open no more connections than that over all servers; 0: no limit but theirs. */
void news_pool_connections(struct news_pool *pool, unsigned connections);

/* So much is spent of the quota of provider `i`. */
void news_pool_spent(struct news_pool *pool, size_t i, uint64_t spent);

/* Begin with a request; forget one (posted to home or not). */
void news_pool_enter(struct news_op *op);
void news_pool_forget(struct news_op *op);

/* What a server said to a request, which is in nobody's hands now. */
struct news_answer {
    struct nntp_reply reply;
    int code;
    struct bytes text;
    uint64_t conn; /* serial of the connection that heard it */
};
void news_pool_answer(struct news_op *op, const struct news_answer *answer);

/* Its connection broke for `err`: send it again, for a try or, a bounded number of times, for
 * nothing. */
enum news_cost { NEWS_COSTS_A_TRY, NEWS_COSTS_NOTHING };
void news_pool_again(struct news_op *op, enum err err, const char *text, enum news_cost cost);

/* It ends here. */
void news_pool_finish(struct news_op *op, enum err err, const char *text);

/* Its server cannot be used: look for another one. */
void news_pool_route(struct news_op *op);

/* May provider `i` be asked for requests of this role? Whoever has it; where nobody has, whoever
 * there is, but for posting. */
bool news_pool_serves(const struct news_pool *pool, size_t i, enum news_role role);

/* Milliseconds that only move forward, and a number for jitter. */
uint64_t news_pool_now(void);
uint32_t news_pool_dice(struct news_pool *pool);

#endif
