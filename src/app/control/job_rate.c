/* A ring of samples and three divisions. */
#include "app/control/job_rate.h"

enum { EARLIEST_MS = 1000, ETA_EARLIEST_MS = 3000 };

void job_rate_reset(struct job_rate *rate, uint64_t now_ms, uint64_t bytes)
{
    *rate = (struct job_rate){
        .start_ms = now_ms, .start_bytes = bytes, .last_ms = now_ms, .last_bytes = bytes};
    rate->sample[0].ms = now_ms;
    rate->sample[0].bytes = bytes;
    rate->next = 1;
    rate->count = 1;
}

void job_rate_add(struct job_rate *rate, uint64_t now_ms, uint64_t bytes)
{
    unsigned newest = (rate->next + JOB_RATE_SAMPLES - 1) % JOB_RATE_SAMPLES;

    rate->last_ms = now_ms;
    rate->last_bytes = bytes;
    if (rate->count > 0 && now_ms < rate->sample[newest].ms + JOB_RATE_STEP_MS) {
        return;
    }
    rate->sample[rate->next].ms = now_ms;
    rate->sample[rate->next].bytes = bytes;
    rate->next = (rate->next + 1) % JOB_RATE_SAMPLES;
    rate->count += rate->count < JOB_RATE_SAMPLES;
}

static int64_t per_second(uint64_t from_ms, uint64_t from, uint64_t now_ms, uint64_t bytes)
{
    if (now_ms < from_ms + EARLIEST_MS || bytes < from) {
        return -1;
    }
    return (int64_t)((double)(bytes - from) * 1000.0 / (double)(now_ms - from_ms));
}

int64_t job_rate_now(const struct job_rate *rate, uint64_t now_ms)
{
    uint64_t window = now_ms > JOB_RATE_WINDOW_MS ? now_ms - JOB_RATE_WINDOW_MS : 0;
    unsigned i = (rate->next + JOB_RATE_SAMPLES - rate->count) % JOB_RATE_SAMPLES;

    for (unsigned n = 0; n < rate->count; n++, i = (i + 1) % JOB_RATE_SAMPLES) {
        if (rate->sample[i].ms >= window) {
            return per_second(rate->sample[i].ms, rate->sample[i].bytes, now_ms, rate->last_bytes);
        }
    }
    return now_ms > rate->last_ms + JOB_RATE_WINDOW_MS ? 0 : -1;
}

int64_t job_rate_average(const struct job_rate *rate, uint64_t now_ms)
{
    return per_second(rate->start_ms, rate->start_bytes, now_ms, rate->last_bytes);
}

int64_t job_rate_eta(const struct job_rate *rate, uint64_t now_ms, uint64_t left)
{
    int64_t speed = job_rate_now(rate, now_ms);

    if (left == 0) {
        return 0;
    }
    if (speed <= 0 || now_ms < rate->start_ms + ETA_EARLIEST_MS) {
        return -1;
    }
    return (int64_t)(((double)left + (double)speed - 1) / (double)speed);
}
