/* What becomes of a request: the verdicts, back-off, the end; and which providers there are. */
#include "io/news/news_pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "io/news/news_provider_copy.h"
#include "io/news/news_server.h"

enum {
    BODY_FIRST_GUESS = 768 << 10,
    FREEBIES_MAX = 8, /* how often a request may be sent again without a try */
    REJECTS_MAX = 2,  /* so often an article is refused before that counts */
};

uint64_t news_pool_now(void)
{
    return clock_mono_ns() / 1000000;
}

/* xorshift32: jitter needs no better */
uint32_t news_pool_dice(struct news_pool *pool)
{
    pool->dice ^= pool->dice << 13;
    pool->dice ^= pool->dice >> 17;
    pool->dice ^= pool->dice << 5;
    return pool->dice;
}

/* The end */

void news_pool_finish(struct news_op *op, enum err err, const char *text)
{
    struct news_server *server = op->server;

    if (server != NULL) {
        op->result.provider = server->index;
    }
    news_server_detach(op);
    op->pool->busy--;
    op->state = OP_FINISHED;
    op->result.err = err;
    if (text != op->text) {
        news_text_clean(bytes_str(text), op->text, sizeof op->text);
    }
    loop_post(op->pool->home, &op->back, op->pool->on_back, op);
}

/* Back-off */

static void set_timer(struct news_pool *pool)
{
    uint64_t now = news_pool_now();
    struct news_op *op;

    if (list_empty(&pool->waiting)) {
        loop_timer_stop(pool->timer);
        return;
    }
    op = LIST_ITEM(pool->waiting.next, struct news_op, node);
    loop_timer_set(pool->timer, op->due > now ? op->due - now : 0);
}

static void on_timer(void *arg)
{
    struct news_pool *pool = arg;
    uint64_t now = news_pool_now();

    while (!list_empty(&pool->waiting)) {
        struct news_op *op = LIST_ITEM(pool->waiting.next, struct news_op, node);

        if (op->due > now) {
            break;
        }
        list_remove(&op->node);
        news_pool_route(op);
    }
    set_timer(pool);
}

/* Into the waiting list, in the order of time. */
static void wait_for(struct news_op *op, uint64_t ms)
{
    struct list *at = op->pool->waiting.prev;

    op->due = news_pool_now() + ms;
    while (at != &op->pool->waiting && LIST_ITEM(at, struct news_op, node)->due > op->due) {
        at = at->prev;
    }
    list_push_front(at, &op->node); /* behind `at` */
    set_timer(op->pool);
}

/* After a while, at the same provider if it is the best. */
static void again_later(struct news_op *op, enum err err)
{
    struct news_pool *pool = op->pool;
    struct news_server *server = op->server;

    news_server_count(server, &server->counters.retries, 1);
    op->fails++;
    if (op->fails >= pool->settings.tries) {
        news_pool_finish(op, err, op->text);
        return;
    }
    op->wait = backoff_next(op->wait, pool->settings.retry_ms, pool->settings.reconnect_max_ms);
    news_server_detach(op);
    wait_for(op, backoff_jitter(op->wait, news_pool_dice(pool)));
}

/* The same, but first at those who failed it less often. */
static void retry(struct news_op *op, enum err err)
{
    op->fails_at[op->server->index] += op->fails_at[op->server->index] < UINT8_MAX;
    again_later(op, err);
}

void news_pool_again(struct news_op *op, enum err err, const char *text, enum news_cost cost)
{
    if (text != op->text) {
        news_text_clean(bytes_str(text), op->text, sizeof op->text);
    }
    if (cost == NEWS_COSTS_A_TRY || op->freebies >= FREEBIES_MAX) {
        retry(op, err);
        return;
    }
    op->freebies++;
    news_pool_route(op);
}

/* The verdicts */

static void succeeded(struct news_op *op, const struct news_answer *answer)
{
    struct news_server *server = op->server;
    struct news_counters *counters = &server->counters;
    const char *id = answer->reply.id.text;

    op->text[0] = '\0';
    switch (op->kind) {
    case NEWS_POST:
        op->result.duplicate = answer->reply.verdict == NNTP_DO_DUPLICATE;
        op->result.id_changed =
            !op->result.duplicate && id[0] != '\0' && strcmp(id, op->article.id.text) != 0;
        if (op->result.id_changed) {
            server->provider.quirks |= NEWS_QUIRK_CHANGES_IDS;
            op->result.id = answer->reply.id;
        }
        news_server_count(
            server, op->result.duplicate ? &counters->duplicates : &counters->posted, 1);
        news_text_reply(answer->code, answer->text, op->text);
        break;
    case NEWS_BODY:
        news_server_count(server, &counters->fetched, 1);
        news_server_count(server, &counters->bytes_in, op->body.len);
        break;
    default:
        news_server_count(server, &counters->stats, 1);
    }
    news_pool_finish(op, OK, op->text);
}

/* What it said of the account, the newsgroup or the size of articles it will say of the next one,
 * too. Another provider may think otherwise, and hears it anew. */
static void refused_for_good(struct news_op *op, enum err err)
{
    struct news_server *server = op->server;

    news_server_count(server, &server->counters.rejected, 1);
    op->rejecter = NULL;
    op->refusal = err;
    if (err == ERR_REJECTED) {
        op->no |= 1U << server->index;
    } else {
        news_server_deny(server, err, op->text);
    }
    news_pool_route(op);
}

static void refused(struct news_op *op, const struct news_answer *answer)
{
    struct news_server *server = op->server;
    enum err err = answer->reply.err;

    news_server_note(server, err, op->text);
    op->rejecter = server;
    if (op->kind != NEWS_POST) {
        retry(op, err);
    } else if (++op->rejects >= REJECTS_MAX) {
        refused_for_good(op, err);
    } else if (err == ERR_POSTING_DENIED) {
        again_later(op, err); /* about the account: another connection is no better */
    } else {
        op->avoid = answer->conn;
        news_pool_route(op);
    }
}

/* "Retry later", for ever, is a way to say no. */
static enum err later_error(const struct news_op *op, const struct news_answer *answer)
{
    return op->kind == NEWS_POST && answer->code == 440 ? ERR_POSTING_DENIED : answer->reply.err;
}

void news_pool_answer(struct news_op *op, const struct news_answer *answer)
{
    struct news_server *server = op->server;

    news_text_reply(answer->code, answer->text, op->text);
    switch (answer->reply.verdict) {
    case NNTP_DO_NEXT:
    case NNTP_DO_DUPLICATE:
        succeeded(op, answer);
        break;
    case NNTP_DO_MISSING:
        news_server_count(server, &server->counters.missing, 1);
        op->no |= 1U << server->index;
        op->result.provider = server->index;
        news_pool_route(op);
        break;
    case NNTP_DO_LOGIN:
        news_pool_again(op, answer->reply.err, op->text, NEWS_COSTS_NOTHING);
        break;
    case NNTP_DO_REFUSE:
        refused(op, answer);
        break;
    default:
        news_server_note(server, answer->reply.err, op->text);
        news_pool_again(op, later_error(op, answer), op->text, NEWS_COSTS_A_TRY);
    }
}

/* Coming and going */

void news_pool_rates(struct news_pool *pool, int64_t up, int64_t down)
{
    rate_set(&pool->up, up, news_pool_now());
    rate_set(&pool->down, down, news_pool_now());
    for (size_t i = 0; i < pool->count; i++) {
        news_server_wake(pool->servers[i]);
    }
}

void news_pool_spent(struct news_pool *pool, size_t i, uint64_t spent)
{
    if (i < pool->count) {
        pthread_mutex_lock(&pool->lock);
        pool->servers[i]->counters.spent = spent;
        pthread_mutex_unlock(&pool->lock);
        news_server_wake(pool->servers[i]);
    }
}

/* Whoever lost its last connection looks, while there is something to do, whether it gets one. */
void news_pool_enter(struct news_op *op)
{
    struct news_pool *pool = op->pool;

    op->state = OP_UNDER_WAY;
    op->no = op->skip;
    pool->busy++;
    for (size_t i = 0; i < pool->count && pool->busy == 1; i++) {
        if (pool->servers[i]->doubted) {
            news_server_wake(pool->servers[i]);
        }
    }
    news_pool_route(op);
}

void news_pool_forget(struct news_op *op)
{
    loop_unpost(op->pool->net, &op->go);
    if (op->state == OP_UNDER_WAY) {
        news_server_detach(op);
        op->pool->busy--;
    }
    op->state = OP_FINISHED;
}

void news_pool_init(struct news_pool *pool, struct loop *home, struct loop *net,
    const struct news_settings *settings, loop_fn on_back)
{
    *pool = (struct news_pool){.home = home, .net = net, .settings = *settings, .on_back = on_back};
    list_init(&pool->waiting);
    list_init(&pool->held);
    pool->body_guess = BODY_FIRST_GUESS;
    pool->dice = (uint32_t)clock_mono_ns() | 1;
    pthread_mutex_init(&pool->lock, NULL);
}

void news_pool_clear(struct news_pool *pool, struct list *ops)
{
    LIST_EACH(node, after, ops)
    {
        news_pool_forget(LIST_ITEM(node, struct news_op, home));
    }
    for (size_t i = 0; i < pool->count; i++) {
        news_server_free(pool->servers[i]);
    }
    free(pool->servers);
    pool->servers = NULL;
    pool->count = 0;
    loop_timer_free(pool->timer);
    pool->timer = NULL;
    pthread_mutex_destroy(&pool->lock);
}

/* Connections of all servers */

/* Each gets a part as large as its part of all that the user allows, but one at least. */
static void share_out(struct news_pool *pool)
{
    unsigned all = 0;

    for (size_t i = 0; i < pool->count; i++) {
        all += pool->servers[i]->provider.paused ? 0 : pool->servers[i]->gate.max;
    }
    for (size_t i = 0; i < pool->count; i++) {
        struct news_server *server = pool->servers[i];
        unsigned max = server->gate.max;
        bool less = pool->connections != 0 && pool->connections < all && !server->provider.paused;

        server->share = less ? max * pool->connections / all : max;
        server->share = server->share > 0 ? server->share : 1;
        news_server_wake(server);
    }
}

void news_pool_connections(struct news_pool *pool, unsigned connections)
{
    pool->connections = connections;
    share_out(pool);
}

/* Another set of providers */

/* Where `provider` is at work already and not in `taken`; else pool->count. */
static size_t find_same(
    const struct news_pool *pool, const struct news_provider *provider, uint32_t taken)
{
    size_t i = 0;

    while (i < pool->count &&
           ((taken & 1U << i) != 0 || !news_provider_same(&pool->servers[i]->provider, provider))) {
        i++;
    }
    return i;
}

/* Fill `servers` with those at work that stay (their bits in *kept) and with new ones. */
static enum err gather(struct news_pool *pool, const struct news_provider *providers, size_t count,
    struct news_server **servers, uint32_t *kept)
{
    for (size_t i = 0; i < count; i++) {
        size_t old = find_same(pool, &providers[i], *kept);

        if (old < pool->count) {
            servers[i] = pool->servers[old];
            *kept |= 1U << old;
        } else {
            enum err err = news_server_new(pool, &providers[i], &servers[i]);

            if (err != OK) {
                return err;
            }
        }
    }
    return OK;
}

static bool is_kept(const struct news_pool *pool, const struct news_server *server, uint32_t kept)
{
    for (size_t i = 0; i < pool->count; i++) {
        if (pool->servers[i] == server) {
            return (kept & 1U << i) != 0;
        }
    }
    return false;
}

/* Its server is paused, and it is not in flight there. */
static bool is_put_off(const struct news_op *op)
{
    return op->server->provider.paused && op->conn == NULL;
}

/* Take requests off the servers that go or pause, into `moving`. What was learned by place is void.
 */
static void take_off(struct news_pool *pool, uint32_t kept, struct list *ops, struct list *moving)
{
    LIST_EACH(node, after, ops)
    {
        struct news_op *op = LIST_ITEM(node, struct news_op, home);

        if (op->state != OP_UNDER_WAY) {
            continue;
        }
        op->no = 0;
        op->unfit = OK;
        memset(op->fails_at, 0, sizeof op->fails_at);
        if (op->server != NULL && (!is_kept(pool, op->server, kept) || is_put_off(op))) {
            news_server_detach(op);
            list_push(moving, &op->node);
        }
    }
    while (!list_empty(&pool->held)) {
        struct list *node = list_take(&pool->held);

        list_push(moving, node);
    }
}

static void free_unkept(
    struct news_pool *pool, struct news_server **servers, size_t count, uint32_t kept)
{
    for (size_t i = 0; i < count; i++) {
        if (servers[i] != NULL && !is_kept(pool, servers[i], kept)) {
            news_server_free(servers[i]);
        }
    }
}

enum err news_pool_servers(
    struct news_pool *pool, const struct news_provider *providers, size_t count, struct list *ops)
{
    struct news_server **servers = calloc(count + 1, sizeof(struct news_server *));
    struct list moving;
    struct list *node;
    uint32_t kept = 0;
    enum err err = count <= NEWS_PROVIDERS_MAX ? OK : ERR_BAD_REQUEST;

    if (servers == NULL) {
        return ERR_NO_MEMORY;
    }
    if (err == OK && pool->timer == NULL) {
        err = loop_timer_new(pool->net, on_timer, pool, &pool->timer);
    }
    if (err == OK) {
        err = gather(pool, providers, count, servers, &kept);
    }
    if (err != OK) {
        free_unkept(pool, servers, count, kept);
        free(servers);
        return err;
    }
    for (size_t i = 0; i < count; i++) {
        news_provider_tune(&servers[i]->provider, &providers[i]);
    }
    list_init(&moving);
    take_off(pool, kept, ops, &moving);
    free_unkept(pool, pool->servers, pool->count, kept);
    free(pool->servers);
    pool->servers = servers;
    pool->count = count;
    for (size_t i = 0; i < count; i++) {
        servers[i]->index = i;
    }
    share_out(pool);
    while ((node = list_take(&moving)) != NULL) {
        news_pool_route(LIST_ITEM(node, struct news_op, node));
    }
    return OK;
}
