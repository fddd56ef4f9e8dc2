/* One connection of a server, as a state machine: greeting, MODE READER, login, then requests: one
 * POST at a time, or STAT and BODY pipelined. Net thread. Inside this room. */
#ifndef IO_NEWS_NEWS_CONN_H
#define IO_NEWS_NEWS_CONN_H

#include "io/news/news_op.h"
#include "io/news/news_provider_copy.h"
#include "io/news/news_wire.h"

enum conn_state {
    CONN_CONNECTING, /* name, TCP, TLS */
    CONN_GREETING,   /* awaiting 200 or 201 */
    CONN_MODE,       /* MODE READER was sent */
    CONN_USER,       /* AUTHINFO USER was sent */
    CONN_PASS,       /* AUTHINFO PASS was sent */
    CONN_GROUP,      /* GROUP was sent, for servers that want it before STAT */
    CONN_READY,      /* idle, or reading: slots[] are in flight */
    CONN_ASKED,      /* POST was sent, awaiting 340 */
    CONN_SENDING,    /* the article is going out */
    CONN_SENT,       /* it is out, awaiting 240 */
    CONN_QUITTING,   /* QUIT was sent */
};

struct conn_slot {
    enum nntp_cmd cmd;
    struct news_op *op; /* NULL: cancelled, the answer is dropped */
};

struct news_conn {
    struct news_server *server;
    struct list node; /* in server->conns */
    struct news_wire *wire;
    enum conn_state state;
    uint64_t serial;
    uint32_t epoch; /* of the server's pace when this was opened */
    bool was_ready;
    bool served;      /* has answered a request */
    bool rested;      /* idle before the commands in flight: the server may have closed meanwhile */
    bool in_block;    /* the first slot's body is arriving */
    bool needs_login; /* 480 was heard: log in when nothing is in flight */
    bool needs_group; /* 412 was heard */
    bool needs_mode;  /* MODE READER was answered by 480: again after the login */
    unsigned logins, groups;
    enum news_kind last; /* what it did last, so that posts and reads take turns */
    unsigned burst;      /* reads since it was idle or posted */
    struct conn_slot slots[NEWS_PIPELINE_MAX]; /* a ring; CONN_READY, or the one POST */
    unsigned first, count;
    struct buf head;      /* of the article under way */
    uint64_t idle_since;  /* ms; has a meaning while idle */
    int shown;            /* enum news_link_state as seen last ... */
    uint64_t shown_since; /* ... and since when, ms */
};

/* Open one. */
MUST_USE enum err news_conn_new(struct news_server *server, struct news_conn **conn);

/* Close at once and free; its requests must have been taken off. */
void news_conn_free(struct news_conn *conn);

/* How many requests of this kind may be in flight on it. */
unsigned news_conn_depth(const struct news_conn *conn, enum news_kind kind);

/* Could it take a request of this kind now? */
bool news_conn_takes(const struct news_conn *conn, enum news_kind kind);

/* Send a request that it takes. Breaks and goes away by itself if it cannot. */
void news_conn_give(struct news_conn *conn, struct news_op *op);

/* `op` was cancelled or moves away: drop its answer, or close where an article is half sent. */
void news_conn_forget(struct news_conn *conn, struct news_op *op);

/* Say QUIT; goes away by itself soon. Only an idle one. */
void news_conn_quit(struct news_conn *conn);

/* Ready, nothing in flight, nothing else to do first. */
bool news_conn_idle(const struct news_conn *conn);

/* Between news_conn.c (life and login) and news_conn_work.c (requests). */

/* What the server said, judged as the answer to `cmd`. */
struct news_answer;
void news_conn_judge(const struct news_conn *conn, enum nntp_cmd cmd, const struct nntp_item *item,
    struct news_answer *answer);

/* It ends for `err`: requests in flight are sent again elsewhere. Frees the connection. */
void news_conn_break(struct news_conn *conn, enum err err);

/* It ends for this answer. Frees the connection. */
void news_conn_stop(struct news_conn *conn, const struct news_answer *answer);

/* Nothing is in flight any more: log in where that is due, else be idle. */
void news_conn_rest(struct news_conn *conn);

/* Replies, bodies and the end of sending, from CONN_READY to CONN_SENT. Each may free it. */
void news_conn_work_status(struct news_conn *conn, const struct nntp_item *item);
void news_conn_work_data(struct news_conn *conn, struct bytes piece);
void news_conn_work_end(struct news_conn *conn);
void news_conn_work_drain(struct news_conn *conn);

#endif
