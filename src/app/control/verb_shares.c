/* shares: the list of them. link: the link of one, by number or title. */
#include <stdlib.h>
#include <string.h>

#include "app/control/control_link.h"
#include "app/control/control_name.h"

static enum err on_share(void *arg, const struct store_share *share)
{
    control_row(
        arg, json_pack("{s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "id", (json_int_t)share->id,
                 "title", share->title, "version", (json_int_t)share->version, "created",
                 (json_int_t)share->created, "published", (json_int_t)share->published, "entries",
                 (json_int_t)share->entries, "bytes", (json_int_t)share->bytes, "articles",
                 (json_int_t)share->articles));
    return OK;
}

void verb_shares(struct control_call *call)
{
    enum err err = store_share_each(call->control->store, on_share, call);

    if (err != OK) {
        control_fail(call, err, NULL);
    } else {
        control_end(call);
    }
}

/* Looking for a share by its title. */
struct search {
    const char *title;
    int64_t id;
    unsigned found;
};

static enum err on_search(void *arg, const struct store_share *share)
{
    struct search *search = arg;

    if (strcmp(share->title, search->title) == 0) {
        search->id = share->id;
        search->found++;
    }
    return OK;
}

/* The share that `asked` names: a title first, then a number. */
static enum err find_share(struct control *control, const json_t *asked, int64_t *id)
{
    struct search search = {.title = json_string_value(asked)};
    char *end = NULL;
    enum err err;

    if (json_is_integer(asked)) {
        *id = json_integer_value(asked);
        return OK;
    }
    if (search.title == NULL) {
        return ERR_BAD_REQUEST;
    }
    err = store_share_each(control->store, on_search, &search);
    if (err != OK) {
        return err;
    }
    *id = search.found == 1 ? search.id : strtoll(search.title, &end, 10);
    if (search.found == 1 || (search.found == 0 && end != search.title && *end == '\0')) {
        return OK;
    }
    return search.found > 1 ? ERR_BAD_REQUEST : ERR_NO_ROW;
}

static enum err on_path(void *arg, const struct store_path *path)
{
    return json_array_append_new(arg, control_name_json(path->path)) == 0 ? OK : ERR_NO_MEMORY;
}

static void link_answer(
    struct control_call *call, const struct store_share *share, const struct buf *link)
{
    json_t *paths = json_array();

    if (store_share_paths(call->control->store, share->id, on_path, paths) != OK) {
        (void)json_array_clear(paths);
    }
    control_answer(call, json_pack("{s:I, s:s, s:I, s:I, s:s%, s:o}", "id", (json_int_t)share->id,
                             "title", share->title, "version", (json_int_t)share->version,
                             "published", (json_int_t)share->published, "link",
                             (const char *)link->ptr, link->len, "paths", paths));
}

void verb_link(struct control_call *call)
{
    struct control *control = call->control;
    const json_t *asked = json_object_get(call->args, "share");
    struct store_share share = {0};
    struct buf link = {0};
    int64_t id = 0;
    enum err err = find_share(control, asked, &id);

    if (err == OK) {
        err = store_share_get(control->store, id, &share);
    }
    if (err == OK && share.version == 0) {
        control_fail(call, ERR_JOB_STATE, "\"%s\" is not published yet", share.title);
        goto out;
    }
    if (err == OK) {
        err = control_link_make(control, &share, &link);
    }
    if (err == OK) {
        link_answer(call, &share, &link);
    } else if (err == ERR_NO_ROW) {
        control_fail(call, err, "you have no share of this name; `usenetsync shares` lists them");
    } else if (err == ERR_BAD_REQUEST) {
        control_fail(call, err, "several shares have this name; give the number instead");
    } else {
        control_fail(call, err, NULL);
    }
out:
    buf_wipe(&link);
    bytes_wipe(&share, sizeof(share));
}
