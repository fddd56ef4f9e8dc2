/* Where bytes go. Two volumes can be open at a time: one that is full but for its open pack, and
 * the next. */
#include "flow/publish/packer.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of one file in one segment, or in two where the item was cut. */
struct piece {
    struct source *source;
    unsigned tries; /* of the source when it was made: an older one counts for nothing */
    uint64_t block;
    struct extent extent;
    unsigned pending; /* segments that are not accepted yet */
};

/* The tag of a segment: the pieces that lie in it. */
struct pieces {
    struct piece **at;
    size_t count, cap;
};

struct packer {
    struct publish_ctx *ctx;
    struct poster *poster;
    packer_safe_fn safe;
    void *arg;
    struct out_volume **volumes;
    size_t volume_count;
    struct out_volume *pack_volume; /* NULL: no pack is open */
    uint32_t pack_index;
    struct buf pack;
    struct pieces *pack_pieces;
};

/* --- pieces ----------------------------------------------------------------------------------- */

static struct piece *piece_new(struct block *b, const struct extent *extent)
{
    struct piece *piece = calloc(1, sizeof(*piece));

    if (piece != NULL) {
        piece->source = b->source;
        piece->tries = b->source->tries;
        piece->block = b->number;
        piece->extent = *extent;
        b->source->pins++;
    }
    return piece;
}

static enum err piece_done(struct packer *p, struct piece *piece)
{
    struct source *source = piece->source;
    enum err err = OK;

    if (!source->dead && piece->tries == source->tries) {
        err = source_add(source, piece->block, 1, &piece->extent);
    }
    free(piece);
    source->pins--;
    p->safe(p->arg, source);
    return err;
}

static enum err pieces_add(struct pieces **list, struct piece *piece)
{
    struct pieces *l = *list;

    if (l == NULL) {
        l = calloc(1, sizeof(*l));
        if (l == NULL) {
            return ERR_NO_MEMORY;
        }
        *list = l;
    }
    if (l->count == l->cap) {
        size_t cap = l->cap == 0 ? 1 : l->cap * 2;
        struct piece **grown = realloc(l->at, cap * sizeof(struct piece *));

        if (grown == NULL) {
            return ERR_NO_MEMORY;
        }
        l->at = grown;
        l->cap = cap;
    }
    l->at[l->count++] = piece;
    piece->pending++;
    return OK;
}

static void pieces_free(struct pieces *l)
{
    if (l != NULL) {
        free(l->at);
        free(l);
    }
}

enum err packer_accepted(struct packer *p, void *tag)
{
    struct pieces *l = tag;
    enum err err = OK;

    for (size_t i = 0; l != NULL && i < l->count; i++) {
        if (--l->at[i]->pending == 0) {
            enum err one = piece_done(p, l->at[i]);

            err = err == OK ? one : err;
        }
    }
    pieces_free(l);
    return err;
}

void packer_dropped(struct packer *p, void *tag)
{
    struct pieces *l = tag;

    (void)p;
    for (size_t i = 0; l != NULL && i < l->count; i++) {
        struct piece *piece = l->at[i];

        if (--piece->pending == 0) {
            piece->source->pins--;
            free(piece);
        }
    }
    pieces_free(l);
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

    if (row->kind != STORE_VOLUME_DATA || row->state != STORE_VOLUME_OPEN) {
        return OK;
    }
    err = out_volume_from_row(p->ctx, p->ctx->sealer, row, &volume);
    if (err == OK) {
        poster_ask_first(
            p->poster, 2 * poster_window(p->poster)); /* the run may have been cut off */
    }
    return err == OK ? add_volume(p, volume) : err;
}

enum err packer_new(struct publish_ctx *ctx, struct poster *poster, packer_safe_fn safe, void *arg,
    struct packer **packer)
{
    struct packer *p = calloc(1, sizeof(*p));
    enum err err;

    if (p == NULL) {
        return ERR_NO_MEMORY;
    }
    p->ctx = ctx;
    p->poster = poster;
    p->safe = safe;
    p->arg = arg;
    err = store_volume_pending(ctx->o.store, ctx->share.id, 0, SIZE_MAX, load_open, p);
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
    packer_dropped(p, p->pack_pieces);
    for (size_t i = 0; i < p->volume_count; i++) {
        out_volume_free(p->volumes[i]);
    }
    free(p->volumes);
    buf_clear(&p->pack);
    free(p);
}

/* A free index of any volume; a new volume when all are full. */
static enum err take_place(struct packer *p, struct out_volume **volume, uint32_t *index)
{
    struct out_volume *fresh;
    enum err err;

    for (size_t i = 0; i < p->volume_count; i++) {
        if (p->volumes[i]->state == STORE_VOLUME_OPEN &&
            out_volume_take_index(p->volumes[i], index) == OK) {
            *volume = p->volumes[i];
            return OK;
        }
    }
    err = out_volume_new(p->ctx, p->ctx->sealer, STORE_VOLUME_DATA, &fresh);
    if (err == OK) {
        err = add_volume(p, fresh);
    }
    if (err != OK) {
        return err;
    }
    *volume = fresh;
    return out_volume_take_index(fresh, index);
}

struct out_volume *packer_volume(struct packer *p, size_t i)
{
    return i < p->volume_count ? p->volumes[i] : NULL;
}

static bool all_accepted(const struct out_volume *v)
{
    for (uint32_t i = 0; i < v->k; i++) {
        if (out_volume_state_of(v, i) == STORE_PLANNED) {
            return false;
        }
    }
    return v->k > 0;
}

void packer_close(struct packer *p, enum packer_close which)
{
    for (size_t i = 0; i < p->volume_count; i++) {
        struct out_volume *v = p->volumes[i];

        if (v->state == STORE_VOLUME_OPEN &&
            (which == PACKER_CLOSE_ALL || !out_volume_has_room(v)) && all_accepted(v)) {
            v->state = STORE_VOLUME_CLOSED;
            v->dirty = 1;
        }
    }
}

void packer_forget_closed(struct packer *p)
{
    size_t kept = 0;

    for (size_t i = 0; i < p->volume_count; i++) {
        struct out_volume *v = p->volumes[i];

        if (v->state == STORE_VOLUME_CLOSED && !v->dirty) {
            out_volume_free(v);
        } else {
            p->volumes[kept++] = v;
        }
    }
    p->volume_count = kept;
}

/* --- packing ---------------------------------------------------------------------------------- */

bool packer_has_room(const struct packer *p)
{
    return poster_has_room(p->poster);
}

static enum err send_pack(struct packer *p)
{
    size_t used = p->pack.len;
    enum err err = buf_resize(&p->pack, PAYLOAD_LEN);

    if (err != OK) {
        return err;
    }
    memset(p->pack.ptr + used, 0, PAYLOAD_LEN - used);
    err = poster_send(p->poster, &(struct poster_segment){.volume = p->pack_volume,
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

/* Fill the open pack with the front of *stored and go on in a pack at `index` of the same volume.
 */
static enum err cut(struct packer *p, struct bytes *stored, struct piece *piece, uint32_t index)
{
    struct out_volume *volume = p->pack_volume;
    size_t room = PAYLOAD_LEN - p->pack.len;
    enum err err = buf_append(&p->pack, bytes_at(stored->ptr, room));

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
    uint32_t index;
    enum err err;

    if (p->pack.len < PAYLOAD_LEN && out_volume_take_index(p->pack_volume, &index) == OK) {
        return cut(p, stored, piece, index);
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
    enum err err = take_place(p, &volume, &index);

    if (err != OK) {
        return err;
    }
    piece->extent.blocks = 1;
    piece->extent.volume = volume->number;
    piece->extent.index = index;
    err = pieces_add(&pieces, piece);
    if (err == OK) {
        err = poster_send(p->poster, &(struct poster_segment){.volume = volume,
                                         .index = index,
                                         .payload = &b->plain,
                                         .cid = &b->cid,
                                         .tag = pieces});
    }
    if (err != OK) {
        piece->pending = 0; /* the caller frees it */
        pieces_free(pieces);
    }
    return err;
}

/* A block that needs no segment: zeros, or bytes that the share has. */
static enum err add_nothing(struct packer *p, struct block *b)
{
    struct extent hole = {.kind = EXTENT_HOLE, .plain_len = b->plain.len};
    enum err err = source_add(b->source, b->number, 1, b->kind == BLOCK_KNOWN ? &b->known : &hole);

    if (err == OK) {
        p->safe(p->arg, b->source);
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
    piece = piece_new(b, &extent);
    if (piece == NULL) {
        return ERR_NO_MEMORY;
    }
    err = b->kind == BLOCK_RAW ? add_raw(p, b, piece) : add_item(p, b, piece);
    if (err != OK && piece->pending == 0) {
        piece->source->pins--;
        free(piece);
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
    return OK;
}
