/* Making progress durable: what became safe since the last time goes into the catalogue in one
 * transaction, on a worker, one at a time. */
#ifndef FLOW_PUBLISH_FLUSH_H
#define FLOW_PUBLISH_FLUSH_H

#include "flow/publish/packer.h"

struct flush;

/* Called on the loop when a flush has ended; `files` are now complete in the catalogue. */
typedef void (*flush_done_fn)(void *arg, enum err err, uint64_t files);

MUST_USE enum err flush_new(
    struct publish_ctx *ctx, flush_done_fn done, void *arg, struct flush **flush);

/* Write what is going on right now and the rest too, then free: everything acknowledged is in the
 * catalogue on return; but nothing is written behind a write that failed. Sources that are complete
 * are freed. */
void flush_end(struct flush *flush, struct packer *packer);

/* Note that `source` has something new. One that is complete belongs to the flush from now on. */
void flush_add(struct flush *flush, struct source *source);

/* Begin to write all that is new, unless a write is going on. */
MUST_USE enum err flush_begin(struct flush *flush, struct packer *packer);

/* Wait until the write that is going on has reached the catalogue. Short; for the rare case that
 * rows must not come after what the caller writes itself. */
void flush_wait(struct flush *flush);

/* Is a write going on? Is there anything to write? */
bool flush_busy(const struct flush *flush);
bool flush_pending(const struct flush *flush);

#endif
