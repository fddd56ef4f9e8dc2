/* Sums over runs. */
#include "app/control/job_totals.h"

enum { MS = 1000 };

static uint64_t number(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));

    return value > 0 ? (uint64_t)value : 0;
}

void job_totals_begin(struct job_totals *totals, const json_t *kept, uint64_t now_ms)
{
    *totals = (struct job_totals){
        .ms = number(kept, "seconds") * MS,
        .bytes = number(kept, "bytes"),
        .retries = number(kept, "retries"),
        .begun_ms = now_ms,
    };
}

void job_totals_flow(struct job_totals *totals, const struct progress *progress)
{
    totals->bytes += progress->bytes_posted + progress->bytes_fetched;
    totals->retries += progress->retries;
}

json_t *job_totals_json(
    const struct job_totals *totals, const struct progress *progress, uint64_t now_ms)
{
    uint64_t ms = totals->ms + now_ms - totals->begun_ms;
    uint64_t bytes = totals->bytes + progress->bytes_posted + progress->bytes_fetched;
    uint64_t retries = totals->retries + progress->retries;
    json_t *out = json_pack("{s:I, s:I, s:I}", "seconds", (json_int_t)(ms / MS), "bytes",
        (json_int_t)bytes, "retries", (json_int_t)retries);

    if (out != NULL) {
        (void)json_object_set_new(out, "rate",
            ms < MS ? json_null() : json_integer((json_int_t)((double)bytes * MS / (double)ms)));
    }
    return out;
}
