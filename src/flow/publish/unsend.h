/* After contents were lost for good: which files had bytes in them? */
#ifndef FLOW_PUBLISH_UNSEND_H
#define FLOW_PUBLISH_UNSEND_H

#include <stdatomic.h>

#include "flow/publish/ctx.h"

/* Mark the files whose extents touch the lost segments as unsent; what they have in others stays,
 * as pieces. `lost` holds volume << 32 | index, rising. *stop not 0: end soon, with ERR_CANCELLED;
 * what was marked is right. On a worker. */
MUST_USE enum err unsend_files(
    const struct publish_ctx *ctx, const uint64_t *lost, size_t count, const atomic_int *stop);

#endif
