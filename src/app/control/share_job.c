/* One unfinished job a share: who asks again joins it. */
#include "app/control/share_job.h"

#include <time.h>

#include "app/control/control_args.h"
#include "app/control/control_share.h"
#include "app/control/job.h"
#include "app/control/jobs.h"

static void share_answer(
    struct control_call *call, int64_t job, const struct store_share *share, const char *word)
{
    control_answer_job(call, json_pack("{s:I, s:I, s:s, s:I, s:s}", "job", (json_int_t)job, "share",
                                 (json_int_t)share->id, "title", share->title, "version",
                                 (json_int_t)share->version + 1, "started", word));
}

/* An unfinished job for the same share is the answer; a paused one goes on. */
static enum err join_job(struct control *control, int64_t share, int64_t *job)
{
    struct job_row row;
    enum store_job_state state;
    enum err err = jobs_of_share(control, share, 0, job, &state);

    if (err != OK || state != STORE_JOB_PAUSED) {
        return err;
    }
    err = job_row_load(control->store, *job, &row);
    if (err == OK) {
        err = jobs_set_state(control, &row, STORE_JOB_QUEUED);
    }
    job_row_clear(&row);
    return err;
}

static enum err add_job(
    struct control *control, const struct store_share *share, int priority, int64_t *job)
{
    struct job_row row = {
        .kind = STORE_JOB_SHARE,
        .state = STORE_JOB_QUEUED,
        .priority = priority,
        .share = share->id,
        .created = time(NULL),
        .args = json_pack("{s:s}", "title", share->title),
    };
    enum err err = row.args == NULL ? ERR_NO_MEMORY : job_row_add(control->store, &row);

    *job = row.id;
    job_row_clear(&row);
    return err;
}

void share_job_start(struct control_call *call, const struct store_share *share)
{
    struct control *control = call->control;
    const char *word = "joined";
    int64_t job = 0, priority = 0;
    enum err err =
        control_args_int(call->args, "priority", JOBS_PRIORITY_MIN, JOBS_PRIORITY_MAX, &priority);

    if (share->adopting) {
        control_share_fail_adopting(call, share);
        return;
    }
    if (err == OK) {
        err = control->damaged                          ? ERR_STORE_CORRUPT
              : news_provider_count(control->news) == 0 ? ERR_NO_PROVIDER
                                                        : OK;
    }
    if (err == OK) {
        err = job_settle_ended(control); /* one that is over is not to be joined */
    }
    if (err == OK) {
        err = join_job(control, share->id, &job);
    }
    if (err == ERR_NO_ROW) {
        word = "new";
        err = add_job(control, share, (int)priority, &job);
    }
    if (err != OK) {
        control_fail(call, err, NULL);
        return;
    }
    jobs_pump(control);
    control->changed.shares++;
    share_answer(call, job, share, word);
}
