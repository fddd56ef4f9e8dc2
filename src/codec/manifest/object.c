/* coding u8, plain length le32, then the bytes. The length is checked against what the caller can
 * take before anything is allocated, and zstd gets a buffer of exactly that size. */
#include "codec/manifest/object.h"

#include <zstd.h>

#include "base/endian.h"

enum { OBJECT_RAW = 0, OBJECT_ZSTD = 1, ZSTD_LEVEL = 3 };

static void put_header(uint8_t *out, uint8_t coding, size_t plain_len)
{
    out[0] = coding;
    put_le32(out + 1, (uint32_t)plain_len);
}

enum err object_pack(struct bytes plain, struct buf *out)
{
    size_t start = out->len;
    size_t bound = ZSTD_compressBound(plain.len);
    uint8_t *at;
    size_t len;
    enum err err;

    if (plain.len == 0 || plain.len > OBJECT_PLAIN_MAX) {
        return ERR_LIMIT;
    }
    err = buf_reserve(out, OBJECT_HEADER_LEN + bound);
    if (err != OK) {
        return err;
    }
    at = out->ptr + start;
    len = ZSTD_compress(at + OBJECT_HEADER_LEN, bound, plain.ptr, plain.len, ZSTD_LEVEL);
    if (ZSTD_isError(len) == 0 && len < plain.len) {
        put_header(at, OBJECT_ZSTD, plain.len);
        out->len = start + OBJECT_HEADER_LEN + len;
        return OK;
    }
    put_header(at, OBJECT_RAW, plain.len);
    out->len = start + OBJECT_HEADER_LEN;
    return buf_append(out, plain);
}

/* One frame, no more, that makes exactly plain->len bytes. */
static enum err inflate(struct bytes frame, struct buf *plain)
{
    size_t len = ZSTD_findFrameCompressedSize(frame.ptr, frame.len);

    if (ZSTD_isError(len) != 0 || len != frame.len) {
        return ERR_BAD_FORMAT;
    }
    len = ZSTD_decompress(plain->ptr, plain->len, frame.ptr, frame.len);
    return ZSTD_isError(len) == 0 && len == plain->len ? OK : ERR_BAD_FORMAT;
}

enum err object_unpack(struct bytes stored, size_t plain_max, struct buf *plain)
{
    uint8_t coding;
    uint32_t len;
    enum err err = take_u8(&stored, &coding);

    plain->len = 0;
    if (err == OK) {
        err = take_le32(&stored, &len);
    }
    if (err != OK) {
        return err;
    }
    if (coding != OBJECT_RAW && coding != OBJECT_ZSTD) {
        return ERR_TOO_NEW;
    }
    if (len == 0 || len > plain_max || len > OBJECT_PLAIN_MAX) {
        return ERR_LIMIT;
    }
    if (coding == OBJECT_RAW) {
        return stored.len == len ? buf_append(plain, stored) : ERR_BAD_FORMAT;
    }
    err = buf_resize(plain, len);
    if (err == OK) {
        err = inflate(stored, plain);
    }
    if (err != OK) {
        plain->len = 0;
    }
    return err;
}
