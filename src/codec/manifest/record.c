/* Records: type, flags (none yet), then the fields of the type in order. */
#include "codec/manifest/record.h"

#include <string.h>

#include "codec/manifest/extents.h"
#include "codec/manifest/pointer.h"
#include "codec/manifest/take.h"

enum { KEY_FOLDER_LEN = 8 };

bool record_name_valid(struct bytes name)
{
    if (name.len < 1 || name.len > NAME_MAX_LEN) {
        return false;
    }
    if (bytes_equal(name, bytes_str(".")) || bytes_equal(name, bytes_str(".."))) {
        return false;
    }
    return memchr(name.ptr, '/', name.len) == NULL && memchr(name.ptr, '\0', name.len) == NULL;
}

static bool target_valid(struct bytes target)
{
    return target.len >= 1 && target.len <= TARGET_MAX_LEN &&
           memchr(target.ptr, '\0', target.len) == NULL;
}

static bool folder_valid(uint64_t folder)
{
    return folder >= 1 && folder <= COUNT_MAX;
}

/* Pointers of objects with extents: 1 .. EXTENT_POINTERS_MAX of them, nothing else. */
static enum err check_pointers(struct bytes in)
{
    struct pointer p;
    size_t count = 0;

    while (in.len > 0) {
        enum err err = pointer_take(&in, &p);

        if (err == OK && ++count > EXTENT_POINTERS_MAX) {
            err = ERR_LIMIT;
        }
        if (err != OK) {
            return err;
        }
    }
    return count > 0 ? OK : ERR_BAD_FORMAT;
}

static enum err check_file(const struct record *r)
{
    if (r->size > COUNT_MAX || r->depth > EXTENT_DEPTH_MAX) {
        return ERR_LIMIT;
    }
    if (r->depth > 0) {
        return r->size > 0 ? check_pointers(r->extents) : ERR_BAD_FORMAT;
    }
    return r->extents.len <= EXTENTS_INLINE_MAX ? extents_check(r->extents, r->size) : ERR_LIMIT;
}

static enum err check(const struct record *r)
{
    if (r->mode > MODE_MASK) {
        return ERR_LIMIT;
    }
    switch (r->type) {
    case RECORD_DIRECTORY:
        return folder_valid(r->folder) ? OK : ERR_LIMIT;
    case RECORD_FILE:
        return check_file(r);
    case RECORD_SYMLINK:
        return target_valid(r->text) ? OK : ERR_LIMIT;
    case RECORD_HARD_LINK:
        return folder_valid(r->folder) && record_name_valid(r->text) ? OK : ERR_LIMIT;
    }
    return ERR_LIMIT;
}

static enum err put_file(struct buf *out, const struct record *r)
{
    enum err err = varint_put(out, r->size);

    if (err == OK) {
        err = buf_append_byte(out, r->depth);
    }
    return err == OK ? put_sized(out, r->extents) : err;
}

static enum err put_hard_link(struct buf *out, const struct record *r)
{
    enum err err = varint_put(out, r->folder);

    return err == OK ? put_sized(out, r->text) : err;
}

static enum err put_fields(struct buf *out, const struct record *r)
{
    switch (r->type) {
    case RECORD_DIRECTORY:
        return varint_put(out, r->folder);
    case RECORD_FILE:
        return put_file(out, r);
    case RECORD_SYMLINK:
        return put_sized(out, r->text);
    case RECORD_HARD_LINK:
        return put_hard_link(out, r);
    }
    return ERR_LIMIT;
}

enum err record_encode(const struct record *record, struct buf *out)
{
    size_t start = out->len;
    uint8_t front[2] = {(uint8_t)record->type, 0};
    enum err err = check(record);

    if (err == OK) {
        err = buf_append(out, bytes_at(front, sizeof(front)));
    }
    if (err == OK && record->type != RECORD_HARD_LINK) {
        err = varint_put(out, record->mode);
    }
    if (err == OK && record->type != RECORD_HARD_LINK) {
        err = varint_put(out, zigzag(record->mtime_ns));
    }
    if (err == OK) {
        err = put_fields(out, record);
    }
    if (err != OK) {
        out->len = start;
    }
    return err;
}

static enum err take_file(struct bytes *in, struct record *r)
{
    enum err err = take_u64(in, COUNT_MAX, &r->size);

    if (err == OK) {
        err = take_u8(in, &r->depth);
    }
    return err == OK ? take_sized(in, PAGE_MAX, &r->extents) : err;
}

static enum err take_hard_link(struct bytes *in, struct record *r)
{
    enum err err = take_u64(in, COUNT_MAX, &r->folder);

    return err == OK ? take_sized(in, NAME_MAX_LEN, &r->text) : err;
}

static enum err take_fields(struct bytes *in, struct record *r)
{
    switch (r->type) {
    case RECORD_DIRECTORY:
        return take_u64(in, COUNT_MAX, &r->folder);
    case RECORD_FILE:
        return take_file(in, r);
    case RECORD_SYMLINK:
        return take_sized(in, TARGET_MAX_LEN, &r->text);
    case RECORD_HARD_LINK:
        return take_hard_link(in, r);
    }
    return ERR_TOO_NEW;
}

static enum err take_front(struct bytes *in, struct record *r)
{
    uint8_t type = 0;
    uint8_t flags = 0;
    enum err err = take_u8(in, &type);

    if (err == OK) {
        err = take_u8(in, &flags);
    }
    if (err == OK && (type < RECORD_DIRECTORY || type > RECORD_HARD_LINK || flags != 0)) {
        err = ERR_TOO_NEW;
    }
    r->type = (enum record_type)type;
    return err;
}

enum err record_decode(struct bytes value, struct record *record)
{
    struct bytes in = value;
    uint32_t mode = 0;
    enum err err;

    memset(record, 0, sizeof(*record));
    err = take_front(&in, record);
    if (err == OK && record->type != RECORD_HARD_LINK) {
        err = take_u32(&in, MODE_MASK, &mode);
        record->mode = (uint16_t)mode;
    }
    if (err == OK && record->type != RECORD_HARD_LINK) {
        err = take_signed(&in, &record->mtime_ns);
    }
    if (err == OK) {
        err = take_fields(&in, record);
    }
    if (err == OK && in.len > 0) {
        err = ERR_BAD_FORMAT;
    }
    return err == OK ? check(record) : err;
}

static void put_be64(uint8_t *out, uint64_t v)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(v >> (56 - 8 * i));
    }
}

enum err record_key_put(struct buf *out, uint64_t folder, struct bytes name)
{
    uint8_t front[KEY_FOLDER_LEN];
    enum err err = folder_valid(folder) && record_name_valid(name) ? OK : ERR_LIMIT;

    put_be64(front, folder);
    if (err == OK) {
        err = buf_append(out, bytes_at(front, sizeof(front)));
    }
    return err == OK ? buf_append(out, name) : err;
}

void record_key_range(uint64_t folder, uint8_t first[8], uint8_t end[8])
{
    put_be64(first, folder);
    put_be64(end, folder + 1);
}

enum err record_key_take(struct bytes key, uint64_t *folder, struct bytes *name)
{
    uint64_t v = 0;

    if (key.len < KEY_FOLDER_LEN) {
        return ERR_BAD_FORMAT;
    }
    for (int i = 0; i < KEY_FOLDER_LEN; i++) {
        v = v << 8 | key.ptr[i];
    }
    bytes_skip(&key, KEY_FOLDER_LEN);
    *folder = v;
    *name = key;
    return folder_valid(v) && record_name_valid(key) ? OK : ERR_LIMIT;
}
