/* Where bytes go. Volumes of an earlier run are filled first, one after the other; then one new
 * volume at a time. A new one begins with an empty pack, so that parity gathers in one volume only.
 */
#include "flow/publish/packer.h"

#include <stdlib.h>
#include <string.h>

#include "flow/publish/parity_count.h"
#include "flow/publish/parity_stream.h"
#include "flow/publish/pieces.h"

struct packer {
    struct publish_ctx *ctx;
    struct poster *poster;
    struct packer_events events;
    void *arg;
    struct parity_stream *stream; /* of the volumes that are new */
    struct out_volume **volumes;
    size_t volume_count;
    struct out_volume *pack_volume; /* NULL: no pack is open */
    uint32_t pack_index;
    struct buf pack;
    struct pieces *pack_pieces;
};

enum err packer_accepted(struct packer *p, void *tag)
{
    return pieces_accepted(tag, p->events.safe, p->arg);
}

void packer_dropped(struct packer *p, void *tag)
{
    (void)p;
    pieces_dropped(tag);
}

/* --- volumes ---------------------------------------------------------------------------------- */

static enum err add_volume(struct packer *p, struct out_volume *volume)
{
    struct out_volume **grown =
        realloc(p->volumes, (p->volume_count + 1) * sizeof(struct out_volume *));

    if (grown == NULL) {
        out_volume_free(volume);
        return ERR_NO_MEMORY;
    }
    p->volumes = grown;
    p->volumes[p->volume_count++] = volume;
    return OK;
}

static enum err load_open(void *arg, const struct store_volume *row)
{
    struct packer *p = arg;
    struct out_volume *volume;
    enum err err;

    if (row->kind != STORE_VOLUME_DATA) {
        return OK;
    }
    err = out_volume_from_row(p->ctx, p->ctx->sealer, row, &volume);
    if (err == OK) {
        poster_ask_first(
            p->poster, 2 * poster_window(p->poster)); /* the run may have been cut off */
    }
    return err == OK ? add_volume(p, volume) : err;
}

static void on_moved(void *arg)
{
    struct packer *p = arg;

    p->events.moved(p->arg);
}

static void on_failed(void *arg, enum err err)
{
    struct packer *p = arg;

    p->events.failed(p->arg, err);
}

enum err packer_new(struct publish_ctx *ctx, struct poster *poster,
    const struct packer_events *events, void *arg, struct packer **packer)
{
    static const struct parity_stream_events stream_events = {on_moved, on_failed};
    struct packer *p = calloc(1, sizeof(*p));
    enum err err;

    if (p == NULL) {
        return ERR_NO_MEMORY;
    }
    p->ctx = ctx;
    p->poster = poster;
    p->events = *events;
    p->arg = arg;
    err = parity_stream_new(ctx, poster, &stream_events, p, &p->stream);
    if (err == OK) {
        err = store_volume_open(ctx->o.store, ctx->share.id, load_open, p);
    }
    if (err != OK) {
        packer_free(p);
        return err;
    }
    *packer = p;
    return OK;
}

void packer_free(struct packer *p)
{
    if (p == NULL) {
        return;
    }
    parity_stream_free(p->stream);
    pieces_dropped(p->pack_pieces);
    for (size_t i = 0; i < p->volume_count; i++) {
        out_volume_free(p->volumes[i]);
    }
    free(p->volumes);
    buf_clear(&p->pack);
    free(p);
}

/* A free index of `volume`. With the last one it is known how many it has. */
static enum err take_index(struct packer *p, struct out_volume *volume, uint32_t *index)
{
    enum err err = out_volume_take_index(volume, index);

    return err == OK && !out_volume_has_room(volume) ? parity_stream_end(p->stream, volume) : err;
}

static enum err new_volume(struct packer *p, struct out_volume **volume)
{
    enum err err = out_volume_new(p->ctx, p->ctx->sealer, STORE_VOLUME_DATA, volume);

    if (err == OK) {
        err = add_volume(p, *volume);
    }
    return err == OK ? parity_stream_begin(p->stream, *volume) : err;
}

/* A free index of any volume; a new volume when all are full. */
static enum err take_place(struct packer *p, struct out_volume **volume, uint32_t *index)
{
    enum err err;

    for (size_t i = 0; i < p->volume_count; i++) {
        if (p->volumes[i]->state == STORE_VOLUME_OPEN && out_volume_has_room(p->volumes[i])) {
            *volume = p->volumes[i];
            return take_index(p, *volume, index);
        }
    }
    err = new_volume(p, volume);
    return err == OK ? take_index(p, *volume, index) : err;
}

struct out_volume *packer_volume(struct packer *p, size_t i)
{
    return i < p->volume_count ? p->volumes[i] : NULL;
}

/* Nobody has its segments in memory: its parity is made in the step of mend.c. */
static enum err close_without_parity(struct packer *p, struct out_volume *v)
{
    return out_volume_close(v, parity_count(v->kind, v->k, p->ctx->o.redundancy), NULL);
}

enum err packer_close(struct packer *p, enum packer_close which)
{
    enum err err = OK;

    for (size_t i = 0; i < p->volume_count && err == OK; i++) {
        struct out_volume *v = p->volumes[i];

        if (v->state == STORE_VOLUME_OPEN && !parity_stream_holds(p->stream, v) &&
            (which == PACKER_CLOSE_ALL || !out_volume_has_room(v)) && out_volume_data_accepted(v)) {
            err = close_without_parity(p, v);
        }
    }
    return err;
}

enum err packer_pump(struct packer *p)
{
    return parity_stream_pump(p->stream);
}

bool packer_busy(const struct packer *p)
{
    return parity_stream_busy(p->stream);
}

enum err packer_sealed(
    struct packer *p, const struct out_volume *volume, uint32_t index, struct buf *sealed)
{
    return parity_stream_sealed(p->stream, volume, index, sealed);
}

void packer_masked(struct packer *p, const struct out_volume *volume)
{
    parity_stream_masked(p->stream, volume);
}

void packer_forget_closed(struct packer *p)
{
    size_t kept = 0;

    for (size_t i = 0; i < p->volume_count; i++) {
        struct out_volume *v = p->volumes[i];

        if (v->state == STORE_VOLUME_CLOSED && !v->dirty && !parity_stream_holds(p->stream, v)) {
            out_volume_free(v);
        } else {
            p->volumes[kept++] = v;
        }
    }
    p->volume_count = kept;
}

/* --- packing ---------------------------------------------------------------------------------- */

/* For a block and for the open pack, which may have to go before it. */
bool packer_has_room(const struct packer *p)
{
    return poster_has_room(p->poster) && poster_busy(p->poster) + 2 <= poster_window(p->poster) &&
           parity_stream_has_room(p->stream);
}

static enum err send_segment(struct packer *p, const struct poster_segment *segment)
{
    enum err err = poster_send(p->poster, segment);

    if (err == OK) {
        p->ctx->progress.articles_total++; /* its volume's parity comes on top when that is known */
        parity_stream_sent(p->stream, segment->volume);
    }
    return err;
}

static enum err send_pack(struct packer *p)
{
    size_t used = p->pack.len;
    enum err err = buf_resize(&p->pack, PAYLOAD_LEN);

    if (err != OK) {
        return err;
    }
    memset(p->pack.ptr + used, 0, PAYLOAD_LEN - used);
    err = send_segment(p, &(struct poster_segment){.volume = p->pack_volume,
                              .index = p->pack_index,
                              .payload = &p->pack,
                              .tag = p->pack_pieces});
    if (err == OK) { /* else packer_free() drops the pieces */
        p->pack_volume = NULL;
        p->pack_pieces = NULL;
    }
    return err;
}

enum err packer_send_open(struct packer *p)
{
    return p->pack_volume != NULL ? send_pack(p) : OK;
}

static enum err open_pack(struct packer *p, struct out_volume *volume, uint32_t index)
{
    poster_take_buffer(p->poster, &p->pack);
    p->pack_volume = volume;
    p->pack_index = index;
    return buf_reserve(&p->pack, SEGMENT_LEN); /* it is sealed in place */
}

/* Open a pack at any place. */
static enum err open_any(struct packer *p)
{
    struct out_volume *volume;
    uint32_t index = 0;
    enum err err = take_place(p, &volume, &index);

    return err == OK ? open_pack(p, volume, index) : err;
}

/* Fill the open pack with the front of *stored and go on in a pack of the same volume. */
static enum err cut(struct packer *p, struct bytes *stored, struct piece *piece)
{
    struct out_volume *volume = p->pack_volume;
    size_t room = PAYLOAD_LEN - p->pack.len;
    uint32_t index = 0;
    enum err err = take_index(p, volume, &index);

    if (err == OK) {
        err = buf_append(&p->pack, bytes_at(stored->ptr, room));
    }
    bytes_skip(stored, room);
    piece->extent.next_index = index;
    if (err == OK) {
        err = pieces_add(&p->pack_pieces, piece);
    }
    if (err == OK) {
        err = send_pack(p);
    }
    return err == OK ? open_pack(p, volume, index) : err;
}

static void begins_here(const struct packer *p, struct extent *extent)
{
    extent->volume = p->pack_volume->number;
    extent->index = p->pack_index;
    extent->offset = (uint32_t)p->pack.len;
}

/* The item does not fit: cut it where the pack ends if the volume has another place, else begin a
 * new pack. */
static enum err next_pack(struct packer *p, struct bytes *stored, struct piece *piece)
{
    enum err err;

    if (p->pack.len < PAYLOAD_LEN && out_volume_has_room(p->pack_volume)) {
        return cut(p, stored, piece);
    }
    err = send_pack(p);
    if (err == OK) {
        err = open_any(p);
    }
    if (err == OK) {
        begins_here(p, &piece->extent);
    }
    return err;
}

static enum err add_item(struct packer *p, struct block *b, struct piece *piece)
{
    struct bytes stored = block_stored(b);
    struct extent *extent = &piece->extent;
    enum err err = OK;

    extent->stored_len = (uint32_t)stored.len;
    extent->coding = b->coding;
    memcpy(extent->item, b->cid.b, sizeof(extent->item));
    if (p->pack_volume == NULL) {
        err = open_any(p);
    }
    if (err != OK) {
        return err;
    }
    begins_here(p, extent);
    if (stored.len > PAYLOAD_LEN - p->pack.len) {
        err = next_pack(p, &stored, piece);
    }
    if (err == OK) {
        err = buf_append(&p->pack, stored);
    }
    return err == OK ? pieces_add(&p->pack_pieces, piece) : err;
}

static enum err add_raw(struct packer *p, struct block *b, struct piece *piece)
{
    struct pieces *pieces = NULL;
    struct out_volume *volume;
    uint32_t index;
    bool full = p->pack_volume != NULL && !out_volume_has_room(p->pack_volume);
    enum err err = full ? send_pack(p) : OK;

    if (err == OK) {
        err = take_place(p, &volume, &index);
    }
    if (err != OK) {
        return err;
    }
    piece->extent.blocks = 1;
    piece->extent.volume = volume->number;
    piece->extent.index = index;
    err = pieces_add(&pieces, piece);
    if (err == OK) {
        err = send_segment(p, &(struct poster_segment){.volume = volume,
                                  .index = index,
                                  .payload = &b->plain,
                                  .cid = &b->cid,
                                  .tag = pieces});
    }
    if (err != OK) {
        piece->pending++; /* the caller frees it */
        pieces_dropped(pieces);
        piece->pending--;
    }
    return err;
}

/* A block that needs no segment: zeros, or bytes that the share has. */
static enum err add_nothing(struct packer *p, struct block *b)
{
    struct extent hole = {.kind = EXTENT_HOLE, .plain_len = b->plain.len};
    enum err err = source_add(b->source, b->number, 1, b->kind == BLOCK_KNOWN ? &b->known : &hole);

    if (err == OK) {
        p->events.safe(p->arg, b->source);
    }
    return err;
}

enum err packer_add(struct packer *p, struct block *b)
{
    struct extent extent = {.plain_len = b->plain.len};
    struct piece *piece;
    enum err err;

    if (b->kind == BLOCK_HOLE || b->kind == BLOCK_KNOWN) {
        return add_nothing(p, b);
    }
    extent.kind = b->kind == BLOCK_RAW ? EXTENT_RAW : EXTENT_PACKED;
    piece = pieces_make(b, &extent);
    if (piece == NULL) {
        return ERR_NO_MEMORY;
    }
    err = b->kind == BLOCK_RAW ? add_raw(p, b, piece) : add_item(p, b, piece);
    if (err != OK && piece->pending == 0) {
        pieces_unmake(piece);
    }
    return err;
}

/* A gap below the highest index that no contents came for: zeros, which every reader skips. */
static enum err fill_gap(struct packer *p, struct out_volume *volume)
{
    struct buf zeros = {0};
    uint32_t index;
    enum err err = out_volume_take_index(volume, &index);

    if (err == OK) {
        err = buf_resize(&zeros, PAYLOAD_LEN);
    }
    if (err != OK) {
        return err;
    }
    memset(zeros.ptr, 0, PAYLOAD_LEN);
    err = poster_send(
        p->poster, &(struct poster_segment){.volume = volume, .index = index, .payload = &zeros});
    buf_clear(&zeros);
    return err;
}

static bool has_gap(const struct out_volume *v)
{
    for (uint32_t i = v->next; i < v->k; i++) {
        if (!v->used[i]) {
            return true;
        }
    }
    return false;
}

/* What is there is all there will be. */
static enum err end_volumes(struct packer *p)
{
    enum err err = OK;

    for (size_t i = 0; i < p->volume_count && err == OK; i++) {
        err = parity_stream_end(p->stream, p->volumes[i]);
    }
    return err;
}

enum err packer_finish(struct packer *p, bool *more)
{
    *more = true;
    if (p->pack_volume != NULL) {
        return send_pack(p);
    }
    for (size_t i = 0; i < p->volume_count; i++) {
        if (p->volumes[i]->state == STORE_VOLUME_OPEN && has_gap(p->volumes[i])) {
            return fill_gap(p, p->volumes[i]);
        }
    }
    *more = false;
    return end_volumes(p);
}
