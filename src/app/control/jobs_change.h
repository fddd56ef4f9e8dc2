/* What may be done to a job, whether one is named or all are meant. */
#ifndef APP_CONTROL_JOBS_CHANGE_H
#define APP_CONTROL_JOBS_CHANGE_H

#include "app/control/jobs.h"

enum { JOBS_MINUTES_MAX = 43200, JOBS_TEXT_MAX = 256 };

struct jobs_change {
    int64_t until;              /* in, of a pause: goes on by itself then, unix seconds; 0: never */
    int priority;               /* in */
    enum store_job_state state; /* out: what it is now */
    const char *note;           /* out: what there is to say about that */
    char text[JOBS_TEXT_MAX];   /* out: why not, or "" */
};

/* Each does one thing to job `id`. ERR_NO_JOB: there is none. ERR_JOB_STATE: it is not in a state
 * for that, text says why. The caller calls jobs_pump() when it is done with all. */
typedef enum err (*jobs_change_fn)(struct control *control, int64_t id, struct jobs_change *change);

enum err jobs_pause(struct control *control, int64_t id, struct jobs_change *change);
enum err jobs_resume(struct control *control, int64_t id, struct jobs_change *change);
enum err jobs_cancel(struct control *control, int64_t id, struct jobs_change *change);
enum err jobs_retry(struct control *control, int64_t id, struct jobs_change *change);
enum err jobs_priority(struct control *control, int64_t id, struct jobs_change *change);
enum err jobs_forget(struct control *control, int64_t id, struct jobs_change *change);

/* Do it to all jobs in `states` (bits as in store_job_filter): how many it was done to. */
size_t jobs_change_all(
    struct control *control, unsigned states, jobs_change_fn fn, const struct jobs_change *change);

#endif
