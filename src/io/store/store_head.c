/* The tables head_places and heads_seen. */
#include "io/store/store_head.h"

#include "io/store/query.h"

static enum err insert_place(struct store *store, const struct store_head_place *place)
{
    static const char sql[] = "INSERT INTO head_places (share, day, slot, version)"
                              " VALUES (?, ?, ?, ?) ON CONFLICT (share, day, slot) DO NOTHING";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, place->share);
    query_int(&q, place->day);
    query_int(&q, place->slot);
    query_int(&q, (int64_t)place->version);
    return query_run(&q, NULL);
}

static enum err ask_place(
    struct store *store, const struct store_head_place *place, uint64_t *version)
{
    static const char sql[] =
        "SELECT version FROM head_places WHERE share = ? AND day = ? AND slot = ?";
    struct query q;
    enum err err;

    query_init(&q, store, sql);
    query_int(&q, place->share);
    query_int(&q, place->day);
    query_int(&q, place->slot);
    err = query_one(&q);
    if (err == OK) {
        *version = (uint64_t)query_get_int(&q);
        query_end(&q);
    }
    return err;
}

enum err store_head_take(struct store *store, const struct store_head_place *place)
{
    uint64_t version = 0;
    enum err err = store_begin(store, STORE_DURABLE);

    if (err != OK) {
        return err;
    }
    err = insert_place(store, place);
    if (err == OK) {
        err = ask_place(store, place, &version);
    }
    err = store_end(store, err);
    return err == OK && version != place->version ? ERR_EXISTS : err;
}

enum err store_head_seen_get(struct store *store, struct store_head_seen *seen)
{
    static const char sql[] = "SELECT version, hash FROM heads_seen WHERE fingerprint = ?";
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_bytes(&q, bytes_at(seen->fingerprint, sizeof(seen->fingerprint)));
    err = query_one(&q);
    if (err == OK) {
        seen->version = (uint64_t)query_get_int(&q);
        err = query_get_copy(&q, seen->hash, sizeof(seen->hash));
        query_end(&q);
    }
    return store_end(store, err);
}

enum err store_head_seen_put(struct store *store, const struct store_head_seen *seen)
{
    static const char sql[] =
        "INSERT INTO heads_seen (fingerprint, version, hash) VALUES (?, ?, ?)"
        " ON CONFLICT (fingerprint) DO UPDATE SET version = excluded.version, hash = excluded.hash"
        " WHERE excluded.version > version";
    struct query q;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_bytes(&q, bytes_at(seen->fingerprint, sizeof(seen->fingerprint)));
    query_int(&q, (int64_t)seen->version);
    query_bytes(&q, bytes_at(seen->hash, sizeof(seen->hash)));
    return store_end(store, query_run(&q, NULL));
}
