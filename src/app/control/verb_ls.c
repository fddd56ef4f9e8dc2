/* ls: what is in a share, row by row as it arrives. */
#include <stdlib.h>

#include "app/control/control_link.h"
#include "app/control/control_name.h"
#include "app/control/control_verbs.h"
#include "flow/restore/listing.h"

static const char *type_name(enum listing_type type)
{
    return type == LISTING_DIRECTORY ? "directory" : type == LISTING_FILE ? "file" : "symlink";
}

static enum err on_entry(void *arg, const struct listing_entry *entry)
{
    json_t *row = json_pack("{s:s, s:i, s:I, s:I}", "type", type_name(entry->type), "mode",
        (int)entry->mode, "size", (json_int_t)entry->size, "mtime_ns", (json_int_t)entry->mtime_ns);
    enum err err = row == NULL ? ERR_NO_MEMORY : control_name_put(row, "path", entry->path);

    if (err == OK && entry->type == LISTING_SYMLINK) {
        err = control_name_put(row, "target", entry->target);
    }
    if (err != OK) {
        json_decref(row);
        return err;
    }
    control_row(arg, row);
    return OK;
}

/* The last row tells what the share is. */
static json_t *share_json(const struct listing_share *share)
{
    json_t *inner = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "version",
        (json_int_t)share->version, "created", (json_int_t)share->created, "files",
        (json_int_t)share->files, "directories", (json_int_t)share->directories, "symlinks",
        (json_int_t)share->symlinks, "bytes", (json_int_t)share->bytes);

    if (inner != NULL && control_name_put(inner, "title", share->title) != OK) {
        json_decref(inner);
        return NULL;
    }
    return json_pack("{s:o}", "share", inner);
}

static void on_done(void *arg, enum err err, const struct listing_share *share)
{
    struct control_call *call = arg;
    uint64_t version = 0;

    if (err == ERR_SHARE_NOT_FOUND && control_link_version(call->args, &version) == OK &&
        version != 0) {
        err = ERR_NO_VERSION;
    }

    call->work = NULL;
    call->cancel = NULL;
    if (err != OK) {
        control_fail(call, err, NULL);
        return;
    }
    if (share != NULL) {
        control_row(call, share_json(share));
    }
    control_end(call);
}

static void on_cancel(struct control_call *call)
{
    listing_cancel(call->work);
}

static enum err start(struct control_call *call, const struct restore_key *key, struct bytes path)
{
    struct control *control = call->control;
    struct listing *listing = NULL;
    struct listing_options options = {
        .env = {.loop = control->loop,
            .store = control->store,
            .workers = control->workers,
            .news = control->news,
            .scratch = bytes_str(control->state)},
        .key = *key,
        .page.path = path,
        .depth = json_is_true(json_object_get(call->args, "recursive")) ? LISTING_RECURSIVE
                                                                        : LISTING_ONE_FOLDER,
    };
    enum err err = control_link_version(call->args, &options.version);

    if (err == OK) {
        err = listing_start(&options, on_entry, on_done, call, &listing);
    }
    bytes_wipe(&options.key, sizeof(options.key));

    if (err == OK) {
        call->work = listing;
        call->cancel = on_cancel;
    }
    return err;
}

void verb_ls(struct control_call *call)
{
    const json_t *link = json_object_get(call->args, "link");
    const json_t *asked = json_object_get(call->args, "path");
    struct restore_key key;
    struct buf path = {0};
    enum err err = control_link_key(call->control, link, &key);

    if (err != OK) {
        control_link_fail(call, link, err);
        return;
    }
    if (asked != NULL) {
        err = control_name_get(asked, &path);
    }
    if (err == OK && news_provider_count(call->control->news) == 0) {
        err = ERR_NO_PROVIDER;
    }
    if (err == OK) {
        err = start(call, &key, buf_view(&path));
    }
    if (err != OK) {
        control_fail(call, err, NULL);
    }
    buf_clear(&path);
    bytes_wipe(&key, sizeof(key));
}
