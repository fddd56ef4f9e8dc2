/* Which request goes to which connection, and when its rate lets it. */
#include "io/news/news_deal.h"

#include "io/news/news_conn.h"

enum { LOOKED_AT = 512 }; /* requests of a queue */

/* Rates */

static size_t length_of(const struct news_op *op)
{
    return op->kind == NEWS_POST ? op->article.body.len : op->pool->body_guess;
}

/* A quota that is used up holds back, too: until the server has sent the request away. */
static uint64_t wait_of(const struct news_op *op, uint64_t now)
{
    if (op->kind != NEWS_STAT && news_server_is_spent(op->server)) {
        return UINT64_MAX;
    }
    switch (op->kind) {
    case NEWS_POST:
        return rate_wait(&op->pool->up, length_of(op), now);
    case NEWS_BODY:
        return rate_wait(&op->pool->down, length_of(op), now);
    default:
        return 0; /* questions are small */
    }
}

static void charge(struct news_op *op)
{
    if (op->kind == NEWS_POST) {
        rate_charge(&op->pool->up, (int64_t)length_of(op));
    } else if (op->kind == NEWS_BODY) {
        op->body.len = 0; /* of an earlier try */
        op->charged = length_of(op);
        rate_charge(&op->pool->down, (int64_t)op->charged);
    }
    if (op->kind != NEWS_STAT) {
        news_server_reserve(op->server, op, length_of(op));
    }
}

void news_deal_settle(struct news_op *op)
{
    struct news_pool *pool = op->pool;

    if (op->charged == 0) {
        return;
    }
    rate_charge(&pool->down, (int64_t)op->body.len - (int64_t)op->charged);
    pool->body_guess = op->body.len > 0 ? op->body.len : pool->body_guess;
    op->charged = 0;
}

/* The first request of this kind that waits for a connection; NULL: none. */
static struct news_op *first_of(const struct news_server *server, enum news_kind kind)
{
    if (server->wanted[kind] == 0) {
        return NULL;
    }
    LIST_EACH(node, after, kind == NEWS_POST ? &server->posts : &server->reads)
    {
        struct news_op *op = LIST_ITEM(node, struct news_op, node);

        if (op->kind == kind) {
            return op;
        }
    }
    return NULL;
}

uint64_t news_deal_wait(const struct news_server *server, enum news_kind kind, uint64_t now)
{
    const struct news_op *op = first_of(server, kind);

    return op != NULL ? wait_of(op, now) : 0;
}

/* The choice */

/* Of the requests of a kind that this connection may have: the first of the lane whose turn is the
 * longest ago. Far behind in the queue nobody looks. NULL: none. */
static struct news_op *fair(const struct news_server *server, const struct list *queue,
    enum news_kind kind, const struct news_conn *conn)
{
    struct news_op *best = NULL;
    uint64_t oldest = UINT64_MAX;
    unsigned left = LOOKED_AT;

    for (struct list *node = queue->next; node != queue && left-- > 0 && oldest > 0;
         node = node->next) {
        struct news_op *op = LIST_ITEM(node, struct news_op, node);

        if (op->kind == kind && op->avoid != conn->serial &&
            (best == NULL || op->lane != best->lane)) {
            uint64_t turn = turns_of(&server->turns, op->lane);

            if (turn < oldest) {
                best = op;
                oldest = turn;
            }
        }
    }
    return best;
}

struct news_op *news_deal_post(struct news_server *server, const struct news_conn *conn)
{
    return fair(server, &server->posts, NEWS_POST, conn);
}

/* The post that this connection may have now. The rate looks at the first in the queue, as the
 * timer does that wakes us: it must not matter whose turn it is. */
static struct news_op *post_now(
    struct news_server *server, const struct news_conn *conn, uint64_t now)
{
    return news_deal_wait(server, NEWS_POST, now) == 0 ? news_deal_post(server, conn) : NULL;
}

/* The first read; a question may overtake bodies that their rate holds back. */
static struct news_op *read_now(
    struct news_server *server, const struct news_conn *conn, uint64_t now)
{
    struct list *node = server->reads.next;
    struct news_op *op;

    if (node == &server->reads) {
        return NULL;
    }
    op = LIST_ITEM(node, struct news_op, node);
    if (op->kind == NEWS_BODY) { /* questions are small, and many: they go as they come */
        op = fair(server, &server->reads, NEWS_BODY, conn);
    }
    if (op != NULL && wait_of(op, now) != 0) {
        op = first_of(server, NEWS_STAT);
    }
    return op != NULL && news_conn_takes(conn, op->kind) ? op : NULL;
}

/* What should this connection do next? Posts and reads take turns: after a post come reads, after
 * as many reads as go into a pipeline comes a post. */
static struct news_op *choose(
    struct news_server *server, const struct news_conn *conn, uint64_t now)
{
    struct news_op *waiting = post_now(server, conn, now);
    struct news_op *post = news_conn_takes(conn, NEWS_POST) ? waiting : NULL;
    struct news_op *read = read_now(server, conn, now);

    if (read != NULL && conn->burst >= news_conn_depth(conn, read->kind) && waiting != NULL) {
        read = NULL;
    }
    if (post != NULL && read != NULL) {
        return conn->last == NEWS_POST ? read : post;
    }
    return post != NULL ? post : read;
}

static void give(struct news_server *server, struct news_conn *conn, struct news_op *op)
{
    list_remove(&op->node);
    if (op->kind != NEWS_STAT) {
        turns_take(&server->turns, op->lane);
    }
    charge(op);
    news_conn_give(conn, op);
}

static void deal_out(struct news_server *server, uint64_t now)
{
    unsigned place;

    for (unsigned level = 0; level < NEWS_PIPELINE_MAX; level++) {
        if (list_empty(&server->posts) && list_empty(&server->reads)) {
            return;
        }
        place = 0;
        LIST_EACH(node, after, &server->conns)
        {
            struct news_conn *conn = LIST_ITEM(node, struct news_conn, node);
            bool has_room =
                place++ < server->share && conn->count == level; /* the others run dry */
            struct news_op *op = has_room ? choose(server, conn, now) : NULL;

            if (op != NULL) {
                give(server, conn, op);
            }
        }
    }
}

uint64_t news_deal(struct news_server *server, uint64_t now)
{
    uint64_t post;
    uint64_t body;
    uint64_t wait;

    deal_out(server, now);
    post = news_deal_wait(server, NEWS_POST, now);
    body = news_deal_wait(server, NEWS_BODY, now);
    post = post == 0 ? UINT64_MAX : post; /* what waits without that waits for a connection */
    body = body == 0 ? UINT64_MAX : body;
    wait = post < body ? post : body;
    return wait == UINT64_MAX ? UINT64_MAX : now + wait;
}
