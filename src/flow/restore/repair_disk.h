/* What workers do with the scratch file of a repair: make it, put segments into it that are already
 * opened, give back what is not needed any more. */
#ifndef FLOW_RESTORE_REPAIR_DISK_H
#define FLOW_RESTORE_REPAIR_DISK_H

#include "codec/seal/seal_segment.h"
#include "flow/restore/held.h"
#include "flow/restore/restore_ctx.h"
#include "io/disk/disk_scratch.h"

/* Make a scratch file of `size` bytes in the first of the flow's folders that has room, such that
 * `leave` bytes stay free where the first folder is. OK: one holder, you. */
typedef void (*repair_open_fn)(void *arg, enum err err, struct disk_scratch *scratch);
struct repair_room {
    uint64_t size, leave;
};
MUST_USE enum err repair_open_start(
    struct restore_ctx *ctx, const struct repair_room *room, repair_open_fn done, void *arg);

/* Seal a payload once more and write it to its place, place->index. */
typedef void (*repair_store_fn)(void *arg, enum err err);
struct repair_store {
    const struct volume_keys *keys; /* copied */
    const struct seal_place *place; /* copied */
    struct held *payload;           /* kept */
    struct disk_scratch *scratch;   /* kept */
};
MUST_USE enum err repair_store_start(
    struct restore_ctx *ctx, const struct repair_store *store, repair_store_fn done, void *arg);

/* Forget all places below `count` but those in `but` (rising). An error: the room is still taken.
 */
typedef void (*repair_trim_fn)(void *arg, enum err err);
struct repair_trim {
    struct disk_scratch *scratch; /* kept */
    uint32_t count;
    const uint32_t *but; /* copied */
    size_t but_count;
};
MUST_USE enum err repair_trim_start(
    struct restore_ctx *ctx, const struct repair_trim *trim, repair_trim_fn done, void *arg);

#endif
