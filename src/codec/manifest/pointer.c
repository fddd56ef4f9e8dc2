/* Four varints and the hash. */
#include "codec/manifest/pointer.h"

#include "codec/manifest/take.h"

bool pointer_valid(const struct pointer *p)
{
    bool cut;

    if (p->length == 0 || p->length > OBJECT_STORED_MAX || p->volume > VOLUME_NUMBER_MAX) {
        return false;
    }
    if (p->volume == 0) {
        return p->segment == 0 && p->offset <= HEAD_CORE_LEN &&
               p->length <= HEAD_CORE_LEN - p->offset;
    }
    if (p->offset >= PAYLOAD_LEN) {
        return false;
    }
    cut = p->length > PAYLOAD_LEN - p->offset;
    return p->segment + (cut ? 1u : 0u) < META_DATA_MAX && p->segment < META_DATA_MAX;
}

enum err pointer_put(struct buf *out, const struct pointer *p)
{
    enum err err = pointer_valid(p) ? OK : ERR_LIMIT;

    if (err == OK) {
        err = varint_put(out, p->volume);
    }
    if (err == OK) {
        err = varint_put(out, p->segment);
    }
    if (err == OK) {
        err = varint_put(out, p->offset);
    }
    if (err == OK) {
        err = varint_put(out, p->length);
    }
    return err == OK ? buf_append(out, bytes_at(p->hash.b, sizeof(p->hash.b))) : err;
}

enum err pointer_take(struct bytes *in, struct pointer *p)
{
    enum err err = take_u32(in, VOLUME_NUMBER_MAX, &p->volume);

    if (err == OK) {
        err = take_u32(in, META_DATA_MAX - 1, &p->segment);
    }
    if (err == OK) {
        err = take_u32(in, PAYLOAD_LEN, &p->offset);
    }
    if (err == OK) {
        err = take_u32(in, OBJECT_STORED_MAX, &p->length);
    }
    if (err == OK) {
        err = take_copy(in, p->hash.b, sizeof(p->hash.b));
    }
    if (err == OK && !pointer_valid(p)) {
        err = ERR_LIMIT;
    }
    return err;
}
