/* From an entry's folder and name to the path on this machine. */
#ifndef FLOW_PUBLISH_PATHS_H
#define FLOW_PUBLISH_PATHS_H

#include "flow/publish/ctx.h"
#include "io/store/store_entry.h"

/* The share's own paths, and the folder that was looked up last. */
struct publish_paths {
    struct buf *tops; /* absolute paths, each followed by its name at the top in the next element */
    size_t count;     /* pairs */
    uint64_t folder;  /* of `below`; 0: none yet */
    struct buf below; /* that folder's path below the top */
};

MUST_USE enum err publish_paths_init(struct publish_paths *paths, const struct publish_ctx *ctx);
void publish_paths_clear(struct publish_paths *paths);

/* Append to *root the folder to open first (absolute), and to *path the path below it. */
MUST_USE enum err publish_paths_of(struct publish_paths *paths, const struct publish_ctx *ctx,
    const struct store_entry *entry, struct buf *root, struct buf *path);

#endif
