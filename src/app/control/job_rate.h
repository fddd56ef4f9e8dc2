/* How fast a job goes and when it may be done. Pure: the time is an argument. */
#ifndef APP_CONTROL_JOB_RATE_H
#define APP_CONTROL_JOB_RATE_H

#include <stdint.h>

enum {
    JOB_RATE_WINDOW_MS = 10000,
    JOB_RATE_STEP_MS = 500, /* one sample is kept that often */
    JOB_RATE_SAMPLES = JOB_RATE_WINDOW_MS / JOB_RATE_STEP_MS + 1,
};

/* Bytes done at some times of the last ten seconds. */
struct job_rate {
    uint64_t start_ms, start_bytes; /* of the phase */
    uint64_t last_ms, last_bytes;
    struct {
        uint64_t ms, bytes;
    } sample[JOB_RATE_SAMPLES]; /* a ring; `next` is its oldest when it is full */
    unsigned next, count;
};

/* A phase starts: forget everything. */
void job_rate_reset(struct job_rate *rate, uint64_t now_ms, uint64_t bytes);

/* So many bytes are done now. */
void job_rate_add(struct job_rate *rate, uint64_t now_ms, uint64_t bytes);

/* Bytes a second over the last ten seconds, and since the phase began; -1: too early to say. */
int64_t job_rate_now(const struct job_rate *rate, uint64_t now_ms);
int64_t job_rate_average(const struct job_rate *rate, uint64_t now_ms);

/* Seconds until `left` more bytes are done; -1: not known. */
int64_t job_rate_eta(const struct job_rate *rate, uint64_t now_ms, uint64_t left);

#endif
