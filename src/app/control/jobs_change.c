/* A job's life in the user's hands. */
#include "app/control/jobs_change.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The job it is about. */
struct subject {
    struct job *running; /* NULL: only the row */
    struct job_row row;  /* when it is not running */
    int64_t id;
    enum store_job_kind kind;
    enum store_job_state state;
};

static enum err subject_init(struct subject *subject, struct control *control, int64_t id)
{
    enum err err = OK;

    *subject = (struct subject){.id = id, .running = job_find(control, id)};
    if (subject->running == NULL) {
        err = job_row_load(control->store, id, &subject->row);
    }
    subject->kind = subject->running != NULL ? subject->running->row.kind : subject->row.kind;
    subject->state = subject->running != NULL ? subject->running->row.state : subject->row.state;
    return err;
}

static enum err refuse(struct jobs_change *change, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum err refuse(struct jobs_change *change, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(change->text, sizeof(change->text), format, args);
    va_end(args);
    return ERR_JOB_STATE;
}

/* The subject is not needed any more; how it came out. */
static enum err end(
    struct subject *subject, enum err err, struct jobs_change *change, enum store_job_state state)
{
    job_row_clear(&subject->row);
    change->state = state;
    if (change->note == NULL) {
        change->note = "";
    }
    return err;
}

static bool is_over(enum store_job_state state)
{
    return state > STORE_JOB_PAUSED;
}

enum err jobs_pause(struct control *control, int64_t id, struct jobs_change *change)
{
    struct subject subject;
    enum err err = subject_init(&subject, control, id);

    if (err == OK && is_over(subject.state)) {
        err = refuse(change, "job %lld is %s; only a job that is under way can pause",
            (long long)id, job_row_state_name(subject.state));
    }
    if (err == OK && subject.running != NULL) {
        subject.running->row.resume_at = change->until;
        err = job_stop(subject.running, STORE_JOB_PAUSED);
    } else if (err == OK) {
        subject.row.resume_at = change->until;
        err = jobs_set_state(control, &subject.row, STORE_JOB_PAUSED);
    }
    change->note = change->until != 0 ? "it goes on by itself, or with `usenetsync resume`"
                                      : "it goes on with `usenetsync resume`";
    return end(&subject, err, change, STORE_JOB_PAUSED);
}

/* Only one unfinished job that changes a share. */
static enum err check_share_free(
    struct control *control, const struct subject *subject, struct jobs_change *change)
{
    enum store_job_state state;
    int64_t other = 0;
    enum err err = ERR_NO_ROW;

    if (subject->row.share != 0 && job_row_changes_share(subject->row.kind)) {
        err = jobs_of_share(control, subject->row.share, subject->id, &other, &state);
    }
    if (err == OK) {
        return refuse(
            change, "job %lld is about the same share and not finished", (long long)other);
    }
    return err == ERR_NO_ROW ? OK : err;
}

/* Into the queue, at its old place. */
static enum err queue(struct control *control, struct subject *subject, struct jobs_change *change)
{
    enum err err = check_share_free(control, subject, change);

    if (err == OK) {
        subject->row.resume_at = 0;
        err = jobs_set_state(control, &subject->row, STORE_JOB_QUEUED);
    }
    return err;
}

enum err jobs_resume(struct control *control, int64_t id, struct jobs_change *change)
{
    struct subject subject;
    enum err err = subject_init(&subject, control, id);

    if (err == OK && (subject.state == STORE_JOB_DONE || subject.state == STORE_JOB_CANCELLED)) {
        err = refuse(change, "job %lld is %s; only a paused or failed job can go on", (long long)id,
            job_row_state_name(subject.state));
    }
    if (err == OK && subject.running == NULL && subject.state != STORE_JOB_QUEUED) {
        err = queue(control, &subject, change);
    }
    return end(
        &subject, err, change, subject.running != NULL ? STORE_JOB_RUNNING : STORE_JOB_QUEUED);
}

/* Nothing that was posted can be taken back; nothing that was restored is removed. */
static const char *what_stays(enum store_job_kind kind)
{
    switch (kind) {
    case STORE_JOB_SHARE:
    case STORE_JOB_HEAL:
        return "articles already posted stay on the server; nobody can read them without a "
               "published link; sharing the same paths again uses them";
    case STORE_JOB_GET:
    case STORE_JOB_EXPORT:
        return "files already written stay in the target folder";
    default:
        return "";
    }
}

enum err jobs_cancel(struct control *control, int64_t id, struct jobs_change *change)
{
    struct subject subject;
    enum err err = subject_init(&subject, control, id);

    if (err == OK && (subject.state == STORE_JOB_DONE || subject.state == STORE_JOB_CANCELLED)) {
        err = refuse(
            change, "job %lld is %s already", (long long)id, job_row_state_name(subject.state));
    }
    if (err == OK) {
        err = subject.running != NULL ? job_stop(subject.running, STORE_JOB_CANCELLED)
                                      : jobs_set_state(control, &subject.row, STORE_JOB_CANCELLED);
    }
    change->note = what_stays(subject.kind);
    return end(&subject, err, change, STORE_JOB_CANCELLED);
}

/* Did a job that is done leave something out that another run might bring? */
static bool left_out(const json_t *result)
{
    static const char *const counts[] = {"skipped", "lost_files", "blocked_entries", "incomplete"};

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        if (json_integer_value(json_object_get(result, counts[i])) > 0) {
            return true;
        }
    }
    return false;
}

enum err jobs_retry(struct control *control, int64_t id, struct jobs_change *change)
{
    struct subject subject;
    enum err err = subject_init(&subject, control, id);

    if (err == OK && !is_over(subject.state)) {
        err = refuse(change, "job %lld is %s; only one that is over can be tried again",
            (long long)id, job_row_state_name(subject.state));
    }
    if (err == OK && subject.state == STORE_JOB_DONE && !left_out(subject.row.result)) {
        err = refuse(change, "job %lld is done and left nothing out", (long long)id);
    }
    if (err == OK) {
        err = queue(control, &subject, change);
    }
    if (err == OK) {
        err = store_job_last(control->store, id);
    }
    return end(&subject, err, change, STORE_JOB_QUEUED);
}

enum err jobs_priority(struct control *control, int64_t id, struct jobs_change *change)
{
    struct subject subject;
    enum err err = subject_init(&subject, control, id);

    if (err == OK && subject.running != NULL) {
        subject.running->row.priority = change->priority;
        err = job_row_save(control->store, &subject.running->row);
    } else if (err == OK) {
        subject.row.priority = change->priority;
        err = job_row_save(control->store, &subject.row);
    }
    change->note = subject.running != NULL ? "it is under way already; the priority is for when it "
                                             "has to wait again"
                                           : "";
    return end(&subject, err, change, subject.state);
}

enum err jobs_forget(struct control *control, int64_t id, struct jobs_change *change)
{
    struct subject subject;
    enum err err = subject_init(&subject, control, id);

    if (err == OK && (!is_over(subject.state) || subject.running != NULL)) {
        err = refuse(change, "job %lld is %s; only one that is over can be forgotten",
            (long long)id, job_row_state_name(subject.state));
    }
    if (err == OK) {
        err = store_job_forget(control->store, id);
    }
    return end(&subject, err, change, subject.state);
}

/* --- all ---------------------------------------------------------------------------------------
 */

enum { PAGE = 256 };

struct ids {
    int64_t list[PAGE];
    size_t count;
};

static enum err on_id(void *arg, const struct store_job *job)
{
    struct ids *ids = arg;

    ids->list[ids->count++] = job->id;
    return OK;
}

size_t jobs_change_all(
    struct control *control, unsigned states, jobs_change_fn fn, const struct jobs_change *change)
{
    struct store_job_filter filter = {.states = states, .limit = PAGE};
    struct ids ids;
    size_t done = 0;
    enum err err;

    do {
        ids.count = 0;
        err = store_job_select(control->store, &filter, on_id, &ids);
        for (size_t i = 0; i < ids.count; i++) {
            struct jobs_change one = *change;

            done += fn(control, ids.list[i], &one) == OK;
            filter.before = ids.list[i];
        }
    } while (err == OK && ids.count == PAGE);
    return done;
}
