/* Segments of a volume once more: from the files they were made of, else from the server that took
 * them. Some at a time, each on a worker or with the news pool. */
#ifndef FLOW_PUBLISH_MEND_GET_H
#define FLOW_PUBLISH_MEND_GET_H

#include "flow/publish/poster.h"
#include "flow/publish/reseal.h"

struct mend_get;

/* Each runs on the loop, never inside a call of this file, and may cancel. */
struct mend_get_events {
    /* It is here: *raw holds what the article carries before the mask (data: sealed), *payload what
     * a data segment holds. Both may be taken. */
    void (*got)(void *arg, uint32_t index, struct buf *raw, struct buf *payload);
    /* Neither the files nor the server have these bytes. */
    void (*missing)(void *arg, uint32_t index);
    /* No answer; ctx->text says why. Called once; cancel. */
    void (*failed)(void *arg, enum err err);
};

/* `poster` lends memory: it must live until the cancel. */
MUST_USE enum err mend_get_new(struct publish_ctx *ctx, struct poster *poster,
    const struct mend_get_events *events, void *arg, struct mend_get **get);

/* Stop; no event runs any more. Memory goes when the workers have let go. NULL is allowed. */
void mend_get_cancel(struct mend_get *get);

/* Use this walk from now on; it is the getter's, which lets go of the one before. Only while
 * nothing is under way. */
void mend_get_use(struct mend_get *get, struct reseal *reseal);

/* Does the walk in use tell from which files `place` can be made? */
bool mend_get_covers(const struct mend_get *get, uint64_t place);

bool mend_get_has_room(const struct mend_get *get);
size_t mend_get_busy(const struct mend_get *get);

/* Get segment `index` of `volume`, whose cid is known. Data: the walk covers it. What is PLANNED is
 * not on the server, so only the files are asked. Only while there is room. */
MUST_USE enum err mend_get_start(
    struct mend_get *get, const struct out_volume *volume, uint32_t index);

#endif
