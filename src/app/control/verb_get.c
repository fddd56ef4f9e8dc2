/* get: a link and a target become a job that restores. What can be known to fail is refused here,
 * before anything is fetched. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "app/control/control_args.h"
#include "app/control/control_link.h"
#include "app/control/control_name.h"
#include "app/control/control_verbs.h"
#include "app/control/jobs.h"
#include "app/control/roots.h"
#include "flow/restore/restore_names.h"
#include "io/disk/disk_again.h"

enum { ONLY_MAX = 10000 };

/* Missing is fine, an empty folder is fine, and so is one where a run that died before its marker
 * was there left nothing but temporary files; one with a marker is the flow's to judge, and so is
 * any when a rule for what lies there was given. */
static enum err check_target(const char *path, enum restore_conflict conflict)
{
    DIR *dir;
    const struct dirent *entry;
    bool filled = false;

    dir = opendir(path);
    if (dir == NULL) {
        return errno == ENOENT ? OK : err_from_errno(errno);
    }
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, RESTORE_MARKER) == 0) {
            conflict = RESTORE_RESUME;
        } else if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            filled = filled || !disk_again_is_temp(bytes_str(entry->d_name));
        }
    }
    closedir(dir);
    return filled && conflict == RESTORE_INTO_EMPTY ? ERR_NOT_EMPTY : OK;
}

/* Comparing takes any target as it is. */
static enum err may_restore(
    const struct control_call *call, const struct buf *target, enum restore_conflict conflict)
{
    bool compares = json_is_true(json_object_get(call->args, "verify"));
    enum err err = target->ptr[0] != '/'
                       ? ERR_BAD_REQUEST
                       : roots_check(call, bytes_at(target->ptr, target->len - 1));

    return err != OK
               ? err
               : check_target((const char *)target->ptr, compares ? RESTORE_REPLACE : conflict);
}

static enum err check_only(const json_t *only)
{
    size_t i;
    const json_t *name;
    enum err err = OK;

    if (only != NULL && (!json_is_array(only) || json_array_size(only) > ONLY_MAX)) {
        return ERR_BAD_REQUEST;
    }
    json_array_foreach(only, i, name)
    {
        struct buf bytes = {0};

        err = control_name_get(name, &bytes);
        buf_clear(&bytes);
        if (err != OK) {
            break;
        }
    }
    return err;
}

static enum err add_job(
    struct control *control, const json_t *args, struct bytes target, int64_t *id)
{
    struct job_row row = {
        .kind = STORE_JOB_GET,
        .state = STORE_JOB_QUEUED,
        .created = time(NULL),
        .args = json_pack("{s:O, s:O, s:O*, s:O*, s:O*, s:O*, s:O*}", "link",
            json_object_get(args, "link"), "to", json_object_get(args, "target"), "only",
            json_object_get(args, "only"), "version", json_object_get(args, "version"), "conflict",
            json_object_get(args, "conflict"), "dry_run", json_object_get(args, "dry_run"),
            "verify", json_object_get(args, "verify")),
    };
    int64_t priority = 0;
    enum err err = row.args == NULL ? ERR_NO_MEMORY : OK;

    if (err == OK) {
        err = control_args_int(args, "priority", JOBS_PRIORITY_MIN, JOBS_PRIORITY_MAX, &priority);
        row.priority = (int)priority;
    }
    if (err == OK) {
        err = control_name_put(row.args, "target", target);
    }
    if (err == OK) {
        err = job_row_add(control->store, &row);
    }
    *id = row.id;
    job_row_clear(&row);
    return err;
}

void verb_get(struct control_call *call)
{
    struct control *control = call->control;
    const json_t *link = json_object_get(call->args, "link");
    struct restore_key key;
    struct buf target = {0};
    uint64_t version = 0;
    enum restore_conflict conflict = RESTORE_INTO_EMPTY;
    int64_t id = 0;
    enum err err = control_link_key(control, link, &key);

    bytes_wipe(&key, sizeof(key));
    if (err != OK) {
        control_link_fail(call, link, err);
        return;
    }
    err = control_name_get(json_object_get(call->args, "target"), &target);
    if (err == OK) {
        err = buf_append_byte(&target, '\0');
    }
    if (err == OK) {
        err = check_only(json_object_get(call->args, "only"));
    }
    if (err == OK) {
        err = control_link_version(call->args, &version);
    }
    if (err != OK) {
        control_fail(call, err, NULL);
        goto out;
    }
    err = job_get_conflict(call->args, &conflict);
    if (err != OK) {
        control_fail(call, err, "a conflict rule is empty, keep, replace, newer or rename");
        goto out;
    }
    err = may_restore(call, &target, conflict);
    if (err != OK) {
        control_fail(
            call, err, "cannot restore into %.600s: %s", (const char *)target.ptr, err_text(err));
        goto out;
    }
    err = control->damaged                          ? ERR_STORE_CORRUPT
          : news_provider_count(control->news) == 0 ? ERR_NO_PROVIDER
                                                    : OK;
    if (err == OK) {
        err = add_job(control, call->args, bytes_at(target.ptr, target.len - 1), &id);
    }
    if (err == OK) {
        jobs_pump(control);
        control_answer_job(call, json_pack("{s:I}", "job", (json_int_t)id));
    } else {
        control_fail(call, err, NULL);
    }
out:
    buf_clear(&target);
}
