/* From what a person names to a key, by way of a job's row. */
#include "app/control/control_subject.h"

#include <string.h>
#include <time.h>

#include "app/control/control_args.h"
#include "app/control/control_share.h"
#include "app/control/jobs.h"

/* A walk over our shares for the one of a fingerprint. */
struct search {
    struct control *control;
    const struct restore_key *key;
    struct store_share found;
};

/* Each share's keys are derived anew: some of these take a millisecond. */
static enum err on_search(void *arg, const struct store_share *share)
{
    struct search *search = arg;
    struct restore_key key;
    enum err err = control_link_own_key(search->control, share, &key);

    if (err == OK && memcmp(key.fingerprint, search->key->fingerprint, 16) == 0) {
        search->found = *share;
    }
    bytes_wipe(&key, sizeof(key));
    return err;
}

static enum err own_row(const struct store_share *share, struct job_row *row)
{
    row->share = share->id;
    row->args = json_pack("{s:s}", "title", share->title);
    return row->args != NULL ? OK : ERR_NO_MEMORY;
}

/* It is a good link: ours, or somebody's. */
static enum err link_row(
    struct control_call *call, const struct restore_key *key, struct job_row *row)
{
    struct search search = {.control = call->control, .key = key};
    enum err err = store_share_each(call->control->store, on_search, &search);

    if (err == OK && search.found.id != 0 && search.found.version != 0) {
        err = own_row(&search.found, row);
    } else if (err == OK) {
        row->args = json_pack("{s:O}", "link", json_object_get(call->args, "share"));
        err = row->args != NULL ? OK : ERR_NO_MEMORY;
    }
    bytes_wipe(&search.found, sizeof(search.found));
    if (err != OK) {
        control_fail(call, err, NULL);
    }
    return err;
}

/* It names a share of ours. */
static enum err name_row(struct control_call *call, struct job_row *row)
{
    struct store_share share = {0};
    enum err err = control_share_find(call->control, json_object_get(call->args, "share"), &share);

    if (err != OK) {
        control_share_fail(call, err);
    } else if (share.adopting) {
        err = ERR_JOB_STATE;
        control_share_fail_adopting(call, &share);
    } else if (share.version == 0) {
        err = ERR_JOB_STATE;
        control_fail(call, err, "\"%s\" is not published yet", share.title);
    } else {
        err = own_row(&share, row);
        if (err != OK) {
            control_fail(call, err, NULL);
        }
    }
    bytes_wipe(&share, sizeof(share));
    return err;
}

/* Anything but OK: the call has ended. */
static enum err share_row(struct control_call *call, struct job_row *row)
{
    const json_t *asked = json_object_get(call->args, "share");
    struct restore_key key;
    enum err err =
        json_is_integer(asked) ? ERR_LINK_BAD : control_link_key(call->control, asked, &key);

    if (err == ERR_LINK_BAD) { /* it does not look like a link: a name */
        return name_row(call, row);
    }
    if (err == OK) {
        err = link_row(call, &key, row);
    } else {
        control_link_fail(call, asked, err);
    }
    bytes_wipe(&key, sizeof(key));
    return err;
}

bool control_subject_row(struct control_call *call, enum store_job_kind kind, struct job_row *row)
{
    struct control *control = call->control;
    uint64_t version;
    int64_t priority = 0;
    enum err err = control_link_version(call->args, &version);

    *row = (struct job_row){.kind = kind, .state = STORE_JOB_QUEUED, .created = time(NULL)};
    if (err != OK) {
        control_fail(call, err, "a version is a number from 1 on");
        return false;
    }
    err = control_args_int(call->args, "priority", JOBS_PRIORITY_MIN, JOBS_PRIORITY_MAX, &priority);
    if (err != OK) {
        control_fail(call, err, NULL);
        return false;
    }
    row->priority = (int)priority;
    err = control->damaged                          ? ERR_STORE_CORRUPT
          : news_provider_count(control->news) == 0 ? ERR_NO_PROVIDER
                                                    : OK;
    if (err != OK) {
        control_fail(call, err, NULL);
        return false;
    }
    if (share_row(call, row) != OK) {
        return false;
    }
    if (version > 0) {
        (void)json_object_set(row->args, "version", json_object_get(call->args, "version"));
    }
    return true;
}

enum err control_subject_key(
    struct control *control, const struct job_row *row, struct restore_key *key, uint64_t *version)
{
    struct store_share share = {0};
    enum err err = control_link_version(row->args, version);

    if (err == OK && row->share == 0) {
        return control_link_key(control, json_object_get(row->args, "link"), key);
    }
    if (err == OK) {
        err = store_share_get(control->store, row->share, &share);
    }
    if (err == OK) {
        err = control_link_own_key(control, &share, key);
    }
    bytes_wipe(&share, sizeof(share));
    return err;
}
