/* jobs: the list, newest first. job: one of them. logs: its story. */
#include <stdlib.h>
#include <string.h>

#include "app/control/jobs.h"

enum { LIMIT_DEFAULT = 100, LIMIT_MAX = 10000, EVENTS_A_TURN = 1000 };

/* An integer argument, from a query ("5") or a body (5); `missing` when it is not there. */
static int64_t integer_arg(const json_t *args, const char *key, int64_t missing)
{
    const json_t *value = json_object_get(args, key);
    const char *text = json_string_value(value);
    char *end = NULL;
    int64_t number;

    if (text == NULL) {
        return json_is_integer(value) ? json_integer_value(value) : missing;
    }
    number = strtoll(text, &end, 10);
    return end != text && *end == '\0' && number >= 0 ? number : missing;
}

struct page {
    struct control *control;
    json_t *rows;
    int64_t last;
};

static enum err on_job(void *arg, const struct store_job *job)
{
    struct page *page = arg;
    struct job *running = job_find(page->control, job->id);
    struct job_row row = {0};
    enum err err = OK;
    json_t *json = NULL;

    if (running != NULL) {
        json = job_json(running);
    } else {
        err = job_row_init(&row, job);
        json = job_row_json(&row);
        job_row_clear(&row);
    }
    (void)err; /* a damaged job is listed with what can be read of it */
    return json_array_append_new(page->rows, json) == 0 ? OK : ERR_NO_MEMORY;
}

void verb_jobs(struct control_call *call)
{
    struct page page = {call->control, json_array(), 0};
    int64_t limit = integer_arg(call->args, "limit", LIMIT_DEFAULT);
    int64_t before = integer_arg(call->args, "before", 0);
    enum err err = store_job_each(call->control->store, before,
        (size_t)(limit < LIMIT_MAX ? limit : LIMIT_MAX), on_job, &page);
    size_t i;
    json_t *row;

    if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        json_array_foreach(page.rows, i, row)
        {
            control_row(call, json_incref(row));
        }
        control_end(call);
    }
    json_decref(page.rows);
}

void verb_job(struct control_call *call)
{
    int64_t id = integer_arg(call->args, "job", -1);
    struct job *running = job_find(call->control, id);
    struct job_row row = {0};
    enum err err = running != NULL ? OK : job_row_load(call->control->store, id, &row);

    if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        control_answer(call, running != NULL ? job_json(running) : job_row_json(&row));
    }
    job_row_clear(&row);
}

/* The rows of logs go out a thousand a turn of the loop. */
struct logs {
    struct control_call *call;
    struct loop_task task;
    int64_t job, last, left;
    int64_t seen;
};

static enum err on_event(void *arg, const struct store_event *event)
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    struct logs *logs = arg;
    int level = event->level >= 0 && event->level <= 3 ? event->level : 3;

    logs->seen++;
    logs->last = event->id;
    control_row(
        logs->call, json_pack("{s:I, s:I, s:I, s:s, s:s%}", "id", (json_int_t)event->id, "job",
                        (json_int_t)event->job, "time_ns", (json_int_t)event->time_ns, "level",
                        levels[level], "text", (const char *)event->text.ptr, event->text.len));
    return OK;
}

static void logs_free(struct logs *logs)
{
    loop_unpost(logs->call->control->loop, &logs->task);
    free(logs);
}

static void logs_turn(void *arg)
{
    struct logs *logs = arg;
    struct control_call *call = logs->call;
    int64_t want = logs->left < EVENTS_A_TURN ? logs->left : EVENTS_A_TURN;
    enum err err;

    logs->seen = 0;
    err =
        store_event_each(call->control->store, logs->job, logs->last, (size_t)want, on_event, logs);
    logs->left -= logs->seen;
    if (err == OK && logs->seen == want && logs->left > 0) {
        loop_post(call->control->loop, &logs->task, logs_turn, logs);
        return;
    }
    call->cancel = NULL;
    logs_free(logs);
    if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        control_end(call);
    }
}

static void logs_cancel(struct control_call *call)
{
    logs_free(call->work);
}

/* Job 0 is the daemon's own story and everybody's. */
void verb_logs(struct control_call *call)
{
    struct control *control = call->control;
    int64_t id = integer_arg(call->args, "job", -1);
    struct job *running = job_find(control, id);
    struct job_row row = {0};
    enum err err = running != NULL || id == 0 ? OK : job_row_load(control->store, id, &row);
    struct logs *logs = calloc(1, sizeof(*logs));

    job_row_clear(&row);
    if (err != OK || logs == NULL) {
        free(logs);
        control_fail(call, err != OK ? err : ERR_NO_MEMORY, NULL);
        return;
    }
    if (running != NULL) {
        job_flush_events(running);
    }
    logs->call = call;
    logs->job = id;
    logs->last = integer_arg(call->args, "after", 0);
    logs->left = integer_arg(call->args, "limit", INT64_MAX);
    call->work = logs;
    call->cancel = logs_cancel;
    loop_post(control->loop, &logs->task, logs_turn, logs);
}
