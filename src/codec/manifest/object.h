/* Objects: the stored form of pages, lists of cids and lists of extents, compressed where that
 * helps. */
#ifndef CODEC_MANIFEST_OBJECT_H
#define CODEC_MANIFEST_OBJECT_H

#include "codec/manifest/manifest_limits.h"

#include "base/bytes.h"

/* Append the stored form of `plain` (1 .. OBJECT_PLAIN_MAX bytes) to *out: zstd or as it is,
 * whichever is shorter. ERR_LIMIT: empty or too long. */
MUST_USE enum err object_pack(struct bytes plain, struct buf *out);

/* Set *plain to what `stored` holds, at most `plain_max` bytes; nothing larger is allocated.
 * ERR_LIMIT: it says more. ERR_TOO_NEW: an unknown coding. ERR_BAD_FORMAT. */
MUST_USE enum err object_unpack(struct bytes stored, size_t plain_max, struct buf *plain);

#endif
