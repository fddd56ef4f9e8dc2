/* The scheduler: which queued job runs next, and what may be done to a job. */
#ifndef APP_CONTROL_JOBS_H
#define APP_CONTROL_JOBS_H

#include "app/control/job.h"

enum { JOBS_PRIORITY_MIN = -100, JOBS_PRIORITY_MAX = 100 };

/* Jobs came, went or changed their state: start queued ones, soon, as far as there is room. */
void jobs_pump(struct control *control);

/* At the start: what ran when the last daemon ended, however it did, is queued, and goes on before
 * all that waits. */
MUST_USE enum err jobs_take_up(struct control *control);

/* Stop every job under way so that it is taken up at the next start. */
void jobs_free(struct control *control);

/* The queued, running or paused job that changes `share`, but for `except`: its id and state.
 * ERR_NO_ROW: none. */
MUST_USE enum err jobs_of_share(struct control *control, int64_t share, int64_t except, int64_t *id,
    enum store_job_state *state);

/* Is what it lost being posted again just now, or its head kept? Sets the job's id then. */
bool jobs_healing(struct control *control, int64_t share, int64_t *id);

/* Queue a job that takes `share` over from its news server. */
MUST_USE enum err jobs_add_adopt(struct store *store, const struct store_share *share, int64_t *id);

/* Put "position" into those of `rows` (jobs as the user sees them) that wait in the queue. */
void jobs_put_positions(struct control *control, json_t *rows);

/* Put a job that is not under way into `state`. */
MUST_USE enum err jobs_set_state(
    struct control *control, struct job_row *row, enum store_job_state state);

#endif
