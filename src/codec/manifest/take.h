/* Inside this room only: varints with an upper bound, and views with a length in front. */
#ifndef CODEC_MANIFEST_TAKE_H
#define CODEC_MANIFEST_TAKE_H

#include "base/endian.h"

/* Take a varint of at most `max`. ERR_LIMIT: it is more. */
static inline enum err take_u64(struct bytes *in, uint64_t max, uint64_t *v)
{
    enum err err = varint_take(in, v);

    return err == OK && *v > max ? ERR_LIMIT : err;
}

static inline enum err take_u32(struct bytes *in, uint32_t max, uint32_t *v)
{
    uint64_t wide = 0;
    enum err err = take_u64(in, max, &wide);

    *v = (uint32_t)wide;
    return err;
}

/* Take a zigzag varint. */
static inline enum err take_signed(struct bytes *in, int64_t *v)
{
    uint64_t wide = 0;
    enum err err = varint_take(in, &wide);

    *v = unzigzag(wide);
    return err;
}

/* Take a varint length of at most `max` and that many bytes. */
static inline enum err take_sized(struct bytes *in, size_t max, struct bytes *v)
{
    uint64_t len = 0;
    enum err err = take_u64(in, max, &len);

    return err == OK ? take_bytes(in, (size_t)len, v) : err;
}

/* Append a varint length and the bytes. */
static inline enum err put_sized(struct buf *out, struct bytes v)
{
    enum err err = varint_put(out, v.len);

    return err == OK ? buf_append(out, v) : err;
}

#endif
