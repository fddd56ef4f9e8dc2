/* The step that makes sure: every article of the volumes that no head lists yet is asked for by
 * STAT; what went out under a second id is fetched and opened, since somebody else could have put
 * something there. */
#ifndef FLOW_PUBLISH_CONFIRM_H
#define FLOW_PUBLISH_CONFIRM_H

#include "flow/publish/ctx.h"
#include "io/store/store_volume.h"

struct confirm;

/* OK: all segments of `kind` are confirmed, and the catalogue says so. ERR_ARTICLES_LOST: some were
 * missing in every round; the files in lost data segments are unsent, and the segments planned
 * again under their next attempt. */
MUST_USE enum err confirm_start(struct publish_ctx *ctx, enum store_volume_kind kind,
    publish_step_fn done, void *arg, struct confirm **confirm);
void confirm_cancel(struct confirm *confirm);

/* Take part in a confirmation: mark the files whose extents touch the lost segments as unsent; what
 * they have in others stays. `lost` holds volume << 32 | index, sorted. On a worker. */
MUST_USE enum err confirm_unsend(const struct publish_ctx *ctx, const uint64_t *lost, size_t count);

/* Behind that, or the places would be filled while files still count on them: plan the segments
 * again, under their next attempts. On the loop's thread. */
MUST_USE enum err confirm_replan(struct publish_ctx *ctx, const uint64_t *lost, size_t count);

#endif
