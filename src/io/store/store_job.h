/* Jobs: durable, resumable work; and the events that tell their story. */
#ifndef IO_STORE_STORE_JOB_H
#define IO_STORE_STORE_JOB_H

#include "io/store/store.h"

enum store_job_kind { STORE_JOB_SHARE = 1, STORE_JOB_GET = 2, STORE_JOB_ADOPT = 3 };

enum store_job_state {
    STORE_JOB_QUEUED = 1,
    STORE_JOB_RUNNING,
    STORE_JOB_PAUSED,
    STORE_JOB_DONE,
    STORE_JOB_FAILED,
    STORE_JOB_CANCELLED,
};

struct store_job {
    int64_t id;
    enum store_job_kind kind;
    enum store_job_state state;
    int priority;                       /* higher first; 0 is normal */
    uint32_t attempts;                  /* how often it was started */
    int64_t share;                      /* 0: none */
    int64_t created, started, finished; /* unix seconds, 0: not yet */
    struct bytes args;     /* what was asked, app/control's encoding; may hold a link: a secret */
    struct bytes progress; /* the last progress, app/control's encoding */
    struct bytes result;   /* what it came to, app/control's encoding */
};

typedef enum err (*store_job_fn)(void *arg, const struct store_job *job);

/* Insert (id is ignored). Survives kill -9 on return. */
MUST_USE enum err store_job_add(struct store *store, const struct store_job *job, int64_t *id);

/* Write state, priority, attempts, share, started, finished, progress, result of job->id. */
MUST_USE enum err store_job_update(struct store *store, const struct store_job *job);
MUST_USE enum err store_job_get(struct store *store, int64_t id, store_job_fn each, void *arg);

/* Newest first, up to `limit`, with id < before (0: from the newest). */
MUST_USE enum err store_job_each(
    struct store *store, int64_t before, size_t limit, store_job_fn each, void *arg);

/* The QUEUED job to run next: highest priority, then oldest. ERR_NO_ROW: none. */
MUST_USE enum err store_job_next(struct store *store, store_job_fn each, void *arg);

/* After a restart: what was RUNNING is QUEUED again. */
MUST_USE enum err store_job_requeue(struct store *store);
MUST_USE enum err store_job_forget(struct store *store, int64_t id);

/* --- events ------------------------------------------------------------------------------------
 */

struct store_event {
    int64_t id;
    int64_t job;     /* 0: of the daemon itself */
    int64_t time_ns; /* since 1970 */
    int level;       /* enum log_level */
    struct bytes text;
};

typedef enum err (*store_event_fn)(void *arg, const struct store_event *event);

/* Append events (id is ignored); the oldest go when there are more than 100,000. */
MUST_USE enum err store_event_add(
    struct store *store, const struct store_event *events, size_t count);

/* Events with id > after, oldest first; of one job, or of all when `job` is 0. */
MUST_USE enum err store_event_each(
    struct store *store, int64_t job, int64_t after, size_t limit, store_event_fn each, void *arg);

#endif
