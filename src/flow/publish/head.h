/* The last step: the head. Its exact bytes are durable before the first copy goes out, and only
 * those are ever sent. */
#ifndef FLOW_PUBLISH_HEAD_H
#define FLOW_PUBLISH_HEAD_H

#include "flow/publish/tree.h"

struct head_step;

/* Is version ctx->version free? Asks all its slots. OK: nothing is there. ERR_FORK: somebody else
 * who holds the write key published it. */
MUST_USE enum err head_look_all(
    struct publish_ctx *ctx, publish_step_fn done, void *arg, struct head_step **step);

/* Would a head made from `tree` say what the newest published one says? Hashes name what they point
 * to, so equal roots are equal trees. */
bool head_would_repeat(const struct publish_ctx *ctx, const struct tree_result *tree);

/* Build the head from `tree`, sign it and keep it in the catalogue. */
MUST_USE enum err head_make(struct publish_ctx *ctx, const struct tree_result *tree);

/* Post the head that the catalogue keeps for ctx->version, in its copies, and read them back. OK:
 * published, and the catalogue says so. */
enum head_origin { HEAD_MADE_NOW, HEAD_OF_EARLIER_RUN };
MUST_USE enum err head_publish(struct publish_ctx *ctx, enum head_origin origin,
    publish_step_fn done, void *arg, struct head_step **step);

/* Keep the head of ctx->version, which is published, where readers look: at the addresses of its
 * version, and at today's, signed as alive today. What is there is only read. OK: enough copies of
 * both kinds were read back. */
MUST_USE enum err head_keep(
    struct publish_ctx *ctx, publish_step_fn done, void *arg, struct head_step **step);
void head_step_cancel(struct head_step *step);

#endif
