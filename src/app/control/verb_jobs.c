/* jobs: the list, newest first. job: one of them. logs: its story. */
#include <stdlib.h>
#include <string.h>

#include "app/control/control_args.h"
#include "app/control/control_verbs.h"
#include "app/control/event_view.h"
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

/* The bits of words joined by commas, "paused,failed". ERR_BAD_REQUEST: one is not known. */
static enum err read_words(
    const json_t *args, const char *key, const char *const *words, unsigned *bits)
{
    const char *text;
    enum err err = control_args_text(args, key, 128, &text);

    *bits = 0;
    while (err == OK && *text != '\0') {
        size_t len = strcspn(text, ",");
        unsigned i = 1;

        while (words[i] != NULL && (strlen(words[i]) != len || memcmp(words[i], text, len) != 0)) {
            i++;
        }
        err = words[i] != NULL ? OK : ERR_BAD_REQUEST;
        *bits |= 1U << i;
        text += len;
        text += *text == ',';
    }
    return err;
}

static enum err read_filter(const json_t *args, struct store_job_filter *filter)
{
    static const char *const states[] = {
        "", "queued", "running", "paused", "done", "failed", "cancelled", NULL};
    static const char *const kinds[] = {
        "", "share", "get", "adopt", "check", "export", "heal", NULL};
    int64_t limit = LIMIT_DEFAULT;
    enum err err = control_args_int(args, "limit", 1, LIMIT_MAX, &limit);

    filter->limit = (size_t)limit;
    if (err == OK) {
        err = control_args_int(args, "before", 0, INT64_MAX, &filter->before);
    }
    if (err == OK) {
        err = control_args_int(args, "share", 0, INT64_MAX, &filter->share);
    }
    if (err == OK) {
        err = read_words(args, "state", states, &filter->states);
    }
    return err == OK ? read_words(args, "kind", kinds, &filter->kinds) : err;
}

void verb_jobs(struct control_call *call)
{
    struct page page = {call->control, json_array(), 0};
    struct store_job_filter filter = {.before = 0};
    enum err err = read_filter(call->args, &filter);
    size_t i;
    json_t *row;

    if (err == OK) {
        err = store_job_select(call->control->store, &filter, on_job, &page);
    }
    if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        jobs_put_positions(call->control, page.rows);
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
        json_t *rows = json_pack("[o]", running != NULL ? job_json(running) : job_row_json(&row));

        jobs_put_positions(call->control, rows);
        control_answer(call, json_incref(json_array_get(rows, 0)));
        json_decref(rows);
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
    struct logs *logs = arg;

    logs->seen++;
    logs->last = event->id;
    control_row(logs->call, event_view(event));
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
