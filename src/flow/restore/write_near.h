/* Requests on a worker: to the helper, where there is one. The target's folder is opened here,
 * since that is the user's word and not the share's; the helper gets it open, and gets nothing
 * else. */
#ifndef FLOW_RESTORE_WRITE_NEAR_H
#define FLOW_RESTORE_WRITE_NEAR_H

#include "flow/restore/write_work.h"

/* Start the helper, if the target is to have one: before WRITE_BEGIN, on the loop's thread, with
 * which it dies. */
MUST_USE enum err write_near_start(struct write_target *target);

/* A request on its way, and what became of it. */
struct write_call {
    struct write_request request; /* its views lie in `paths` */
    struct buf paths;
    struct write_answer answer;
    enum err err; /* ERR_HELPER: there is no helper any more */
    write_fn done;
    void *arg;
};

/* How much of a helper's message it is; all that travel together: at most WRITE_MESSAGE_MAX. */
size_t write_near_len(const struct write_request *request);
enum { WRITE_MESSAGE_MAX = HELPER_REQUEST_MAX - 128 };

/* See that these are done, in their order. PEEK, BEGIN and END go alone. */
void write_near(struct write_target *target, struct write_call *calls, size_t count);

/* Nobody holds this file any more: the helper hears of it, now or then. */
void write_near_forget(struct write_file *file);

/* Nobody waits for answers any more. */
void write_near_hurry(struct write_target *target);

#endif
