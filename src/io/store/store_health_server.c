/* What each server said of a share's volumes, and what was made good. */
#include "io/store/query.h"
#include "io/store/store_health.h"

static enum err mend_row(
    struct store *store, int64_t share, uint32_t volume, uint32_t data_left, uint32_t parity_left)
{
    static const char sql[] =
        "UPDATE health SET missing_data = ?, missing_parity = ?, damaged = 0, deep_data = ?,"
        " deep_parity = ? WHERE share = ? AND volume = ?";
    struct query q;

    query_init(&q, store, sql);
    for (int times = 0; times < 2; times++) {
        query_int(&q, data_left);
        query_int(&q, parity_left);
    }
    query_int(&q, share);
    query_int(&q, volume);
    return query_run(&q, NULL);
}

static enum err forget_servers(struct store *store, int64_t share, uint32_t volume)
{
    static const char sql[] = "DELETE FROM health_servers WHERE share = ? AND volume = ?";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, volume);
    return query_run(&q, NULL);
}

enum err store_health_mend(
    struct store *store, int64_t share, uint32_t volume, uint32_t data_left, uint32_t parity_left)
{
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    err = mend_row(store, share, volume, data_left, parity_left);
    if (err == OK) {
        err = forget_servers(store, share, volume);
    }
    return store_end(store, err);
}

static enum err put_one(struct store *store, int64_t share, const struct store_health_server *row)
{
    static const char sql[] =
        "INSERT INTO health_servers (share, volume, server, checked, asked, missing, damaged)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (share, volume, server) DO UPDATE SET"
        " checked = excluded.checked, asked = excluded.asked, missing = excluded.missing,"
        " damaged = excluded.damaged";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, row->volume);
    query_text(&q, row->server);
    query_int(&q, row->checked);
    query_int(&q, row->asked);
    query_int(&q, row->missing);
    query_int(&q, row->damaged);
    return query_run(&q, NULL);
}

enum err store_health_server_put(
    struct store *store, int64_t share, const struct store_health_server *rows, size_t count)
{
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    for (size_t i = 0; err == OK && i < count; i++) {
        err = put_one(store, share, &rows[i]);
    }
    return store_end(store, err);
}

struct listener {
    store_health_server_fn each;
    void *arg;
};

static enum err on_row(void *arg, struct query *q)
{
    const struct listener *l = arg;
    struct store_health_server row = {.server = query_get_text(q)};

    row.checked = query_get_int(q);
    row.asked = (uint32_t)query_get_int(q);
    row.missing = (uint32_t)query_get_int(q);
    row.damaged = (uint32_t)query_get_int(q);
    return l->each(l->arg, &row);
}

enum err store_health_server_sum(
    struct store *store, int64_t share, store_health_server_fn each, void *arg)
{
    static const char sql[] =
        "SELECT server, min(checked), sum(asked), sum(missing), sum(damaged) FROM health_servers"
        " WHERE share = ? GROUP BY server ORDER BY server";
    struct listener listener = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    return store_end(store, query_each(&q, on_row, &listener));
}
