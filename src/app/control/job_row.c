/* Jobs between the catalogue and JSON. */
#include "app/control/job_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

const char *job_row_state_name(enum store_job_state state)
{
    static const char *const names[] = {
        [STORE_JOB_QUEUED] = "queued",
        [STORE_JOB_RUNNING] = "running",
        [STORE_JOB_PAUSED] = "paused",
        [STORE_JOB_DONE] = "done",
        [STORE_JOB_FAILED] = "failed",
        [STORE_JOB_CANCELLED] = "cancelled",
    };

    return state >= STORE_JOB_QUEUED && state <= STORE_JOB_CANCELLED ? names[state] : "unknown";
}

/* An object from text, NULL for empty or damaged text: what a job cannot read, it does without. */
static json_t *object_of(struct bytes text)
{
    json_t *value = text.len == 0 ? NULL : json_loadb((const char *)text.ptr, text.len, 0, NULL);

    if (value != NULL && !json_is_object(value)) {
        json_decref(value);
        return NULL;
    }
    return value;
}

enum err job_row_init(struct job_row *row, const struct store_job *job)
{
    *row = (struct job_row){
        .id = job->id,
        .kind = job->kind,
        .state = job->state,
        .priority = job->priority,
        .attempts = job->attempts,
        .share = job->share,
        .created = job->created,
        .started = job->started,
        .finished = job->finished,
        .resume_at = job->resume_at,
        .args = object_of(job->args),
        .progress = object_of(job->progress),
        .result = object_of(job->result),
    };
    return (job->args.len > 0 && row->args == NULL) || job->kind < STORE_JOB_SHARE ||
                   job->kind > STORE_JOB_HEAL
               ? ERR_STORE_CORRUPT
               : OK;
}

static enum err on_row(void *arg, const struct store_job *job)
{
    return job_row_init(arg, job);
}

enum err job_row_load(struct store *store, int64_t id, struct job_row *row)
{
    enum err err;

    *row = (struct job_row){0};
    err = store_job_get(store, id, on_row, row);
    return err == ERR_NO_ROW ? ERR_NO_JOB : err;
}

/* The texts of a job under their owner, so that one call frees them. */
struct texts {
    char *args, *progress, *result;
};

static char *text_of(const json_t *object)
{
    return object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
}

static struct bytes view_of(const char *text)
{
    return text == NULL ? bytes_at("", 0) : bytes_str(text);
}

static enum err to_store(const struct job_row *row, struct texts *texts, struct store_job *job)
{
    *texts = (struct texts){text_of(row->args), text_of(row->progress), text_of(row->result)};
    *job = (struct store_job){
        .id = row->id,
        .kind = row->kind,
        .state = row->state,
        .priority = row->priority,
        .attempts = row->attempts,
        .share = row->share,
        .created = row->created,
        .started = row->started,
        .finished = row->finished,
        .resume_at = row->resume_at,
        .args = view_of(texts->args),
        .progress = view_of(texts->progress),
        .result = view_of(texts->result),
    };
    return (row->args != NULL && texts->args == NULL) ||
                   (row->progress != NULL && texts->progress == NULL) ||
                   (row->result != NULL && texts->result == NULL)
               ? ERR_NO_MEMORY
               : OK;
}

/* `args` may hold a link. */
static void texts_clear(struct texts *texts)
{
    if (texts->args != NULL) {
        bytes_wipe(texts->args, strlen(texts->args));
    }
    free(texts->args);
    free(texts->progress);
    free(texts->result);
}

enum err job_row_add(struct store *store, struct job_row *row)
{
    struct store_job job;
    struct texts texts;
    enum err err = to_store(row, &texts, &job);

    if (err == OK) {
        err = store_job_add(store, &job, &row->id);
    }
    texts_clear(&texts);
    return err;
}

enum err job_row_save(struct store *store, const struct job_row *row)
{
    struct store_job job;
    struct texts texts;
    enum err err = to_store(row, &texts, &job);

    if (err == OK) {
        err = store_job_update(store, &job);
    }
    texts_clear(&texts);
    return err;
}

void job_row_clear(struct job_row *row)
{
    json_decref(row->args);
    json_decref(row->progress);
    json_decref(row->result);
    *row = (struct job_row){0};
}

/* Copy `key` of `from` to `to` when it is there. */
static void copy_member(json_t *to, const json_t *from, const char *key)
{
    json_t *value = json_object_get(from, key);

    if (value != NULL) {
        (void)json_object_set(to, key, value);
    }
}

bool job_row_changes_share(enum store_job_kind kind)
{
    return kind == STORE_JOB_SHARE || kind == STORE_JOB_ADOPT;
}

static const char *kind_name(enum store_job_kind kind)
{
    static const char *const names[] = {
        [STORE_JOB_SHARE] = "share",
        [STORE_JOB_GET] = "get",
        [STORE_JOB_ADOPT] = "adopt",
        [STORE_JOB_CHECK] = "check",
        [STORE_JOB_EXPORT] = "export",
        [STORE_JOB_HEAL] = "heal",
    };

    return kind >= STORE_JOB_SHARE && kind <= STORE_JOB_HEAL ? names[kind] : "unknown";
}

/* The progress that is kept holds the bars and sums, too: to the user they stand beside it. */
static void put_progress(json_t *out, const json_t *kept)
{
    json_t *progress = json_copy((json_t *)(uintptr_t)kept);

    copy_member(out, kept, "phases");
    copy_member(out, kept, "totals");
    (void)json_object_del(progress, "phases");
    (void)json_object_del(progress, "totals");
    (void)json_object_set_new(out, "progress", progress);
}

json_t *job_row_json(const struct job_row *row)
{
    static const char *const from_args[] = {
        "title", "target", "target_base64", "dry_run", "verify", "deep", "scheduled"};
    json_t *out = json_pack("{s:I, s:s, s:s, s:i, s:i, s:I, s:I, s:I, s:I}", "id",
        (json_int_t)row->id, "kind", kind_name(row->kind), "state", job_row_state_name(row->state),
        "priority", row->priority, "attempts", (int)row->attempts, "share", (json_int_t)row->share,
        "created", (json_int_t)row->created, "started", (json_int_t)row->started, "finished",
        (json_int_t)row->finished);

    if (out == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(from_args) / sizeof(from_args[0]); i++) {
        copy_member(out, row->args, from_args[i]);
    }
    if (row->state == STORE_JOB_PAUSED && row->resume_at != 0) {
        (void)json_object_set_new(out, "paused_until", json_integer(row->resume_at));
    }
    if (row->progress != NULL) {
        put_progress(out, row->progress);
    }
    if (row->result != NULL) {
        (void)json_object_set(out, "result", row->result);
    }
    return out;
}
