/* One request, from _start to done. In one pair of hands at a time: the home thread makes and frees
 * it, between `go` and `back` it belongs to the net thread. Inside this room. */
#ifndef IO_NEWS_NEWS_OP_H
#define IO_NEWS_NEWS_OP_H

#include "base/list.h"
#include "io/loop/loop.h"
#include "io/news/news.h"
#include "io/news/news_text.h"

enum { NEWS_PROVIDERS_MAX = 32 }; /* bits of news_op.no */

enum news_kind { NEWS_POST, NEWS_STAT, NEWS_BODY, NEWS_KINDS };

struct news_op {
    /* home */
    struct news *news;
    struct list home; /* in news->ops until done is called */
    news_done_fn done;
    news_body_fn body_done;
    void *arg;
    enum { OP_OUT, OP_DONE } at; /* OP_DONE: done is running */
    struct loop_task go, back;

    /* what is asked; nobody writes it */
    enum news_kind kind;
    enum news_role role;         /* who may be asked */
    uint32_t skip;               /* bit i: not provider i; void when there are others */
    uint64_t lane;               /* whose it is */
    struct news_article article; /* stat and fetch: the id alone */

    /* net */
    struct news_pool *pool;
    struct list node;           /* in a server's queue, in pool->waiting, or alone */
    struct news_server *server; /* 1. whose queue or connection has it; 2. NULL: waits or ends */
    struct news_conn *conn;     /* not NULL: in flight there, and in no list */
    uint64_t due, wait;         /* back-off: until when, and the last wait */
    uint64_t avoid;             /* serial of the connection that must not have it again; 0: none */
    uint32_t no;                /* bit i: provider i does not have it, or will not take it */
    enum err unfit;             /* one has something else under its id: ERR_TOO_LONG; or OK */
    uint8_t fails_at[NEWS_PROVIDERS_MAX];
    unsigned fails;    /* 1. what counts against settings.tries; 2. below it while under way */
    unsigned freebies; /* sent again without a try, which has a bound too */
    unsigned rejects;  /* by `rejecter`; `avoid` is a connection of it */
    const struct news_server *rejecter;
    enum err refusal; /* a post's last one, of those that sent it elsewhere */
    size_t charged;   /* bytes the rate was charged for it, while that is not settled */
    size_t reserved;  /* bytes of its server\'s quota that it may need, while it is in flight */
    enum { OP_ON_ITS_WAY, OP_UNDER_WAY, OP_FINISHED } state;

    /* the outcome: net's until `back` is posted */
    struct news_result result;
    char text[NEWS_TEXT_MAX];
    struct buf body;
};

#endif
