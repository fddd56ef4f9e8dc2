/* A worker builds a batch, the loop posts what it filled; in turn, until all of it is accepted,
 * parity too. While a worker builds, the last volume's segments are its to count. */
#include "flow/publish/tree.h"

#include <stdlib.h>

#include "flow/publish/parity_stream.h"
#include "flow/publish/tree_build.h"

struct tree {
    struct publish_ctx *ctx;
    tree_done_fn done;
    void *arg;
    struct poster *poster;
    struct parity_stream *stream;
    struct tree_build build;
    struct work_job job;
    enum err err; /* of the job */
    int working;  /* a worker has `build` */
    int cancelled;
    struct loop_task first;
};

static void pump(struct tree *t);

static void tree_free(struct tree *t)
{
    tree_build_clear(&t->build);
    publish_ctx_unpin(t->ctx);
    free(t);
}

static void stop(struct tree *t)
{
    t->cancelled = 1;
    loop_unpost(t->ctx->o.loop, &t->first);
    parity_stream_free(t->stream);
    t->stream = NULL;
    poster_cancel(t->poster);
    t->poster = NULL;
    if (t->working && workers_recall(&t->job)) {
        t->working = 0;
    }
    if (!t->working) {
        tree_free(t);
    }
}

void tree_cancel(struct tree *t)
{
    if (t != NULL && !t->cancelled) {
        stop(t);
    }
}

static void finish(struct tree *t, enum err err)
{
    tree_done_fn done = t->done;
    void *arg = t->arg;
    struct tree_result result = t->build.result;

    if (t->cancelled) {
        return;
    }
    if (err == OK) {
        result.inlined = t->build.meta.inlined;
        t->build.meta.inlined = (struct buf){0};
        err = meta_list(&t->build.meta, &result.metas);
        result.made = (struct buf){(uint8_t *)t->build.meta.made,
            t->build.meta.made_count * sizeof(struct store_object),
            t->build.meta.made_cap * sizeof(struct store_object)};
        t->build.meta.made = NULL;
    }
    stop(t);
    done(arg, err, &result);
    buf_clear(&result.inlined);
    buf_clear(&result.metas);
    buf_clear(&result.made);
}

static void run_step(void *arg)
{
    struct tree *t = arg;

    t->err = tree_build_step(&t->build);
}

static void on_step(void *arg)
{
    struct tree *t = arg;

    t->working = 0;
    if (t->cancelled) {
        tree_free(t);
    } else if (t->err != OK) {
        finish(t, t->err);
    } else {
        pump(t);
    }
}

static enum err post_segment(struct tree *t, struct meta_segment *segment)
{
    enum err err = OK;

    if (segment->index == 0) {
        err = parity_stream_begin(t->stream, segment->volume);
    }
    if (err == OK) {
        t->ctx->progress.articles_total++;
        err = poster_send(t->poster,
            &(struct poster_segment){
                .volume = segment->volume, .index = segment->index, .payload = &segment->payload});
    }
    if (err == OK) {
        parity_stream_sent(t->stream, segment->volume);
    }
    return err;
}

/* Post what is filled, while there is room. */
static enum err post_filled(struct tree *t)
{
    struct meta_segment *segment;
    enum err err = OK;

    while (err == OK && poster_has_room(t->poster) && parity_stream_has_room(t->stream) &&
           (segment = meta_take(&t->build.meta)) != NULL) {
        err = post_segment(t, segment);
        buf_clear(&segment->payload);
        free(segment);
    }
    return err;
}

/* Nothing joins a volume once the next one was begun, or all is built. */
static enum err end_volumes(struct tree *t)
{
    const struct meta *m = &t->build.meta;
    size_t count = m->volume_count;
    enum err err = OK;

    if (t->build.phase != BUILD_DONE && count > 0) {
        count--;
    }
    for (size_t i = 0; i < count && err == OK && m->filled_count == 0; i++) {
        err = parity_stream_end(t->stream, m->volumes[i]);
    }
    return err == OK ? parity_stream_pump(t->stream) : err;
}

/* The rows of the meta volumes: closed, with what was accepted. */
static enum err store_volumes(struct tree *t)
{
    enum err err = OK;

    for (size_t i = 0; i < t->build.meta.volume_count && err == OK; i++) {
        err = out_volume_store(t->ctx, t->build.meta.volumes[i]);
    }
    return err;
}

static void pump(struct tree *t)
{
    enum err err;

    if (t->working) {
        return;
    }
    err = post_filled(t);
    if (err == OK) {
        err = end_volumes(t);
    }
    if (err != OK) {
        finish(t, err);
        return;
    }
    progress_changed(&t->ctx->progress, &t->ctx->o.sink);
    if (t->build.meta.filled_count > 0) {
        return; /* on_accepted() or on_moved() goes on */
    }
    if (t->build.phase != BUILD_DONE) {
        t->working = 1;
        t->job = (struct work_job){.run = run_step, .done = on_step, .arg = t};
        workers_submit(t->ctx->o.workers, &t->job);
    } else if (poster_busy(t->poster) == 0 && !parity_stream_busy(t->stream)) {
        finish(t, store_volumes(t));
    }
}

static void on_first(void *arg)
{
    pump(arg);
}

static enum err on_sealed(void *arg, struct out_volume *volume, uint32_t index, struct buf *sealed)
{
    struct tree *t = arg;

    return parity_stream_sealed(t->stream, volume, index, sealed);
}

static void on_masked(void *arg, const struct out_volume *volume)
{
    struct tree *t = arg;

    parity_stream_masked(t->stream, volume);
}

static void on_moved(void *arg)
{
    pump(arg);
}

static void on_accepted(void *arg, struct out_volume *volume, uint32_t index, void *tag)
{
    (void)volume;
    (void)index;
    (void)tag;
    pump(arg);
}

static void on_failed(void *arg, enum err err)
{
    finish(arg, err);
}

static void on_dropped(void *arg, void *tag)
{
    (void)arg;
    (void)tag;
}

enum err tree_start(
    struct publish_ctx *ctx, enum tree_mode mode, tree_done_fn done, void *arg, struct tree **tree)
{
    static const struct poster_events events = {
        .sealed = on_sealed,
        .masked = on_masked,
        .accepted = on_accepted,
        .failed = on_failed,
        .dropped = on_dropped,
    };
    static const struct parity_stream_events stream_events = {on_moved, on_failed};
    struct tree *t = calloc(1, sizeof(*t));
    enum err err;

    if (t == NULL) {
        return ERR_NO_MEMORY;
    }
    t->ctx = ctx;
    publish_ctx_pin(ctx); /* a worker reads it, also for a while after a cancel */
    t->done = done;
    t->arg = arg;
    err = poster_new(ctx, &events, t, &t->poster);
    if (err == OK) {
        err = parity_stream_new(ctx, t->poster, &stream_events, t, &t->stream);
    }
    if (err == OK) {
        err = tree_build_init(&t->build, ctx, mode);
    }
    if (err != OK) {
        stop(t);
        return err;
    }
    loop_post(ctx->o.loop, &t->first, on_first, t);
    *tree = t;
    return OK;
}
