/* The last flow of a heal job: the head is posted where readers look today. The one before it is
 * job_share.c's. */
#include "app/control/job.h"
#include "base/clock.h"
#include "io/store/store_care.h"

static json_t *result_json(struct job *job, const struct alive_result *r)
{
    json_t *out = json_pack(
        "{s:I, s:I}", "version", (json_int_t)r->version, "head_posted", (json_int_t)r->posted);

    if (out != NULL && job->before != NULL) {
        (void)json_object_update_missing(out, job->before);
    }
    return out;
}

static void on_kept(void *arg, enum err err, const struct alive_result *result)
{
    struct job *job = arg;
    struct store_care care;

    job->alive = NULL;
    if (err == OK && store_care_get(job->control->store, job->row.share, &care) == OK) {
        care.alive_at = clock_wall_ns() / 1000000000;
        err = store_care_plan(job->control->store, &care);
    }
    job_phase_done(job, err, result_json(job, result), result->text);
}

enum err job_keep_start(struct job *job)
{
    struct publish_options options;

    job_publish_options(job, &options);
    return alive_start(&options, on_kept, job, &job->alive);
}

void job_keep_cancel(struct job *job)
{
    alive_cancel(job->alive);
    job->alive = NULL;
}
