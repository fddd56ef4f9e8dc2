/* Bytes on their way to a reader that may be slow: the first in memory, the rest in a file without
 * a name. */
#ifndef APP_WEB_WEB_OUT_H
#define APP_WEB_WEB_OUT_H

#include <stdint.h>

#include "base/bytes.h"

enum { WEB_OUT_MEMORY = 1 << 20 };

/* { .file = -1 } and a folder is empty. Memory first, then file: in this order they leave. */
struct web_out {
    const char *folder; /* where the file may be made; outlives this */
    struct buf memory;
    size_t gone; /* of memory */
    int file;    /* -1: none */
    uint64_t file_from, file_end;
};

/* Put `data` at the end. ERR_DISK_FULL ...: part of it may be there; the stream is broken. */
MUST_USE enum err web_out_put(struct web_out *out, struct bytes data);

/* How many bytes wait. */
uint64_t web_out_waiting(const struct web_out *out);

/* Take up to `cap` bytes from the front; *len is 0 when nothing waits. */
MUST_USE enum err web_out_take(struct web_out *out, uint8_t *to, size_t cap, size_t *len);

void web_out_clear(struct web_out *out);

#endif
