/* pause, resume, cancel, retry, priority, move, forget: of one job, or of all. */
#include <stdlib.h>
#include <time.h>

#include "app/control/control_args.h"
#include "app/control/control_verbs.h"
#include "app/control/jobs_change.h"

enum { MINUTE = 60 };

/* "job" as a number; false: the call has ended. */
static bool job_id(struct control_call *call, int64_t *id)
{
    *id = 0;
    if (control_args_int(call->args, "job", 1, INT64_MAX, id) == OK && *id > 0) {
        return true;
    }
    control_fail(call, ERR_NO_JOB, NULL);
    return false;
}

/* "minutes" of a pause. */
static enum err read_until(const json_t *args, int64_t *until)
{
    int64_t minutes = 0;
    enum err err = control_args_int(args, "minutes", 1, JOBS_MINUTES_MAX, &minutes);

    *until = minutes > 0 ? (int64_t)time(NULL) + minutes * MINUTE : 0;
    return err;
}

static void answer(
    struct control_call *call, int64_t id, enum err err, const struct jobs_change *change)
{
    jobs_pump(call->control);
    if (err != OK) {
        control_fail(call, err, change->text[0] != '\0' ? "%s" : NULL, change->text);
        return;
    }
    control_answer(call, json_pack("{s:I, s:s, s:s}", "job", (json_int_t)id, "state",
                             job_row_state_name(change->state), "note", change->note));
}

static void one(struct control_call *call, jobs_change_fn fn, struct jobs_change *change)
{
    int64_t id;

    if (job_id(call, &id)) {
        enum err err = fn(call->control, id, change);

        answer(call, id, err, change);
    }
}

static void all(struct control_call *call, unsigned states, jobs_change_fn fn)
{
    struct jobs_change change = {.until = 0};
    size_t count;
    enum err err = fn == jobs_pause ? read_until(call->args, &change.until) : OK;

    if (err != OK) {
        control_fail(call, err, NULL);
        return;
    }
    count = jobs_change_all(call->control, states, fn, &change);
    jobs_pump(call->control);
    control_answer(call, json_pack("{s:I}", "jobs", (json_int_t)count));
}

void verb_pause(struct control_call *call)
{
    struct jobs_change change = {.until = 0};
    enum err err = read_until(call->args, &change.until);

    if (err != OK) {
        control_fail(call, err, "a pause is 1 to %d minutes long", JOBS_MINUTES_MAX);
    } else {
        one(call, jobs_pause, &change);
    }
}

void verb_resume(struct control_call *call)
{
    one(call, jobs_resume, &(struct jobs_change){.until = 0});
}

void verb_cancel(struct control_call *call)
{
    one(call, jobs_cancel, &(struct jobs_change){.until = 0});
}

void verb_retry(struct control_call *call)
{
    one(call, jobs_retry, &(struct jobs_change){.until = 0});
}

void verb_priority(struct control_call *call)
{
    struct jobs_change change = {.until = 0};
    int64_t priority = INT64_MIN;
    enum err err =
        control_args_int(call->args, "priority", JOBS_PRIORITY_MIN, JOBS_PRIORITY_MAX, &priority);

    if (err != OK || priority == INT64_MIN) {
        control_fail(call, ERR_BAD_REQUEST, "a priority is a number from %d to %d",
            JOBS_PRIORITY_MIN, JOBS_PRIORITY_MAX);
        return;
    }
    change.priority = (int)priority;
    one(call, jobs_priority, &change);
}

/* A job that cannot be moved: it does not wait, or there is none. */
static void not_queued(struct control_call *call, int64_t id)
{
    struct job_row row;
    enum err err = job_row_load(call->control->store, id, &row);

    job_row_clear(&row);
    if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        control_fail(call, ERR_JOB_STATE, "job %lld does not wait in the queue", (long long)id);
    }
}

void verb_move(struct control_call *call)
{
    static const char *const words[] = {"up", "down", "top", "bottom", NULL};
    static const enum store_job_move moves[] = {
        STORE_JOB_UP, STORE_JOB_DOWN, STORE_JOB_TOP, STORE_JOB_BOTTOM};
    struct jobs_change change = {.state = STORE_JOB_QUEUED, .note = ""};
    size_t place = sizeof(moves) / sizeof(moves[0]);
    int64_t id;
    enum err err;

    if (!job_id(call, &id)) {
        return;
    }
    err = control_args_word(call->args, "to", words, &place);
    if (err != OK || place == sizeof(moves) / sizeof(moves[0])) {
        control_fail(call, ERR_BAD_REQUEST, "a job moves up, down, to the top or the bottom");
        return;
    }
    err = store_job_move(call->control->store, id, moves[place]);
    if (err == ERR_NO_ROW) {
        not_queued(call, id);
        return;
    }
    answer(call, id, err, &change);
}

void verb_job_forget(struct control_call *call)
{
    struct jobs_change change = {.until = 0};
    int64_t id;
    enum err err;

    if (!job_id(call, &id)) {
        return;
    }
    err = jobs_forget(call->control, id, &change);
    jobs_pump(call->control);
    if (err != OK) {
        control_fail(call, err, change.text[0] != '\0' ? "%s" : NULL, change.text);
    } else {
        control_answer(call, json_pack("{s:I}", "job", (json_int_t)id));
    }
}

#define BIT(state) (1U << (state))

void verb_queue_pause(struct control_call *call)
{
    all(call, BIT(STORE_JOB_QUEUED) | BIT(STORE_JOB_RUNNING), jobs_pause);
}

void verb_queue_resume(struct control_call *call)
{
    all(call, BIT(STORE_JOB_PAUSED), jobs_resume);
}

void verb_queue_cancel(struct control_call *call)
{
    all(call, BIT(STORE_JOB_QUEUED) | BIT(STORE_JOB_RUNNING) | BIT(STORE_JOB_PAUSED), jobs_cancel);
}

void verb_queue_retry(struct control_call *call)
{
    all(call, BIT(STORE_JOB_FAILED), jobs_retry);
}

void verb_queue_forget(struct control_call *call)
{
    all(call, BIT(STORE_JOB_DONE) | BIT(STORE_JOB_FAILED) | BIT(STORE_JOB_CANCELLED), jobs_forget);
}
