/* The step that makes sure: every article of the volumes that no head lists yet is asked for by
 * STAT. A sample of them, about one in a hundred and at least one a volume, is fetched and opened
 * instead, since STAT does not prove that a server can give an article; and all that went out under
 * a second id, since somebody else could have put something there. */
#ifndef FLOW_PUBLISH_CONFIRM_H
#define FLOW_PUBLISH_CONFIRM_H

#include "flow/publish/ctx.h"
#include "io/store/store_volume.h"

struct confirm;

/* Data volumes must be complete (mend.h). OK: all segments of `kind` are confirmed, and the
 * catalogue says so. ERR_ARTICLES_LOST: some were missing in every round; the catalogue has them
 * planned again, with the same contents, under their next attempts. */
MUST_USE enum err confirm_start(struct publish_ctx *ctx, enum store_volume_kind kind,
    publish_step_fn done, void *arg, struct confirm **confirm);
void confirm_cancel(struct confirm *confirm);

/* How long to wait before round `round` (from 0) of asking once more; 0: there is none. */
uint64_t confirm_wait_ms(const struct publish_ctx *ctx, unsigned round);

#endif
