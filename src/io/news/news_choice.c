/* Which provider gets a request. Told apart are: who may answer it at all, who said no, who cannot
 * be asked just now, and who is the best of the rest. */
#include "io/news/news_pool.h"
#include "io/news/news_server.h"

/* What looking at all providers came to. */
struct choice {
    struct news_server *best; /* NULL: there is none */
    bool said_no;             /* some did */
    bool paused;              /* some that might have answered are */
    enum err why;             /* the first that cannot be asked: why; OK: there is none such */
    const char *text;         /* its words */
};

/* Is it less busy than another one, for what it may have? */
static bool has_less(const struct news_server *a, const struct news_server *b)
{
    uint64_t of_a = 0;
    uint64_t of_b = 0;

    for (size_t kind = 0; kind < NEWS_KINDS; kind++) {
        of_a += a->wanted[kind];
        of_b += b->wanted[kind];
    }
    return of_a * b->share < of_b * a->share;
}

/* What it is known to do would spoil this article. */
static bool is_unfit(const struct news_op *op, const struct news_server *server)
{
    unsigned quirks =
        op->article.keep_id ? NEWS_QUIRK_SMALL | NEWS_QUIRK_CHANGES_IDS : NEWS_QUIRK_SMALL;

    return op->kind == NEWS_POST && (server->provider.quirks & quirks) != 0;
}

/* Is `a` to be asked rather than `b`, which stands before it? One that is fit for it; one that
 * works rather than one that lost its last connection; then where the request failed less often;
 * then by order and load. */
static bool is_better(
    const struct news_op *op, const struct news_server *a, const struct news_server *b)
{
    if (is_unfit(op, a) != is_unfit(op, b)) {
        return is_unfit(op, b);
    }
    if (a->doubted != b->doubted) {
        return b->doubted;
    }
    if (op->fails_at[a->index] != op->fails_at[b->index]) {
        return op->fails_at[a->index] < op->fails_at[b->index];
    }
    return a->provider.order == b->provider.order && has_less(a, b);
}

bool news_pool_serves(const struct news_pool *pool, size_t i, enum news_role role)
{
    if ((pool->servers[i]->provider.roles & role) != 0) {
        return true;
    }
    for (size_t other = 0; role != NEWS_ROLE_POST && other < pool->count; other++) {
        if ((pool->servers[other]->provider.roles & role) != 0) {
            return false;
        }
    }
    return role != NEWS_ROLE_POST;
}

static void look_at(const struct news_op *op, struct news_server *server, struct choice *choice)
{
    const char *words;
    enum err err;

    if (!news_pool_serves(op->pool, server->index, op->role)) {
        return;
    }
    if ((op->no & 1U << server->index) != 0) {
        choice->said_no = true;
        return;
    }
    if (server->provider.paused) {
        choice->paused = true;
        return;
    }
    err = news_server_usable(server, op->kind, news_pool_now(), &words);
    if (err != OK) {
        choice->text = choice->why == OK ? words : choice->text;
        choice->why = choice->why == OK ? err : choice->why;
    } else if (choice->best == NULL || is_better(op, server, choice->best)) {
        choice->best = server;
    }
}

/* Nobody is left to be asked. Where some said no that is the answer, though not a sure one when
 * others could not be asked. */
static void end(struct news_op *op, const struct choice *choice)
{
    enum err no;

    if (choice->said_no && op->kind == NEWS_POST) {
        news_pool_finish(op, op->refusal, choice->why == OK ? op->text : "");
    } else if (choice->said_no) {
        op->result.unsure = choice->why != OK ? choice->why : choice->paused ? ERR_PAUSED : OK;
        no = op->unfit != OK && op->result.unsure == OK ? op->unfit : ERR_NO_ARTICLE;
        news_pool_finish(op, no, choice->why != OK ? choice->text : op->text);
    } else if (choice->why != OK) {
        news_pool_finish(op, choice->why, choice->text);
    } else if (choice->paused) {
        news_server_detach(op);
        list_push(&op->pool->held, &op->node);
    } else {
        news_pool_finish(op, op->pool->count == 0 ? ERR_NO_PROVIDER : ERR_NO_POSTING_PROVIDER, "");
    }
}

void news_pool_route(struct news_op *op)
{
    struct news_pool *pool = op->pool;
    struct choice choice = {.text = ""};
    bool back;

    for (size_t i = 0; i < pool->count; i++) {
        look_at(op, pool->servers[i], &choice);
    }
    if (choice.best == NULL) {
        end(op, &choice);
        return;
    }
    back = choice.best == op->server; /* it had its turn there: in front */
    if (choice.best != op->rejecter) {
        op->rejects = 0;
        op->avoid = 0;
    }
    news_server_detach(op);
    if (back) {
        news_server_queue_front(choice.best, op);
    } else {
        news_server_queue(choice.best, op);
    }
}
