/* The flow of an export job: a share's volumes into a folder. */
#include "app/control/control_name.h"
#include "app/control/control_subject.h"
#include "app/control/job.h"

static json_t *result_json(const struct share_export_result *r)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "version",
        (json_int_t)r->version, "volumes", (json_int_t)r->volumes, "complete",
        (json_int_t)r->complete, "found", (json_int_t)r->found, "incomplete",
        (json_int_t)r->incomplete, "articles", (json_int_t)r->articles, "repaired_segments",
        (json_int_t)r->repaired, "lost_segments", (json_int_t)r->lost, "bytes",
        (json_int_t)r->bytes);
}

static void on_exported(void *arg, enum err err, const struct share_export_result *result)
{
    struct job *job = arg;

    job->share_export = NULL;
    if (err == ERR_SHARE_NOT_FOUND && json_is_integer(json_object_get(job->row.args, "version"))) {
        err = ERR_NO_VERSION;
    }
    job_phase_done(job, err, result_json(result), result->text);
}

enum err job_export_start(struct job *job)
{
    struct control *control = job->control;
    struct share_export_options options = {
        .env = {control->loop, control->workers, control->news, job_sink(job),
            .store = control->store, .scratch = bytes_str(control->state)},
    };
    struct buf target = {0};
    enum err err = control_name_get(json_object_get(job->row.args, "to"), &target);

    if (err == OK) {
        err = control_subject_key(control, &job->row, &options.key, &options.version);
    }
    if (err == OK) {
        options.target = buf_view(&target);
        err = share_export_start(&options, on_exported, job, &job->share_export);
    }
    buf_clear(&target);
    bytes_wipe(&options.key, sizeof(options.key));
    return err;
}

void job_export_cancel(struct job *job)
{
    share_export_cancel(job->share_export);
    job->share_export = NULL;
}
