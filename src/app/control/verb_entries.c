/* The entries of one folder of a share, a page at a time: of ours out of the catalogue, of a link's
 * by its listing. */
#include <stdlib.h>
#include <string.h>

#include "app/control/clerk.h"
#include "app/control/control_args.h"
#include "app/control/control_link.h"
#include "app/control/control_name.h"
#include "app/control/control_verbs.h"
#include "app/control/link_sessions.h"
#include "flow/restore/listing.h"
#include "io/store/store_browse.h"

enum { NAME_MAX_BYTES = 255 };

/* --- shares of ours ----------------------------------------------------------------------------
 */

struct own_work {
    struct clerk_work clerk;
    int64_t share;
    bool published;
    struct buf path, after;
    size_t limit;
    json_t *items; /* out */
    struct buf last;
    bool more;    /* out */
    enum err err; /* out */
};

/* What rides in the head of a small share was never sent by itself: of that nothing is said. */
static json_t *own_entry(const struct store_entry *entry, bool published)
{
    static const char *const types[] = {
        [STORE_DIRECTORY] = "directory", [STORE_FILE] = "file", [STORE_SYMLINK] = "symlink"};
    json_t *item = json_pack("{s:s, s:i, s:I, s:I}", "type", types[entry->type], "mode",
        (int)entry->mode, "size", (json_int_t)entry->size, "mtime_ns", (json_int_t)entry->mtime_ns);
    enum err err = item != NULL ? control_name_put(item, "name", entry->name) : ERR_NO_MEMORY;

    if (err == OK && entry->type == STORE_SYMLINK) {
        err = control_name_put(item, "target", entry->target);
    }
    if (err != OK) {
        json_decref(item);
        return NULL;
    }
    if (entry->sent || !published) {
        (void)json_object_set_new(item, "sent", json_boolean(entry->sent));
    }
    return item;
}

static enum err on_own(void *arg, const struct store_entry *entry)
{
    struct own_work *work = arg;

    if (json_array_size(work->items) == work->limit) {
        work->more = true;
        return OK;
    }
    work->last.len = 0;
    if (buf_append(&work->last, entry->name) != OK) {
        return ERR_NO_MEMORY;
    }
    return json_array_append_new(work->items, own_entry(entry, work->published)) == 0
               ? OK
               : ERR_NO_MEMORY;
}

static void own_run(struct clerk_work *clerk)
{
    struct own_work *work = (struct own_work *)clerk;
    struct store *store = clerk->control->store;
    uint64_t folder = 0;
    enum err err = store_browse_find(store, work->share, buf_view(&work->path), &folder);

    if (err == OK) {
        err = store_browse_each(
            store, work->share, folder, buf_view(&work->after), work->limit + 1, on_own, work);
    }
    work->err = err == ERR_NO_ROW ? ERR_PATH_NOT_IN_SHARE : err;
}

static void own_home(struct clerk_work *clerk)
{
    struct own_work *work = (struct own_work *)clerk;
    struct control_call *call = clerk->call;
    json_t *answer;

    if (work->err != OK) {
        clerk_fail(clerk, work->err, "");
        return;
    }
    answer = json_pack("{s:O, s:o}", "items", work->items, "next",
        work->more ? control_cursor_json(buf_view(&work->last)) : json_null());
    clerk_end(clerk);
    control_answer(call, answer);
}

static void own_free(struct clerk_work *clerk)
{
    struct own_work *work = (struct own_work *)clerk;

    buf_clear(&work->path);
    buf_clear(&work->after);
    buf_clear(&work->last);
    json_decref(work->items);
    free(work);
}

/* "path", "after", "limit", as both kinds have them. */
static enum err page_args(const json_t *args, struct buf *path, struct buf *after, size_t *limit)
{
    enum err err = control_args_name(args, "path", path);

    if (err == OK || err == ERR_NO_ROW) {
        err = control_args_cursor(args, after);
    }
    if (err == OK && after->len > NAME_MAX_BYTES) {
        err = ERR_BAD_REQUEST;
    }
    return err == OK ? control_args_limit(args, limit) : err;
}

void verb_share_entries(struct control_call *call)
{
    struct own_work *work = calloc(1, sizeof(*work));
    struct store_share share = {0};
    enum err err = work != NULL ? page_args(call->args, &work->path, &work->after, &work->limit)
                                : ERR_NO_MEMORY;

    if (err == OK) {
        work->share = 0;
        err = control_args_int(call->args, "share", 1, INT64_MAX, &work->share);
    }
    if (err == OK) {
        err = store_share_get(call->control->store, work->share, &share);
        work->published = share.version > 0;
        bytes_wipe(&share, sizeof(share));
    }
    if (err == OK) {
        work->items = json_array();
        err = work->items != NULL ? OK : ERR_NO_MEMORY;
    }
    if (err != OK) {
        if (work != NULL) {
            own_free(&work->clerk);
        }
        control_fail(call, err, NULL);
        return;
    }
    work->clerk.run = own_run;
    work->clerk.home = own_home;
    work->clerk.free = own_free;
    clerk_start(call, &work->clerk);
}

/* --- shares by link ----------------------------------------------------------------------------
 */

struct link_work {
    struct control_call *call;
    struct link_session session; /* its listing is under way */
    json_t *items;
    struct buf last;
    bool more;
};

static void link_free(struct link_work *work)
{
    bytes_wipe(&work->session.key, sizeof(work->session.key));
    json_decref(work->items);
    buf_clear(&work->last);
    free(work);
}

static struct bytes last_name(struct bytes path)
{
    for (size_t i = path.len; i > 0; i--) {
        if (path.ptr[i - 1] == '/') {
            bytes_skip(&path, i);
            break;
        }
    }
    return path;
}

static enum err on_entry(void *arg, const struct listing_entry *entry)
{
    static const char *const types[] = {
        [LISTING_DIRECTORY] = "directory", [LISTING_FILE] = "file", [LISTING_SYMLINK] = "symlink"};
    struct link_work *work = arg;
    struct bytes name = last_name(entry->path);
    json_t *item = json_pack("{s:s, s:i, s:I, s:I}", "type", types[entry->type], "mode",
        (int)entry->mode, "size", (json_int_t)entry->size, "mtime_ns", (json_int_t)entry->mtime_ns);
    enum err err = item != NULL ? control_name_put(item, "name", name) : ERR_NO_MEMORY;

    if (err == OK && entry->type == LISTING_SYMLINK) {
        err = control_name_put(item, "target", entry->target);
    }
    work->last.len = 0;
    if (err == OK) {
        err = buf_append(&work->last, name);
    }
    if (err != OK) {
        json_decref(item);
        return err;
    }
    return json_array_append_new(work->items, item) == 0 ? OK : ERR_NO_MEMORY;
}

static json_t *share_json(const struct listing_share *share)
{
    json_t *out = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "version", (json_int_t)share->version,
        "created", (json_int_t)share->created, "files", (json_int_t)share->files, "directories",
        (json_int_t)share->directories, "symlinks", (json_int_t)share->symlinks, "bytes",
        (json_int_t)share->bytes);

    if (out != NULL && control_name_put(out, "title", share->title) != OK) {
        json_decref(out);
        return NULL;
    }
    return out;
}

static void on_done(void *arg, enum err err, const struct listing_share *share)
{
    struct link_work *work = arg;
    struct control_call *call = work->call;
    json_t *answer = NULL;

    call->work = NULL;
    call->cancel = NULL;
    if (err == OK) {
        answer = json_pack("{s:o, s:O, s:o}", "share", share_json(share), "items", work->items,
            "next", work->more ? control_cursor_json(buf_view(&work->last)) : json_null());
        work->session.version = share->version;
        link_sessions_put(call->control->sessions, &work->session);
    } else if (err == ERR_SHARE_NOT_FOUND && work->session.asked != 0) {
        err = ERR_NO_VERSION;
    }
    link_free(work);
    if (err == OK) {
        control_answer(call, answer);
    } else {
        control_fail(call, err, NULL);
    }
}

static void on_cancel(struct control_call *call)
{
    struct link_work *work = call->work;

    listing_cancel(work->session.listing);
    link_free(work);
}

/* Go on with a share that is open already, or open it. */
static enum err link_start(struct link_work *work, const struct listing_page *page)
{
    struct control *control = work->call->control;
    struct link_session *session = &work->session;
    struct listing_options options = {
        .env = {.loop = control->loop,
            .store = control->store,
            .workers = control->workers,
            .news = control->news,
            .scratch = bytes_str(control->state)},
        .key = session->key,
        .version = session->asked,
        .page = *page,
        .life = LISTING_KEEP,
    };
    enum err err;

    if (link_sessions_take(control->sessions, session)) {
        err = listing_again(session->listing, page, work);
        if (err != OK) {
            listing_cancel(session->listing);
        }
    } else {
        err = listing_start(&options, on_entry, on_done, work, &session->listing);
    }
    bytes_wipe(&options.key, sizeof(options.key));
    return err;
}

void verb_link_entries(struct control_call *call)
{
    const json_t *link = json_object_get(call->args, "link");
    struct link_work *work = calloc(1, sizeof(*work));
    struct buf path = {0}, after = {0};
    struct listing_page page = {.limit = 0};
    enum err err = ERR_NO_MEMORY;

    if (work != NULL) {
        work->call = call;
        work->items = json_array();
        err = control_link_key(call->control, link, &work->session.key);
    }
    if (err != OK) {
        if (work != NULL) {
            link_free(work);
        }
        control_link_fail(call, link, err);
        return;
    }
    err = control_link_version(call->args, &work->session.asked);
    if (err == OK) {
        err = page_args(call->args, &path, &after, &page.limit);
    }
    if (err == OK && news_provider_count(call->control->news) == 0) {
        err = ERR_NO_PROVIDER;
    }
    if (err == OK) {
        page.path = buf_view(&path);
        page.after = buf_view(&after);
        page.more = &work->more;
        err = link_start(work, &page);
    }
    if (err == OK) {
        call->work = work;
        call->cancel = on_cancel;
    } else {
        link_free(work);
        control_fail(call, err, NULL);
    }
    buf_clear(&path);
    buf_clear(&after);
}
