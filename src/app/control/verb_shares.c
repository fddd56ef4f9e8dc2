/* shares: the list of them. link: the link of one, by number or title. */
#include <stdlib.h>

#include "app/control/control_link.h"
#include "app/control/control_share.h"
#include "app/control/control_verbs.h"
#include "app/control/share_view.h"

/* The rows' numbers; what belongs to each is asked for outside the catalogue's call. */
struct ids {
    int64_t *list;
    size_t count, cap;
};

static enum err on_share(void *arg, const struct store_share *share)
{
    struct ids *ids = arg;

    if (ids->count == ids->cap) {
        size_t cap = ids->cap == 0 ? 64 : ids->cap * 2;
        int64_t *list = realloc(ids->list, cap * sizeof(*list));

        if (list == NULL) {
            return ERR_NO_MEMORY;
        }
        ids->list = list;
        ids->cap = cap;
    }
    ids->list[ids->count++] = share->id;
    return OK;
}

void verb_shares(struct control_call *call)
{
    struct ids ids = {0};
    enum err err = store_share_each(call->control->store, on_share, &ids);

    for (size_t i = 0; i < ids.count && err == OK; i++) {
        struct store_share share = {0};

        err = store_share_get(call->control->store, ids.list[i], &share);
        if (err == OK) {
            control_row(call, share_view_row(call->control, &share));
        }
        bytes_wipe(&share, sizeof(share));
    }
    free(ids.list);
    if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        control_end(call);
    }
}

/* `link` is a link or a write key: the one member that is a secret. */
static void link_answer(
    struct control_call *call, const struct store_share *share, const struct buf *link)
{
    json_t *paths = share_view_paths(call->control, share->id);

    control_answer(call,
        json_pack("{s:I, s:s, s:I, s:I, s:s%, s:o}", "id", (json_int_t)share->id, "title",
            share->title, "version", (json_int_t)share->version, "published",
            (json_int_t)share->published,
            json_is_true(json_object_get(call->args, "write_key")) ? "write_key" : "link",
            (const char *)link->ptr, link->len, "paths", paths != NULL ? paths : json_array()));
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
