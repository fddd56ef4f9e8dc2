/* Versions of a share: the exact heads, and which of them is published. */
#include <string.h>

#include "base/clock.h"
#include "io/store/query.h"
#include "io/store/store_share.h"

#define NS_PER_S 1000000000

/* Is the version kept already? OK: the same one. ERR_EXISTS: another. ERR_NO_ROW: none. */
static enum err compare_kept(
    struct store *store, int64_t share, const struct store_version *version)
{
    static const char sql[] = "SELECT head_hash, payload FROM versions WHERE share = ? AND n = ?";
    struct query q;
    enum err err;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)version->n);
    err = query_step(&q);
    if (err == OK) {
        struct bytes hash = query_get_bytes(&q);
        struct bytes payload = query_get_bytes(&q);
        struct bytes wanted = bytes_at(version->head_hash, sizeof(version->head_hash));

        err = bytes_equal(hash, wanted) && bytes_equal(payload, version->payload) ? OK : ERR_EXISTS;
    }
    query_end(&q);
    return err;
}

static enum err insert_version(
    struct store *store, int64_t share, const struct store_version *version)
{
    static const char sql[] =
        "INSERT INTO versions (share, n, created, head_hash, published, entries, bytes, payload)"
        " VALUES (?, ?, ?, ?, 0, ?, ?, ?)";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)version->n);
    query_int(&q, version->created);
    query_bytes(&q, bytes_at(version->head_hash, sizeof(version->head_hash)));
    query_int(&q, (int64_t)version->entries);
    query_int(&q, (int64_t)version->bytes);
    query_bytes(&q, version->payload);
    return query_run(&q, NULL);
}

enum err store_version_add(struct store *store, int64_t share, const struct store_version *version)
{
    enum err err = store_begin(store, STORE_DURABLE);

    if (err != OK) {
        return err;
    }
    err = compare_kept(store, share, version);
    if (err == ERR_NO_ROW) {
        err = insert_version(store, share, version);
    }
    return store_end(store, err);
}

static enum err mark_published(struct store *store, int64_t share, uint64_t n)
{
    static const char sql[] = "UPDATE versions SET published = 1 WHERE share = ? AND n = ?";
    struct query q;
    uint64_t changed = 0;
    enum err err;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)n);
    err = query_run(&q, &changed);
    return err == OK && changed == 0 ? ERR_NO_ROW : err;
}

/* A share never goes back to an older version. */
static enum err move_share(struct store *store, int64_t share, uint64_t n)
{
    static const char sql[] =
        "UPDATE shares SET version = v.n, published = ?, head_hash = v.head_hash,"
        " entries = v.entries, bytes = v.bytes, check_after = 0, renew = 0,"
        " alive_at = ?,"
        " articles = (SELECT coalesce(sum(k + m), 0) FROM volumes WHERE volumes.share = v.share)"
        " FROM versions v WHERE v.share = shares.id AND shares.id = ? AND v.n = ?"
        " AND shares.version <= v.n";
    int64_t now = clock_wall_ns() / NS_PER_S;
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, now);
    query_int(&q, now);
    query_int(&q, share);
    query_int(&q, (int64_t)n);
    return query_run(&q, NULL);
}

static enum err drop_payloads(struct store *store, int64_t share, uint64_t n)
{
    static const char sql[] = "UPDATE versions SET payload = ? WHERE share = ? AND n < ?"
                              " AND length(payload) > 0";
    struct query q;

    query_init(&q, store, sql);
    query_bytes(&q, (struct bytes){0});
    query_int(&q, share);
    query_int(&q, (int64_t)n);
    return query_run(&q, NULL);
}

enum err store_version_published(struct store *store, int64_t share, uint64_t n)
{
    enum err err = store_begin(store, STORE_DURABLE);

    if (err != OK) {
        return err;
    }
    err = mark_published(store, share, n);
    if (err == OK) {
        err = move_share(store, share, n);
    }
    if (err == OK) {
        err = drop_payloads(store, share, n);
    }
    return store_end(store, err);
}

struct version_call {
    store_version_fn each;
    void *arg;
};

static enum err version_row(void *arg, struct query *q)
{
    const struct version_call *call = arg;
    struct store_version version = {.n = (uint64_t)query_get_int(q)};
    enum err err;

    version.created = query_get_int(q);
    err = query_get_copy(q, version.head_hash, sizeof(version.head_hash));
    if (err != OK) {
        return err;
    }
    version.published = (int)query_get_int(q);
    version.entries = (uint64_t)query_get_int(q);
    version.bytes = (uint64_t)query_get_int(q);
    version.payload = query_get_bytes(q);
    return call->each(call->arg, &version);
}

enum err store_version_get(
    struct store *store, int64_t share, uint64_t n, store_version_fn each, void *arg)
{
    static const char sql[] =
        "SELECT n, created, head_hash, published, entries, bytes, payload FROM versions"
        " WHERE share = ? AND n = ?";
    struct version_call call = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, (int64_t)n);
    err = query_one(&q);
    if (err == OK) {
        err = version_row(&call, &q);
        query_end(&q);
    }
    return store_end(store, err);
}

enum err store_version_each(struct store *store, int64_t share, store_version_fn each, void *arg)
{
    static const char sql[] =
        "SELECT n, created, head_hash, published, entries, bytes, NULL FROM versions"
        " WHERE share = ? ORDER BY n";
    struct version_call call = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    return store_end(store, query_each(&q, version_row, &call));
}
