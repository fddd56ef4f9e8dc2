/* The conductor: only this file knows the order of a job's phases. */
#include "app/control/job.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/control/care.h"
#include "app/control/jobs.h"
#include "app/control/live.h"
#include "app/control/servers.h"
#include "base/clock.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "io/store/store_care.h"

enum { SAVE_MS = 2000, NS_IN_MS = 1000000 };

struct step {
    enum err (*start)(struct job *job);
    void (*cancel)(struct job *job);
    enum job_phase next;
};

static const struct step steps[JOB_PHASES] = {
    [JOB_INDEXING] = {job_index_start, job_index_cancel, JOB_PUBLISHING},
    [JOB_PUBLISHING] = {job_publish_start, job_publish_cancel, JOB_ENDED},
    [JOB_RESTORING] = {job_restore_start, job_restore_cancel, JOB_ENDED},
    [JOB_ADOPTING] = {job_adopt_start, job_adopt_cancel, JOB_ENDED},
    [JOB_CHECKING] = {job_check_start, job_check_cancel, JOB_ENDED},
    [JOB_EXPORTING] = {job_export_start, job_export_cancel, JOB_ENDED},
    [JOB_HEALING] = {job_publish_start, job_publish_cancel, JOB_KEEPING},
    [JOB_KEEPING] = {job_keep_start, job_keep_cancel, JOB_ENDED},
};

static void job_free(struct job *job)
{
    list_remove(&job->node);
    job_note_leave(job);
    loop_unpost(job->control->loop, &job->begin);
    loop_timer_free(job->timer);
    job_row_clear(&job->row);
    json_decref(job->events);
    json_decref(job->before);
    free(job);
}

/* Write the row with the latest progress. */
static enum err job_save(struct job *job)
{
    json_t *progress = job_progress_json(job);
    enum err err;

    if (progress != NULL) {
        json_decref(job->row.progress);
        job->row.progress = progress;
    }
    err = job_row_save(job->control->store, &job->row);
    if (err != OK) {
        log_error(
            "control", "cannot write a job job=%lld err=%s", (long long)job->row.id, err_name(err));
    }
    return err;
}

/* The row says how it ended: nothing is left to do. A row that cannot be written (the disk is full)
 * keeps the job here, and it is tried again. */
static void job_leave(struct job *job)
{
    struct control *control = job->control;

    servers_note_spent(control);
    job_flush_events(job);
    if (job_save(job) != OK) {
        loop_timer_set(job->timer, SAVE_MS);
    } else {
        live_job_ended(control, job->row.id, job_row_json(&job->row));
        job_free(job);
    }
    care_look(control);
    control->changed.shares++; /* a version more, or its health */
    jobs_pump(control);
}

static void job_end(struct job *job, enum err err, json_t *result, const char *text)
{
    if (err == OK) {
        job_phases_finish(&job->phases);
    }
    job->phase = JOB_ENDED;
    job->row.finished = time(NULL);
    job->row.state = err == OK ? STORE_JOB_DONE : STORE_JOB_FAILED;
    json_decref(job->row.result);
    job->row.result = result != NULL ? result : json_object();
    if (err != OK) {
        json_t *error = control_error_json(err, NULL, NULL);

        (void)json_object_update(job->row.result, error);
        json_decref(error);
        if (text != NULL && text[0] != '\0') {
            (void)json_object_set_new(job->row.result, "detail", json_string(text));
        }
        job_event(job, LOG_ERROR, "%s%s%s", err_text(err),
            text != NULL && text[0] != '\0' ? ": " : "", text != NULL ? text : "");
    } else {
        job_event(job, LOG_INFO, "done");
    }
    crash_point("job over, not recorded");
    log_info("control", "job ended job=%lld err=%s", (long long)job->row.id, err_name(err));
    job_leave(job);
}

static void job_enter(struct job *job, enum job_phase phase)
{
    enum err err;

    job_flow_over(job);
    job->phase = phase;
    err = steps[phase].start(job);
    if (err != OK) {
        job_end(job, err, NULL, NULL);
    }
}

void job_phase_done(struct job *job, enum err err, json_t *result, const char *text)
{
    enum job_phase next = steps[job->phase].next;

    if (err != OK || next == JOB_ENDED) {
        job_end(job, err, result, text);
        return;
    }
    json_decref(job->before);
    job->before = result;
    job_enter(job, next);
}

/* A share that lost nothing is only kept findable. */
static enum job_phase first_healing(const struct job *job)
{
    struct store_care care = {0};

    return store_care_get(job->control->store, job->row.share, &care) == OK && care.renew
               ? JOB_HEALING
               : JOB_KEEPING;
}

static void on_begin(void *arg)
{
    static const enum job_phase first[] = {
        [STORE_JOB_SHARE] = JOB_INDEXING,
        [STORE_JOB_GET] = JOB_RESTORING,
        [STORE_JOB_ADOPT] = JOB_ADOPTING,
        [STORE_JOB_CHECK] = JOB_CHECKING,
        [STORE_JOB_EXPORT] = JOB_EXPORTING,
    };
    struct job *job = arg;

    job_enter(job, job->row.kind == STORE_JOB_HEAL ? first_healing(job) : first[job->row.kind]);
}

static void on_timer(void *arg)
{
    struct job *job = arg;

    if (job->phase == JOB_ENDED) {
        job_leave(job);
        return;
    }
    job_flush_events(job);
    if (job->turned) {
        job->turned = job_save(job) != OK;
    } else {
        job_note_send(job);
    }
    loop_timer_set(job->timer, SAVE_MS);
}

static enum job_writes writes(const struct job_row *row)
{
    return json_is_true(json_object_get(row->args, "verify"))    ? JOB_COMPARES
           : json_is_true(json_object_get(row->args, "dry_run")) ? JOB_ONLY_LOOKS
                                                                 : JOB_WRITES;
}

enum err job_start(struct control *control, struct job_row *row)
{
    struct job *job = calloc(1, sizeof(*job));
    enum err err = ERR_NO_MEMORY;

    if (job == NULL) {
        return err;
    }
    list_init(&job->node);
    job->control = control;
    job->row = *row;
    *row = (struct job_row){0};
    job->wrote = json_is_true(json_object_get(job->row.progress, "wrote"));
    job_phases_init(&job->phases, job->row.kind, writes(&job->row));
    job_totals_begin(
        &job->totals, json_object_get(job->row.progress, "totals"), clock_mono_ns() / NS_IN_MS);
    err = loop_timer_new(control->loop, on_timer, job, &job->timer);
    if (err != OK) {
        goto out;
    }
    job->row.state = STORE_JOB_RUNNING;
    job->row.resume_at = 0;
    job->row.attempts++;
    job->row.started = time(NULL);
    job->row.finished = 0;
    json_decref(job->row.result);
    job->row.result = NULL;
    err = job_row_save(control->store, &job->row);
    if (err != OK) {
        goto out;
    }
    list_push(&control->jobs, &job->node);
    loop_timer_set(job->timer, SAVE_MS);
    loop_post(control->loop, &job->begin, on_begin, job);
    log_info(
        "control", "job started job=%lld attempt=%u", (long long)job->row.id, job->row.attempts);
out:
    if (err != OK) {
        job_free(job);
    }
    return err;
}

enum err job_stop(struct job *job, enum store_job_state state)
{
    enum err err;

    if (steps[job->phase].cancel != NULL) {
        steps[job->phase].cancel(job);
    }
    if (job->phase != JOB_ENDED) { /* one that ended keeps its end */
        job->row.state = state;
        job->row.finished = state == STORE_JOB_CANCELLED ? time(NULL) : 0;
    }
    job_flush_events(job);
    err = job_save(job);
    live_job_ended(job->control, job->row.id, job_row_json(&job->row));
    job_free(job);
    return err;
}

enum err job_settle_ended(struct control *control)
{
    LIST_EACH(node, after, &control->jobs)
    {
        struct job *job = LIST_ITEM(node, struct job, node);
        enum err err = job->phase == JOB_ENDED ? job_save(job) : OK;

        if (err != OK) {
            return err;
        }
        if (job->phase == JOB_ENDED) {
            job_leave(job);
        }
    }
    return OK;
}

struct job *job_find(struct control *control, int64_t id)
{
    LIST_EACH(node, after, &control->jobs)
    {
        struct job *job = LIST_ITEM(node, struct job, node);

        if (job->row.id == id) {
            return job;
        }
    }
    return NULL;
}

json_t *job_json(struct job *job)
{
    json_t *progress = job_progress_json(job);
    json_t *out;

    if (progress != NULL && job->phase != JOB_ENDED) {
        json_decref(job->row.progress);
        job->row.progress = progress;
    } else {
        json_decref(progress);
    }
    out = job_row_json(&job->row);
    if (out != NULL && job->phase != JOB_ENDED) {
        (void)json_object_set_new(out, "files", job_files_json(job));
    }
    return out;
}
