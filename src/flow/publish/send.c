/* The pump. Blocks are read ahead (reader.c) and packed in their order; how many files are on their
 * way is bounded by the sources; how many segments are under way is the poster's window. */
#include "flow/publish/send.h"

#include <stdlib.h>

#include "flow/publish/early.h"
#include "flow/publish/reader.h"
#include "flow/publish/sources.h"

enum { SEND_FLUSH_MS = 250 };

struct send {
    struct publish_ctx *ctx;
    publish_step_fn done;
    void *arg;
    struct sources sources;
    struct poster *poster;
    struct packer *packer;
    struct flush *flush;
    struct loop_timer *timer;
    struct reader *reader;
    struct early *early;
    struct source *active; /* the one whose blocks are handed out now */
    int cancelled;
    int last_flush; /* everything is accepted: the flush under way is the last */
};

static void pump(struct send *s);

/* --- ending ----------------------------------------------------------------------------------- */

static void send_free(struct send *s)
{
    reader_free(s->reader);
    sources_clear(&s->sources);
    free(s);
}

/* Let go of everything but blocks that workers hold; the last of them frees the rest. */
static void stop(struct send *s)
{
    s->cancelled = 1;
    loop_timer_free(s->timer);
    s->timer = NULL;
    if (s->reader != NULL) {
        reader_stop(s->reader);
    }
    poster_cancel(s->poster);
    s->poster = NULL;
    flush_end(s->flush, s->packer);
    s->flush = NULL;
    packer_free(s->packer);
    s->packer = NULL;
    early_cancel(s->early);
    s->early = NULL;
    if (s->reader == NULL || !reader_busy(s->reader)) {
        send_free(s);
    }
}

static void finish(struct send *s, enum err err)
{
    publish_step_fn done = s->done;
    void *arg = s->arg;
    struct early *early = s->early;

    if (s->cancelled) {
        return;
    }
    s->early = NULL;
    stop(s);
    if (err == OK) {
        err = early_end(early);
    } else {
        early_cancel(early);
    }
    done(arg, err);
}

void send_files(const struct send *s, size_t limit, progress_file_fn each, void *arg)
{
    sources_open(&s->sources, limit, each, arg);
}

void send_cancel(struct send *s)
{
    if (s != NULL && !s->cancelled) {
        stop(s);
    }
}

/* The packer: some bytes of `source` became safe, or a pin went. */
static void on_safe(void *arg, struct source *source)
{
    struct send *s = arg;

    sources_safe(&s->sources, source);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static void on_back(void *arg)
{
    struct send *s = arg;

    if (!s->cancelled) {
        pump(s);
    } else if (!reader_busy(s->reader)) {
        send_free(s);
    }
}

static void on_planned(void *arg)
{
    pump(arg);
}

/* Set s->active to the next source to read; NULL when there is none for now. */
static enum err next_source(struct send *s)
{
    enum err err = sources_next(&s->sources, &s->active);

    if (err == OK && s->active == NULL && s->sources.at.done && reader_empty(s->reader)) {
        err = sources_next_changed(&s->sources, &s->active);
    }
    return err;
}

/* All blocks of the active source are handed out. */
static enum err active_over(struct send *s)
{
    struct source *source = s->active;

    s->active = NULL;
    /* With none on the way an earlier run had sent all of it. */
    return source->reading == 0 ? sources_read_out(&s->sources, source) : OK;
}

/* Hand out blocks while there is room for what they become. */
static enum err fill(struct send *s)
{
    enum err err = OK;

    if (!reader_wants(s->reader)) {
        return OK;
    }
    while (err == OK && reader_has_room(s->reader)) {
        uint64_t number;

        if (s->active == NULL) {
            err = next_source(s);
        }
        if (err != OK || s->active == NULL) {
            break;
        }
        if (source_take_block(s->active, &number) == OK) {
            err = reader_add(s->reader, s->active, number);
        } else {
            err = active_over(s);
        }
    }
    reader_go(s->reader);
    return err;
}

/* The last block of a source is packed. */
static enum err source_over(struct send *s, struct source *source)
{
    if (source == s->active) {
        s->active = NULL;
    }
    return sources_read_out(&s->sources, source);
}

/* Pack one block whose turn it is. */
static enum err pack_block(struct send *s, struct block *b)
{
    struct source *source = b->source;
    enum err err = source_error(source->open);

    if (err != OK) {
        err = OK; /* nothing of this file goes out; its end is judged when all is read */
    } else if (b->err != OK) {
        err = b->err; /* not the file's fault */
    } else {
        source->pins++; /* it must outlive the call, whatever becomes safe in it */
        err = packer_add(s->packer, b);
        source->pins--;
    }
    block_rest(b);
    source->reading--;
    if (err == OK && source->reading == 0 && source->next == source->blocks) {
        err = source_over(s, source);
    }
    return err;
}

static enum err drain(struct send *s)
{
    struct block *b;
    enum err err = OK;

    while (err == OK && packer_has_room(s->packer) && (b = reader_next(s->reader)) != NULL) {
        reader_drop(s->reader);
        err = pack_block(s, b);
    }
    return err;
}

/* --- the end of the step ---------------------------------------------------------------------- */

static bool all_packed(const struct send *s)
{
    return s->active == NULL && sources_all_taken(&s->sources) && reader_empty(s->reader);
}

/* Everything is packed: the open pack, the gaps, the last parity, the last answers, the last flush.
 */
static enum err wind_up(struct send *s)
{
    bool more = true;
    enum err err = OK;

    while (more && err == OK && packer_has_room(s->packer)) {
        err = packer_finish(s->packer, &more);
    }
    if (err == OK && !more) {
        err = packer_pump(s->packer);
    }
    if (err != OK || more || packer_busy(s->packer) || poster_busy(s->poster) > 0 ||
        flush_busy(s->flush)) {
        return err;
    }
    err = packer_close(s->packer, PACKER_CLOSE_ALL);
    if (err != OK) {
        return err;
    }
    s->last_flush = 1;
    return flush_begin(s->flush, s->packer);
}

/* No more files are planned until some become safe, and all that are not lie in the open pack: tiny
 * ones. */
static bool pack_holds_all(const struct send *s)
{
    return s->active == NULL && sources_full(&s->sources) && reader_empty(s->reader) &&
           poster_busy(s->poster) == 0;
}

static void pump(struct send *s)
{
    enum err err;

    if (s->cancelled || s->last_flush) {
        return;
    }
    err = packer_pump(s->packer); /* parity first: it frees memory */
    if (err == OK) {
        err = drain(s);
    }
    if (err == OK) {
        err = fill(s);
    }
    if (err == OK && all_packed(s)) {
        err = wind_up(s);
    } else if (err == OK && pack_holds_all(s) && packer_has_room(s->packer)) {
        err = packer_send_open(s->packer);
    }
    progress_changed(&s->ctx->progress, &s->ctx->o.sink);
    if (err != OK) {
        finish(s, err);
    }
}

/* --- events ----------------------------------------------------------------------------------- */

static void on_accepted(void *arg, struct out_volume *volume, uint32_t index, void *tag)
{
    struct send *s = arg;
    enum err err;

    early_add(s->early, volume, index);
    err = packer_accepted(s->packer, tag);
    if (err != OK) {
        finish(s, err);
        return;
    }
    pump(s);
}

/* Only what is in the catalogue as it is may be changed there. */
static struct out_volume *find_volume(void *arg, uint32_t number)
{
    struct send *s = arg;
    struct out_volume *volume;

    for (size_t i = 0; (volume = packer_volume(s->packer, i)) != NULL; i++) {
        if (volume->number == number) {
            return volume;
        }
    }
    return NULL;
}

static enum err on_sealed(void *arg, struct out_volume *volume, uint32_t index, struct buf *sealed)
{
    struct send *s = arg;

    return packer_sealed(s->packer, volume, index, sealed);
}

static void on_masked(void *arg, const struct out_volume *volume)
{
    struct send *s = arg;

    packer_masked(s->packer, volume);
}

/* Parity went on. */
static void on_moved(void *arg)
{
    pump(arg);
}

static void on_dropped(void *arg, void *tag)
{
    struct send *s = arg;

    packer_dropped(s->packer, tag);
}

static void on_failed(void *arg, enum err err)
{
    finish(arg, err);
}

static void on_flushed(void *arg, enum err err, uint64_t files)
{
    struct send *s = arg;

    s->ctx->progress.files_done += files;
    progress_changed(&s->ctx->progress, &s->ctx->o.sink);
    if (err != OK || s->last_flush) {
        finish(s, err);
        return;
    }
    packer_forget_closed(s->packer);
    loop_timer_set(s->timer, SEND_FLUSH_MS);
    pump(s);
}

static void on_timer(void *arg)
{
    struct send *s = arg;
    enum err err = OK;

    if (flush_busy(s->flush)) {
        return; /* its end sets the timer again */
    }
    err = flush_begin(s->flush, s->packer);
    if (err != OK) {
        finish(s, err);
    }
}

enum err send_start(struct publish_ctx *ctx, publish_step_fn done, void *arg, struct send **send)
{
    static const struct poster_events events = {
        .sealed = on_sealed,
        .masked = on_masked,
        .accepted = on_accepted,
        .failed = on_failed,
        .dropped = on_dropped,
    };
    static const struct packer_events packer_events = {on_safe, on_moved, on_failed};
    struct send *s = calloc(1, sizeof(*s));
    enum err err;

    if (s == NULL) {
        return ERR_NO_MEMORY;
    }
    s->ctx = ctx;
    s->done = done;
    s->arg = arg;
    err = sources_init(&s->sources, ctx, on_planned, s);
    if (err == OK) {
        err = poster_new(ctx, &events, s, &s->poster);
    }
    if (err == OK) {
        err = reader_new(ctx, s->poster, on_back, s, &s->reader);
    }
    if (err == OK) {
        err = packer_new(ctx, s->poster, &packer_events, s, &s->packer);
    }
    if (err == OK) {
        err = flush_new(ctx, on_flushed, s, &s->flush);
    }
    s->sources.flush = s->flush;
    if (err == OK) {
        err = early_new(ctx, find_volume, s, &s->early);
    }
    if (err == OK) {
        err = loop_timer_new(ctx->o.loop, on_timer, s, &s->timer);
    }
    if (err != OK) {
        stop(s);
        return err;
    }
    /* The first timer also gives the pump its first stroke: nothing ends inside this call. */
    loop_timer_set(s->timer, 0);
    *send = s;
    return OK;
}
