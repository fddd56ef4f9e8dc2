/* One volume into a file: what is on the disk already is looked at, the rest is fetched, what is
 * lost is made again from parity. Asked, not told (restore_ctx.h). */
#ifndef FLOW_CHECK_EXPORT_VOLUME_H
#define FLOW_CHECK_EXPORT_VOLUME_H

#include "flow/restore/restore_ctx.h"
#include "flow/restore/volume_info.h"

enum export_volume_at {
    EXPORT_AT_WORK,   /* reads, fetches, repairs */
    EXPORT_FINISHING, /* all segments are there or lost: the disk and PAR2 only */
    EXPORT_OVER,
};

struct export_volume_result {
    uint32_t number, k;
    uint32_t found;    /* data segments that were on the disk */
    uint32_t fetched;  /* segments */
    uint32_t repaired; /* data segments */
    uint32_t lost;     /* data segments; not 0: the file stays incomplete */
};

struct export_volume_options {
    struct volume_info *volume; /* gets a holder more */
    struct bytes folder;        /* absolute; copied */
};

/* Begin. The flow is woken when its state changes. Errors end the flow (restore_ctx_fail()): among
 * them ERR_EXISTS, a file of this name is there that has nothing of this volume, or that somebody
 * else is writing. */
struct export_volume;
MUST_USE enum err export_volume_start(struct restore_ctx *ctx,
    const struct export_volume_options *options, struct export_volume **out);

/* It is over; or the flow ends, and its errands have been forgotten. NULL is allowed. */
void export_volume_free(struct export_volume *volume);

enum export_volume_at export_volume_at(const struct export_volume *volume);

/* Of one that is over. */
const struct export_volume_result *export_volume_result(const struct export_volume *volume);

#endif
