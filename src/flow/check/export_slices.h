/* Which segments of a volume are in its file, and the fetching of those that are not. */
#ifndef FLOW_CHECK_EXPORT_SLICES_H
#define FLOW_CHECK_EXPORT_SLICES_H

#include "flow/restore/fetch.h"

enum slice_state {
    SLICE_WANTED, /* not known to be in the file */
    SLICE_COMING,
    SLICE_HERE,
    SLICE_LOST, /* no server has it */
};

struct export_slices {
    struct restore_ctx *ctx;
    struct volume_info *volume; /* held */
    uint8_t *states;            /* enum slice_state, k + m of them */
    struct list fetches;
    size_t fetch_count;
    uint32_t next;            /* of a pass: those before it were looked at */
    uint32_t fetched;         /* so many came */
    void (*moved)(void *arg); /* one came, or will not */
    void *arg;
};

/* ctx, volume, moved and arg are set; the volume gets a holder more. */
MUST_USE enum err export_slices_init(struct export_slices *slices);

/* Nothing is coming; or the flow ends, and its errands have been forgotten. Zeroed is allowed. */
void export_slices_clear(struct export_slices *slices);

/* Segment `index` is in the file. */
void export_slices_have(struct export_slices *slices, uint32_t index);

/* How many of [from, to) are in this state. */
uint32_t export_slices_count(
    const struct export_slices *slices, uint32_t from, uint32_t to, enum slice_state state);

/* Go on with the pass up to `end`: fetch what is wanted into its place of `into`, side by side, at
 * most `most` more. */
MUST_USE enum err export_slices_fetch(
    struct export_slices *slices, struct disk_scratch *into, uint32_t end, uint32_t most);

#endif
