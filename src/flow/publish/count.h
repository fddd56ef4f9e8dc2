/* What the catalogue says that a share has, and of it has not sent: a look at every entry. */
#ifndef FLOW_PUBLISH_COUNT_H
#define FLOW_PUBLISH_COUNT_H

#include "flow/publish/ctx.h"
#include "io/store/store_entry.h"

struct count;

/* Count on a worker. *totals, which must live until then, is written before `done` says OK. */
MUST_USE enum err count_start(struct publish_ctx *ctx, struct store_totals *totals,
    publish_step_fn done, void *arg, struct count **count);

/* NULL is allowed. */
void count_cancel(struct count *count);

#endif
