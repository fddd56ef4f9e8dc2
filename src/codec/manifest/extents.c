/* One extent: a tag byte, the distance of its place from where the last one ended, its lengths. */
#include "codec/manifest/extents.h"

#include <string.h>

#include "codec/manifest/take.h"

enum tag { TAG_RAW = 1, TAG_PACKED = 2, TAG_PACKED_ZSTD = 3, TAG_HOLE = 4, TAG_HOLE_TAIL = 5 };

#define BLOCKS_MAX (COUNT_MAX / PAYLOAD_LEN)

bool extent_is_cut(const struct extent *e)
{
    return e->kind == EXTENT_PACKED && e->volume != 0 && e->stored_len > PAYLOAD_LEN - e->offset;
}

static bool raw_valid(const struct extent *e)
{
    return e->volume >= 1 && e->volume <= VOLUME_NUMBER_MAX && e->index < VOLUME_DATA_MAX &&
           e->blocks >= 1 && e->blocks <= VOLUME_DATA_MAX - e->index &&
           e->plain_len == (uint64_t)e->blocks * PAYLOAD_LEN;
}

static bool packed_place_valid(const struct extent *e)
{
    if (e->volume == 0) {
        return e->index == 0 && e->next_index == 0 && e->offset <= HEAD_CORE_LEN &&
               e->stored_len <= HEAD_CORE_LEN - e->offset;
    }
    if (e->volume > VOLUME_NUMBER_MAX || e->index >= VOLUME_DATA_MAX || e->offset >= PAYLOAD_LEN) {
        return false;
    }
    if (extent_is_cut(e)) {
        return e->next_index < VOLUME_DATA_MAX && e->next_index != e->index;
    }
    return e->next_index == 0;
}

static bool packed_valid(const struct extent *e)
{
    bool length_fits =
        e->coding == CODING_RAW ? e->stored_len == e->plain_len : e->stored_len < e->plain_len;

    return e->plain_len >= 1 && e->plain_len <= PAYLOAD_LEN && e->stored_len >= 1 && length_fits &&
           (e->coding == CODING_RAW || e->coding == CODING_ZSTD) && packed_place_valid(e);
}

static bool extent_valid(const struct extent *e)
{
    switch (e->kind) {
    case EXTENT_RAW:
        return raw_valid(e);
    case EXTENT_PACKED:
        return packed_valid(e);
    case EXTENT_HOLE:
        return e->plain_len >= 1 &&
               (e->plain_len < PAYLOAD_LEN || e->plain_len % PAYLOAD_LEN == 0) &&
               e->plain_len / PAYLOAD_LEN <= BLOCKS_MAX;
    }
    return false;
}

/* Append `to` - `from`. */
static enum err put_delta(struct buf *out, uint32_t from, uint32_t to)
{
    return varint_put(out, zigzag((int64_t)to - (int64_t)from));
}

static enum err put_place(struct extent_writer *w, uint8_t tag, const struct extent *e)
{
    enum err err = buf_append_byte(&w->out, tag);

    if (err == OK) {
        err = put_delta(&w->out, w->volume, e->volume);
    }
    return err == OK ? put_delta(&w->out, w->index, e->index) : err;
}

static enum err put_raw(struct extent_writer *w, const struct extent *e)
{
    enum err err = put_place(w, TAG_RAW, e);

    return err == OK ? varint_put(&w->out, e->blocks) : err;
}

static enum err put_packed(struct extent_writer *w, const struct extent *e)
{
    bool zstd = e->coding == CODING_ZSTD;
    enum err err = put_place(w, zstd ? TAG_PACKED_ZSTD : TAG_PACKED, e);

    if (err == OK) {
        err = varint_put(&w->out, e->offset);
    }
    if (err == OK) {
        err = varint_put(&w->out, e->stored_len);
    }
    if (err == OK && zstd) {
        err = varint_put(&w->out, e->plain_len);
    }
    if (err == OK && extent_is_cut(e)) {
        err = put_delta(&w->out, e->index + 1, e->next_index);
    }
    return err == OK ? buf_append(&w->out, bytes_at(e->item, ITEM_ID_LEN)) : err;
}

static enum err put_hole(struct extent_writer *w, const struct extent *e)
{
    bool tail = e->plain_len < PAYLOAD_LEN;
    enum err err = buf_append_byte(&w->out, tail ? TAG_HOLE_TAIL : TAG_HOLE);

    return err == OK ? varint_put(&w->out, tail ? e->plain_len : e->plain_len / PAYLOAD_LEN) : err;
}

/* Where an extent ends: what the next one's place is counted from. */
static void move_on(const struct extent *e, uint32_t *volume, uint32_t *index)
{
    if (e->kind == EXTENT_RAW) {
        *volume = e->volume;
        *index = e->index + e->blocks;
    } else if (e->kind == EXTENT_PACKED) {
        *volume = e->volume;
        *index = extent_is_cut(e) ? e->next_index : e->index;
    }
}

enum err extent_writer_put(struct extent_writer *w, const struct extent *e)
{
    size_t start = w->out.len;
    enum err err = ERR_LIMIT;

    if (extent_valid(e)) {
        err = e->kind == EXTENT_RAW      ? put_raw(w, e)
              : e->kind == EXTENT_PACKED ? put_packed(w, e)
                                         : put_hole(w, e);
    }
    if (err != OK) {
        w->out.len = start;
        return err;
    }
    move_on(e, &w->volume, &w->index);
    return OK;
}

void extent_reader_feed(struct extent_reader *r, struct bytes in)
{
    r->in = in;
    r->volume = 0;
    r->index = 0;
}

/* Take a distance from `from` and add it up. */
static enum err take_delta(struct bytes *in, uint32_t from, uint32_t max, uint32_t *to)
{
    int64_t delta = 0;
    enum err err = take_signed(in, &delta);

    if (err != OK) {
        return err;
    }
    if (delta < -(int64_t)from || delta > (int64_t)max - (int64_t)from) {
        return ERR_LIMIT;
    }
    *to = (uint32_t)((int64_t)from + delta);
    return OK;
}

static enum err take_place(struct extent_reader *r, struct extent *e)
{
    enum err err = take_delta(&r->in, r->volume, VOLUME_NUMBER_MAX, &e->volume);

    return err == OK ? take_delta(&r->in, r->index, VOLUME_DATA_MAX - 1, &e->index) : err;
}

static enum err take_raw(struct extent_reader *r, struct extent *e)
{
    enum err err = take_place(r, e);

    e->kind = EXTENT_RAW;
    if (err == OK) {
        err = take_u32(&r->in, VOLUME_DATA_MAX, &e->blocks);
    }
    e->plain_len = (uint64_t)e->blocks * PAYLOAD_LEN;
    return err;
}

static enum err take_packed(struct extent_reader *r, struct extent *e, enum extent_coding coding)
{
    enum err err = take_place(r, e);

    e->kind = EXTENT_PACKED;
    e->coding = coding;
    if (err == OK) {
        err = take_u32(&r->in, PAYLOAD_LEN, &e->offset);
    }
    if (err == OK) {
        err = take_u32(&r->in, PAYLOAD_LEN, &e->stored_len);
    }
    e->plain_len = e->stored_len;
    if (err == OK && coding == CODING_ZSTD) {
        err = take_u64(&r->in, PAYLOAD_LEN, &e->plain_len);
    }
    if (err == OK && extent_is_cut(e)) {
        err = take_delta(&r->in, e->index + 1, VOLUME_DATA_MAX - 1, &e->next_index);
    }
    return err == OK ? take_copy(&r->in, e->item, ITEM_ID_LEN) : err;
}

static enum err take_hole(struct extent_reader *r, struct extent *e, enum tag tag)
{
    uint64_t count = 0;
    uint64_t max = tag == TAG_HOLE ? BLOCKS_MAX : PAYLOAD_LEN - 1;
    enum err err = take_u64(&r->in, max, &count);

    e->kind = EXTENT_HOLE;
    e->plain_len = tag == TAG_HOLE ? count * PAYLOAD_LEN : count;
    return err;
}

static enum err take_extent(struct extent_reader *r, struct extent *e)
{
    uint8_t tag;
    enum err err = take_u8(&r->in, &tag);

    if (err != OK) {
        return err;
    }
    switch (tag) {
    case TAG_RAW:
        return take_raw(r, e);
    case TAG_PACKED:
        return take_packed(r, e, CODING_RAW);
    case TAG_PACKED_ZSTD:
        return take_packed(r, e, CODING_ZSTD);
    case TAG_HOLE:
    case TAG_HOLE_TAIL:
        return take_hole(r, e, (enum tag)tag);
    default:
        return ERR_TOO_NEW;
    }
}

enum err extent_reader_next(struct extent_reader *r, struct extent *e, bool *more)
{
    enum err err;

    *more = false;
    if (r->in.len == 0) {
        return OK;
    }
    if (r->plain % PAYLOAD_LEN != 0) {
        return ERR_BAD_FORMAT; /* the last one was the tail */
    }
    memset(e, 0, sizeof(*e));
    err = take_extent(r, e);
    if (err == OK && (!extent_valid(e) || e->plain_len > COUNT_MAX - r->plain)) {
        err = ERR_LIMIT;
    }
    if (err != OK) {
        return err;
    }
    r->plain += e->plain_len;
    move_on(e, &r->volume, &r->index);
    *more = true;
    return OK;
}

enum err extents_check(struct bytes run, uint64_t size)
{
    struct extent_reader r = {0};
    struct extent e;
    bool more;
    enum err err;

    extent_reader_feed(&r, run);
    do {
        err = extent_reader_next(&r, &e, &more);
    } while (err == OK && more);
    return err == OK && r.plain != size ? ERR_BAD_FORMAT : err;
}
