/* The flow of an adopt job: the published state of a share into the catalogue. */
#include "app/control/control_link.h"
#include "app/control/job.h"

static json_t *result_json(const struct adopt_result *r)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "version", (json_int_t)r->version,
        "files", (json_int_t)r->files, "directories", (json_int_t)r->directories, "symlinks",
        (json_int_t)r->symlinks, "bytes", (json_int_t)r->bytes, "volumes", (json_int_t)r->volumes,
        "articles", (json_int_t)r->articles, "items", (json_int_t)r->items);
}

static void on_adopted(void *arg, enum err err, const struct adopt_result *result)
{
    struct job *job = arg;

    job->adopt = NULL;
    job_phase_done(job, err, result_json(result), result->text);
}

enum err job_adopt_start(struct job *job)
{
    struct control *control = job->control;
    struct adopt_options options = {
        .env = {.loop = control->loop,
            .store = control->store,
            .workers = control->workers,
            .news = control->news,
            .sink = job_sink(job),
            .scratch = bytes_str(control->state)},
        .store = control->store,
        .share = job->row.share,
    };
    struct store_share share = {0};
    enum err err = store_share_get(control->store, job->row.share, &share);

    if (err == OK && !share.adopting) {
        err = ERR_JOB_STATE; /* an earlier attempt got to the end */
    }
    if (err == OK) {
        err = control_link_own_key(control, &share, &options.key);
    }
    if (err == OK) {
        err = adopt_start(&options, on_adopted, job, &job->adopt);
    }
    bytes_wipe(&share, sizeof(share));
    bytes_wipe(&options.key, sizeof(options.key));
    return err;
}

void job_adopt_cancel(struct job *job)
{
    adopt_cancel(job->adopt);
    job->adopt = NULL;
}
