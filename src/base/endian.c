/* Varints and bounded reads. */
#include "base/endian.h"

#include <string.h>

enum err varint_put(struct buf *out, uint64_t v)
{
    uint8_t raw[VARINT_MAX_LEN];
    size_t n = 0;

    while (v >= 0x80) {
        raw[n++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    raw[n++] = (uint8_t)v;
    return buf_append(out, bytes_at(raw, n));
}

enum err varint_take(struct bytes *in, uint64_t *v)
{
    uint64_t value = 0;

    for (size_t i = 0; i < VARINT_MAX_LEN && i < in->len; i++) {
        uint8_t byte = in->ptr[i];

        if (i == VARINT_MAX_LEN - 1 && byte > 1) {
            return ERR_BAD_FORMAT;
        }
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) {
            if (byte == 0 && i > 0) {
                return ERR_BAD_FORMAT;
            }
            bytes_skip(in, i + 1);
            *v = value;
            return OK;
        }
    }
    return ERR_BAD_FORMAT;
}

enum err take_bytes(struct bytes *in, size_t len, struct bytes *v)
{
    if (in->len < len) {
        return ERR_BAD_FORMAT;
    }
    *v = bytes_at(in->ptr, len);
    bytes_skip(in, len);
    return OK;
}

enum err take_copy(struct bytes *in, void *out, size_t len)
{
    if (in->len < len) {
        return ERR_BAD_FORMAT;
    }
    if (len > 0) {
        memcpy(out, in->ptr, len);
    }
    bytes_skip(in, len);
    return OK;
}

enum err take_u8(struct bytes *in, uint8_t *v)
{
    return take_copy(in, v, 1);
}

enum err take_le32(struct bytes *in, uint32_t *v)
{
    uint8_t raw[4];
    enum err err = take_copy(in, raw, sizeof(raw));

    if (err == OK) {
        *v = get_le32(raw);
    }
    return err;
}

enum err take_le64(struct bytes *in, uint64_t *v)
{
    uint8_t raw[8];
    enum err err = take_copy(in, raw, sizeof(raw));

    if (err == OK) {
        *v = get_le64(raw);
    }
    return err;
}

enum err append_le32(struct buf *out, uint32_t v)
{
    uint8_t raw[4];

    put_le32(raw, v);
    return buf_append(out, bytes_at(raw, sizeof(raw)));
}

enum err append_le64(struct buf *out, uint64_t v)
{
    uint8_t raw[8];

    put_le64(raw, v);
    return buf_append(out, bytes_at(raw, sizeof(raw)));
}
