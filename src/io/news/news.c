/* The home side: takes requests, carries them to the net thread and back, cancels. */
#include "io/news/news.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "codec/nntp/nntp_id.h"
#include "io/news/news_local.h"
#include "io/news/news_provider_copy.h"
#include "io/news/news_server.h"

struct news {
    struct news_pool pool;
    struct list ops;  /* every request whose done has not been called */
    size_t providers; /* home's copies of what the pool has */
    unsigned widest;  /* the most connections of providers that share the work */
};

/* Crossing over */

struct crossing {
    struct loop_task task;
    loop_fn fn;
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t over;
    bool done;
};

static void cross(void *arg)
{
    struct crossing *crossing = arg;

    crossing->fn(crossing->arg);
    pthread_mutex_lock(&crossing->lock);
    crossing->done = true;
    pthread_cond_signal(&crossing->over);
    pthread_mutex_unlock(&crossing->lock);
}

void news_on_net(struct news *news, loop_fn fn, void *arg)
{
    struct crossing crossing = {
        .fn = fn,
        .arg = arg,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .over = PTHREAD_COND_INITIALIZER,
    };

    if (news->pool.home == news->pool.net) {
        fn(arg);
        return;
    }
    loop_post(news->pool.net, &crossing.task, cross, &crossing);
    pthread_mutex_lock(&crossing.lock);
    while (!crossing.done) {
        pthread_cond_wait(&crossing.over, &crossing.lock);
    }
    pthread_mutex_unlock(&crossing.lock);
    pthread_mutex_destroy(&crossing.lock);
    pthread_cond_destroy(&crossing.over);
}

struct news_pool *news_pool_of(struct news *news)
{
    return &news->pool;
}

/* Requests */

static void free_op(struct news_op *op)
{
    buf_clear(&op->body);
    free(op);
}

/* A finished request is home. In done the caller may free the pool: `op` is ours alone by then. */
static void on_back(void *arg)
{
    struct news_op *op = arg;

    list_remove(&op->home);
    op->at = OP_DONE;
    op->result.text = op->text;
    if (op->body_done != NULL) {
        if (op->result.err != OK) {
            buf_clear(&op->body);
        }
        op->body_done(op->arg, &op->result, &op->body);
    } else {
        op->done(op->arg, &op->result);
    }
    free_op(op);
}

static void on_enter(void *arg)
{
    news_pool_enter(arg);
}

static enum err start(struct news *news, const struct news_op *request, struct news_op **out)
{
    struct news_op *op;

    *out = NULL;
    if (!nntp_id_valid(bytes_str(request->article.id.text))) {
        return ERR_BAD_REQUEST;
    }
    op = malloc(sizeof *op);
    if (op == NULL) {
        return ERR_NO_MEMORY;
    }
    *op = *request;
    op->news = news;
    op->pool = &news->pool;
    list_init(&op->node);
    list_push(&news->ops, &op->home);
    loop_post(news->pool.net, &op->go, on_enter, op);
    *out = op;
    return OK;
}

/* Without a last CR LF the lone dot would not stand alone. */
static bool body_valid(struct bytes body)
{
    return body.len >= 2 && memcmp(body.ptr + body.len - 2, "\r\n", 2) == 0;
}

enum err news_post_start(struct news *news, const struct news_article *article, news_done_fn done,
    void *arg, struct news_op **op)
{
    struct news_op request = {.kind = NEWS_POST,
        .role = NEWS_ROLE_POST,
        .lane = article->lane,
        .article = *article,
        .done = done,
        .arg = arg};

    *op = NULL;
    if (!body_valid(article->body) || article->from == NULL || article->subject == NULL) {
        return ERR_BAD_REQUEST;
    }
    return start(news, &request, op);
}

enum err news_stat_by(struct news *news, const struct news_question *question, news_done_fn done,
    void *arg, struct news_op **op)
{
    struct news_op request = {.kind = NEWS_STAT,
        .role = question->role != 0 ? question->role : NEWS_ROLE_CONFIRM,
        .skip = question->skip,
        .lane = question->lane,
        .article.id = question->id,
        .done = done,
        .arg = arg};

    return start(news, &request, op);
}

enum err news_fetch_by(struct news *news, const struct news_question *question, news_body_fn done,
    void *arg, struct news_op **op)
{
    struct news_op request = {.kind = NEWS_BODY,
        .role = question->role != 0 ? question->role : NEWS_ROLE_READ,
        .skip = question->skip,
        .lane = question->lane,
        .article.id = question->id,
        .body_done = done,
        .arg = arg};

    return start(news, &request, op);
}

enum err news_stat_start(struct news *news, const struct article_id *id, news_done_fn done,
    void *arg, struct news_op **op)
{
    return news_stat_by(news, &(struct news_question){.id = *id}, done, arg, op);
}

enum err news_fetch_start(struct news *news, const struct article_id *id, news_body_fn done,
    void *arg, struct news_op **op)
{
    return news_fetch_by(news, &(struct news_question){.id = *id}, done, arg, op);
}

static void forget(void *arg)
{
    news_pool_forget(arg);
}

void news_cancel(struct news_op *op)
{
    struct news *news = op->news;

    if (op->at == OP_DONE) {
        return; /* inside its own done: freed behind it */
    }
    news_on_net(news, forget, op);
    loop_unpost(news->pool.home, &op->back);
    list_remove(&op->home);
    free_op(op);
}

/* The pool */

enum err news_new(
    struct loop *home, struct loop *net, const struct news_settings *settings, struct news **out)
{
    struct news *news = calloc(1, sizeof *news);
    struct news_settings bounded = *settings;

    *out = news;
    if (news == NULL) {
        return ERR_NO_MEMORY;
    }
    news_settings_bound(&bounded);
    list_init(&news->ops);
    news_pool_init(&news->pool, home, net, &bounded, on_back);
    return OK;
}

static void clear(void *arg)
{
    struct news *news = arg;

    news_pool_clear(&news->pool, &news->ops);
}

void news_free(struct news *news)
{
    if (news == NULL) {
        return;
    }
    news_on_net(news, clear, news);
    LIST_EACH(node, after, &news->ops)
    {
        struct news_op *op = LIST_ITEM(node, struct news_op, home);

        loop_unpost(news->pool.home, &op->back);
        free_op(op);
    }
    free(news);
}

struct change {
    struct news *news;
    const struct news_provider *providers;
    size_t count;
    enum err err;
};

static void change_servers(void *arg)
{
    struct change *change = arg;

    change->err = news_pool_servers(
        &change->news->pool, change->providers, change->count, &change->news->ops);
}

/* The most connections of those that share the work. */
static unsigned widest(const struct news_pool *pool)
{
    unsigned most = 1;

    for (size_t i = 0; i < pool->count; i++) {
        unsigned sum = 0;

        for (size_t j = 0; j < pool->count; j++) {
            const struct news_provider *other = &pool->servers[j]->provider;

            sum += other->order == pool->servers[i]->provider.order ? other->connections : 0;
        }
        most = sum > most ? sum : most;
    }
    return most;
}

enum err news_set_providers(struct news *news, const struct news_provider *providers, size_t count)
{
    struct change change = {news, providers, count, OK};

    news_on_net(news, change_servers, &change);
    if (change.err != OK) {
        return change.err;
    }
    news->providers = count;
    news->widest = widest(&news->pool);
    return OK;
}

struct rates {
    struct news *news;
    int64_t up, down;
};

static void change_rates(void *arg)
{
    struct rates *rates = arg;

    news_pool_rates(&rates->news->pool, rates->up, rates->down);
}

void news_set_rates(struct news *news, int64_t up, int64_t down)
{
    struct rates rates = {news, up, down};

    news_on_net(news, change_rates, &rates);
}

struct connections {
    struct news *news;
    unsigned count;
};

static void change_connections(void *arg)
{
    struct connections *connections = arg;

    news_pool_connections(&connections->news->pool, connections->count);
}

void news_set_connections(struct news *news, unsigned connections)
{
    struct connections change = {news, connections};

    news_on_net(news, change_connections, &change);
}

size_t news_provider_count(const struct news *news)
{
    return news->providers;
}

uint32_t news_providers_for(const struct news *news, enum news_role role)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < news->providers; i++) {
        bits |= (uint32_t)news_pool_serves(&news->pool, i, role) << i;
    }
    return bits;
}

void news_counters_get(struct news *news, size_t i, struct news_counters *counters)
{
    if (i >= news->providers) {
        *counters = (struct news_counters){0};
        return;
    }
    pthread_mutex_lock(&news->pool.lock);
    *counters = news->pool.servers[i]->counters;
    pthread_mutex_unlock(&news->pool.lock);
}

struct spent {
    struct news *news;
    size_t i;
    uint64_t spent;
};

static void change_spent(void *arg)
{
    struct spent *change = arg;

    news_pool_spent(&change->news->pool, change->i, change->spent);
}

void news_set_spent(struct news *news, size_t i, uint64_t spent)
{
    struct spent change = {news, i, spent};

    news_on_net(news, change_spent, &change);
}

/* One in flight on each connection, and half as many on the way. */
size_t news_post_width(const struct news *news)
{
    return news->widest > 1 ? news->widest + news->widest / 2 : 2;
}

size_t news_stat_width(const struct news *news)
{
    return (size_t)news->widest * news->pool.settings.stat_pipeline + 1;
}

size_t news_fetch_width(const struct news *news)
{
    return (size_t)news->widest * news->pool.settings.body_pipeline + 1;
}
