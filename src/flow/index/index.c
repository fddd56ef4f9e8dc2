/* The conductor of a scan. It alone knows the order: prepare, list folders until the queue is dry,
 * end. Workers list and put; this side hands out folders, counts and tells. */
#include "flow/index/index.h"

#include <stdlib.h>
#include <string.h>

#include "flow/index/index_job.h"

enum {
    JOBS = 4,          /* one puts now and then what the others list */
    SPARE_BATCHES = 4, /* may wait to be put before those who list must */
};

/* What the scan waits for. */
enum index_state {
    INDEX_PREPARING, /* `step`: read the paths, begin or resume the scan */
    INDEX_LISTING,   /* `jobs`, and `step` when it asks for more folders */
    INDEX_ENDING,    /* `step`: remove what is gone */
    INDEX_CANCELLED, /* jobs that are out; then nothing is left */
};

struct index {
    struct index_options options; /* `exclude` is our own copy, `ignore` is compiled */
    char *exclude;
    struct ignore *ignore;
    index_done_fn done;
    void *arg;
    enum index_state state;
    enum err err; /* the first trouble: nothing new is started */
    struct index_tops tops;
    uint64_t ticket; /* ours while nobody else begins to scan this share */
    struct index_puts *puts;
    struct index_job jobs[JOBS];
    bool job_out[JOBS];
    size_t out; /* jobs and step under way; 0 is needed to end */
    atomic_bool stop;
    struct progress progress;
    struct store_scan_counts counts;
    uint64_t told; /* notes said by name */
    struct index_folder ready[STORE_QUEUED_MAX];
    size_t ready_at, ready_count; /* ready[ready_at] up to ready[ready_count - 1] wait for a job */
    uint64_t cursor;              /* folders up to this one were found */
    bool dry;                     /* the queue holds none behind `cursor`, until a job comes home */

    /* The step's own while it is out. */
    struct work_job step;
    bool step_out;
    enum err step_err;
    const struct index_top *step_bad; /* the path step_err is about, or NULL */
    struct index_folder
        found[STORE_QUEUED_MAX]; /* the next page: goes to `ready` when that is empty */
    size_t found_count;
};

static void go_on(struct index *index);

/* --- life and death ----------------------------------------------------------------------------
 */

static void index_free(struct index *index)
{
    for (size_t i = 0; i < JOBS; i++) {
        index_job_clear(&index->jobs[i]);
    }
    index_puts_free(index->puts);
    for (size_t i = 0; i < STORE_QUEUED_MAX; i++) {
        buf_clear(&index->ready[i].path);
        buf_clear(&index->found[i].path);
    }
    index_tops_clear(&index->tops);
    ignore_free(index->ignore);
    free(index->exclude);
    free(index);
}

static void finish(struct index *index)
{
    index_done_fn done = index->done;
    void *arg = index->arg;
    struct store_scan_counts counts = index->counts;
    enum err err = index->err;

    if (index->progress.skipped > index->told) {
        progress_event(&index->options.sink, LOG_WARN, "left out: %llu more",
            (unsigned long long)(index->progress.skipped - index->told));
    }
    index_free(index);
    done(arg, err, &counts);
}

/* Keep the first trouble, and say which path it is about. */
static void note_trouble(struct index *index, enum err err, struct bytes path)
{
    if (index->err != OK) {
        return;
    }
    index->err = err;
    atomic_store(&index->stop, true);
    if (path.len > 0) {
        progress_event(&index->options.sink, LOG_ERROR, "%.*s: %s", (int)path.len,
            (const char *)path.ptr, err_text(err));
    }
}

/* --- the step ----------------------------------------------------------------------------------
 */

static void submit_step(struct index *index, loop_fn run, loop_fn done)
{
    index->step.run = run;
    index->step.done = done;
    index->step.arg = index;
    index->step_out = true;
    index->out++;
    workers_submit(index->options.workers, &index->step);
}

/* The step is home. False: the scan was cancelled, and may be gone now. */
static bool step_home(struct index *index)
{
    struct buf path = {0};

    index->step_out = false;
    index->out--;
    if (index->state == INDEX_CANCELLED) {
        go_on(index);
        return false;
    }
    if (index->step_err != OK) {
        if (index->step_bad != NULL &&
            index_note_path(&path, buf_view(&index->step_bad->path)) != OK) {
            path.len = 0; /* the error alone must do */
        }
        note_trouble(index, index->step_err, buf_view(&path));
        buf_clear(&path);
    }
    return true;
}

/* On a worker. */
static void prepare_run(void *arg)
{
    struct index *index = arg;
    const struct index_options *o = &index->options;
    uint32_t mode = 0;
    int64_t mtime_ns = 0;
    enum err err = index_tops_load(&index->tops, o, &index->step_bad);

    if (err == OK) {
        err = store_scan_begin(o->store, o->share, &index->ticket);
    }
    if (err == OK) {
        index_tops_root(&index->tops, &mode, &mtime_ns);
        err = store_scan_root(o->store, o->share, mode, mtime_ns);
    }
    if (err == OK) {
        err = store_scan_counts(o->store, o->share, &index->counts);
    }
    index->step_err = err;
}

static void on_prepared(void *arg)
{
    struct index *index = arg;
    const struct store_scan_counts *c = &index->counts;

    if (!step_home(index)) {
        return;
    }
    index->state = INDEX_LISTING;
    index->progress.entries_found = c->files + c->directories + c->symlinks; /* when resumed */
    index->progress.bytes_found = c->bytes;
    progress_changed(&index->progress, &index->options.sink);
    go_on(index);
}

static enum err on_queued(void *arg, uint64_t folder, struct bytes path)
{
    struct index *index = arg;
    struct index_folder *found = &index->found[index->found_count++];

    found->id = folder;
    found->path.len = 0;
    return buf_append(&found->path, path);
}

/* On a worker. */
static void more_run(void *arg)
{
    struct index *index = arg;
    const struct index_options *o = &index->options;

    index->found_count = 0;
    index->step_err = store_scan_queued(o->store, o->share, index->cursor, on_queued, index);
}

static void on_more(void *arg)
{
    struct index *index = arg;

    if (!step_home(index)) {
        return;
    }
    if (index->found_count > 0) {
        index->cursor = index->found[index->found_count - 1].id;
    } else {
        index->dry = true;
    }
    go_on(index);
}

/* On a worker. */
static void end_run(void *arg)
{
    struct index *index = arg;
    const struct index_options *o = &index->options;

    index->step_err = store_scan_end(o->store, o->share);
    if (index->step_err == OK) {
        index->step_err = store_scan_counts(o->store, o->share, &index->counts);
    }
}

static void on_end(void *arg)
{
    struct index *index = arg;
    bool again = index->step_err == ERR_CHANGED;

    index->step_err = again ? OK : index->step_err;
    if (!step_home(index)) {
        return;
    }
    if (again) {
        submit_step(index, end_run, on_end);
        return;
    }
    finish(index);
}

/* --- the jobs ----------------------------------------------------------------------------------
 */

static void on_job(void *arg);

static void submit_job(struct index *index, size_t i)
{
    struct index_job *job = &index->jobs[i];

    job->entries = 0;
    job->bytes = 0;
    job->work.run = index_job_run;
    job->work.done = on_job;
    job->work.arg = job;
    index->job_out[i] = true;
    index->out++;
    workers_submit(index->options.workers, &job->work);
}

/* Give the next folders to an idle job: a fair part, so that all jobs have work. */
static void feed_job(struct index *index, size_t i)
{
    struct index_job *job = &index->jobs[i];
    size_t left = index->ready_count - index->ready_at;
    size_t fair = (left + JOBS - 1) / JOBS;
    size_t count = fair < INDEX_JOB_FOLDERS ? fair : INDEX_JOB_FOLDERS;

    for (size_t k = 0; k < count; k++) {
        struct index_folder swap = job->folders[k];

        job->folders[k] = index->ready[index->ready_at];
        index->ready[index->ready_at++] = swap;
    }
    job->folder_count = count;
    job->ticket = index->ticket;
    job->at = 0;
    submit_job(index, i);
}

/* What a run came to: counts, notes, trouble. */
static void take_results(struct index *index, struct index_job *job)
{
    index->progress.entries_found += job->entries;
    index->progress.bytes_found += job->bytes;
    index->progress.skipped += job->notes.skipped;
    index_notes_tell(&job->notes, &index->options.sink, &index->told);
    if (job->err != OK) {
        note_trouble(index, job->err, buf_view(&job->trouble));
    }
    progress_changed(&index->progress, &index->options.sink);
}

static void on_job(void *arg)
{
    struct index_job *job = arg;
    struct index *index = job->owner;
    size_t i = (size_t)(job - index->jobs);

    index->job_out[i] = false;
    index->out--;
    index->dry = false; /* it may have found folders */
    if (index->state != INDEX_CANCELLED) {
        take_results(index, job);
        if (index->err == OK && job->more) {
            submit_job(index, i);
            return;
        }
    }
    go_on(index);
}

/* --- the order of things -----------------------------------------------------------------------
 */

static void take_found(struct index *index)
{
    for (size_t i = 0; i < index->found_count; i++) {
        struct index_folder swap = index->ready[i];

        index->ready[i] = index->found[i];
        index->found[i] = swap;
    }
    index->ready_at = 0;
    index->ready_count = index->found_count;
    index->found_count = 0;
}

static void feed_jobs(struct index *index)
{
    for (size_t i = 0; i < JOBS; i++) {
        if (!index->job_out[i] && index->ready_at < index->ready_count) {
            feed_job(index, i);
        }
    }
}

/* Nothing waits, and nothing can come: look once more from the start, since folders that an older
 * scan numbered may lie before the cursor; then the end. */
static void run_dry(struct index *index)
{
    if (index->cursor == 0) {
        index->state = INDEX_ENDING;
        submit_step(index, end_run, on_end);
    } else {
        index->cursor = 0;
        index->dry = false;
        submit_step(index, more_run, on_more);
    }
}

/* The next page is looked up while jobs are still busy with the one before. */
static void go_on_listing(struct index *index)
{
    feed_jobs(index);
    if (index->ready_at == index->ready_count && !index->step_out && index->found_count > 0) {
        take_found(index);
        feed_jobs(index);
    }
    if (index->step_out || index->found_count > 0) {
        return;
    }
    if (!index->dry) {
        submit_step(index, more_run, on_more);
    } else if (index->out == 0) {
        run_dry(index);
    }
}

/* Do what can be done now. May free the index. */
static void go_on(struct index *index)
{
    if (index->state == INDEX_CANCELLED) {
        if (index->out == 0) {
            index_free(index);
        }
        return;
    }
    if (index->err != OK) {
        if (index->out == 0) {
            finish(index);
        }
        return;
    }
    if (index->state == INDEX_LISTING) {
        go_on_listing(index);
    }
}

static enum err init(struct index *index)
{
    enum err err = OK;

    if (index->options.exclude != NULL) {
        index->exclude = strdup(index->options.exclude);
        index->options.exclude = index->exclude;
        err = index->exclude != NULL ? OK : ERR_NO_MEMORY;
    }
    if (err == OK) {
        err = ignore_new(index->options.ignore, &index->ignore);
        index->options.ignore = (struct bytes){0};
    }
    if (err == OK) {
        err =
            index_puts_new(index->options.store, index->options.share, SPARE_BATCHES, &index->puts);
    }
    for (size_t i = 0; err == OK && i < JOBS; i++) {
        struct index_job *job = &index->jobs[i];

        job->puts = index->puts;
        job->owner = index;
        job->options = &index->options;
        job->tops = &index->tops;
        job->stop = &index->stop;
        err = index_job_init(job, index->ignore);
    }
    return err;
}

enum err index_start(
    const struct index_options *options, index_done_fn done, void *arg, struct index **out)
{
    struct index *index = calloc(1, sizeof(*index));
    enum err err;

    if (index == NULL) {
        return ERR_NO_MEMORY;
    }
    index->options = *options;
    index->done = done;
    index->arg = arg;
    err = init(index);
    if (err != OK) {
        index_free(index);
        return err;
    }
    progress_enter(&index->progress, &index->options.sink, PROGRESS_SCAN);
    submit_step(index, prepare_run, on_prepared);
    *out = index;
    return OK;
}

void index_cancel(struct index *index)
{
    if (index == NULL) {
        return;
    }
    index->state = INDEX_CANCELLED;
    atomic_store(&index->stop, true);
    if (index->step_out && workers_recall(&index->step)) {
        index->step_out = false;
        index->out--;
    }
    for (size_t i = 0; i < JOBS; i++) {
        if (index->job_out[i] && workers_recall(&index->jobs[i].work)) {
            index->job_out[i] = false;
            index->out--;
        }
    }
    go_on(index);
}
