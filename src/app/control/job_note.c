/* A job's progress, and what servers have carried, on the way into the catalogue beside the loop.
 */
#include <stdlib.h>
#include <string.h>

#include "app/control/clerk.h"
#include "app/control/job.h"
#include "app/control/servers.h"
#include "base/log.h"

struct job_note {
    struct clerk_work clerk;
    struct job *job; /* NULL: it has gone */
    int64_t id;
    char *text;
    struct servers_spent spent;
    bool ran;
};

static void note_run(struct clerk_work *clerk)
{
    struct job_note *note = (struct job_note *)clerk;
    enum err err = store_job_progress(clerk->control->store, note->id, bytes_str(note->text));

    if (err != OK) {
        log_warn("control", "progress was not written job=%lld err=%s", (long long)note->id,
            err_name(err));
    }
    servers_write_spent(clerk->control->store, &note->spent);
    note->ran = true;
}

static void note_free(struct clerk_work *clerk)
{
    struct job_note *note = (struct job_note *)clerk;

    if (note->job != NULL) {
        note->job->note = NULL;
    }
    if (!note->ran) { /* the daemon ends: progress is of no use any more, but this counts */
        servers_write_spent(clerk->control->store, &note->spent);
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
    servers_take_spent(job->control, &note->spent);
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
