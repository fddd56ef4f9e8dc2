/* Jobs. */
#include "io/store/store_job.h"

#include "io/store/query.h"

#define JOB_COLUMNS                                                                                \
    "SELECT id, kind, state, priority, attempts, share, created, started, finished, args,"         \
    " progress, result, position, resume_at FROM jobs"

struct job_call {
    store_job_fn each;
    void *arg;
};

static enum err job_row(void *arg, struct query *q)
{
    const struct job_call *call = arg;
    struct store_job job = {.id = query_get_int(q)};

    job.kind = (enum store_job_kind)query_get_int(q);
    job.state = (enum store_job_state)query_get_int(q);
    job.priority = (int)query_get_int(q);
    job.attempts = (uint32_t)query_get_int(q);
    job.share = query_get_int(q);
    job.created = query_get_int(q);
    job.started = query_get_int(q);
    job.finished = query_get_int(q);
    job.args = query_get_bytes(q);
    job.progress = query_get_bytes(q);
    job.result = query_get_bytes(q);
    job.position = query_get_int(q);
    job.resume_at = query_get_int(q);
    return call->each(call->arg, &job);
}

/* The one row of `q`. */
static enum err read_one(struct query *q, store_job_fn each, void *arg)
{
    struct job_call call = {each, arg};
    enum err err = query_one(q);

    if (err == OK) {
        err = job_row(&call, q);
        query_end(q);
    }
    return err;
}

enum err store_job_add(struct store *store, const struct store_job *job, int64_t *id)
{
    static const char sql[] =
        "INSERT INTO jobs (kind, state, priority, attempts, share, created, started, finished,"
        " args, progress, result, resume_at, position) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " coalesce(max(position), 0) + 1 FROM jobs WHERE state <= ?";
    struct query q;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, job->kind);
    query_int(&q, job->state);
    query_int(&q, job->priority);
    query_int(&q, job->attempts);
    query_int(&q, job->share);
    query_int(&q, job->created);
    query_int(&q, job->started);
    query_int(&q, job->finished);
    query_bytes(&q, job->args);
    query_bytes(&q, job->progress);
    query_bytes(&q, job->result);
    query_int(&q, job->resume_at);
    query_int(&q, STORE_JOB_PAUSED);
    err = query_run(&q, NULL);
    if (err == OK) {
        *id = query_new_id(&q);
    }
    return store_end(store, err);
}

enum err store_job_update(struct store *store, const struct store_job *job)
{
    static const char sql[] = "UPDATE jobs SET state = ?, priority = ?, resume_at = ?, attempts = "
                              "?, share = ?, started = ?,"
                              " finished = ?, progress = ?, result = ? WHERE id = ?";
    struct query q;
    uint64_t changed = 0;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, job->state);
    query_int(&q, job->priority);
    query_int(&q, job->resume_at);
    query_int(&q, job->attempts);
    query_int(&q, job->share);
    query_int(&q, job->started);
    query_int(&q, job->finished);
    query_bytes(&q, job->progress);
    query_bytes(&q, job->result);
    query_int(&q, job->id);
    err = query_run(&q, &changed);
    return store_end(store, err == OK && changed == 0 ? ERR_NO_ROW : err);
}

enum err store_job_progress(struct store *store, int64_t id, struct bytes progress)
{
    static const char sql[] = "UPDATE jobs SET progress = ? WHERE id = ? AND state = ?";
    struct query q;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_bytes(&q, progress);
    query_int(&q, id);
    query_int(&q, STORE_JOB_RUNNING);
    return store_end(store, query_run(&q, NULL));
}

enum err store_job_get(struct store *store, int64_t id, store_job_fn each, void *arg)
{
    static const char sql[] = JOB_COLUMNS " WHERE id = ?";
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, id);
    return store_end(store, read_one(&q, each, arg));
}

enum err store_job_select(
    struct store *store, const struct store_job_filter *filter, store_job_fn each, void *arg)
{
    static const char sql[] = JOB_COLUMNS
        " WHERE id < ? AND (? >> state) & 1 AND (? >> kind) & 1 AND (? = 0 OR share = ?)"
        " ORDER BY id DESC LIMIT ?";
    struct job_call call = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, filter->before > 0 ? filter->before : INT64_MAX);
    query_int(&q, filter->states != 0 ? filter->states : UINT32_MAX);
    query_int(&q, filter->kinds != 0 ? filter->kinds : UINT32_MAX);
    query_int(&q, filter->share);
    query_int(&q, filter->share);
    query_int(&q, (int64_t)filter->limit);
    return store_end(store, query_each(&q, job_row, &call));
}

enum err store_job_each(
    struct store *store, int64_t before, size_t limit, store_job_fn each, void *arg)
{
    return store_job_select(
        store, &(struct store_job_filter){.before = before, .limit = limit}, each, arg);
}

enum err store_job_unfinished(struct store *store, int64_t share, store_job_fn each, void *arg)
{
    static const char sql[] = JOB_COLUMNS " WHERE share = ? AND state <= ? ORDER BY id DESC";
    struct job_call call = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, STORE_JOB_PAUSED);
    return store_end(store, query_each(&q, job_row, &call));
}

enum err store_job_waiting(
    struct store *store, enum store_job_state state, size_t limit, store_job_fn each, void *arg)
{
    static const char sql[] =
        JOB_COLUMNS " WHERE state = ? ORDER BY priority DESC, position, id LIMIT ?";
    struct job_call call = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, state);
    query_int(&q, (int64_t)limit);
    return store_end(store, query_each(&q, job_row, &call));
}

static enum err count_row(void *arg, struct query *q)
{
    struct store_job_counts *counts = arg;
    int64_t state = query_get_int(q);

    if (state >= STORE_JOB_QUEUED && state <= STORE_JOB_CANCELLED) {
        counts->in[state] = (uint64_t)query_get_int(q);
    }
    return OK;
}

enum err store_job_count(struct store *store, struct store_job_counts *counts)
{
    static const char sql[] = "SELECT state, count(*) FROM jobs GROUP BY state";
    struct query q;
    enum err err = store_look(&store);

    *counts = (struct store_job_counts){0};
    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    return store_end(store, query_each(&q, count_row, counts));
}

enum err store_job_next(struct store *store, store_job_fn each, void *arg)
{
    /* kinds 1, 3 and 6: of these a share has one that runs at a time */
    static const char sql[] =
        JOB_COLUMNS " WHERE state = ? AND (kind NOT IN (1, 3, 6) OR share = 0 OR NOT EXISTS"
                    " (SELECT 1 FROM jobs r WHERE r.share = jobs.share AND r.state = ?"
                    " AND r.kind IN (1, 3, 6))) ORDER BY priority DESC, position, id LIMIT 1";
    struct query q;
    enum err err = store_look(&store);

    _Static_assert(STORE_JOB_SHARE == 1 && STORE_JOB_ADOPT == 3 && STORE_JOB_HEAL == 6,
        "what changes a share");
    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, STORE_JOB_QUEUED);
    query_int(&q, STORE_JOB_RUNNING);
    return store_end(store, read_one(&q, each, arg));
}

enum err store_job_requeue(struct store *store)
{
    static const char sql[] = "UPDATE jobs SET state = ?, position = 0 WHERE state = ?";
    struct query q;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, STORE_JOB_QUEUED);
    query_int(&q, STORE_JOB_RUNNING);
    return store_end(store, query_run(&q, NULL));
}

enum err store_job_forget(struct store *store, int64_t id)
{
    static const char events[] = "DELETE FROM events WHERE job = ?";
    static const char sql[] = "DELETE FROM jobs WHERE id = ?";
    struct query q;
    uint64_t changed = 0;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, events);
    query_int(&q, id);
    err = query_run(&q, NULL);
    if (err == OK) {
        query_init(&q, store, sql);
        query_int(&q, id);
        err = query_run(&q, &changed);
    }
    return store_end(store, err == OK && changed == 0 ? ERR_NO_ROW : err);
}
