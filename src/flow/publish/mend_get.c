/* Slots, each in one pair of hands: a worker puts the payload together and seals it; where the
 * files have changed, the news pool fetches the article and a worker opens it. */
#include "flow/publish/mend_get.h"

#include <stdlib.h>

enum { GET_SLOTS_MIN = 4, GET_SLOTS_MAX = 16 };

struct slot {
    struct list node;
    struct mend_get *owner;
    struct work_job job;
    struct news_op *op;
    int with_worker;
    int may_fetch;
    struct volume_keys keys;
    struct seal_place place;
    enum seal_kind kind;
    uint64_t where;          /* the place in the walk */
    struct article_id id;    /* of the article that was accepted */
    struct buf raw, payload; /* out */
    struct buf body;         /* the fetched article */
    struct reseal_maker *maker;
    enum err err;
};

struct mend_get {
    struct publish_ctx *ctx;
    struct poster *poster;
    struct mend_get_events events;
    void *arg;
    struct reseal *reseal; /* slots with a worker read it */
    struct list idle, busy;
    size_t busy_count;
    int cancelled, failed;
};

/* --- memory ----------------------------------------------------------------------------------- */

static void slot_free(struct slot *s)
{
    list_remove(&s->node);
    buf_clear(&s->raw);
    buf_clear(&s->payload);
    buf_clear(&s->body);
    bytes_wipe(&s->keys, sizeof(s->keys));
    reseal_maker_free(s->maker);
    free(s);
}

static enum err slot_new(struct mend_get *g)
{
    struct slot *s = calloc(1, sizeof(*s));
    enum err err;

    if (s == NULL) {
        return ERR_NO_MEMORY;
    }
    s->owner = g;
    list_push(&g->idle, &s->node);
    err = reseal_maker_new(g->ctx, &s->maker);
    if (err != OK) {
        slot_free(s);
    }
    return err;
}

static void get_free(struct mend_get *g)
{
    LIST_EACH(node, after, &g->idle)
    {
        slot_free(LIST_ITEM(node, struct slot, node));
    }
    reseal_free(g->reseal);
    publish_ctx_unpin(g->ctx);
    free(g);
}

static size_t slot_count(const struct publish_ctx *ctx)
{
    size_t width = news_fetch_width(ctx->o.news);

    if (width < GET_SLOTS_MIN) {
        return GET_SLOTS_MIN;
    }
    return width < GET_SLOTS_MAX ? width : GET_SLOTS_MAX;
}

enum err mend_get_new(struct publish_ctx *ctx, struct poster *poster,
    const struct mend_get_events *events, void *arg, struct mend_get **get)
{
    struct mend_get *g = calloc(1, sizeof(*g));
    enum err err = OK;

    if (g == NULL) {
        return ERR_NO_MEMORY;
    }
    g->ctx = ctx;
    publish_ctx_pin(ctx); /* workers read it, also for a while after a cancel */
    g->poster = poster;
    g->events = *events;
    g->arg = arg;
    list_init(&g->idle);
    list_init(&g->busy);
    for (size_t i = slot_count(ctx); i > 0 && err == OK; i--) {
        err = slot_new(g);
    }
    if (err != OK) {
        get_free(g);
        return err;
    }
    *get = g;
    return OK;
}

/* Back among the idle ones; the last one to come home after a cancel frees everything. */
static void slot_idle(struct slot *s)
{
    struct mend_get *g = s->owner;

    list_remove(&s->node);
    list_push_front(&g->idle, &s->node);
    g->busy_count--;
    if (g->cancelled && g->busy_count == 0) {
        get_free(g);
    }
}

void mend_get_cancel(struct mend_get *g)
{
    if (g == NULL) {
        return;
    }
    g->cancelled = 1;
    g->busy_count++; /* ours, so that it lives through the loop */
    LIST_EACH(node, after, &g->busy)
    {
        struct slot *s = LIST_ITEM(node, struct slot, node);

        if (s->op != NULL) {
            news_cancel(s->op);
            s->op = NULL;
            slot_idle(s);
        } else if (!s->with_worker || workers_recall(&s->job)) {
            slot_idle(s);
        }
    }
    g->busy_count--;
    if (g->busy_count == 0) {
        get_free(g);
    }
}

void mend_get_use(struct mend_get *g, struct reseal *reseal)
{
    reseal_free(g->reseal);
    g->reseal = reseal;
}

bool mend_get_covers(const struct mend_get *g, uint64_t place)
{
    return reseal_covers(g->reseal, place);
}

bool mend_get_has_room(const struct mend_get *g)
{
    return !list_empty(&g->idle) && !g->failed;
}

size_t mend_get_busy(const struct mend_get *g)
{
    return g->busy_count;
}

/* --- the end of one --------------------------------------------------------------------------- */

static void fail(struct mend_get *g, enum err err)
{
    if (!g->failed) {
        g->failed = 1;
        g->events.failed(g->arg, err);
    }
}

static void got(struct slot *s)
{
    struct mend_get *g = s->owner;
    struct buf raw = s->raw, payload = s->payload;

    s->raw = (struct buf){0};
    s->payload = (struct buf){0};
    slot_idle(s);
    g->events.got(g->arg, s->place.index, &raw, &payload); /* may cancel: nothing of g after it */
    buf_clear(&raw);
    buf_clear(&payload);
}

static void missing(struct slot *s)
{
    struct mend_get *g = s->owner;
    uint32_t index = s->place.index;

    slot_idle(s);
    g->events.missing(g->arg, index);
}

/* --- from the server -------------------------------------------------------------------------- */

static void run_open(void *arg)
{
    struct slot *s = arg;
    struct reseal_body in = {buf_view(&s->body), &s->keys, s->place, s->kind};

    s->err = reseal_open(reseal_maker_sealer(s->maker), &in, &s->raw, &s->payload);
}

static void on_opened(void *arg)
{
    struct slot *s = arg;

    s->with_worker = 0;
    if (s->owner->cancelled) {
        slot_idle(s);
    } else if (s->err == OK) {
        got(s);
    } else if (err_kind(s->err) == KIND_CORRUPT) {
        missing(s);
    } else {
        fail(s->owner, s->err);
    }
}

static void on_body(void *arg, const struct news_result *r, struct buf *body)
{
    struct slot *s = arg;
    struct mend_get *g = s->owner;

    s->op = NULL;
    if (r->err == ERR_NO_ARTICLE || err_kind(r->err) == KIND_CORRUPT) {
        missing(s);
        return;
    }
    if (r->err != OK) {
        publish_ctx_text(g->ctx, r->text);
        fail(g, r->err);
        return;
    }
    g->ctx->progress.articles_fetched++;
    g->ctx->progress.bytes_fetched += body->len;
    buf_clear(&s->body);
    s->body = *body;
    *body = (struct buf){0};
    s->with_worker = 1;
    s->job = (struct work_job){.run = run_open, .done = on_opened, .arg = s};
    workers_submit(g->ctx->o.workers, &s->job);
}

/* --- from the files --------------------------------------------------------------------------- */

static void run_make(void *arg)
{
    struct slot *s = arg;

    s->err = reseal_make(s->owner->reseal, s->maker, s->where, &s->place.cid, &s->payload);
    if (s->err == OK) {
        s->err = buf_resize(&s->raw, SEGMENT_LEN);
    }
    if (s->err == OK) {
        s->err = seal_segment_known(
            reseal_maker_sealer(s->maker), &s->keys, &s->place, s->payload.ptr, s->raw.ptr);
    }
}

static void on_made(void *arg)
{
    struct slot *s = arg;
    struct mend_get *g = s->owner;

    s->with_worker = 0;
    if (g->cancelled) {
        slot_idle(s);
    } else if (s->err == OK) {
        g->ctx->progress.bytes_read += PAYLOAD_LEN;
        got(s);
    } else if (s->err != ERR_CHANGED) {
        fail(g, s->err);
    } else if (!s->may_fetch) {
        missing(s);
    } else {
        s->err = news_fetch_start(g->ctx->o.news, &s->id, on_body, s, &s->op);
        if (s->err != OK) {
            fail(g, s->err);
        }
    }
}

enum err mend_get_start(struct mend_get *g, const struct out_volume *volume, uint32_t index)
{
    struct list *node = list_take(&g->idle);
    struct slot *s;

    if (node == NULL) {
        return ERR_BUG;
    }
    s = LIST_ITEM(node, struct slot, node);
    list_push(&g->busy, &s->node);
    g->busy_count++;
    s->keys = volume->keys;
    s->place = (struct seal_place){out_volume_cid(volume, index), index, volume->attempts[index]};
    s->kind = out_volume_kind_of(volume, index);
    s->where = reseal_place(volume->number, index);
    s->may_fetch = out_volume_state_of(volume, index) != STORE_PLANNED;
    if (s->raw.ptr == NULL) {
        poster_take_buffer(g->poster, &s->raw);
    }
    if (s->payload.ptr == NULL) {
        poster_take_buffer(g->poster, &s->payload);
    }
    if (s->may_fetch) {
        enum err err = out_volume_article_id(volume, g->ctx->sealer, index, &s->id);

        if (err != OK) {
            return err;
        }
    }
    if (s->kind == SEAL_KIND_PARITY) {
        return news_fetch_start(g->ctx->o.news, &s->id, on_body, s, &s->op);
    }
    s->with_worker = 1;
    s->job = (struct work_job){.run = run_make, .done = on_made, .arg = s};
    workers_submit(g->ctx->o.workers, &s->job);
    return OK;
}
