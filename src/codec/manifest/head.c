/* A head's core, field by field. What is left of it is zeros. */
#include "codec/manifest/head.h"

#include <string.h>

#include "base/text.h"
#include "codec/manifest/take.h"

enum {
    VERSION = 1,
    FLAG_TREE = 1,
    FLAG_VOLUMES = 2,
    FLAG_OLDER = 4,
    FLAGS_KNOWN = 7,
    OLDER_SECRET_LEN = 4 + 32,
    INLINE_LENGTH_MAX = 3, /* the varint in front of the inline stream */
};

/* The numbers that are plain varints, in their order. */
#define TOTALS(X) X(files) X(directories) X(symlinks) X(others) X(bytes) X(articles) X(root)

static bool is_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* The meta volumes: rising numbers below next_volume, cids in place. */
static enum err check_metas(const struct head *head)
{
    struct bytes in = head->metas;
    struct volume_entry e;
    uint32_t last = 0;
    size_t count = 0;

    while (in.len > 0) {
        enum err err = volume_entry_take(&in, &e);

        if (err == OK && (e.kind != VOLUME_META || e.cids.len == 0 || e.number <= last ||
                             e.number >= head->next_volume || ++count > HEAD_META_MAX)) {
            err = ERR_LIMIT;
        }
        if (err != OK) {
            return err;
        }
        last = e.number;
    }
    return OK;
}

/* Older secrets: rising generations, all below the head's. */
static enum err check_secrets(const struct head *head)
{
    struct bytes in = head->secrets;
    uint32_t next = 0;

    if (in.len % OLDER_SECRET_LEN != 0 || in.len / OLDER_SECRET_LEN > HEAD_OLDER_MAX) {
        return ERR_LIMIT;
    }
    while (in.len > 0) {
        uint32_t generation = get_le32(in.ptr);

        if (generation < next || generation >= head->generation) {
            return ERR_LIMIT;
        }
        next = generation + 1;
        bytes_skip(&in, OLDER_SECRET_LEN);
    }
    return OK;
}

static bool totals_valid(const struct head *head)
{
#define TOO_LARGE(field) || head->field > COUNT_MAX
    return !(head->n == 0 || head->n > COUNT_MAX || head->created > COUNT_MAX TOTALS(TOO_LARGE));
#undef TOO_LARGE
}

static bool fields_valid(const struct head *head)
{
    return totals_valid(head) && (head->n > 1 || is_zero(head->prev, KEY_LEN)) &&
           head->title.len <= HEAD_TITLE_MAX && text_is_utf8(head->title) && head->root >= 1 &&
           head->next_folder > head->root && head->next_folder <= COUNT_MAX &&
           head->root_mode <= MODE_MASK && head->next_volume >= 1 &&
           head->next_volume <= VOLUME_NUMBER_MAX + 1;
}

/* Where an object of the inline stream says to be, it must be. */
static bool root_valid(const struct head *head, const struct pointer *p)
{
    if (p->length == 0) {
        return true;
    }
    if (p->volume == 0) {
        return p->offset <= head->inlined.len && p->length <= head->inlined.len - p->offset;
    }
    return p->volume < head->next_volume;
}

static enum err check(const struct head *head)
{
    enum err err = fields_valid(head) && root_valid(head, &head->tree) &&
                           root_valid(head, &head->volumes) && root_valid(head, &head->older)
                       ? OK
                       : ERR_LIMIT;

    if (err == OK) {
        err = check_metas(head);
    }
    return err == OK ? check_secrets(head) : err;
}

static uint8_t flags_of(const struct head *head)
{
    return (uint8_t)((head->tree.length > 0 ? FLAG_TREE : 0) |
                     (head->volumes.length > 0 ? FLAG_VOLUMES : 0) |
                     (head->older.length > 0 ? FLAG_OLDER : 0));
}

static enum err put_front(struct buf *out, const struct head *head)
{
    uint8_t front[2] = {VERSION, flags_of(head)};
    enum err err = buf_append(out, bytes_at(front, sizeof(front)));

    if (err == OK) {
        err = append_le64(out, head->n);
    }
    if (err == OK) {
        err = append_le64(out, head->created);
    }
    if (err == OK) {
        err = buf_append(out, bytes_at(head->prev, KEY_LEN));
    }
    if (err == OK) {
        err = buf_append(out, bytes_at(head->spk, sizeof(head->spk)));
    }
    if (err == OK) {
        err = buf_append(out, bytes_at(head->ck, KEY_LEN));
    }
    if (err == OK) {
        err = append_le32(out, head->generation);
    }
    return err == OK ? put_sized(out, head->title) : err;
}

static enum err put_totals(struct buf *out, const struct head *head)
{
    enum err err = OK;

#define PUT(field) err = err == OK ? varint_put(out, head->field) : err;
    TOTALS(PUT)
#undef PUT
    if (err == OK) {
        err = varint_put(out, head->root_mode);
    }
    return err == OK ? varint_put(out, zigzag(head->root_mtime_ns)) : err;
}

static enum err put_roots(struct buf *out, const struct head *head)
{
    const struct pointer *roots[3] = {&head->tree, &head->volumes, &head->older};
    enum err err = OK;

    for (size_t i = 0; i < 3 && err == OK; i++) {
        if (roots[i]->length > 0) {
            err = pointer_put(out, roots[i]);
        }
    }
    return err;
}

static enum err put_lists(struct buf *out, const struct head *head)
{
    enum err err = put_sized(out, head->metas);

    if (err == OK) {
        err = put_sized(out, head->secrets);
    }
    if (err == OK) {
        err = varint_put(out, head->next_folder);
    }
    return err == OK ? varint_put(out, head->next_volume) : err;
}

/* Everything in front of the inline stream. */
static enum err put_fields(struct buf *out, const struct head *head)
{
    enum err err = put_front(out, head);

    if (err == OK) {
        err = put_totals(out, head);
    }
    if (err == OK) {
        err = put_roots(out, head);
    }
    return err == OK ? put_lists(out, head) : err;
}

enum err head_encode(const struct head *head, uint8_t *payload)
{
    struct buf out = {0};
    enum err err = check(head);

    if (err == OK) {
        err = put_fields(&out, head);
    }
    if (err == OK) {
        err = put_sized(&out, head->inlined);
    }
    if (err == OK && out.len > HEAD_CORE_LEN) {
        err = ERR_LIMIT;
    }
    if (err == OK) {
        memset(payload, 0, HEAD_CORE_LEN);
        memcpy(payload, out.ptr, out.len);
    }
    buf_wipe(&out);
    return err;
}

size_t head_inline_room(const struct head *head)
{
    struct buf out = {0};
    enum err err = put_fields(&out, head);
    size_t used = out.len + INLINE_LENGTH_MAX + head->inlined.len;

    buf_wipe(&out);
    return err == OK && used < HEAD_CORE_LEN ? HEAD_CORE_LEN - used : 0;
}

void head_put_tail(uint8_t *payload, const struct head_tail *tail)
{
    uint8_t *at = payload + HEAD_CORE_LEN;

    put_le32(at, tail->alive_day);
    memcpy(at + 4, tail->alive_signature, 64);
    memcpy(at + 68, tail->head_signature, 64);
}

void head_take_tail(const uint8_t *payload, struct head_tail *tail)
{
    const uint8_t *at = payload + HEAD_CORE_LEN;

    tail->alive_day = get_le32(at);
    memcpy(tail->alive_signature, at + 4, 64);
    memcpy(tail->head_signature, at + 68, 64);
}

struct bytes head_core(const uint8_t *payload)
{
    return bytes_at(payload, HEAD_CORE_LEN);
}

static enum err take_front(struct bytes *in, struct head *head, uint8_t *flags)
{
    uint8_t version = 0;
    enum err err = take_u8(in, &version);

    if (err == OK && version != VERSION) {
        return version > VERSION ? ERR_TOO_NEW : ERR_BAD_FORMAT;
    }
    if (err == OK) {
        err = take_u8(in, flags);
    }
    if (err == OK && (*flags & ~FLAGS_KNOWN) != 0) {
        return ERR_TOO_NEW;
    }
    if (err == OK) {
        err = take_le64(in, &head->n);
    }
    if (err == OK) {
        err = take_le64(in, &head->created);
    }
    if (err == OK) {
        err = take_copy(in, head->prev, KEY_LEN);
    }
    if (err == OK) {
        err = take_copy(in, head->spk, sizeof(head->spk));
    }
    if (err == OK) {
        err = take_copy(in, head->ck, KEY_LEN);
    }
    if (err == OK) {
        err = take_le32(in, &head->generation);
    }
    return err == OK ? take_sized(in, HEAD_TITLE_MAX, &head->title) : err;
}

static enum err take_totals(struct bytes *in, struct head *head)
{
    uint32_t mode = 0;
    enum err err = OK;

#define TAKE(field) err = err == OK ? take_u64(in, COUNT_MAX, &head->field) : err;
    TOTALS(TAKE)
#undef TAKE
    if (err == OK) {
        err = take_u32(in, MODE_MASK, &mode);
    }
    head->root_mode = (uint16_t)mode;
    return err == OK ? take_signed(in, &head->root_mtime_ns) : err;
}

static enum err take_roots(struct bytes *in, struct head *head, uint8_t flags)
{
    enum err err = OK;

    if ((flags & FLAG_TREE) != 0) {
        err = pointer_take(in, &head->tree);
    }
    if (err == OK && (flags & FLAG_VOLUMES) != 0) {
        err = pointer_take(in, &head->volumes);
    }
    if (err == OK && (flags & FLAG_OLDER) != 0) {
        err = pointer_take(in, &head->older);
    }
    return err;
}

static enum err take_lists(struct bytes *in, struct head *head)
{
    enum err err = take_sized(in, HEAD_CORE_LEN, &head->metas);

    if (err == OK) {
        err = take_sized(in, HEAD_CORE_LEN, &head->secrets);
    }
    if (err == OK) {
        err = take_u64(in, COUNT_MAX, &head->next_folder);
    }
    if (err == OK) {
        err = take_u32(in, VOLUME_NUMBER_MAX + 1, &head->next_volume);
    }
    return err == OK ? take_sized(in, HEAD_CORE_LEN, &head->inlined) : err;
}

enum err head_decode(const uint8_t *payload, struct head *head)
{
    struct bytes in = head_core(payload);
    uint8_t flags = 0;
    enum err err;

    memset(head, 0, sizeof(*head));
    err = take_front(&in, head, &flags);
    if (err == OK) {
        err = take_totals(&in, head);
    }
    if (err == OK) {
        err = take_roots(&in, head, flags);
    }
    if (err == OK) {
        err = take_lists(&in, head);
    }
    if (err == OK && !is_zero(in.ptr, in.len)) {
        err = ERR_BAD_FORMAT;
    }
    return err == OK ? check(head) : err;
}

enum err head_inlined_at(
    const struct head *head, uint32_t offset, uint32_t length, struct bytes *out)
{
    if (offset > head->inlined.len || length > head->inlined.len - offset) {
        return ERR_LIMIT;
    }
    *out = bytes_at(head->inlined.ptr + offset, length);
    return OK;
}
