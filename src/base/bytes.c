/* Views and owned buffers. A buffer grows by half, so appending n bytes costs O(n). */
#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUF_MIN = 64 };

struct bytes bytes_str(const char *text)
{
    return bytes_at(text, strlen(text));
}

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int bytes_compare(struct bytes a, struct bytes b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

    if (order != 0) {
        return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}

void bytes_skip(struct bytes *b, size_t n)
{
    if (n > b->len) {
        n = b->len;
    }
    if (n > 0) {
        b->ptr += n;
        b->len -= n;
    }
}

static enum err grow(struct buf *b, size_t need)
{
    size_t cap = b->cap + b->cap / 2;
    uint8_t *ptr;

    if (need <= b->cap) {
        return OK;
    }
    if (cap < need) {
        cap = need;
    }
    if (cap < BUF_MIN) {
        cap = BUF_MIN;
    }
    ptr = realloc(b->ptr, cap);
    if (ptr == NULL) {
        return ERR_NO_MEMORY;
    }
    b->ptr = ptr;
    b->cap = cap;
    return OK;
}

enum err buf_resize(struct buf *b, size_t len)
{
    enum err err = grow(b, len);

    if (err == OK) {
        b->len = len;
    }
    return err;
}

enum err buf_reserve(struct buf *b, size_t extra)
{
    if (extra > SIZE_MAX - b->len) {
        return ERR_NO_MEMORY;
    }
    return grow(b, b->len + extra);
}

enum err buf_append(struct buf *b, struct bytes in)
{
    enum err err = buf_reserve(b, in.len);

    if (err == OK && in.len > 0) {
        memcpy(b->ptr + b->len, in.ptr, in.len);
        b->len += in.len;
    }
    return err;
}

enum err buf_append_str(struct buf *b, const char *text)
{
    return buf_append(b, bytes_str(text));
}

enum err buf_append_byte(struct buf *b, uint8_t byte)
{
    return buf_append(b, bytes_at(&byte, 1));
}

enum err buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    int len;
    enum err err;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        return ERR_BUG;
    }
    err = buf_reserve(b, (size_t)len + 1);
    if (err != OK) {
        return err;
    }
    va_start(args, format);
    (void)vsnprintf((char *)b->ptr + b->len, (size_t)len + 1, format, args);
    va_end(args);
    b->len += (size_t)len;
    return OK;
}

void buf_drop(struct buf *b, size_t n)
{
    if (n >= b->len) {
        b->len = 0;
        return;
    }
    memmove(b->ptr, b->ptr + n, b->len - n);
    b->len -= n;
}

struct bytes buf_view(const struct buf *b)
{
    return bytes_at(b->ptr, b->len);
}

void buf_clear(struct buf *b)
{
    free(b->ptr);
    *b = (struct buf){0};
}

void buf_wipe(struct buf *b)
{
    if (b->ptr != NULL) {
        bytes_wipe(b->ptr, b->cap);
    }
    buf_clear(b);
}

void bytes_wipe(void *ptr, size_t len)
{
    explicit_bzero(ptr, len);
}
