/* Questions under way: each with the news pool, or with a worker that opens what came. */
#include "flow/publish/confirm_ask.h"

#include <stdlib.h>

#include "flow/publish/reseal.h"

struct question {
    struct list node;
    struct confirm_ask *owner;
    uint32_t index;
    enum confirm_way way;
    struct article_id id;
    struct news_op *op;
    struct work_job job;   /* opens a fetched body */
    struct sealer *sealer; /* made when first needed */
    struct volume_keys keys;
    struct seal_place place;
    enum seal_kind kind;
    struct buf body, raw;
    enum err err;
    int with_worker;
};

struct confirm_ask {
    struct publish_ctx *ctx;
    confirm_answer_fn done;
    void *arg;
    struct list idle, busy;
    size_t busy_count, bodies; /* questions; of these, by BODY */
    int cancelled;
};

static void question_free(struct question *q)
{
    list_remove(&q->node);
    buf_clear(&q->body);
    buf_clear(&q->raw);
    bytes_wipe(&q->keys, sizeof(q->keys));
    sealer_free(q->sealer);
    free(q);
}

static void ask_free(struct confirm_ask *a)
{
    LIST_EACH(node, after, &a->idle)
    {
        question_free(LIST_ITEM(node, struct question, node));
    }
    publish_ctx_unpin(a->ctx);
    free(a);
}

enum err confirm_ask_new(
    struct publish_ctx *ctx, confirm_answer_fn done, void *arg, struct confirm_ask **ask)
{
    struct confirm_ask *a = calloc(1, sizeof(*a));

    if (a == NULL) {
        return ERR_NO_MEMORY;
    }
    a->ctx = ctx;
    publish_ctx_pin(ctx);
    a->done = done;
    a->arg = arg;
    list_init(&a->idle);
    list_init(&a->busy);
    *ask = a;
    return OK;
}

size_t confirm_ask_busy(const struct confirm_ask *a)
{
    return a->busy_count;
}

bool confirm_ask_has_room(const struct confirm_ask *a, enum confirm_way way)
{
    return way == CONFIRM_BY_BODY ? a->bodies < news_fetch_width(a->ctx->o.news)
                                  : a->busy_count - a->bodies < news_stat_width(a->ctx->o.news);
}

/* Back among the idle ones. */
static void question_idle(struct question *q)
{
    struct confirm_ask *a = q->owner;

    list_remove(&q->node);
    list_push_front(&a->idle, &q->node);
    a->busy_count--;
    a->bodies -= q->way == CONFIRM_BY_BODY;
}

void confirm_ask_cancel(struct confirm_ask *a)
{
    if (a == NULL) {
        return;
    }
    a->cancelled = 1;
    LIST_EACH(node, after, &a->busy)
    {
        struct question *q = LIST_ITEM(node, struct question, node);

        if (q->op != NULL) {
            news_cancel(q->op);
            q->op = NULL;
            question_idle(q);
        } else if (!q->with_worker || workers_recall(&q->job)) {
            question_idle(q);
        }
    }
    if (a->busy_count == 0) {
        ask_free(a);
    }
}

/* --- answers ---------------------------------------------------------------------------------- */

static void answered(struct question *q, enum err err, const char *text)
{
    struct confirm_ask *a = q->owner;
    uint32_t index = q->index;

    if (err != OK && err != ERR_NO_ARTICLE && err_kind(err) != KIND_CORRUPT) {
        publish_ctx_text(a->ctx, text);
    }
    question_idle(q);
    a->done(a->arg, index, err); /* may cancel: nothing of `a` after it */
}

static void on_stat(void *arg, const struct news_result *r)
{
    struct question *q = arg;

    q->op = NULL;
    answered(q, r->err, r->text);
}

static void run_open(void *arg)
{
    struct question *q = arg;
    struct reseal_body in = {buf_view(&q->body), &q->keys, q->place, q->kind};

    q->err = q->sealer == NULL ? sealer_new(&q->sealer) : OK;
    if (q->err == OK) {
        q->err = reseal_open(q->sealer, &in, &q->raw, NULL);
    }
}

static void on_opened(void *arg)
{
    struct question *q = arg;
    struct confirm_ask *a = q->owner;

    q->with_worker = 0;
    if (!a->cancelled) {
        answered(q, q->err, "");
        return;
    }
    question_idle(q);
    if (a->busy_count == 0) {
        ask_free(a); /* it was the last one to come home */
    }
}

/* A server that could not be asked for the body may still say whether it has it; where anybody
 * could have put something there that is not enough. */
static bool ask_by_name(struct question *q, const struct news_result *r)
{
    bool wanted = r->err == ERR_NO_ARTICLE && r->unsure != OK && q->place.attempt == 0;

    return wanted && news_stat_start(q->owner->ctx->o.news, &q->id, on_stat, q, &q->op) == OK;
}

static void on_body(void *arg, const struct news_result *r, struct buf *body)
{
    struct question *q = arg;

    q->op = NULL;
    if (ask_by_name(q, r)) {
        return;
    }
    if (r->err != OK) {
        answered(q, r->err, r->text);
        return;
    }
    buf_clear(&q->body);
    q->body = *body;
    *body = (struct buf){0};
    q->with_worker = 1;
    q->job = (struct work_job){.run = run_open, .done = on_opened, .arg = q};
    workers_submit(q->owner->ctx->o.workers, &q->job);
}

/* --- questions -------------------------------------------------------------------------------- */

enum err confirm_ask_start(
    struct confirm_ask *a, const struct out_volume *volume, uint32_t index, enum confirm_way way)
{
    struct list *node = list_take(&a->idle);
    struct question *q =
        node != NULL ? LIST_ITEM(node, struct question, node) : calloc(1, sizeof(*q));
    enum err err;

    if (q == NULL) {
        return ERR_NO_MEMORY;
    }
    q->owner = a;
    q->index = index;
    q->way = way;
    list_init(&q->node);
    list_push(&a->busy, &q->node);
    a->busy_count++;
    a->bodies += way == CONFIRM_BY_BODY;
    err = out_volume_article_id(volume, a->ctx->sealer, index, &q->id);
    if (err != OK) {
        return err;
    }
    if (way == CONFIRM_BY_STAT) {
        return news_stat_start(a->ctx->o.news, &q->id, on_stat, q, &q->op);
    }
    q->keys = volume->keys;
    q->kind = out_volume_kind_of(volume, index);
    q->place = (struct seal_place){out_volume_cid(volume, index), index, volume->attempts[index]};
    return news_fetch_by(a->ctx->o.news,
        &(struct news_question){.id = q->id, .role = NEWS_ROLE_CONFIRM}, on_body, q, &q->op);
}
