/* Jobs: durable, resumable work. */
#ifndef IO_STORE_STORE_JOB_H
#define IO_STORE_STORE_JOB_H

#include "io/store/store.h"

enum store_job_kind {
    STORE_JOB_SHARE = 1,
    STORE_JOB_GET,
    STORE_JOB_ADOPT,
    STORE_JOB_CHECK,
    STORE_JOB_EXPORT,
    STORE_JOB_HEAL, /* what a published share lost is posted again, its head is kept findable */
};

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
    int64_t position;                   /* of those with one priority, the smaller first */
    int64_t resume_at;                  /* PAUSED: goes on by itself then, unix seconds; 0: never */
    uint32_t attempts;                  /* how often it was started */
    int64_t share;                      /* 0: none */
    int64_t created, started, finished; /* unix seconds, 0: not yet */
    struct bytes args;     /* what was asked, app/control's encoding; may hold a link: a secret */
    struct bytes progress; /* the last progress, app/control's encoding */
    struct bytes result;   /* what it came to, app/control's encoding */
};

typedef enum err (*store_job_fn)(void *arg, const struct store_job *job);

/* Insert (id and position are ignored: it is the last in its queue). Survives kill -9 on return. */
MUST_USE enum err store_job_add(struct store *store, const struct store_job *job, int64_t *id);

/* Write state, priority, resume_at, attempts, share, started, finished, progress, result of
 * job->id. */
MUST_USE enum err store_job_update(struct store *store, const struct store_job *job);

/* Write the progress of a job that is still RUNNING; of another nothing is changed, so that one
 * that ended meanwhile stays as it is. */
MUST_USE enum err store_job_progress(struct store *store, int64_t id, struct bytes progress);
MUST_USE enum err store_job_get(struct store *store, int64_t id, store_job_fn each, void *arg);

/* Newest first, up to `limit`, with id < before (0: from the newest). */
MUST_USE enum err store_job_each(
    struct store *store, int64_t before, size_t limit, store_job_fn each, void *arg);

/* The same, but only some of them. */
struct store_job_filter {
    unsigned states; /* a bit (1 << enum store_job_state) for each that is wanted; 0: all */
    unsigned kinds;  /* the same of enum store_job_kind */
    int64_t share;   /* 0: of any share or none */
    int64_t before;
    size_t limit;
};
MUST_USE enum err store_job_select(
    struct store *store, const struct store_job_filter *filter, store_job_fn each, void *arg);

/* The QUEUED, RUNNING and PAUSED jobs of a share, newest first: the same cost after any number of
 * finished ones. */
MUST_USE enum err store_job_unfinished(
    struct store *store, int64_t share, store_job_fn each, void *arg);

/* Up to `limit` jobs in `state`, as they wait: highest priority, then position. */
MUST_USE enum err store_job_waiting(
    struct store *store, enum store_job_state state, size_t limit, store_job_fn each, void *arg);

/* Give a QUEUED job another place among its like; it takes the priority of the one it passes.
 * ERR_NO_ROW: it is not queued. */
enum store_job_move { STORE_JOB_UP, STORE_JOB_DOWN, STORE_JOB_TOP, STORE_JOB_BOTTOM };
MUST_USE enum err store_job_move(struct store *store, int64_t id, enum store_job_move move);

/* Make it the last among those of its priority. */
MUST_USE enum err store_job_last(struct store *store, int64_t id);

/* The soonest resume_at of PAUSED jobs. ERR_NO_ROW: none has one. */
MUST_USE enum err store_job_wakes(struct store *store, int64_t *id, int64_t *at);

/* How many jobs are in each state. */
struct store_job_counts {
    uint64_t in[STORE_JOB_CANCELLED + 1]; /* by enum store_job_state */
};
MUST_USE enum err store_job_count(struct store *store, struct store_job_counts *counts);

/* The QUEUED job to run next: highest priority, then position. ERR_NO_ROW: none. */
MUST_USE enum err store_job_next(struct store *store, store_job_fn each, void *arg);

/* After a restart: what was RUNNING is QUEUED again, first of its priority. */
MUST_USE enum err store_job_requeue(struct store *store);
MUST_USE enum err store_job_forget(struct store *store, int64_t id);

#endif
