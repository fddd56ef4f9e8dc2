/* A bar for each phase of a job: how far it is, as a person looks at it. Pure. */
#ifndef APP_CONTROL_JOB_PHASES_H
#define APP_CONTROL_JOB_PHASES_H

#include <jansson.h>

#include "flow/progress/progress.h"
#include "io/store/store_job.h"

enum { JOB_BARS_MAX = 5 };

enum job_bar_state { JOB_BAR_WAITING, JOB_BAR_RUNNING, JOB_BAR_DONE };

struct job_bar {
    enum job_bar_state state;
    uint64_t done;
    int64_t total; /* -1: not known */
    int permille;  /* -1: not known; never less than before */
};

struct job_phases {
    const struct job_bar_row *rows; /* what the bars are */
    size_t count;
    struct job_bar bars[JOB_BARS_MAX];
};

/* Whether a get writes anything: without, it ends with the list, or with comparing. */
enum job_writes { JOB_WRITES, JOB_ONLY_LOOKS, JOB_COMPARES };

/* The bars of a job that begins: all wait. */
void job_phases_init(struct job_phases *phases, enum store_job_kind kind, enum job_writes writes);

/* Counters moved, perhaps another phase began. */
void job_phases_update(struct job_phases *phases, const struct progress *progress);

/* It ended well: every bar is full. */
void job_phases_finish(struct job_phases *phases);

/* A list of what docs/openapi.yaml calls Phase: new, NULL without memory. */
json_t *job_phases_json(const struct job_phases *phases);

#endif
