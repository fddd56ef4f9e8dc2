/* pause, resume, cancel: a job's life in the user's hands. */
#include <stdlib.h>

#include "app/control/jobs.h"

/* What a verb needs to know of the job it is about. */
struct subject {
    struct job *running; /* NULL: only the row */
    struct job_row row;  /* when it is not running */
    int64_t id;
    enum store_job_kind kind;
    enum store_job_state state;
};

static enum err subject_init(struct subject *subject, struct control_call *call)
{
    const char *text = json_string_value(json_object_get(call->args, "job"));
    char *end = NULL;
    enum err err = OK;

    *subject = (struct subject){.id = text != NULL ? strtoll(text, &end, 10) : 0};
    if (text == NULL || end == text || *end != '\0') {
        return ERR_NO_JOB;
    }
    subject->running = job_find(call->control, subject->id);
    if (subject->running == NULL) {
        err = job_row_load(call->control->store, subject->id, &subject->row);
    }
    subject->kind = subject->running != NULL ? subject->running->row.kind : subject->row.kind;
    subject->state = subject->running != NULL ? subject->running->row.state : subject->row.state;
    return err;
}

static void answer_state(
    struct control_call *call, int64_t id, enum store_job_state state, const char *note)
{
    control_answer(call, json_pack("{s:I, s:s, s:s}", "job", (json_int_t)id, "state",
                             job_row_state_name(state), "note", note));
}

/* Stop it where it is. */
static enum err put_to_rest(
    struct control *control, struct subject *subject, enum store_job_state state)
{
    enum err err = subject->running != NULL ? job_stop(subject->running, state)
                                            : jobs_set_state(control, &subject->row, state);

    jobs_pump(control);
    return err;
}

void verb_pause(struct control_call *call)
{
    struct subject subject;
    enum err err = subject_init(&subject, call);

    if (err == OK && subject.state > STORE_JOB_PAUSED) {
        control_fail(call, ERR_JOB_STATE, "job %lld is %s; only a job that is under way can pause",
            (long long)subject.id, job_row_state_name(subject.state));
        job_row_clear(&subject.row);
        return;
    }
    if (err == OK && subject.state != STORE_JOB_PAUSED) {
        err = put_to_rest(call->control, &subject, STORE_JOB_PAUSED);
    }
    job_row_clear(&subject.row);
    if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        answer_state(call, subject.id, STORE_JOB_PAUSED, "it goes on with `usenetsync resume`");
    }
}

/* Only one unfinished job that changes a share. */
static enum err check_share_free(
    struct control *control, const struct subject *subject, int64_t *other)
{
    enum store_job_state state;
    enum err err = ERR_NO_ROW;

    if (subject->row.share != 0 && job_row_changes_share(subject->row.kind)) {
        err = jobs_of_share(control, subject->row.share, subject->id, other, &state);
    }
    return err == OK ? ERR_JOB_STATE : err == ERR_NO_ROW ? OK : err;
}

void verb_resume(struct control_call *call)
{
    struct subject subject;
    int64_t other = 0;
    enum err err = subject_init(&subject, call);

    if (err == OK && (subject.state == STORE_JOB_DONE || subject.state == STORE_JOB_CANCELLED)) {
        control_fail(call, ERR_JOB_STATE, "job %lld is %s; only a paused or failed job can go on",
            (long long)subject.id, job_row_state_name(subject.state));
        goto out;
    }
    if (err == OK && subject.running == NULL) {
        err = check_share_free(call->control, &subject, &other);
    }
    if (err == ERR_JOB_STATE) {
        control_fail(
            call, err, "job %lld is about the same share and not finished", (long long)other);
        goto out;
    }
    if (err == OK && subject.running == NULL && subject.state != STORE_JOB_QUEUED) {
        err = jobs_set_state(call->control, &subject.row, STORE_JOB_QUEUED);
        jobs_pump(call->control);
    }
    if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        answer_state(
            call, subject.id, subject.running != NULL ? STORE_JOB_RUNNING : STORE_JOB_QUEUED, "");
    }
out:
    job_row_clear(&subject.row);
}

/* Nothing that was posted can be taken back; nothing that was restored is removed. */
static const char *what_stays(enum store_job_kind kind)
{
    return kind == STORE_JOB_SHARE
               ? "articles already posted stay on the server; nobody can read them without a "
                 "published link; sharing the same paths again uses them"
               : "files already restored stay in the target folder";
}

void verb_cancel(struct control_call *call)
{
    struct subject subject;
    enum err err = subject_init(&subject, call);

    if (err == OK && (subject.state == STORE_JOB_DONE || subject.state == STORE_JOB_CANCELLED)) {
        control_fail(call, ERR_JOB_STATE, "job %lld is %s already", (long long)subject.id,
            job_row_state_name(subject.state));
        job_row_clear(&subject.row);
        return;
    }
    if (err == OK) {
        err = put_to_rest(call->control, &subject, STORE_JOB_CANCELLED);
    }
    job_row_clear(&subject.row);
    if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        answer_state(call, subject.id, STORE_JOB_CANCELLED, what_stays(subject.kind));
    }
}
