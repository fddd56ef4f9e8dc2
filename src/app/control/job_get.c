/* The flow of a get job: one restore. */
#include <stdlib.h>
#include <string.h>

#include "app/control/control_link.h"
#include "app/control/control_name.h"
#include "app/control/job.h"
#include "app/control/limits.h"

static json_t *result_json(const struct restore_result *r)
{
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
        "s:I, s:I}",
        "version", (json_int_t)r->version, "files", (json_int_t)r->files, "directories",
        (json_int_t)r->directories, "symlinks", (json_int_t)r->symlinks, "bytes",
        (json_int_t)r->bytes, "articles", (json_int_t)r->articles, "bytes_fetched",
        (json_int_t)r->bytes_fetched, "lost_segments", (json_int_t)r->lost_segments,
        "repaired_segments", (json_int_t)r->repaired_segments, "lost_files",
        (json_int_t)r->lost_files, "kept_files", (json_int_t)r->kept_files, "verified_files",
        (json_int_t)r->verified_files, "replaced_files", (json_int_t)r->replaced_files,
        "renamed_files", (json_int_t)r->renamed_files, "blocked_entries",
        (json_int_t)r->blocked_entries, "needed_articles", (json_int_t)r->needed_articles,
        "needed_bytes", (json_int_t)r->needed_bytes, "differing_files",
        (json_int_t)r->differing_files, "missing_files", (json_int_t)r->missing_files);
}

static void on_restored(void *arg, enum err err, const struct restore_result *result)
{
    struct job *job = arg;

    job->restore = NULL;
    if (err == ERR_SHARE_NOT_FOUND && json_is_integer(json_object_get(job->row.args, "version"))) {
        err = ERR_NO_VERSION;
    }
    job_phase_done(job, err, result != NULL ? result_json(result) : NULL,
        result != NULL ? result->text : NULL);
}

/* The names in `only` as bytes, in one piece of memory each. */
struct names {
    struct buf *bufs;
    struct bytes *views;
    size_t count;
};

static void names_clear(struct names *names)
{
    for (size_t i = 0; names->bufs != NULL && i < names->count; i++) {
        buf_clear(&names->bufs[i]);
    }
    free(names->bufs);
    free(names->views);
}

static enum err names_init(struct names *names, const json_t *list)
{
    size_t count = json_array_size(list);
    enum err err = OK;

    *names = (struct names){.count = count};
    if (count == 0) {
        return OK;
    }
    names->bufs = calloc(count, sizeof(*names->bufs));
    names->views = calloc(count, sizeof(*names->views));
    if (names->bufs == NULL || names->views == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < count && err == OK; i++) {
        err = control_name_get(json_array_get(list, i), &names->bufs[i]);
        names->views[i] = buf_view(&names->bufs[i]);
    }
    return err;
}

enum err job_get_conflict(const json_t *args, enum restore_conflict *conflict)
{
    static const struct {
        const char *word;
        enum restore_conflict conflict;
    } rules[] = {
        {"empty", RESTORE_INTO_EMPTY},
        {"keep", RESTORE_KEEP_EXISTING},
        {"replace", RESTORE_REPLACE},
        {"newer", RESTORE_NEWER},
        {"rename", RESTORE_RENAME},
    };
    const json_t *asked = json_object_get(args, "conflict");

    *conflict = RESTORE_INTO_EMPTY;
    if (asked == NULL || json_is_null(asked)) {
        return OK;
    }
    for (size_t i = 0; json_is_string(asked) && i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (strcmp(json_string_value(asked), rules[i].word) == 0) {
            *conflict = rules[i].conflict;
            return OK;
        }
    }
    return ERR_BAD_REQUEST;
}

static enum restore_run run_of(const json_t *args)
{
    return json_is_true(json_object_get(args, "verify"))    ? RESTORE_COMPARE
           : json_is_true(json_object_get(args, "dry_run")) ? RESTORE_DRY_RUN
                                                            : RESTORE_REAL_RUN;
}

enum err job_restore_start(struct job *job)
{
    struct control *control = job->control;
    struct restore_options options = {
        .env = {.loop = control->loop,
            .store = control->store,
            .workers = control->workers,
            .news = control->news,
            .sink = job_sink(job),
            .window_bytes = limits_window(control),
            .scratch = bytes_str(control->state),
            .helper = control->helper},
        .dry_run = run_of(job->row.args),
    };
    struct buf target = {0};
    struct names only = {0};
    enum err err = control_link_key(control, json_object_get(job->row.args, "link"), &options.key);

    if (err == OK) {
        err = control_name_get(json_object_get(job->row.args, "to"), &target);
    }
    if (err == OK) {
        err = control_link_version(job->row.args, &options.version);
    }
    if (err == OK) {
        err = job_get_conflict(job->row.args, &options.conflict);
    }
    if (options.dry_run == RESTORE_COMPARE) {
        options.conflict = RESTORE_REPLACE; /* any target will do */
    }
    if (job->wrote && options.conflict == RESTORE_INTO_EMPTY && !options.dry_run) {
        options.conflict = RESTORE_RESUME; /* what an earlier attempt wrote is ours */
    }
    if (err == OK) {
        err = names_init(&only, json_object_get(job->row.args, "only"));
    }
    if (err == OK) {
        options.target = buf_view(&target);
        options.only = only.views;
        options.only_count = only.count;
        err = restore_start(&options, on_restored, job, &job->restore);
    }
    names_clear(&only);
    buf_clear(&target);
    bytes_wipe(&options.key, sizeof(options.key));
    return err;
}

void job_restore_cancel(struct job *job)
{
    if (job->restore != NULL) {
        restore_cancel(job->restore);
        job->restore = NULL;
    }
}
