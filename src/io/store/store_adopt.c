/* Writing down what a published head says, as if it had been published from here. */
#include "io/store/store_adopt.h"

#include "io/store/query.h"

static enum err raise_folder(struct store *store, int64_t share, uint64_t next)
{
    static const char sql[] = "UPDATE scans SET next_folder = max(next_folder, ?) WHERE share = ?";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, (int64_t)next);
    query_int(&q, share);
    return query_run(&q, NULL);
}

enum err store_adopt_begin(struct store *store, int64_t share, const struct store_adopt *numbers)
{
    static const char sql[] = "UPDATE shares SET next_volume = max(next_volume, ?), title = ?"
                              " WHERE id = ? AND adopting = 1";
    struct query q;
    uint64_t changed = 0;
    enum err err = store_begin(store, STORE_DURABLE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, numbers->next_volume);
    query_text(&q, numbers->title);
    query_int(&q, share);
    err = query_run(&q, &changed);
    if (err == OK && changed == 0) {
        err = ERR_BUG;
    }
    if (err == OK) {
        err = raise_folder(store, share, numbers->next_folder);
    }
    return store_end(store, err);
}

static enum err insert_volume(struct store *store, int64_t share, const struct store_volume *volume)
{
    static const char sql[] =
        "INSERT INTO volumes (share, number, kind, state, version, volume_key, k, m, exceptions,"
        " states, cids) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (share, number) DO UPDATE SET state = excluded.state,"
        " exceptions = excluded.exceptions, states = excluded.states"
        " WHERE volume_key = excluded.volume_key AND cids = excluded.cids";
    struct query q;
    uint64_t changed = 0;
    enum err err;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, volume->number);
    query_int(&q, volume->kind);
    query_int(&q, volume->state);
    query_int(&q, (int64_t)volume->version);
    query_bytes(&q, bytes_at(volume->key, KEY_LEN));
    query_int(&q, volume->k);
    query_int(&q, volume->m);
    query_bytes(&q, volume->exceptions);
    query_bytes(&q, volume->states);
    query_bytes(&q, volume->cids);
    err = query_run(&q, &changed);
    return err == OK && changed == 0 ? ERR_EXISTS : err;
}

enum err store_adopt_volume(struct store *store, int64_t share, const struct store_volume *volume)
{
    enum err err = store_begin(store, STORE_WRITE);

    return err == OK ? store_end(store, insert_volume(store, share, volume)) : err;
}

/* Its inode is not known: the scan that finds it writes the rest. */
static enum err insert_entry(struct store *store, int64_t share, const struct store_entry *entry)
{
    static const char sql[] =
        "INSERT INTO entries (share, folder, name, type, mode, size, mtime, ctime, inode, device,"
        " child, sent, seen) VALUES (?, ?, ?, ?, ?, 0, ?, 0, 0, 0, ?, 1, 0)"
        " ON CONFLICT (share, folder, name) DO UPDATE SET type = excluded.type,"
        " child = excluded.child";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)entry->folder);
    query_bytes(&q, entry->name);
    query_int(&q, STORE_DIRECTORY);
    query_int(&q, entry->mode);
    query_int(&q, entry->mtime_ns);
    query_int(&q, (int64_t)entry->child);
    return query_run(&q, NULL);
}

enum err store_adopt_folder(struct store *store, int64_t share, const struct store_entry *entry)
{
    static const char sql[] = "INSERT INTO folders (share, id, parent, name) VALUES (?, ?, ?, ?)"
                              " ON CONFLICT (share, id) DO UPDATE SET parent = excluded.parent,"
                              " name = excluded.name";
    struct query q;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)entry->child);
    query_int(&q, (int64_t)entry->folder);
    query_bytes(&q, entry->name);
    err = query_run(&q, NULL);
    return store_end(store, err == OK ? insert_entry(store, share, entry) : err);
}

enum err store_adopt_end(struct store *store, int64_t share)
{
    static const char sql[] = "UPDATE shares SET adopting = 0 WHERE id = ?";
    struct query q;
    enum err err = store_begin(store, STORE_DURABLE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    return store_end(store, query_run(&q, NULL));
}
