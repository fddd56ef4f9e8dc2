/* version, status, daemon stop. */
#include <time.h>
#include <unistd.h>

#include "app/control/control_own.h"
#include "base/text.h"
#include "io/store/store_job.h"

static json_t *version_json(void)
{
    return json_pack("{s:s, s:i}", "version", USENETSYNC_VERSION, "api", 1);
}

void verb_version(struct control_call *call)
{
    control_answer(call, version_json());
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

static enum err count_jobs(struct control *control, struct counts *counts)
{
    enum err err = OK;

    do {
        counts->seen = 0;
        err = store_job_each(control->store, counts->last, PAGE, on_job, counts);
    } while (err == OK && counts->seen == PAGE);
    return err;
}

static json_t *server_json(const char *name, const struct news_counters *c)
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

static json_t *servers_json(struct control *control)
{
    json_t *list = json_array();

    for (size_t i = 0; i < control->server_count; i++) {
        struct news_counters counters = {0};

        news_counters_get(control->news, i, &counters);
        (void)json_array_append_new(list, server_json(control->servers[i], &counters));
    }
    return list;
}

void verb_status(struct control_call *call)
{
    struct control *control = call->control;
    struct counts counts = {0};
    enum err err = count_jobs(control, &counts);

    if (err != OK) {
        control_fail(call, err, NULL);
        return;
    }
    control_answer(call,
        json_pack("{s:s, s:i, s:s, s:I, s:s, s:{s:I, s:I, s:I, s:I, s:I, s:I}, s:o}", "version",
            USENETSYNC_VERSION, "pid", (int)getpid(), "state", control->state, "started",
            (json_int_t)control->started, "catalogue",
            control->damaged         ? "damaged"
            : control->check != NULL ? "being checked"
                                     : "sound",
            "jobs", "queued", (json_int_t)counts.by_state[STORE_JOB_QUEUED], "running",
            (json_int_t)counts.by_state[STORE_JOB_RUNNING], "paused",
            (json_int_t)counts.by_state[STORE_JOB_PAUSED], "done",
            (json_int_t)counts.by_state[STORE_JOB_DONE], "failed",
            (json_int_t)counts.by_state[STORE_JOB_FAILED], "cancelled",
            (json_int_t)counts.by_state[STORE_JOB_CANCELLED], "servers", servers_json(control)));
}

void verb_stop(struct control_call *call)
{
    struct control *control = call->control;

    control_answer(call, json_pack("{s:i}", "pid", (int)getpid()));
    if (control->on_stop != NULL) {
        control->on_stop(control->stop_arg);
    }
}
