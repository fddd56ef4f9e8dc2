/* The two words for memory: `struct bytes` is a borrowed view, `struct buf` owns what it holds. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A view: borrowed, never freed. */
struct bytes {
    const uint8_t *ptr;
    size_t len;
};

/* Owned memory: { 0 } is empty, buf_clear() frees. len <= cap. */
struct buf {
    uint8_t *ptr;
    size_t len;
    size_t cap;
};

/* A view of `len` bytes at `ptr`. */
static inline struct bytes bytes_at(const void *ptr, size_t len)
{
    return (struct bytes){(const uint8_t *)ptr, len};
}

/* A view of a NUL-terminated string, without the NUL. */
struct bytes bytes_str(const char *text);

/* Do both views hold the same bytes? Not constant time. */
bool bytes_equal(struct bytes a, struct bytes b);

/* Order as memcmp does; a prefix comes first. */
int bytes_compare(struct bytes a, struct bytes b);

/* Drop `n` bytes (at most all) from the front of *b. */
void bytes_skip(struct bytes *b, size_t n);

/* Make b->len exactly `len`; new bytes are not set. ERR_NO_MEMORY leaves *b as it was. */
MUST_USE enum err buf_resize(struct buf *b, size_t len);

/* Make room for `extra` bytes beyond b->len; b->len stays. */
MUST_USE enum err buf_reserve(struct buf *b, size_t extra);

/* Append a copy of `in`. `in` must not lie in *b. */
MUST_USE enum err buf_append(struct buf *b, struct bytes in);

/* Append a NUL-terminated string, without the NUL. */
MUST_USE enum err buf_append_str(struct buf *b, const char *text);

/* Append one byte. */
MUST_USE enum err buf_append_byte(struct buf *b, uint8_t byte);

/* Append printf-formatted text. */
MUST_USE enum err buf_printf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Remove `n` bytes (at most all) from the front, moving the rest down. */
void buf_drop(struct buf *b, size_t n);

/* Look at all of *b. The view dies with the next change to *b. */
struct bytes buf_view(const struct buf *b);

/* Free what *b holds and make it empty. */
void buf_clear(struct buf *b);

/* Overwrite with zeros what *b holds, then free it: for secrets. */
void buf_wipe(struct buf *b);

/* Overwrite `len` bytes with zeros in a way the compiler keeps. */
void bytes_wipe(void *ptr, size_t len);

#endif
