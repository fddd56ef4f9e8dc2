/* Integers in memory: little-endian fixed width, and LEB128 varints. */
#ifndef BASE_ENDIAN_H
#define BASE_ENDIAN_H

#include <stdint.h>

#include "base/bytes.h"

enum { VARINT_MAX_LEN = 10 };

static inline void put_le16(uint8_t *out, uint16_t v)
{
    out[0] = (uint8_t)v;
    out[1] = (uint8_t)(v >> 8);
}

static inline void put_le32(uint8_t *out, uint32_t v)
{
    put_le16(out, (uint16_t)v);
    put_le16(out + 2, (uint16_t)(v >> 16));
}

static inline void put_le64(uint8_t *out, uint64_t v)
{
    put_le32(out, (uint32_t)v);
    put_le32(out + 4, (uint32_t)(v >> 32));
}

static inline uint16_t get_le16(const uint8_t *in)
{
    return (uint16_t)(in[0] | in[1] << 8);
}

static inline uint32_t get_le32(const uint8_t *in)
{
    return (uint32_t)get_le16(in) | (uint32_t)get_le16(in + 2) << 16;
}

static inline uint64_t get_le64(const uint8_t *in)
{
    return (uint64_t)get_le32(in) | (uint64_t)get_le32(in + 4) << 32;
}

/* Append `v` as an unsigned LEB128 varint, 1 to 10 bytes. */
MUST_USE enum err varint_put(struct buf *out, uint64_t v);

/* Take a varint from the front of *in, advancing it.
 * ERR_BAD_FORMAT: cut short, longer than 64 bits, or not the shortest form. */
MUST_USE enum err varint_take(struct bytes *in, uint64_t *v);

/* Signed numbers as varints of their zigzag form: 0, -1, 1, -2 ... become 0, 1, 2, 3 ... */
static inline uint64_t zigzag(int64_t v)
{
    return ((uint64_t)v << 1) ^ (uint64_t)(v < 0 ? -1 : 0);
}

static inline int64_t unzigzag(uint64_t v)
{
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

/* Take fixed-width integers or `len` raw bytes from the front of *in, advancing it.
 * ERR_BAD_FORMAT: *in is too short. */
MUST_USE enum err take_u8(struct bytes *in, uint8_t *v);
MUST_USE enum err take_le32(struct bytes *in, uint32_t *v);
MUST_USE enum err take_le64(struct bytes *in, uint64_t *v);
MUST_USE enum err take_bytes(struct bytes *in, size_t len, struct bytes *v);
MUST_USE enum err take_copy(struct bytes *in, void *out, size_t len);

/* Append fixed-width integers. */
MUST_USE enum err append_le32(struct buf *out, uint32_t v);
MUST_USE enum err append_le64(struct buf *out, uint64_t v);

#endif
