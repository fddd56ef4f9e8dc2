/* shares: the list of them. link: the link of one, by number or title. */
#include "app/control/control_health.h"
#include "app/control/control_link.h"
#include "app/control/control_name.h"
#include "app/control/control_share.h"

static enum err on_share(void *arg, const struct store_share *share)
{
    return json_array_append_new(arg,
               json_pack("{s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "id", (json_int_t)share->id,
                   "title", share->title, "version", (json_int_t)share->version, "created",
                   (json_int_t)share->created, "published", (json_int_t)share->published, "entries",
                   (json_int_t)share->entries, "bytes", (json_int_t)share->bytes, "articles",
                   (json_int_t)share->articles)) == 0
               ? OK
               : ERR_NO_MEMORY;
}

void verb_shares(struct control_call *call)
{
    json_t *rows = json_array();
    enum err err = store_share_each(call->control->store, on_share, rows);
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row)
    {
        int64_t id = json_integer_value(json_object_get(row, "id"));

        (void)json_object_set_new(row, "health", control_health_of_share(call->control, id));
        control_row(call, json_incref(row));
    }
    json_decref(rows);
    if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        control_end(call);
    }
}

static enum err on_path(void *arg, const struct store_path *path)
{
    return json_array_append_new(arg, control_name_json(path->path)) == 0 ? OK : ERR_NO_MEMORY;
}

/* `link` is a link or a write key: the one member that is a secret. */
static void link_answer(
    struct control_call *call, const struct store_share *share, const struct buf *link)
{
    json_t *paths = json_array();

    if (store_share_paths(call->control->store, share->id, on_path, paths) != OK) {
        (void)json_array_clear(paths);
    }
    control_answer(
        call, json_pack("{s:I, s:s, s:I, s:I, s:s%, s:o}", "id", (json_int_t)share->id, "title",
                  share->title, "version", (json_int_t)share->version, "published",
                  (json_int_t)share->published,
                  json_is_true(json_object_get(call->args, "write_key")) ? "write_key" : "link",
                  (const char *)link->ptr, link->len, "paths", paths));
}

/* The answer is the link, or the write key when that was asked for. */
static enum err make_text(
    struct control_call *call, const struct store_share *share, struct buf *text)
{
    return json_is_true(json_object_get(call->args, "write_key"))
               ? control_link_write_key(share, text)
               : control_link_make(call->control, share, text);
}

void verb_link(struct control_call *call)
{
    struct control *control = call->control;
    const json_t *asked = json_object_get(call->args, "share");
    struct store_share share = {0};
    struct buf link = {0};
    enum err err = control_share_find(control, asked, &share);

    if (err != OK) {
        control_share_fail(call, err);
        goto out;
    }
    if (share.version == 0) {
        control_fail(call, ERR_JOB_STATE, "\"%s\" is not published yet", share.title);
        goto out;
    }
    err = make_text(call, &share, &link);
    if (err == OK) {
        link_answer(call, &share, &link);
    } else {
        control_fail(call, err, NULL);
    }
out:
    buf_wipe(&link);
    bytes_wipe(&share, sizeof(share));
}
