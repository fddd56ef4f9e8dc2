/* The job that publishes a share's next version. */
#ifndef APP_CONTROL_SHARE_JOB_H
#define APP_CONTROL_SHARE_JOB_H

#include "app/control/control_own.h"
#include "io/store/store_share.h"

/* Let the unfinished job of the share go on, or queue a new one with the request's "priority"; and
 * end the call with what came of it. */
void share_job_start(struct control_call *call, const struct store_share *share);

#endif
