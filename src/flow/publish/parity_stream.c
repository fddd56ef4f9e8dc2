/* A volume's way: filling (K grows) -> ended (K is final) -> finished (the last segment was sealed)
 * -> ready (the slices stand) -> closed (all data accepted) -> complete (all parity accepted). */
#include "flow/publish/parity_stream.h"

#include <stdlib.h>

#include "flow/publish/parity.h"
#include "flow/publish/parity_count.h"

struct streamed {
    struct list node;
    struct parity_stream *stream;
    struct out_volume *volume;
    struct parity *parity; /* NULL: all slices are with the poster, or accepted */
    uint32_t coming;       /* with the poster, not sealed yet */
    uint32_t sealed;
    uint32_t next; /* slice to send */
    uint32_t out;  /* slices that the poster has not let go of */
    int ended, finished, ready;
};

struct parity_stream {
    struct publish_ctx *ctx;
    struct poster *poster;
    struct parity_stream_events events;
    void *arg;
    struct list volumes; /* struct streamed, as they began */
};

enum err parity_stream_new(struct publish_ctx *ctx, struct poster *poster,
    const struct parity_stream_events *events, void *arg, struct parity_stream **stream)
{
    struct parity_stream *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        return ERR_NO_MEMORY;
    }
    s->ctx = ctx;
    s->poster = poster;
    s->events = *events;
    s->arg = arg;
    list_init(&s->volumes);
    *stream = s;
    return OK;
}

static void streamed_free(struct streamed *v)
{
    parity_cancel(v->parity);
    list_remove(&v->node);
    free(v);
}

void parity_stream_free(struct parity_stream *s)
{
    if (s == NULL) {
        return;
    }
    LIST_EACH(node, after, &s->volumes)
    {
        streamed_free(LIST_ITEM(node, struct streamed, node));
    }
    free(s);
}

static struct streamed *find(const struct parity_stream *s, const struct out_volume *volume)
{
    LIST_EACH(node, after, &s->volumes)
    {
        struct streamed *v = LIST_ITEM(node, struct streamed, node);

        if (v->volume == volume) {
            return v;
        }
    }
    return NULL;
}

bool parity_stream_holds(const struct parity_stream *s, const struct out_volume *volume)
{
    return find(s, volume) != NULL;
}

bool parity_stream_busy(const struct parity_stream *s)
{
    return !list_empty(&s->volumes);
}

bool parity_stream_has_room(const struct parity_stream *s)
{
    size_t held = 0, most = SIZE_MAX;

    LIST_EACH(node, after, &s->volumes)
    {
        const struct streamed *v = LIST_ITEM(node, struct streamed, node);

        held += v->coming;
        if (v->parity != NULL) {
            held += parity_held(v->parity);
            most = parity_most(v->parity);
        }
    }
    return held < most;
}

/* --- the parity's events ---------------------------------------------------------------------- */

static void on_room(void *arg)
{
    struct streamed *v = arg;

    v->stream->events.moved(v->stream->arg);
}

static void on_ready(void *arg)
{
    struct streamed *v = arg;

    v->ready = 1;
    v->stream->events.moved(v->stream->arg);
}

static void on_failed(void *arg, enum err err)
{
    struct streamed *v = arg;

    v->stream->events.failed(v->stream->arg, err);
}

static void take_buffer(void *arg, struct buf *buffer)
{
    poster_take_buffer(((struct streamed *)arg)->stream->poster, buffer);
}

static void give_buffer(void *arg, struct buf *buffer)
{
    poster_give_buffer(((struct streamed *)arg)->stream->poster, buffer);
}

/* --- a volume's way --------------------------------------------------------------------------- */

/* Does any volume have a parity in memory? */
static bool any_parity(const struct parity_stream *s)
{
    LIST_EACH(node, after, &s->volumes)
    {
        const struct streamed *v = LIST_ITEM(node, struct streamed, node);

        if (v->parity != NULL || v->out > 0) {
            return true;
        }
    }
    return false;
}

static uint32_t count_for(const struct parity_stream *s, const struct out_volume *v, uint32_t k)
{
    return parity_count(v->kind, k, s->ctx->o.redundancy);
}

enum err parity_stream_begin(struct parity_stream *s, struct out_volume *volume)
{
    static const struct parity_events events = {
        .room = on_room,
        .ready = on_ready,
        .failed = on_failed,
        .take_buffer = take_buffer,
        .give_buffer = give_buffer,
    };
    struct parity_options options = {
        .workers = s->ctx->o.workers,
        .ck = s->ctx->keys.ck,
        .m_max = count_for(s, volume, volume->k_max),
        .begin = any_parity(s) ? PARITY_WAIT : PARITY_AT_ONCE,
    };
    struct streamed *v = calloc(1, sizeof(*v));
    enum err err;

    if (v == NULL) {
        return ERR_NO_MEMORY;
    }
    v->stream = s;
    v->volume = volume;
    list_push(&s->volumes, &v->node);
    err = parity_new(&options, &events, v, &v->parity);
    if (err != OK) {
        streamed_free(v);
    }
    return err;
}

void parity_stream_sent(struct parity_stream *s, const struct out_volume *volume)
{
    struct streamed *v = find(s, volume);

    if (v != NULL) {
        v->coming++;
    }
}

/* The last segment was sealed: only now K may be asked for, as the next segments may be made on a
 * worker until then. */
static enum err finish(struct streamed *v)
{
    if (!v->ended || v->finished || v->sealed < v->volume->k) {
        return OK;
    }
    v->finished = 1;
    return parity_finish(v->parity, count_for(v->stream, v->volume, v->volume->k));
}

enum err parity_stream_sealed(
    struct parity_stream *s, const struct out_volume *volume, uint32_t index, struct buf *sealed)
{
    struct streamed *v = find(s, volume);
    enum err err;

    if (v == NULL) {
        return OK;
    }
    v->coming--;
    v->sealed++;
    err = parity_add(v->parity, index, sealed);
    return err == OK ? finish(v) : err;
}

void parity_stream_masked(struct parity_stream *s, const struct out_volume *volume)
{
    struct streamed *v = find(s, volume);

    if (v != NULL) {
        v->out--;
    }
}

enum err parity_stream_end(struct parity_stream *s, const struct out_volume *volume)
{
    struct streamed *v = find(s, volume);

    if (v == NULL) {
        return OK;
    }
    v->ended = 1;
    return finish(v);
}

/* All of it in one stroke, so that a flush sees a volume that is open, or one that is closed and
 * says what is still to be sent. */
static enum err close_volume(struct streamed *v)
{
    uint32_t m = count_for(v->stream, v->volume, v->volume->k);
    enum err err = out_volume_close(v->volume, m, parity_cids(v->parity));

    v->stream->ctx->progress.articles_total += m;
    return err;
}

/* Send slices while there is room. When the poster has let go of the last one the next volume may
 * have slices. */
static enum err send_slices(struct streamed *v)
{
    struct out_volume *volume = v->volume;
    enum err err = OK;

    while (err == OK && v->next < volume->m && poster_has_room(v->stream->poster)) {
        uint32_t j = v->next++;

        err = poster_send(v->stream->poster, &(struct poster_segment){
                                                 .volume = volume,
                                                 .index = volume->k + j,
                                                 .payload = parity_slice(v->parity, j),
                                                 .cid = &parity_cids(v->parity)[j],
                                                 .kind = SEAL_KIND_PARITY,
                                             });
        v->out += err == OK;
    }
    if (v->next == volume->m) {
        parity_cancel(v->parity);
        v->parity = NULL;
    }
    return err;
}

static enum err advance(struct streamed *v)
{
    enum err err = OK;

    if (v->ready && v->volume->state == STORE_VOLUME_OPEN && out_volume_data_accepted(v->volume)) {
        err = close_volume(v);
    }
    if (err == OK && v->parity != NULL && v->volume->state == STORE_VOLUME_CLOSED) {
        err = send_slices(v);
    }
    return err;
}

enum err parity_stream_pump(struct parity_stream *s)
{
    enum err err = OK;
    bool first = true;

    LIST_EACH(node, after, &s->volumes)
    {
        struct streamed *v = LIST_ITEM(node, struct streamed, node);

        err = err == OK ? advance(v) : err;
        if (v->parity != NULL && first) {
            parity_go(v->parity);
        }
        if (v->parity != NULL || v->out > 0) {
            first = false;
        } else if (out_volume_complete(v->volume)) {
            streamed_free(v);
        }
    }
    return err;
}
