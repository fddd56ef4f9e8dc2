/* Volumes, items and pieces, and the flush that writes them together. */
#include "io/store/store_volume.h"

#include "io/store/query.h"

static enum err next_volume(struct store *store, int64_t share, uint32_t *number)
{
    static const char ask[] = "SELECT next_volume FROM shares WHERE id = ?";
    static const char raise[] = "UPDATE shares SET next_volume = next_volume + 1 WHERE id = ?";
    struct query q;
    int64_t next = 0;
    enum err err;

    query_init(&q, store, ask);
    query_int(&q, share);
    err = query_step(&q);
    if (err == OK) {
        next = query_get_int(&q);
    }
    query_end(&q);
    if (err != OK) {
        return err;
    }
    if (next > UINT32_MAX) {
        return ERR_LIMIT;
    }
    *number = (uint32_t)next;
    query_init(&q, store, raise);
    query_int(&q, share);
    return query_run(&q, NULL);
}

enum err store_volume_add(struct store *store, int64_t share, enum store_volume_kind kind,
    uint64_t version, const uint8_t key[KEY_LEN], uint32_t *number)
{
    static const char sql[] =
        "INSERT INTO volumes (share, number, kind, state, version, volume_key, k, m, exceptions,"
        " states, cids) VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?)";
    struct query q;
    enum err err = store_begin(store, STORE_DURABLE);

    if (err != OK) {
        return err;
    }
    err = next_volume(store, share, number);
    if (err == OK) {
        query_init(&q, store, sql);
        query_int(&q, share);
        query_int(&q, *number);
        query_int(&q, kind);
        query_int(&q, STORE_VOLUME_OPEN);
        query_int(&q, (int64_t)version);
        query_bytes(&q, bytes_at(key, KEY_LEN));
        query_bytes(&q, (struct bytes){0});
        query_bytes(&q, (struct bytes){0});
        query_bytes(&q, (struct bytes){0});
        err = query_run(&q, NULL);
    }
    return store_end(store, err);
}

#define VOLUME_COLUMNS                                                                             \
    "SELECT number, kind, state, version, volume_key, k, m, exceptions, states, cids FROM volumes"

struct volume_call {
    store_volume_fn each;
    void *arg;
};

static enum err volume_row(void *arg, struct query *q)
{
    const struct volume_call *call = arg;
    struct store_volume volume = {.number = (uint32_t)query_get_int(q)};
    enum err err;

    volume.kind = (enum store_volume_kind)query_get_int(q);
    volume.state = (enum store_volume_state)query_get_int(q);
    volume.version = (uint64_t)query_get_int(q);
    err = query_get_copy(q, volume.key, sizeof(volume.key));
    if (err == OK) {
        volume.k = (uint32_t)query_get_int(q);
        volume.m = (uint32_t)query_get_int(q);
        volume.exceptions = query_get_bytes(q);
        volume.states = query_get_bytes(q);
        volume.cids = query_get_bytes(q);
        err = call->each(call->arg, &volume);
    }
    bytes_wipe(volume.key, sizeof(volume.key));
    return err;
}

enum err store_volume_get(
    struct store *store, int64_t share, uint32_t number, store_volume_fn each, void *arg)
{
    static const char sql[] = VOLUME_COLUMNS " WHERE share = ? AND number = ?";
    struct volume_call call = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, number);
    err = query_one(&q);
    if (err == OK) {
        err = volume_row(&call, &q);
        query_end(&q);
    }
    return store_end(store, err);
}

enum err store_volume_after(struct store *store, int64_t share, uint32_t after, size_t limit,
    store_volume_fn each, void *arg)
{
    static const char sql[] =
        VOLUME_COLUMNS " WHERE share = ? AND number > ? ORDER BY number LIMIT ?";
    struct volume_call call = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, after);
    query_int(&q, (int64_t)limit);
    return store_end(store, query_each(&q, volume_row, &call));
}

enum err store_volume_pending(struct store *store, int64_t share, uint32_t after, size_t limit,
    store_volume_fn each, void *arg)
{
    static const char sql[] =
        VOLUME_COLUMNS " WHERE share = ? AND number > ? AND state <> ? ORDER BY number LIMIT ?";
    struct volume_call call = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, after);
    query_int(&q, STORE_VOLUME_LIVE);
    query_int(&q, (int64_t)limit);
    return store_end(store, query_each(&q, volume_row, &call));
}

enum err store_volume_open(struct store *store, int64_t share, store_volume_fn each, void *arg)
{
    static const char sql[] = VOLUME_COLUMNS " WHERE share = ? AND state = ? ORDER BY number";
    struct volume_call call = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, STORE_VOLUME_OPEN);
    return store_end(store, query_each(&q, volume_row, &call));
}

enum err store_next_numbers(struct store *store, int64_t share, uint32_t *volume, uint64_t *folder)
{
    static const char sql[] = "SELECT s.next_volume, c.next_folder FROM shares s"
                              " JOIN scans c ON c.share = s.id WHERE s.id = ?";
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    err = query_one(&q);
    if (err == OK) {
        *volume = (uint32_t)query_get_int(&q);
        *folder = (uint64_t)query_get_int(&q);
        query_end(&q);
    }
    return store_end(store, err);
}

enum err store_volume_healing(struct store *store, int64_t share, bool *yes)
{
    static const char sql[] = "SELECT 1 FROM volumes WHERE share = ? AND state = 4 LIMIT 1";
    struct query q;
    enum err err = store_look(&store);

    _Static_assert(STORE_VOLUME_HEALING == 4, "as the index has it");
    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    err = query_step(&q);
    query_end(&q);
    *yes = err == OK;
    return store_end(store, err == ERR_NO_ROW ? OK : err);
}

enum err store_volume_publish(struct store *store, int64_t share, uint64_t version)
{
    static const char sql[] =
        "UPDATE volumes SET state = ? WHERE share = ? AND version = ? AND state <> ?";
    struct query q;
    enum err err = store_begin(store, STORE_DURABLE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, STORE_VOLUME_LIVE);
    query_int(&q, share);
    query_int(&q, (int64_t)version);
    query_int(&q, STORE_VOLUME_LIVE);
    return store_end(store, query_run(&q, NULL));
}
