/* What a job has taken over all its runs: how long it ran, bytes on the wire, retries. */
#ifndef APP_CONTROL_JOB_TOTALS_H
#define APP_CONTROL_JOB_TOTALS_H

#include <jansson.h>

#include "flow/progress/progress.h"

struct job_totals {
    uint64_t ms, bytes, retries; /* of runs and flows that are over */
    uint64_t begun_ms;           /* this run */
};

/* A run begins; `kept` is what job_totals_json() said at the end of the one before, or NULL. */
void job_totals_begin(struct job_totals *totals, const json_t *kept, uint64_t now_ms);

/* A flow is over, with these counters; another may begin at nothing. */
void job_totals_flow(struct job_totals *totals, const struct progress *progress);

/* With what the flow under way has counted: new, NULL without memory. */
json_t *job_totals_json(
    const struct job_totals *totals, const struct progress *progress, uint64_t now_ms);

#endif
