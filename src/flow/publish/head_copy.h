/* One copy of a head: sealed for its slot, posted, read back; in another slot where one is refused,
 * lost or holds foreign bytes. */
#ifndef FLOW_PUBLISH_HEAD_COPY_H
#define FLOW_PUBLISH_HEAD_COPY_H

#include "flow/publish/ctx.h"

/* The slot, and the payload (HEAD_PAYLOAD_LEN bytes) that goes there or comes from there; it must
 * outlive the copy. */
struct head_place {
    struct seal_slot slot;
    uint8_t *payload;
    bool asked; /* something of ours may lie there already: read before posting */
};

struct head_copy;

/* Post the payload there, which stays as it is. OK: it was read back. */
MUST_USE enum err head_copy_start(struct publish_ctx *ctx, const struct head_place *place,
    publish_step_fn done, void *arg, struct head_copy **copy);
void head_copy_cancel(struct head_copy *copy);

/* Look for a head that is already there: OK: the payload is it; ERR_NO_ARTICLE: nothing is there;
 * KIND_CORRUPT: foreign bytes. */
MUST_USE enum err head_look_start(struct publish_ctx *ctx, const struct head_place *place,
    publish_step_fn done, void *arg, struct head_copy **copy);

#endif
