/* One volume at a time, many questions at once. Rounds: everything first; then, after a wait, again
 * what was missing. */
#include "flow/publish/confirm.h"

#include <stdlib.h>
#include <string.h>

#include "codec/yenc/yenc.h"
#include "flow/publish/out_volume.h"

enum {
    CONFIRM_LOST_MAX = 1 << 16, /* more than this many missing: the server lost it all */
};

static const uint64_t default_waits_ms[PUBLISH_CONFIRM_ROUNDS] = {2000, 5000, 15000, 60000};

/* A question under way. */
struct ask {
    struct list node;
    struct confirm *owner;
    uint32_t index;
    struct news_op *op;
    struct work_job job;   /* opens a fetched body */
    struct sealer *sealer; /* made when first needed */
    struct volume_keys keys;
    struct seal_place place;
    struct buf body, raw;
    enum err err;
    int with_worker;
};

struct confirm {
    struct publish_ctx *ctx;
    enum store_volume_kind kind;
    publish_step_fn done;
    void *arg;
    struct loop_timer *timer;
    struct out_volume *volume; /* being asked about */
    uint32_t next;             /* index to ask for next */
    uint64_t *missing;         /* volume << 32 | index, rising: of the last round */
    size_t missing_count, missing_cap;
    uint64_t *asked; /* what this round asks for; NULL in the first */
    size_t asked_count;
    unsigned round;
    struct list idle, busy;
    size_t busy_count;      /* questions, and `unsend` while a worker has it */
    struct work_job unsend; /* after a loss: the files in it */
    enum err unsend_err;
    int unsending;
    int cancelled;
};

static void pump(struct confirm *c);

/* --- ending ----------------------------------------------------------------------------------- */

static void ask_free(struct ask *a)
{
    list_remove(&a->node);
    buf_clear(&a->body);
    buf_clear(&a->raw);
    bytes_wipe(&a->keys, sizeof(a->keys));
    sealer_free(a->sealer);
    free(a);
}

static void confirm_free(struct confirm *c)
{
    LIST_EACH(node, after, &c->idle)
    {
        ask_free(LIST_ITEM(node, struct ask, node));
    }
    out_volume_free(c->volume);
    free(c->missing);
    free(c->asked);
    publish_ctx_unpin(c->ctx);
    free(c);
}

static void ask_idle(struct ask *a)
{
    struct confirm *c = a->owner;

    list_remove(&a->node);
    list_push(&c->idle, &a->node);
    c->busy_count--;
    if (c->cancelled && c->busy_count == 0) {
        confirm_free(c);
    }
}

static void stop(struct confirm *c)
{
    c->cancelled = 1;
    loop_timer_free(c->timer);
    c->timer = NULL;
    c->busy_count++; /* ours, so that it lives through the loop */
    LIST_EACH(node, after, &c->busy)
    {
        struct ask *a = LIST_ITEM(node, struct ask, node);

        if (a->op != NULL) {
            news_cancel(a->op);
            a->op = NULL;
            ask_idle(a);
        } else if (!a->with_worker || workers_recall(&a->job)) {
            ask_idle(a);
        }
    }
    if (c->unsending && workers_recall(&c->unsend)) {
        c->busy_count--;
    }
    if (--c->busy_count == 0) {
        confirm_free(c);
    }
}

static void finish(struct confirm *c, enum err err)
{
    publish_step_fn done = c->done;
    void *arg = c->arg;

    if (!c->cancelled) {
        stop(c);
        done(arg, err);
    }
}

void confirm_cancel(struct confirm *c)
{
    if (c != NULL && !c->cancelled) {
        stop(c);
    }
}

/* --- answers ---------------------------------------------------------------------------------- */

static enum err note_missing(struct confirm *c, uint32_t index)
{
    if (c->missing_count == CONFIRM_LOST_MAX) {
        return ERR_ARTICLES_LOST;
    }
    if (c->missing_count == c->missing_cap) {
        size_t cap = c->missing_cap == 0 ? 64 : c->missing_cap * 2;
        uint64_t *grown = realloc(c->missing, cap * sizeof(*grown));

        if (grown == NULL) {
            return ERR_NO_MEMORY;
        }
        c->missing = grown;
        c->missing_cap = cap;
    }
    c->missing[c->missing_count++] = (uint64_t)c->volume->number << 32 | index;
    return OK;
}

/* The answer for one index is in: OK, ERR_NO_ARTICLE (or foreign bytes), or no answer. */
static void answered(struct ask *a, enum err err, const char *text)
{
    struct confirm *c = a->owner;
    uint32_t index = a->index;

    ask_idle(a);
    if (err == OK) {
        out_volume_set_state(c->volume, index, STORE_CONFIRMED);
        c->ctx->progress.articles_confirmed++;
        progress_changed(&c->ctx->progress, &c->ctx->o.sink);
    } else if (err == ERR_NO_ARTICLE || err_kind(err) == KIND_CORRUPT) {
        c->ctx->progress.retries++;
        log_warn("publish", "not there yet volume=%u index=%u round=%u", c->volume->number, index,
            c->round);
        err = note_missing(c, index);
    } else {
        publish_ctx_text(c->ctx, text);
    }
    if (err != OK) {
        finish(c, err);
        return;
    }
    pump(c);
}

static void on_stat(void *arg, const struct news_result *r)
{
    struct ask *a = arg;

    a->op = NULL;
    answered(a, r->err, r->text);
}

static void run_open(void *arg)
{
    struct ask *a = arg;
    size_t len = 0;

    a->err = a->sealer == NULL ? sealer_new(&a->sealer) : OK;
    if (a->err == OK) {
        a->err = buf_resize(&a->raw, SEGMENT_LEN);
    }
    if (a->err == OK) {
        a->err = yenc_decode(buf_view(&a->body), a->raw.ptr, a->raw.len, &len);
    }
    if (a->err == OK && len != SEGMENT_LEN) {
        a->err = ERR_BAD_SEAL;
    }
    if (a->err == OK && seal_needs_mask(SEAL_KIND_DATA, a->place.attempt)) {
        a->err = seal_mask(a->sealer, &a->keys, &a->place, a->raw.ptr);
    }
    if (a->err == OK) {
        a->err = seal_open(a->sealer, &a->keys, &a->place, a->raw.ptr, a->raw.ptr);
    }
}

static void on_opened(void *arg)
{
    struct ask *a = arg;

    a->with_worker = 0;
    if (a->owner->cancelled) {
        ask_idle(a);
        return;
    }
    answered(a, a->err, "");
}

static void on_body(void *arg, const struct news_result *r, struct buf *body)
{
    struct ask *a = arg;

    a->op = NULL;
    if (r->err != OK) {
        answered(a, r->err, r->text);
        return;
    }
    buf_clear(&a->body);
    a->body = *body;
    *body = (struct buf){0};
    a->with_worker = 1;
    a->job = (struct work_job){.run = run_open, .done = on_opened, .arg = a};
    workers_submit(a->owner->ctx->o.workers, &a->job);
}

/* --- questions -------------------------------------------------------------------------------- */

static enum err ask_start(struct confirm *c, uint32_t index)
{
    struct list *node = list_take(&c->idle);
    struct ask *a = node != NULL ? LIST_ITEM(node, struct ask, node) : calloc(1, sizeof(*a));
    struct article_id id;
    enum err err;

    if (a == NULL) {
        return ERR_NO_MEMORY;
    }
    a->owner = c;
    a->index = index;
    list_init(&a->node);
    list_push(&c->busy, &a->node);
    c->busy_count++;
    err = out_volume_article_id(c->volume, c->ctx->sealer, index, &id);
    if (err != OK) {
        return err;
    }
    if (c->volume->attempts[index] == 0) {
        return news_stat_start(c->ctx->o.news, &id, on_stat, a, &a->op);
    }
    a->keys = c->volume->keys;
    a->place =
        (struct seal_place){out_volume_cid(c->volume, index), index, c->volume->attempts[index]};
    return news_fetch_start(c->ctx->o.news, &id, on_body, a, &a->op);
}

struct load {
    struct confirm *c;
    uint32_t number; /* of the last row; 0: there was none */
    struct out_volume *found;
};

static enum err load_row(void *arg, const struct store_volume *row)
{
    struct load *l = arg;

    l->number = row->number;
    if (row->kind != l->c->kind || row->state == STORE_VOLUME_LIVE || row->k == 0 ||
        row->version > l->c->ctx->version ||
        (row->kind == STORE_VOLUME_META && row->version != l->c->ctx->version)) {
        return OK;
    }
    return out_volume_from_row(l->c->ctx, l->c->ctx->sealer, row, &l->found);
}

/* Go on to the volume behind the present one; c->volume is NULL when there is none. */
static enum err next_volume(struct confirm *c)
{
    struct load load = {c, c->volume != NULL ? c->volume->number : 0, NULL};
    enum err err = OK;

    if (c->volume != NULL) {
        err = out_volume_store(c->ctx, c->volume);
        out_volume_free(c->volume);
        c->volume = NULL;
    }
    while (err == OK && load.found == NULL) {
        uint32_t after = load.number;

        load.number = 0;
        err = store_volume_pending(c->ctx->o.store, c->ctx->share.id, after, 1, load_row, &load);
        if (load.number == 0) {
            break;
        }
    }
    c->volume = load.found;
    c->next = 0;
    return err;
}

static int by_place(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* Is `index` of the present volume to be asked for in this round? */
static bool wanted(const struct confirm *c, uint32_t index)
{
    uint64_t place;

    if (out_volume_state_of(c->volume, index) != STORE_ACCEPTED) {
        return false;
    }
    if (c->asked == NULL) {
        return true;
    }
    place = (uint64_t)c->volume->number << 32 | index;
    return bsearch(&place, c->asked, c->asked_count, sizeof(place), by_place) != NULL;
}

static void replan(struct confirm *c, enum err err)
{
    if (err == OK) {
        err = confirm_replan(c->ctx, c->missing, c->missing_count);
    }
    finish(c, err == OK ? ERR_ARTICLES_LOST : err);
}

static void run_unsend(void *arg)
{
    struct confirm *c = arg;

    c->unsend_err = confirm_unsend(c->ctx, c->missing, c->missing_count);
}

static void on_unsent(void *arg)
{
    struct confirm *c = arg;

    c->unsending = 0;
    c->busy_count--;
    if (!c->cancelled) {
        replan(c, c->unsend_err);
    } else if (c->busy_count == 0) {
        confirm_free(c);
    }
}

/* Lost for good. First the files, then the places: whoever dies in between asks again. The other
 * way round the places would be filled with other bytes while files still count on them. */
static void lost(struct confirm *c)
{
    qsort(c->missing, c->missing_count, sizeof(*c->missing), by_place);
    if (c->kind != STORE_VOLUME_DATA) {
        replan(c, OK);
        return;
    }
    c->unsending = 1;
    c->busy_count++;
    c->unsend = (struct work_job){.run = run_unsend, .done = on_unsent, .arg = c};
    workers_submit(c->ctx->o.workers, &c->unsend);
}

/* A round is over. */
static void round_over(struct confirm *c)
{
    const uint64_t *waits = c->ctx->o.confirm_ms[0] != 0 ? c->ctx->o.confirm_ms : default_waits_ms;

    if (c->missing_count == 0) {
        finish(c, OK);
        return;
    }
    if (c->round >= PUBLISH_CONFIRM_ROUNDS || waits[c->round] == 0) {
        lost(c);
        return;
    }
    progress_event(&c->ctx->o.sink, LOG_INFO,
        "%zu articles are not visible yet; asking again in %llu s", c->missing_count,
        (unsigned long long)(waits[c->round] / 1000));
    free(c->asked);
    c->asked = c->missing;
    c->asked_count = c->missing_count;
    qsort(c->asked, c->asked_count, sizeof(*c->asked), by_place);
    c->missing = NULL;
    c->missing_count = 0;
    c->missing_cap = 0;
    loop_timer_set(c->timer, waits[c->round]);
    c->round++;
}

static enum err ask_more(struct confirm *c)
{
    size_t width = news_fetch_width(c->ctx->o.news);

    while (c->busy_count < width) {
        enum err err = OK;

        while (c->volume != NULL && c->next < c->volume->k && !wanted(c, c->next)) {
            c->next++;
        }
        if (c->volume != NULL && c->next < c->volume->k) {
            err = ask_start(c, c->next++);
        } else if (c->busy_count > 0) {
            return OK; /* their answers belong to this volume */
        } else {
            err = next_volume(c);
            if (err == OK && c->volume == NULL) {
                return ERR_NO_ROW;
            }
        }
        if (err != OK) {
            return err;
        }
    }
    return OK;
}

static void pump(struct confirm *c)
{
    enum err err = ask_more(c);

    if (err == ERR_NO_ROW) {
        round_over(c);
    } else if (err != OK) {
        finish(c, err);
    }
}

static void on_timer(void *arg)
{
    pump(arg);
}

enum err confirm_start(struct publish_ctx *ctx, enum store_volume_kind kind, publish_step_fn done,
    void *arg, struct confirm **confirm)
{
    struct confirm *c = calloc(1, sizeof(*c));
    enum err err;

    if (c == NULL) {
        return ERR_NO_MEMORY;
    }
    c->ctx = ctx;
    c->kind = kind;
    c->done = done;
    c->arg = arg;
    list_init(&c->idle);
    list_init(&c->busy);
    publish_ctx_pin(ctx); /* a worker reads it, also for a while after a cancel */
    err = loop_timer_new(ctx->o.loop, on_timer, c, &c->timer);
    if (err != OK) {
        confirm_free(c);
        return err;
    }
    loop_timer_set(c->timer, 0);
    *confirm = c;
    return OK;
}
