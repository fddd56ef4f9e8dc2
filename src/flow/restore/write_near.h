/* Requests on a worker: to the helper, where there is one. The target's folder is opened here,
 * since that is the user's word and not the share's; the helper gets it open, and gets nothing
 * else. */
#ifndef FLOW_RESTORE_WRITE_NEAR_H
#define FLOW_RESTORE_WRITE_NEAR_H

#include "flow/restore/write_work.h"

/* Start the helper, if the target is to have one: before WRITE_BEGIN, on the loop's thread, with
 * which it dies. */
MUST_USE enum err write_near_start(struct write_target *target);

/* See that `request` is done. ERR_HELPER: there is no helper any more. */
MUST_USE enum err write_near(
    struct write_target *target, const struct write_request *request, struct write_answer *answer);

/* Nobody holds this file any more: the helper hears of it, now or then. */
void write_near_forget(struct write_file *file);

/* Nobody waits for answers any more. */
void write_near_hurry(struct write_target *target);

#endif
