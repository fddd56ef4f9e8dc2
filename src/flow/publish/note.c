/* One job on a worker. */
#include "flow/publish/note.h"

#include <stdlib.h>

#include "io/store/store_volume.h"

enum { NOTE_BATCH = 64 };

struct note {
    struct publish_ctx *ctx;
    publish_step_fn done;
    void *arg;
    struct buf objects;
    struct work_job job;
    enum err err;
    int cancelled;
};

static void note_free(struct note *n)
{
    buf_clear(&n->objects);
    publish_ctx_unpin(n->ctx);
    free(n);
}

/* Numbers of volumes, held while the store is free for other calls. */
struct numbers {
    uint32_t at[NOTE_BATCH];
    size_t count;
    uint32_t last;
};

static enum err keep_number(void *arg, const struct store_volume *volume)
{
    struct numbers *n = arg;

    n->last = volume->number;
    if (volume->kind == STORE_VOLUME_DATA) {
        n->at[n->count++] = volume->number;
    }
    return OK;
}

static void run_blocks(void *arg)
{
    struct note *n = arg;
    struct store *store = n->ctx->o.store;
    struct numbers numbers = {.last = 0};
    uint32_t after;

    do {
        after = numbers.last;
        numbers.count = 0;
        n->err =
            store_volume_pending(store, n->ctx->share.id, after, NOTE_BATCH, keep_number, &numbers);
        for (size_t i = 0; i < numbers.count && n->err == OK; i++) {
            n->err = store_block_note(store, n->ctx->share.id, numbers.at[i]);
        }
    } while (n->err == OK && numbers.last != after);
}

static void run_objects(void *arg)
{
    struct note *n = arg;

    n->err = store_object_note(n->ctx->o.store, n->ctx->share.id, n->ctx->version,
        (const struct store_object *)(const void *)n->objects.ptr,
        n->objects.len / sizeof(struct store_object));
}

static void on_noted(void *arg)
{
    struct note *n = arg;
    publish_step_fn done = n->done;
    void *owner = n->arg;
    enum err err = n->err;
    int cancelled = n->cancelled;

    note_free(n);
    if (!cancelled) {
        done(owner, err);
    }
}

/* Everything but handing it to the workers. */
static enum err note_new(
    struct publish_ctx *ctx, loop_fn run, publish_step_fn done, void *arg, struct note **note)
{
    struct note *n = calloc(1, sizeof(*n));

    if (n == NULL) {
        return ERR_NO_MEMORY;
    }
    n->ctx = ctx;
    publish_ctx_pin(ctx); /* a worker reads it, also for a while after a cancel */
    n->done = done;
    n->arg = arg;
    n->job = (struct work_job){.run = run, .done = on_noted, .arg = n};
    *note = n;
    return OK;
}

enum err note_blocks(struct publish_ctx *ctx, publish_step_fn done, void *arg, struct note **note)
{
    enum err err = note_new(ctx, run_blocks, done, arg, note);

    if (err == OK) {
        workers_submit(ctx->o.workers, &(*note)->job);
    }
    return err;
}

enum err note_objects(struct publish_ctx *ctx, struct buf *objects, publish_step_fn done, void *arg,
    struct note **note)
{
    enum err err = note_new(ctx, run_objects, done, arg, note);

    if (err == OK) {
        (*note)->objects = *objects;
        *objects = (struct buf){0};
        workers_submit(ctx->o.workers, &(*note)->job);
    }
    return err;
}

void note_cancel(struct note *n)
{
    if (n == NULL) {
        return;
    }
    n->cancelled = 1;
    if (workers_recall(&n->job)) {
        note_free(n);
    }
}
