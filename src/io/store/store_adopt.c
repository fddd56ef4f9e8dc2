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
