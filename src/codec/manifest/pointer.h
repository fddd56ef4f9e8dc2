/* Pointers: where an object lies, and the hash that it must have. */
#ifndef CODEC_MANIFEST_POINTER_H
#define CODEC_MANIFEST_POINTER_H

#include "codec/manifest/manifest_limits.h"

#include "base/bytes.h"

enum { POINTER_ENCODED_MAX = 4 * 5 + 32 };

/* `length` stored bytes from `offset` of a segment's payload on; what does not fit goes on at
 * offset 0 of segment + 1. Volume 0 is the inline stream of the head itself (segment 0).
 * length 0 stands for "none"; such a pointer is never encoded. */
struct pointer {
    uint32_t volume;
    uint32_t segment;
    uint32_t offset;
    uint32_t length;
    struct cid hash; /* the cid function over the stored bytes */
};

/* Does `p` point to somewhere that may exist? */
bool pointer_valid(const struct pointer *p);

/* Append `p`. ERR_LIMIT: not valid. */
MUST_USE enum err pointer_put(struct buf *out, const struct pointer *p);

/* Take a pointer from the front of *in. ERR_BAD_FORMAT, ERR_LIMIT. */
MUST_USE enum err pointer_take(struct bytes *in, struct pointer *p);

#endif
