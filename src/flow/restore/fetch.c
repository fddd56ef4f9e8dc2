/* Whose turn it is, and what happens to what comes. */
#include "flow/restore/fetch.h"

#include <stdlib.h>

#include "flow/restore/open_errand.h"

enum {
    FETCHES_MAX = 2
}; /* times an article is asked for until it counts as lost; once more for
      each server that gave a damaged one */

struct fetch {
    struct list node; /* in fetcher->all */
    struct list turn; /* in fetcher->queue, while it waits for its turn */
    struct fetcher *fetcher;
    struct volume_info *volume;
    struct seal_place place;
    struct article_id id;
    unsigned asked, damaged;
    size_t provider; /* that answered last */
    uint32_t skip;   /* bit i: provider i gave a damaged one */
    enum { FETCH_QUEUED, FETCH_ASKED, FETCH_OPENING } state;
    struct news_op *op; /* only when FETCH_ASKED */
    struct disk_scratch *scratch;
    uint64_t offset;
    int kept;      /* of struct fetched: what the worker was told to do */
    fetch_fn done; /* NULL: nobody cares any more */
    void *arg;
};

struct fetcher {
    struct restore_ctx *ctx;
    size_t asked; /* of FETCH_ASKED */
    struct list all;
    struct list queue; /* in the order they were wanted */
};

static void fetch_more(struct fetcher *t);

struct fetcher *fetcher_new(struct restore_ctx *ctx)
{
    struct fetcher *t = calloc(1, sizeof(*t));

    if (t != NULL) {
        t->ctx = ctx;
        list_init(&t->all);
        list_init(&t->queue);
    }
    return t;
}

static void fetch_free(struct fetch *f)
{
    list_remove(&f->node);
    list_remove(&f->turn);
    if (f->op != NULL) {
        news_cancel(f->op);
        f->fetcher->asked--;
    }
    disk_scratch_drop(f->scratch);
    volume_info_drop(f->volume);
    free(f);
}

void fetcher_free(struct fetcher *t)
{
    if (t == NULL) {
        return;
    }
    LIST_EACH(node, after, &t->all)
    {
        fetch_free(LIST_ITEM(node, struct fetch, node));
    }
    free(t);
}

static void finish(struct fetch *f, struct fetched got)
{
    fetch_fn done = f->done;
    void *arg = f->arg;

    fetch_free(f);
    if (done == NULL) {
        held_drop(got.payload);
        return;
    }
    done(arg, &got);
}

/* It came damaged: others may have it right. */
static void damaged(struct fetch *f)
{
    if (news_provider_count(f->fetcher->ctx->env.news) > 1) {
        f->skip |= UINT32_C(1) << f->provider;
        f->damaged++;
    }
}

/* The article did not come, or not whole: once more, then it counts as lost. */
static void failed(struct fetch *f)
{
    if (f->asked >= FETCHES_MAX + f->damaged || f->done == NULL) {
        finish(f, (struct fetched){.err = ERR_ARTICLES_LOST});
        return;
    }
    f->fetcher->ctx->progress.retries++;
    f->state = FETCH_QUEUED;
    list_push_front(&f->fetcher->queue, &f->turn);
}

static void on_opened(void *arg, enum err err, struct held *payload)
{
    struct fetch *f = arg;
    struct fetcher *t = f->fetcher;

    if (err == OK) {
        t->ctx->progress.articles_fetched++;
        finish(
            f, (struct fetched){.payload = payload, .kept = f->kept ? FETCH_KEPT : FETCH_NOT_KEPT});
    } else if (err_kind(err) == KIND_CORRUPT) {
        damaged(f);
        failed(f);
    } else {
        restore_ctx_fail(t->ctx, err, NULL);
    }
    progress_changed(&t->ctx->progress, &t->ctx->env.sink);
    fetch_more(t);
}

/* To a worker. */
static void open_body(struct fetch *f, struct buf *body)
{
    struct open_article article = {.keys = &f->volume->keys,
        .place = &f->place,
        .kind = f->place.index < f->volume->k ? SEAL_KIND_DATA : SEAL_KIND_PARITY,
        .wire = body,
        .scratch = f->scratch,
        .offset = f->offset};
    enum err err;

    f->state = FETCH_OPENING;
    f->kept = f->scratch != NULL;
    err = open_errand_start(f->fetcher->ctx, &article, on_opened, f);
    if (err != OK) {
        restore_ctx_fail(f->fetcher->ctx, err, NULL);
    }
}

static void on_body(void *arg, const struct news_result *result, struct buf *body)
{
    struct fetch *f = arg;
    struct fetcher *t = f->fetcher;

    f->op = NULL;
    f->provider = result->provider;
    t->asked--;
    t->ctx->progress.bytes_fetched += body->len;
    if (result->err == ERR_NO_ARTICLE) {
        restore_ctx_missing(t->ctx, result);
        f->skip = 0; /* nobody else has it: what was damaged on the way may come whole */
    }
    if (result->err == OK) {
        open_body(f, body);
    } else if (result->err == ERR_NO_ARTICLE || err_kind(result->err) == KIND_CORRUPT) {
        failed(f);
    } else {
        restore_ctx_fail(t->ctx, result->err, result->text);
    }
    fetch_more(t);
}

/* Keep the news servers busy. */
static void fetch_more(struct fetcher *t)
{
    size_t width = news_fetch_width(t->ctx->env.news);
    struct list *node;

    while (t->ctx->err == OK && t->asked < width && (node = list_take(&t->queue)) != NULL) {
        struct fetch *f = LIST_ITEM(node, struct fetch, turn);
        struct news_question question = {.id = f->id, .skip = f->skip, .lane = (uintptr_t)t->ctx};
        enum err err = news_fetch_by(t->ctx->env.news, &question, on_body, f, &f->op);

        if (err != OK) { /* an id that nobody may be asked for comes from a share that is wrong */
            restore_ctx_fail(t->ctx, err == ERR_BAD_REQUEST ? ERR_BAD_FORMAT : err, NULL);
            return;
        }
        f->state = FETCH_ASKED;
        f->asked++;
        t->asked++;
    }
}

void fetcher_go(struct fetcher *t)
{
    fetch_more(t);
}

enum err fetch_start(struct fetcher *t, const struct fetch_want *want, struct fetch **out)
{
    struct fetch *f = calloc(1, sizeof(*f));
    enum err err;

    if (f == NULL) {
        return ERR_NO_MEMORY;
    }
    err = volume_info_place(want->volume, t->ctx->sealer, want->index, &f->place, &f->id);
    if (err != OK) {
        free(f);
        return err;
    }
    f->fetcher = t;
    f->volume = volume_info_keep(want->volume);
    f->done = want->done;
    f->arg = want->arg;
    list_push(&t->all, &f->node);
    list_push(&t->queue, &f->turn);
    *out = f;
    fetch_more(t);
    return OK;
}

void fetch_keep(struct fetch *f, struct disk_scratch *scratch, uint64_t offset)
{
    disk_scratch_drop(f->scratch);
    f->scratch = disk_scratch_keep(scratch);
    f->offset = offset;
}

void fetch_hand_over(struct fetch *f, fetch_fn done, void *arg)
{
    f->done = done;
    f->arg = arg;
}

void fetch_cancel(struct fetch *f)
{
    if (f == NULL) {
        return;
    }
    f->done = NULL;
    if (f->state != FETCH_OPENING) { /* a worker's answer comes for the fetch, if it comes */
        fetch_free(f);
    }
}
