/* Telling the catalogue what the share has now, by content, so that the next version sends only
 * what is new. Losing this costs articles, nothing else. */
#ifndef FLOW_PUBLISH_NOTE_H
#define FLOW_PUBLISH_NOTE_H

#include "flow/publish/ctx.h"
#include "io/store/store_known.h"

struct note;

/* Note the segments of all volumes that no head lists yet: they are confirmed. */
MUST_USE enum err note_blocks(
    struct publish_ctx *ctx, publish_step_fn done, void *arg, struct note **note);

/* Note the objects of the version that was just published. `objects` (struct store_object) is
 * taken. */
MUST_USE enum err note_objects(struct publish_ctx *ctx, struct buf *objects, publish_step_fn done,
    void *arg, struct note **note);
void note_cancel(struct note *note);

#endif
