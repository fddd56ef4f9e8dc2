/* Which job runs when. */
#include "app/control/jobs.h"

#include <string.h>
#include <time.h>

#include "app/control/jobs_change.h"
#include "base/log.h"

enum { AGAIN_MS = 5000, SECOND_MS = 1000, WAKE_MAX_MS = 60000, QUEUE_LOOKED_AT = 1000 };

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

static enum err on_interrupted(void *arg, const struct store_job *job)
{
    struct control *control = arg;

    control->interrupted[control->interrupted_count++] = job->id;
    return OK;
}

enum err jobs_take_up(struct control *control)
{
    enum err err = store_job_waiting(
        control->store, STORE_JOB_RUNNING, CONTROL_JOBS_MAX, on_interrupted, control);

    return err == OK ? store_job_requeue(control->store) : err;
}

/* The next one to start: those that ran go on first, unless somebody has stopped them since. */
static enum err find_next(struct control *control, struct job_row *row)
{
    while (control->interrupted_at < control->interrupted_count) {
        enum err err = store_job_get(
            control->store, control->interrupted[control->interrupted_at++], on_next, row);

        if (err != ERR_NO_ROW && (err != OK || row->state == STORE_JOB_QUEUED)) {
            return err;
        }
        job_row_clear(row);
    }
    return store_job_next(control->store, on_next, row);
}

/* Start one queued job. ERR_NO_ROW: there is none. */
static enum err start_next(struct control *control)
{
    struct job_row row = {0};
    enum err err = find_next(control, &row);

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

/* Paused jobs whose time has come go on; the next one's time is waited for. A clock that was put
 * back or forward is noticed within WAKE_MAX_MS. */
static void wake(struct control *control)
{
    int64_t id = 0, at = 0, now = time(NULL);

    while (store_job_wakes(control->store, &id, &at) == OK) {
        struct jobs_change change = {.until = 0};

        if (at > now) {
            uint64_t ms = (uint64_t)(at - now) * SECOND_MS;

            loop_timer_set(control->pump, ms < WAKE_MAX_MS ? ms : WAKE_MAX_MS);
            return;
        }
        if (jobs_resume(control, id, &change) != OK) { /* another job has its share: stay paused */
            change.until = 0;
            if (jobs_pause(control, id, &change) != OK) {
                return;
            }
        }
        control->changed.jobs++;
    }
}

static void on_pump(void *arg)
{
    struct control *control = arg;
    enum err err = OK;

    wake(control);
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
    control->changed.jobs++;
}

void jobs_free(struct control *control)
{
    LIST_EACH(node, after, &control->jobs)
    {
        struct job *job = LIST_ITEM(node, struct job, node);

        if (job_stop(job, STORE_JOB_RUNNING) != OK) {
            log_warn("control", "a job's row was not written");
        }
    }
    loop_timer_free(control->pump);
    control->pump = NULL;
}

/* The newest job that changes a share, among its unfinished ones. */
struct look {
    int64_t except, id;
    enum store_job_state state;
};

static enum err on_look(void *arg, const struct store_job *job)
{
    struct look *look = arg;

    if (look->id == 0 && job_row_changes_share(job->kind) && job->id != look->except) {
        look->id = job->id;
        look->state = job->state;
    }
    return OK;
}

enum err jobs_of_share(struct control *control, int64_t share, int64_t except, int64_t *id,
    enum store_job_state *state)
{
    struct look look = {.except = except};
    enum err err = store_job_unfinished(control->store, share, on_look, &look);

    *id = look.id;
    *state = look.state;
    return err == OK && look.id == 0 ? ERR_NO_ROW : err;
}

bool jobs_healing(struct control *control, int64_t share, int64_t *id)
{
    LIST_EACH(node, after, &control->jobs)
    {
        const struct job *job = LIST_ITEM(node, struct job, node);

        if (job->row.kind == STORE_JOB_HEAL && job->row.share == share) {
            *id = job->row.id;
            return true;
        }
    }
    return false;
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

/* The queue in order, while somebody asks where some of it stand. */
struct line {
    json_t *rows;
    json_int_t place;
};

static enum err on_waiting(void *arg, const struct store_job *job)
{
    struct line *line = arg;
    json_t *row;
    size_t i;

    line->place++;
    json_array_foreach(line->rows, i, row)
    {
        if (json_integer_value(json_object_get(row, "id")) == job->id) {
            (void)json_object_set_new(row, "position", json_integer(line->place));
        }
    }
    return OK;
}

void jobs_put_positions(struct control *control, json_t *rows)
{
    struct line line = {json_array(), 0};
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        const char *state = json_string_value(json_object_get(row, "state"));

        if (state != NULL && strcmp(state, "queued") == 0) {
            (void)json_array_append(line.rows, row);
        }
    }
    if (json_array_size(line.rows) > 0 && store_job_waiting(control->store, STORE_JOB_QUEUED,
                                              QUEUE_LOOKED_AT, on_waiting, &line) != OK) {
        log_warn("control", "the queue cannot be read");
    }
    json_decref(line.rows);
}
