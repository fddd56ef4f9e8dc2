/* Is every article of one volume there? All are asked for side by side; those that seem to be gone,
 * or of which nobody could say anything, once more. */
#ifndef FLOW_CHECK_VOLUME_ASK_H
#define FLOW_CHECK_VOLUME_ASK_H

#include "flow/restore/restore_ctx.h"
#include "flow/restore/volume_info.h"

enum { VOLUME_ASK_SILENT_MAX = 64 }; /* questions without an answer, one after another */

enum ask_answer {
    ASK_NONE,    /* not asked yet */
    ASK_THERE,   /* it is there; looked at: with the right contents */
    ASK_MISSING, /* every server said no, twice */
    ASK_DAMAGED, /* it is there, with other contents, twice */
    ASK_UNKNOWN, /* no answer, twice */
};

/* By name, or by fetching each article and looking at its contents. */
enum ask_way { ASK_BY_NAME, ASK_BY_CONTENTS };

/* The servers have been asked for all. */
typedef void (*volume_ask_fn)(void *arg);

struct volume_ask_options {
    struct volume_info *volume; /* gets a holder more */
    enum ask_way way;
    unsigned
        *silent; /* questions in a row that nobody answered; one for the whole flow, 0 at first */
};

/* Ask. done runs later, once; the owner then looks at the answers, and frees. When *silent gets
 * above VOLUME_ASK_SILENT_MAX the flow ends (restore_ctx_fail()). To free before done, the flow's
 * errands must have been forgotten. */
struct volume_ask;
MUST_USE enum err volume_ask_start(struct restore_ctx *ctx,
    const struct volume_ask_options *options, volume_ask_fn done, void *arg,
    struct volume_ask **out);
void volume_ask_free(struct volume_ask *ask); /* NULL is allowed */

/* Did done run? */
bool volume_ask_is_done(const struct volume_ask *ask);

/* What was said of segment `index`. */
enum ask_answer volume_ask_at(const struct volume_ask *ask, uint32_t index);

#endif
