/* Which job runs when. */
#include "app/control/jobs.h"

#include <time.h>

#include "base/log.h"

enum { AGAIN_MS = 5000, PAGE = 100 };

static unsigned under_way(const struct control *control)
{
    unsigned count = 0;

    LIST_EACH(node, after, &control->jobs)
    {
        count += LIST_ITEM(node, struct job, node)->phase != JOB_ENDED;
    }
    return count;
}

static enum err on_next(void *arg, const struct store_job *job)
{
    return job_row_init(arg, job);
}

/* Start one queued job. ERR_NO_ROW: there is none. */
static enum err start_next(struct control *control)
{
    struct job_row row = {0};
    enum err err = store_job_next(control->store, on_next, &row);

    if (err == OK) {
        err = job_start(control, &row);
    } else if (row.id != 0) { /* what it was asked to do cannot be read: it must not block others */
        log_error("control", "a job is damaged job=%lld err=%s", (long long)row.id, err_name(err));
        row.result = control_error_json(err, NULL, NULL);
        err = jobs_set_state(control, &row, STORE_JOB_FAILED);
    }
    job_row_clear(&row);
    return err;
}

static void on_pump(void *arg)
{
    struct control *control = arg;
    enum err err = OK;

    while (err == OK && under_way(control) < control->jobs_at_once) {
        err = start_next(control);
    }
    if (err != OK && err != ERR_NO_ROW) {
        log_error("control", "cannot start a job err=%s", err_name(err));
        loop_timer_set(control->pump, AGAIN_MS);
    }
}

void jobs_pump(struct control *control)
{
    if (control->pump == NULL) { /* the first time */
        if (loop_timer_new(control->loop, on_pump, control, &control->pump) != OK) {
            return;
        }
    }
    loop_timer_set(control->pump, 0);
}

void jobs_free(struct control *control)
{
    LIST_EACH(node, after, &control->jobs)
    {
        struct job *job = LIST_ITEM(node, struct job, node);

        if (job_stop(job, STORE_JOB_QUEUED) !=
            OK) { /* it stays RUNNING there: the same in effect */
            log_warn("control", "a job's row was not written");
        }
    }
    loop_timer_free(control->pump);
    control->pump = NULL;
}

/* A walk over all jobs for one of a share. */
struct look {
    int64_t share, except, last;
    size_t seen;
    int64_t id;
    enum store_job_state state;
};

static enum err on_look(void *arg, const struct store_job *job)
{
    struct look *look = arg;

    look->seen++;
    look->last = job->id;
    if (look->id == 0 && job_row_changes_share(job->kind) && job->share == look->share &&
        job->id != look->except && job->state <= STORE_JOB_PAUSED) {
        look->id = job->id;
        look->state = job->state;
    }
    return OK;
}

enum err jobs_of_share(struct control *control, int64_t share, int64_t except, int64_t *id,
    enum store_job_state *state)
{
    struct look look = {.share = share, .except = except};
    enum err err = OK;

    do {
        look.seen = 0;
        err = store_job_each(control->store, look.last, PAGE, on_look, &look);
    } while (err == OK && look.seen == PAGE && look.id == 0);
    *id = look.id;
    *state = look.state;
    return err == OK && look.id == 0 ? ERR_NO_ROW : err;
}

enum err jobs_add_adopt(struct store *store, const struct store_share *share, int64_t *id)
{
    struct job_row row = {
        .kind = STORE_JOB_ADOPT,
        .state = STORE_JOB_QUEUED,
        .share = share->id,
        .created = time(NULL),
        .args = json_pack("{s:s}", "title", share->title),
    };
    enum err err = row.args == NULL ? ERR_NO_MEMORY : job_row_add(store, &row);

    *id = row.id;
    job_row_clear(&row);
    return err;
}

enum err jobs_set_state(struct control *control, struct job_row *row, enum store_job_state state)
{
    row->state = state;
    row->finished = state > STORE_JOB_PAUSED ? time(NULL) : 0;
    return job_row_save(control->store, row);
}
