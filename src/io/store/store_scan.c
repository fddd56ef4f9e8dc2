/* A scan: its beginning, its queue of folders, its counts, its end. */
#include "io/store/store_entry.h"

#include "base/crash_point.h"
#include "io/store/query.h"
#include "io/store/tree.h"

enum { GONE_ROWS_PER_STEP = 1000 };

/* --- begin -------------------------------------------------------------------------------------
 */

/* One number, by share. */
static enum err ask(struct store *store, int64_t share, const char *sql, uint64_t *value)
{
    struct query q;
    enum err err;

    query_init(&q, store, sql);
    query_int(&q, share);
    err = query_step(&q);
    if (err == OK) {
        *value = (uint64_t)query_get_int(&q);
    }
    query_end(&q);
    return err;
}

static enum err is_running(struct store *store, int64_t share, bool *running)
{
    static const char sql[] = "SELECT running FROM scans WHERE share = ?";
    struct query q;
    enum err err;

    query_init(&q, store, sql);
    query_int(&q, share);
    err = query_step(&q);
    if (err == OK) {
        *running = query_get_int(&q) != 0;
    }
    query_end(&q);
    return err;
}

static enum err on_share(struct store *store, int64_t share, const char *sql)
{
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, share);
    return query_run(&q, NULL);
}

static enum err start_anew(struct store *store, int64_t share)
{
    static const char start[] =
        "UPDATE scans SET number = number + 1, running = 1, files = 0, directories = 0,"
        " symlinks = 0, bytes = 0, changed_files = 0, changed_bytes = 0, changed_entries = 0,"
        " removed = 0 WHERE share = ?";
    static const char root[] = "INSERT INTO scan_queue (share, parent, folder) VALUES (?, 0, 1)";
    enum err err = on_share(store, share, start);

    return err == OK ? on_share(store, share, root) : err;
}

static enum err begin_scan(struct store *store, int64_t share, uint64_t *ticket)
{
    static const char next[] = "UPDATE scans SET ticket = ticket + 1 WHERE share = ?";
    static const char read[] = "SELECT ticket FROM scans WHERE share = ?";
    bool running = false;
    enum err err = is_running(store, share, &running);

    if (err == OK && !running) {
        err = start_anew(store, share);
    }
    if (err == OK) {
        err = on_share(store, share, next);
    }
    return err == OK ? ask(store, share, read, ticket) : err;
}

enum err store_scan_begin(struct store *store, int64_t share, uint64_t *ticket)
{
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    return store_end(store, begin_scan(store, share, ticket));
}

/* --- the top -----------------------------------------------------------------------------------
 */

enum err store_scan_root(struct store *store, int64_t share, uint32_t mode, int64_t mtime_ns)
{
    static const char sql[] = "UPDATE scans SET root_mode = ?, root_mtime = ? WHERE share = ?";
    struct query q;
    uint64_t changed = 0;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, mode);
    query_int(&q, mtime_ns);
    query_int(&q, share);
    err = query_run(&q, &changed);
    return store_end(store, err == OK && changed == 0 ? ERR_NO_ROW : err);
}

enum err store_root_get(struct store *store, int64_t share, uint32_t *mode, int64_t *mtime_ns)
{
    static const char sql[] = "SELECT root_mode, root_mtime FROM scans WHERE share = ?";
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    err = query_one(&q);
    if (err == OK) {
        *mode = (uint32_t)query_get_int(&q);
        *mtime_ns = query_get_int(&q);
        query_end(&q);
    }
    return store_end(store, err);
}

/* --- the queue ---------------------------------------------------------------------------------
 */

struct queued_call {
    struct store *store;
    int64_t share;
    store_queued_fn each;
    void *arg;
    struct buf path;
};

static enum err queued_row(void *arg, struct query *q)
{
    struct queued_call *call = arg;
    uint64_t folder = (uint64_t)query_get_int(q);
    enum err err;

    call->path.len = 0;
    err = tree_path(call->store, call->share, folder, &call->path);
    if (err == ERR_NO_ROW) {
        err = ERR_STORE_CORRUPT;
    }
    return err == OK ? call->each(call->arg, folder, buf_view(&call->path)) : err;
}

enum err store_scan_queued(
    struct store *store, int64_t share, uint64_t after, store_queued_fn each, void *arg)
{
    static const char sql[] = "SELECT folder FROM scan_queue WHERE share = ? AND parent = 0"
                              " AND folder > ? ORDER BY folder LIMIT ?";
    struct queued_call call = {.share = share, .each = each, .arg = arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    call.store = store;
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)after);
    query_int(&q, STORE_QUEUED_MAX);
    err = store_end(store, query_each(&q, queued_row, &call));
    buf_clear(&call.path);
    return err;
}

/* --- the counts --------------------------------------------------------------------------------
 */

enum err store_scan_counts(struct store *store, int64_t share, struct store_scan_counts *counts)
{
    static const char sql[] =
        "SELECT files, directories, symlinks, bytes, changed_files, changed_bytes,"
        " changed_entries, removed FROM scans WHERE share = ?";
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    err = query_one(&q);
    if (err == OK) {
        counts->files = (uint64_t)query_get_int(&q);
        counts->directories = (uint64_t)query_get_int(&q);
        counts->symlinks = (uint64_t)query_get_int(&q);
        counts->bytes = (uint64_t)query_get_int(&q);
        counts->changed_files = (uint64_t)query_get_int(&q);
        counts->changed_bytes = (uint64_t)query_get_int(&q);
        counts->changed_entries = (uint64_t)query_get_int(&q);
        counts->removed = (uint64_t)query_get_int(&q);
        query_end(&q);
    }
    return store_end(store, err);
}

/* --- the end -----------------------------------------------------------------------------------
 */

/* The name of the last entry of the folder's next page, into `name`. */
static enum err page_end(struct store *store, int64_t share, uint64_t folder, struct buf *name)
{
    static const char sql[] =
        "SELECT name FROM (SELECT name FROM entries WHERE share = ? AND folder = ?"
        " ORDER BY name LIMIT ?) AS page ORDER BY name DESC LIMIT 1";
    struct query q;
    enum err err;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)folder);
    query_int(&q, GONE_ROWS_PER_STEP);
    err = query_step(&q);
    if (err == OK) {
        err = buf_append(name, query_get_bytes(&q));
    }
    query_end(&q);
    return err;
}

static enum err forget_folder(struct store *store, int64_t share, uint64_t folder)
{
    static const char *const sqls[] = {
        "DELETE FROM folders WHERE share = ? AND id = ?",
        "DELETE FROM unsent WHERE share = ? AND folder = ?",
        "DELETE FROM scan_queue WHERE share = ? AND parent = 0 AND folder = ?",
        "DELETE FROM scan_gone WHERE share = ? AND folder = ?",
    };
    enum err err = OK;

    for (size_t i = 0; err == OK && i < sizeof(sqls) / sizeof(sqls[0]); i++) {
        struct query q;

        query_init(&q, store, sqls[i]);
        query_int(&q, share);
        query_int(&q, (int64_t)folder);
        err = query_run(&q, NULL);
    }
    return err;
}

/* Remove a page of what lay in a folder that is gone, or the empty folder itself. */
static enum err shrink_gone(struct store *store, int64_t share, uint64_t folder, uint64_t *removed)
{
    struct buf last = {0};
    enum err err = page_end(store, share, folder, &last);

    if (err == OK) {
        uint8_t room[STORE_NAME_MAX + 1];
        struct tree_range range = {folder, {0}, tree_after(buf_view(&last), room)};

        err = tree_remove(store, share, &range, removed);
    } else if (err == ERR_NO_ROW) {
        err = forget_folder(store, share, folder);
    }
    buf_clear(&last);
    return err;
}

static enum err add_removed(struct store *store, int64_t share, uint64_t removed)
{
    static const char sql[] = "UPDATE scans SET removed = removed + ? WHERE share = ?";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, (int64_t)removed);
    query_int(&q, share);
    return query_run(&q, NULL);
}

/* ERR_NO_ROW: nothing that is gone is left. */
static enum err end_step(struct store *store, int64_t share)
{
    static const char next[] = "SELECT folder FROM scan_gone WHERE share = ? LIMIT 1";
    uint64_t removed = 0;
    uint64_t steps = 0;
    enum err err = OK;

    while (err == OK && removed + steps < GONE_ROWS_PER_STEP) {
        uint64_t folder = 0;

        err = ask(store, share, next, &folder);
        if (err == OK) {
            err = shrink_gone(store, share, folder, &removed);
        }
        steps++;
    }
    if ((err == OK || err == ERR_NO_ROW) && removed > 0) {
        enum err added = add_removed(store, share, removed);

        err = added != OK ? added : err;
    }
    return err;
}

static enum err end_scan(struct store *store, int64_t share, bool *more)
{
    static const char queued[] = "SELECT count(*) FROM (SELECT 1 FROM scan_queue WHERE share = ?"
                                 " LIMIT 1) AS first";
    static const char stop[] = "UPDATE scans SET running = 0 WHERE share = ?";
    uint64_t left = 0;
    enum err err = end_step(store, share);

    if (err != ERR_NO_ROW) {
        *more = err == OK;
        return err;
    }
    err = ask(store, share, queued, &left);
    if (err == OK && left > 0) {
        return ERR_BUG;
    }
    return err == OK ? on_share(store, share, stop) : err;
}

enum err store_scan_end(struct store *store, int64_t share)
{
    bool more = false;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    err = store_end(store, end_scan(store, share, &more));
    crash_point("scan ended");
    return err == OK && more ? ERR_CHANGED : err;
}
