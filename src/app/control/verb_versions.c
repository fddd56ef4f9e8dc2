/* versions: of a link, those that the news servers have; of a share of ours, those that the
 * catalogue knows. Newest first. */
#include "app/control/control_link.h"
#include "app/control/control_share.h"
#include "app/control/control_verbs.h"
#include "flow/restore/versions.h"

/* --- of a link -------------------------------------------------------------------------------- */

static void on_row(void *arg, const struct versions_row *row)
{
    static const char *const states[] = {
        [VERSIONS_NEWEST] = "newest",
        [VERSIONS_FOUND] = "found",
        [VERSIONS_MISSING] = "missing",
        [VERSIONS_FORKED] = "forked",
    };

    json_int_t entries =
        (json_int_t)row->files + (json_int_t)row->directories + (json_int_t)row->symlinks;

    if (row->state == VERSIONS_MISSING) {
        control_row(arg,
            json_pack("{s:I, s:s}", "version", (json_int_t)row->n, "state", states[row->state]));
        return;
    }
    control_row(arg,
        json_pack("{s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "version", (json_int_t)row->n,
            "state", states[row->state], "created", (json_int_t)row->created, "entries", entries,
            "bytes", (json_int_t)row->bytes, "files", (json_int_t)row->files, "directories",
            (json_int_t)row->directories, "symlinks", (json_int_t)row->symlinks));
}

static void on_done(void *arg, enum err err, const char *text)
{
    struct control_call *call = arg;

    call->work = NULL;
    call->cancel = NULL;
    if (err != OK) {
        control_fail(call, err, text[0] != '\0' ? "%s: %s" : NULL, err_text(err), text);
    } else {
        control_end(call);
    }
}

static void on_cancel(struct control_call *call)
{
    versions_cancel(call->work);
}

static void ask_servers(struct control_call *call, const struct restore_key *key)
{
    struct control *control = call->control;
    struct versions *versions = NULL;
    enum err err = ERR_NO_PROVIDER;

    if (news_provider_count(control->news) > 0) {
        err = versions_start(
            &(struct versions_options){
                .env = {.loop = control->loop,
                    .workers = control->workers,
                    .news = control->news,
                    .store = control->store},
                .key = *key,
            },
            on_row, on_done, call, &versions);
    }
    if (err != OK) {
        control_fail(call, err, NULL);
        return;
    }
    call->work = versions;
    call->cancel = on_cancel;
}

/* --- of a share of ours ----------------------------------------------------------------------- */

struct rows {
    json_t *list; /* oldest first */
    uint64_t newest;
};

static enum err on_version(void *arg, const struct store_version *version)
{
    struct rows *rows = arg;

    if (!version->published) {
        return OK;
    }
    return json_array_append_new(rows->list,
               json_pack("{s:I, s:s, s:I, s:I, s:I}", "version", (json_int_t)version->n, "state",
                   version->n == rows->newest ? "newest" : "found", "created",
                   (json_int_t)version->created, "entries", (json_int_t)version->entries, "bytes",
                   (json_int_t)version->bytes)) == 0
               ? OK
               : ERR_NO_MEMORY;
}

static void ask_catalogue(struct control_call *call, const json_t *asked)
{
    struct store_share share = {0};
    struct rows rows = {.list = json_array()};
    enum err err = control_share_find(call->control, asked, &share);

    if (err != OK) {
        control_share_fail(call, err);
        goto out;
    }
    rows.newest = share.version;
    err = store_version_each(call->control->store, share.id, on_version, &rows);
    if (err != OK) {
        control_fail(call, err, NULL);
        goto out;
    }
    for (size_t i = json_array_size(rows.list); i > 0; i--) {
        control_row(call, json_incref(json_array_get(rows.list, i - 1)));
    }
    control_end(call);
out:
    json_decref(rows.list);
    bytes_wipe(&share, sizeof(share));
}

void verb_versions(struct control_call *call)
{
    const json_t *asked = json_object_get(call->args, "share");
    struct restore_key key;
    enum err err = control_link_key(call->control, asked, &key);

    if (err == OK) {
        ask_servers(call, &key);
    } else if (err == ERR_LINK_BAD) {
        ask_catalogue(call, asked); /* it does not look like a link: a name */
    } else {
        control_link_fail(call, asked, err);
    }
    bytes_wipe(&key, sizeof(key));
}
