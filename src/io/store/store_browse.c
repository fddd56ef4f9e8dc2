/* Single rows by key, and pages of one folder by keyset: the same cost at any size of a share. */
#include "io/store/store_browse.h"

#include <string.h>

#include "io/store/query.h"

/* The entry `name` of `folder`: its own folder id. */
static enum err step_into(struct store *store, int64_t share, struct bytes name, uint64_t *folder)
{
    static const char sql[] =
        "SELECT type, child FROM entries WHERE share = ? AND folder = ? AND name = ?";
    struct query q;
    enum err err;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)*folder);
    query_bytes(&q, name);
    err = query_one(&q);
    if (err != OK) {
        return err;
    }
    err = query_get_int(&q) == STORE_DIRECTORY ? OK : ERR_NOT_DIRECTORY;
    *folder = (uint64_t)query_get_int(&q);
    query_end(&q);
    return err;
}

enum err store_browse_find(struct store *store, int64_t share, struct bytes path, uint64_t *folder)
{
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    *folder = STORE_ROOT_FOLDER;
    while (err == OK && path.len > 0) {
        const uint8_t *slash = memchr(path.ptr, '/', path.len);
        size_t len = slash == NULL ? path.len : (size_t)(slash - path.ptr);

        if (len > 0) { /* "a//b/" is meant as "a/b" */
            err = step_into(store, share, bytes_at(path.ptr, len), folder);
        }
        bytes_skip(&path, len + 1);
    }
    return store_end(store, err);
}

struct browse_call {
    store_entry_fn each;
    void *arg;
    uint64_t folder;
};

static enum err browse_row(void *arg, struct query *q)
{
    const struct browse_call *call = arg;
    struct store_entry entry = {.folder = call->folder};

    entry.name = query_get_bytes(q);
    entry.type = (enum store_type)query_get_int(q);
    entry.mode = (uint32_t)query_get_int(q);
    entry.size = (uint64_t)query_get_int(q);
    entry.mtime_ns = query_get_int(q);
    entry.sent = query_get_int(q) != 0;
    entry.child = (uint64_t)query_get_int(q);
    entry.target = query_get_bytes(q);
    return call->each(call->arg, &entry);
}

enum err store_browse_each(struct store *store, int64_t share, uint64_t folder, struct bytes after,
    size_t limit, store_entry_fn each, void *arg)
{
    static const char sql[] = "SELECT name, type, mode, size, mtime, sent, child, target"
                              " FROM entries WHERE share = ? AND folder = ? AND name > ?"
                              " ORDER BY name LIMIT ?";
    struct browse_call call = {each, arg, folder};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)folder);
    query_bytes(&q, after);
    query_int(&q, (int64_t)limit);
    return store_end(store, query_each(&q, browse_row, &call));
}
