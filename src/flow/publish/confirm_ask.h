/* Asking the server whether it has an article of ours: by STAT, or by fetching and opening it. Many
 * at once. */
#ifndef FLOW_PUBLISH_CONFIRM_ASK_H
#define FLOW_PUBLISH_CONFIRM_ASK_H

#include "flow/publish/out_volume.h"

enum confirm_way {
    CONFIRM_BY_STAT,
    CONFIRM_BY_BODY, /* OK only if it is what was posted */
};

/* On the loop, never inside a call of this file; it may cancel. OK; ERR_NO_ARTICLE or KIND_CORRUPT:
 * it is not there as it was posted; anything else: no answer, ctx->text says why. */
typedef void (*confirm_answer_fn)(void *arg, uint32_t index, enum err err);

struct confirm_ask;
MUST_USE enum err confirm_ask_new(
    struct publish_ctx *ctx, confirm_answer_fn done, void *arg, struct confirm_ask **ask);

/* No answer comes any more. Memory goes when the workers have let go. NULL is allowed. */
void confirm_ask_cancel(struct confirm_ask *ask);

/* How many answers are still to come. */
size_t confirm_ask_busy(const struct confirm_ask *ask);

/* Would one more of this kind keep the connections busy, and no more than that? */
bool confirm_ask_has_room(const struct confirm_ask *ask, enum confirm_way way);

/* Ask for segment `index` of `volume`, whose cid is known. */
MUST_USE enum err confirm_ask_start(
    struct confirm_ask *ask, const struct out_volume *volume, uint32_t index, enum confirm_way way);

#endif
