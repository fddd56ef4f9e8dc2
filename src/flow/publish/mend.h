/* The step that completes volumes: nothing new joins them, but some of their articles are not on
 * the server. Their recovery data was never made (an earlier run posted the data), or the network
 * lost articles. What is missing goes out with the contents it had, under the attempts that the
 * catalogue names: made from the files again, else fetched, else reckoned from the volume's parity.
 */
#ifndef FLOW_PUBLISH_MEND_H
#define FLOW_PUBLISH_MEND_H

#include "flow/publish/ctx.h"

enum mend_reason {
    MEND_LEFT_OVER, /* an earlier run left them: it may have posted more than it noted */
    MEND_LOST,      /* this run found losses */
};

/* OK: every CLOSED data volume that no head lists yet is complete. ERR_ARTICLES_LOST: the contents
 * of some segments are to be had from nowhere; the files in them are unsent and their volumes open
 * again: send, then mend once more. */
struct mend;
MUST_USE enum err mend_start(struct publish_ctx *ctx, enum mend_reason reason, publish_step_fn done,
    void *arg, struct mend **mend);

/* Stop; what was acknowledged is in the catalogue on return. NULL is allowed. */
void mend_cancel(struct mend *mend);

#endif
