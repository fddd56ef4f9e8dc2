/* One provider at work: its connections, its two queues, the gate and the pace, and whether it can
 * be used at all. Net thread. Inside this room. */
#ifndef IO_NEWS_NEWS_SERVER_H
#define IO_NEWS_NEWS_SERVER_H

#include "io/news/news_backoff.h"
#include "io/news/news_pool.h"
#include "io/news/news_turns.h"

struct news_server {
    struct news_pool *pool;
    struct news_provider provider; /* own copy */
    size_t index;                  /* its place in the user's order */
    struct list conns;             /* every connection, in any state */
    struct list posts, reads;      /* requests that wait for a connection, in the order they came */
    unsigned wanted[NEWS_KINDS];   /* requests in the queues and in flight */
    struct turns turns;            /* of the lanes that want connections */
    struct gate gate;              /* how many connections */
    unsigned share;                /* and no more than this, of those of all servers */
    struct pace pace;              /* how soon another */
    uint64_t serial;               /* of the connection opened last; from 1 */
    uint64_t out_until;            /* not to be used before, for out_err and out_text */
    enum err out_err;
    char out_text[NEWS_TEXT_MAX];
    uint64_t denied_until; /* takes no articles before, for denied_err and denied_text */
    enum err denied_err;
    char denied_text[NEWS_TEXT_MAX];
    /* 1. it has no connection that is logged in, and the last one that it had, or tried to get, did
     * not end in order; 2. then requests go elsewhere if they can, and it tries for one alone */
    bool doubted;
    bool leaving;             /* that has just become so: its queues are to be moved */
    struct loop_timer *timer; /* the next moment when something can be done */
    struct loop_task task;    /* wakes it from inside an event of a connection */
    bool woken;
    struct net_moved gone;         /* by connections that are closed */
    uint64_t reserved;             /* of the quota, by requests in flight */
    struct news_counters counters; /* under pool->lock */
};

/* Make the server of `provider` (copied). */
MUST_USE enum err news_server_new(
    struct news_pool *pool, const struct news_provider *provider, struct news_server **server);

/* Close its connections and free it; no request may name it any more. NULL is allowed. */
void news_server_free(struct news_server *server);

/* OK, or why it can take no request of this kind now; *text: its words. */
enum err news_server_usable(
    const struct news_server *server, enum news_kind kind, uint64_t now, const char **text);

/* Take a request: at the end of its queue, or at the front where it had its turn before. */
void news_server_queue(struct news_server *server, struct news_op *op);
void news_server_queue_front(struct news_server *server, struct news_op *op);

/* The request is no longer this server's: out of its queue or off its connection. */
void news_server_detach(struct news_op *op);

/* Look soon what can be done. */
void news_server_wake(struct news_server *server);

/* From its connections: ready for work; a command worked. */
struct news_conn;
void news_server_ready(struct news_server *server);
void news_server_worked(struct news_server *server);

/* A connection ends, and is freed here. err OK: in order. */
struct news_trouble {
    enum nntp_verdict verdict; /* what the server wanted from us */
    enum err err;
    char text[NEWS_TEXT_MAX];
};
void news_server_gone(
    struct news_server *server, struct news_conn *conn, const struct news_trouble *trouble);

/* It takes no articles of ours, for this reason: not to be asked for a while. */
void news_server_deny(struct news_server *server, enum err err, const char *text);

/* Its quota: is it used up, what is in flight included? Set `len` bytes aside for a request that
 * goes out. Count what was carried for it in their place: an article that is sent now; or, when the
 * request leaves, what was fetched. */
bool news_server_is_spent(const struct news_server *server);
void news_server_reserve(struct news_server *server, struct news_op *op, size_t len);
void news_server_spend(struct news_op *op, size_t len);
void news_server_settle(struct news_op *op);

/* Add to a counter; note the last trouble. */
void news_server_count(struct news_server *server, uint64_t *counter, uint64_t n);
void news_server_note(struct news_server *server, enum err err, const char *text);

#endif
