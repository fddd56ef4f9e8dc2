/* The tree of entries: removing ranges, folders, paths. */
#include "io/store/tree.h"

#include <string.h>

#include "io/store/query.h"

enum { PATH_DEPTH_MAX = 100000 };

/* Names hold no NUL: nothing fits between a name and itself with a NUL behind it. */
struct bytes tree_after(struct bytes name, uint8_t room[STORE_NAME_MAX + 1])
{
    if (name.len > STORE_NAME_MAX) {
        name.len = STORE_NAME_MAX;
    }
    if (name.len > 0) {
        memcpy(room, name.ptr, name.len);
    }
    room[name.len] = 0;
    return bytes_at(room, name.len + 1);
}

static enum err on_range(struct store *store, int64_t share, const struct tree_range *range,
    const char *sql, uint64_t *changed)
{
    uint8_t highest[STORE_NAME_MAX + 1]; /* greater than every name */
    struct query q;

    memset(highest, 0xff, sizeof(highest));
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)range->folder);
    query_bytes(&q, range->first);
    query_bytes(&q, range->end.len > 0 ? range->end : bytes_at(highest, sizeof(highest)));
    return query_run(&q, changed);
}

enum err tree_remove(
    struct store *store, int64_t share, const struct tree_range *range, uint64_t *removed)
{
    static const char gone[] =
        "INSERT INTO scan_gone (share, folder) SELECT share, child FROM entries"
        " WHERE share = ? AND folder = ? AND name >= ? AND name < ? AND child <> 0"
        " ON CONFLICT (share, folder) DO NOTHING";
    static const char pieces[] =
        "DELETE FROM pieces WHERE share = ? AND folder = ? AND name >= ? AND name < ?";
    static const char entries[] =
        "DELETE FROM entries WHERE share = ? AND folder = ? AND name >= ? AND name < ?";
    uint64_t changed = 0;
    enum err err = on_range(store, share, range, gone, NULL);

    if (err == OK) {
        err = on_range(store, share, range, pieces, NULL);
    }
    if (err == OK) {
        err = on_range(store, share, range, entries, &changed);
    }
    *removed += changed;
    return err;
}

enum err tree_gone(struct store *store, int64_t share, uint64_t folder)
{
    static const char sql[] = "INSERT INTO scan_gone (share, folder) VALUES (?, ?)"
                              " ON CONFLICT (share, folder) DO NOTHING";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)folder);
    return query_run(&q, NULL);
}

enum err tree_add_folder(
    struct store *store, int64_t share, const struct store_entry *entry, uint64_t id)
{
    static const char sql[] = "INSERT INTO folders (share, id, parent, name) VALUES (?, ?, ?, ?)";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)id);
    query_int(&q, (int64_t)entry->folder);
    query_bytes(&q, entry->name);
    return query_run(&q, NULL);
}

/* Put the folder's name and a '/' in front of *reversed, which is written backwards. */
static enum err prepend(struct buf *reversed, struct bytes name)
{
    enum err err = reversed->len > 0 ? buf_append_byte(reversed, '/') : OK;

    for (size_t i = name.len; err == OK && i > 0; i--) {
        err = buf_append_byte(reversed, name.ptr[i - 1]);
    }
    return err;
}

/* Go up from *folder to its parent. ERR_NO_ROW: there is no such folder. */
static enum err go_up(struct store *store, int64_t share, uint64_t *folder, struct buf *reversed)
{
    static const char sql[] = "SELECT parent, name FROM folders WHERE share = ? AND id = ?";
    struct query q;
    enum err err;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)*folder);
    err = query_step(&q);
    if (err == OK) {
        *folder = (uint64_t)query_get_int(&q);
        err = prepend(reversed, query_get_bytes(&q));
    }
    query_end(&q);
    return err;
}

enum err tree_path(struct store *store, int64_t share, uint64_t folder, struct buf *path)
{
    struct buf reversed = {0};
    enum err err = OK;

    for (size_t i = 0; err == OK && folder != STORE_ROOT_FOLDER; i++) {
        err = i < PATH_DEPTH_MAX ? go_up(store, share, &folder, &reversed) : ERR_STORE_CORRUPT;
    }
    if (err == OK) {
        err = buf_reserve(path, reversed.len);
    }
    for (size_t i = reversed.len; err == OK && i > 0; i--) {
        err = buf_append_byte(path, reversed.ptr[i - 1]);
    }
    buf_clear(&reversed);
    return err;
}
