/* One copy of a head: sealed for its slot, posted, read back; in another slot where one is refused,
 * lost or holds foreign bytes. */
#ifndef FLOW_PUBLISH_HEAD_COPY_H
#define FLOW_PUBLISH_HEAD_COPY_H

#include "flow/publish/ctx.h"

struct head_copy;

/* Post `payload` (HEAD_PAYLOAD_LEN bytes, must outlive the copy) at `slot`. OK: it was read back.
 */
MUST_USE enum err head_copy_start(struct publish_ctx *ctx, const uint8_t *payload,
    const struct seal_slot *slot, publish_step_fn done, void *arg, struct head_copy **copy);
void head_copy_cancel(struct head_copy *copy);

/* Look for a head that is already at `slot`: OK: `payload` (HEAD_PAYLOAD_LEN bytes, must outlive
 * the look) holds it; ERR_NO_ARTICLE: nothing is there; KIND_CORRUPT: foreign bytes. */
MUST_USE enum err head_look_start(struct publish_ctx *ctx, uint8_t *payload,
    const struct seal_slot *slot, publish_step_fn done, void *arg, struct head_copy **copy);

#endif
