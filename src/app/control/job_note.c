/* A job's progress on its way into the catalogue, beside the loop. */
#include <stdlib.h>
#include <string.h>

#include "app/control/clerk.h"
#include "app/control/job.h"
#include "base/log.h"

struct job_note {
    struct clerk_work clerk;
    struct job *job; /* NULL: it has gone */
    int64_t id;
    char *text;
};

static void note_run(struct clerk_work *clerk)
{
    struct job_note *note = (struct job_note *)clerk;
    enum err err = store_job_progress(clerk->control->store, note->id, bytes_str(note->text));

    if (err != OK) {
        log_warn("control", "progress was not written job=%lld err=%s", (long long)note->id,
            err_name(err));
    }
}

static void note_free(struct clerk_work *clerk)
{
    struct job_note *note = (struct job_note *)clerk;

    if (note->job != NULL) {
        note->job->note = NULL;
    }
    free(note->text);
    free(note);
}

void job_note_send(struct job *job)
{
    struct job_note *note;
    json_t *progress;

    if (job->note != NULL) {
        return;
    }
    note = calloc(1, sizeof(*note));
    progress = job_progress_json(job);
    if (note != NULL) {
        note->text = json_dumps(progress, JSON_COMPACT);
    }
    json_decref(progress);
    if (note == NULL || note->text == NULL) {
        free(note);
        return; /* the next one will do */
    }
    note->id = job->row.id;
    note->job = job;
    note->clerk.run = note_run;
    note->clerk.free = note_free;
    job->note = note;
    clerk_send(job->control, &note->clerk);
}

void job_note_leave(struct job *job)
{
    if (job->note != NULL) {
        job->note->job = NULL;
        job->note = NULL;
    }
}
