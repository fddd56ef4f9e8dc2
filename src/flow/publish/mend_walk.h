/* Finding out, on a worker, which files the segments of broken volumes were made of: a walk over
 * the catalogue is long, so one serves as many volumes as are in need. */
#ifndef FLOW_PUBLISH_MEND_WALK_H
#define FLOW_PUBLISH_MEND_WALK_H

#include "flow/publish/out_volume.h"
#include "flow/publish/reseal.h"

/* What a volume is in need of: nothing; some data segments that are to be posted again; or all of
 * them, because parity is to be made. Of the row of any volume that is CLOSED or HEALING. */
enum mend_need { MEND_NOTHING, MEND_LOST_DATA, MEND_PARITY };
enum mend_need mend_need_of(const struct store_volume *row);

/* The walk is over; *reseal may be taken. */
typedef void (*mend_walk_fn)(void *arg, enum err err, struct reseal **reseal);

struct mend_walk_want {
    const uint64_t *places; /* rising; these first. Copied */
    size_t count;
    const uint32_t *volumes; /* then, as far as they fit, what these need. Rising; copied */
    size_t volume_count;
};

struct mend_walk;
MUST_USE enum err mend_walk_start(struct publish_ctx *ctx, const struct mend_walk_want *want,
    mend_walk_fn done, void *arg, struct mend_walk **walk);
void mend_walk_cancel(struct mend_walk *walk);

#endif
