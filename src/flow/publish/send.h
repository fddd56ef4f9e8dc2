/* The step that sends: plan (what is not sent yet) -> read -> pack -> seal, encode, post; and
 * flush. */
#ifndef FLOW_PUBLISH_SEND_H
#define FLOW_PUBLISH_SEND_H

#include "flow/publish/ctx.h"

/* Send every file of the share that is not sent; done when all of it is accepted and in the
 * catalogue and every volume is closed. Files that cannot be read are dropped from the version,
 * each with an event. */
struct send;
MUST_USE enum err send_start(
    struct publish_ctx *ctx, publish_step_fn done, void *arg, struct send **send);

/* As publish_files(). */
void send_files(const struct send *send, size_t limit, progress_file_fn each, void *arg);

/* Stop; what was acknowledged is in the catalogue on return. */
void send_cancel(struct send *send);

#endif
