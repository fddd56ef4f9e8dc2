/* After a loss: what becomes of the lost places in the catalogue. On the loop's thread, while
 * nobody has these volumes in memory. */
#ifndef FLOW_PUBLISH_REPLAN_H
#define FLOW_PUBLISH_REPLAN_H

#include "flow/publish/ctx.h"

/* All take volume << 32 | index, rising, of volumes that no head lists yet. Durable on return. */

/* The server lost these: the same contents are to go out again, under the next attempts. */
MUST_USE enum err replan_lost(struct publish_ctx *ctx, const uint64_t *places, size_t count);

/* The server has these: those that stand as accepted are confirmed. */
MUST_USE enum err replan_seen(struct publish_ctx *ctx, const uint64_t *places, size_t count);

/* Their contents are to be had from nowhere: the places are free for others, so their volumes are
 * open again, without parity. Only behind unsend_files(), or the places would be filled while files
 * still count on them. */
MUST_USE enum err replan_given_up(struct publish_ctx *ctx, const uint64_t *places, size_t count);

#endif
