/* What moves, gathered: jobs, servers. */
#include "app/control/control_live.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "app/control/control_own.h"
#include "app/control/job.h"
#include "base/text.h"
#include "io/store/store_job.h"

const char *control_catalogue_word(const struct control *control)
{
    return control->damaged ? "damaged" : control->check != NULL ? "being checked" : "sound";
}

struct counts {
    size_t by_state[STORE_JOB_CANCELLED + 1];
    size_t seen;
    int64_t last;
};

static enum err on_job(void *arg, const struct store_job *job)
{
    struct counts *counts = arg;

    counts->seen++;
    counts->last = job->id;
    if (job->state >= STORE_JOB_QUEUED && job->state <= STORE_JOB_CANCELLED) {
        counts->by_state[job->state]++;
    }
    return OK;
}

enum { PAGE = 500 };

enum err control_counts_json(struct control *control, json_t **out)
{
    struct counts counts = {0};
    enum err err = OK;

    do {
        counts.seen = 0;
        err = store_job_each(control->store, counts.last, PAGE, on_job, &counts);
    } while (err == OK && counts.seen == PAGE);
    if (err != OK) {
        return err;
    }
    *out = json_object();
    for (enum store_job_state state = STORE_JOB_QUEUED; state <= STORE_JOB_CANCELLED; state++) {
        (void)json_object_set_new(
            *out, job_row_state_name(state), json_integer((json_int_t)counts.by_state[state]));
    }
    return *out == NULL ? ERR_NO_MEMORY : OK;
}

static json_t *counters_json(const char *name, const struct news_counters *c)
{
    struct buf text = {0};
    json_t *out = NULL;

    if (text_escape(bytes_str(c->last_text), &text) == OK && buf_append_byte(&text, '\0') == OK) {
        out = json_pack("{s:s, s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
            "name", name, "connections_open", (int)c->connections_open, "connections_busy",
            (int)c->connections_busy, "connections_allowed", (int)c->connections_allowed, "posted",
            (json_int_t)c->posted, "duplicates", (json_int_t)c->duplicates, "rejected",
            (json_int_t)c->rejected, "missing", (json_int_t)c->missing, "fetched",
            (json_int_t)c->fetched, "stats", (json_int_t)c->stats, "retries",
            (json_int_t)c->retries, "reconnects", (json_int_t)c->reconnects, "bytes_out",
            (json_int_t)c->bytes_out, "bytes_in", (json_int_t)c->bytes_in);
    }
    if (out != NULL && c->last_error != OK) {
        (void)json_object_set_new(out, "last_error", json_string(err_text(c->last_error)));
        (void)json_object_set_new(out, "last_text", json_string((const char *)text.ptr));
    }
    buf_clear(&text);
    return out;
}

json_t *control_counters_json(struct control *control, size_t i)
{
    struct news_counters counters = {0};

    news_counters_get(control->news, i, &counters);
    return counters_json(control->servers[i], &counters);
}

static json_t *jobs_json(struct control *control)
{
    json_t *jobs = json_object();
    char key[24];

    LIST_EACH(node, after, &control->jobs)
    {
        struct job *job = LIST_ITEM(node, struct job, node);

        (void)snprintf(key, sizeof(key), "%" PRId64, job->row.id);
        (void)json_object_set_new(jobs, key, job_json(job));
    }
    return jobs;
}

static json_t *servers_json(struct control *control)
{
    json_t *servers = json_object();

    for (size_t i = 0; i < control->server_count; i++) {
        (void)json_object_set_new(servers, control->servers[i],
            json_pack(
                "{s:o, s:b}", "counters", control_counters_json(control, i), "paused", false));
    }
    return servers;
}

json_t *control_live(struct control *control)
{
    json_t *counts = NULL;

    if (control_counts_json(control, &counts) != OK) {
        counts = json_object();
    }
    return json_pack("{s:I, s:s, s:s, s:o, s:o, s:o}", "time", (json_int_t)time(NULL), "version",
        USENETSYNC_VERSION, "catalogue", control_catalogue_word(control), "jobs",
        jobs_json(control), "servers", servers_json(control), "counts", counts);
}
