/* The table of what checks found. */
#include "io/store/store_health.h"

#include "io/store/query.h"

static enum err put_one(struct store *store, int64_t share, const struct store_health *row)
{
    static const char sql[] =
        "INSERT INTO health (share, volume, checked, k, m, missing_data, missing_parity, damaged,"
        " deep) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (share, volume) DO UPDATE SET checked = excluded.checked, k = excluded.k,"
        " m = excluded.m, missing_data = excluded.missing_data,"
        " missing_parity = excluded.missing_parity, damaged = excluded.damaged,"
        " deep = excluded.deep";
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, row->volume);
    query_int(&q, row->checked);
    query_int(&q, row->k);
    query_int(&q, row->m);
    query_int(&q, row->missing_data);
    query_int(&q, row->missing_parity);
    query_int(&q, row->damaged);
    query_int(&q, row->deep);
    return query_run(&q, NULL);
}

enum err store_health_put(
    struct store *store, int64_t share, const struct store_health *rows, size_t count)
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

static void take_row(struct query *q, struct store_health *row)
{
    row->volume = (uint32_t)query_get_int(q);
    row->checked = query_get_int(q);
    row->k = (uint32_t)query_get_int(q);
    row->m = (uint32_t)query_get_int(q);
    row->missing_data = (uint32_t)query_get_int(q);
    row->missing_parity = (uint32_t)query_get_int(q);
    row->damaged = (uint32_t)query_get_int(q);
    row->deep = query_get_int(q) != 0;
}

struct listener {
    store_health_fn each;
    void *arg;
};

static enum err on_row(void *arg, struct query *q)
{
    const struct listener *l = arg;
    struct store_health row;

    take_row(q, &row);
    return l->each(l->arg, &row);
}

enum err store_health_each(struct store *store, int64_t share, uint32_t from, size_t limit,
    store_health_fn each, void *arg)
{
    static const char sql[] =
        "SELECT volume, checked, k, m, missing_data, missing_parity, damaged, deep FROM health"
        " WHERE share = ? AND volume >= ? ORDER BY volume LIMIT ?";
    struct listener listener = {each, arg};
    struct query q;
    enum err err = store_begin(store, STORE_READ);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, from);
    query_int(&q, (int64_t)limit);
    return store_end(store, query_each(&q, on_row, &listener));
}

/* The fewer parity segments a volume has beyond those that it needs, the worse; m - missing_parity
 * - missing_data is below zero when data is lost for good. */
static enum err find_worst(struct store *store, int64_t share, struct store_health *worst)
{
    static const char sql[] =
        "SELECT volume, checked, k, m, missing_data, missing_parity, damaged, deep FROM health"
        " WHERE share = ? ORDER BY (missing_data > m - missing_parity) DESC,"
        " (missing_data + missing_parity > 0) DESC, m - missing_parity - missing_data, volume"
        " LIMIT 1";
    struct query q;
    enum err err;

    query_init(&q, store, sql);
    query_int(&q, share);
    err = query_one(&q);
    if (err == OK) {
        take_row(&q, worst);
        query_end(&q);
    }
    return err;
}

enum err store_health_sum(struct store *store, int64_t share, struct store_health_sum *sum)
{
    static const char sql[] =
        "SELECT count(*), count(CASE WHEN missing_data > m - missing_parity THEN 1 END),"
        " count(CASE WHEN missing_data + missing_parity > 0 AND missing_data <= m - missing_parity"
        " THEN 1 END), min(checked), max(checked) FROM health WHERE share = ?";
    struct query q;
    enum err err = store_begin(store, STORE_READ);

    if (err != OK) {
        return err;
    }
    *sum = (struct store_health_sum){0};
    query_init(&q, store, sql);
    query_int(&q, share);
    err = query_one(&q);
    if (err == OK) {
        sum->volumes = (uint64_t)query_get_int(&q);
        sum->lost = (uint64_t)query_get_int(&q);
        sum->repairable = (uint64_t)query_get_int(&q);
        sum->oldest = query_get_int(&q);
        sum->newest = query_get_int(&q);
        query_end(&q);
    }
    if (err == OK) {
        err = find_worst(store, share, &sum->worst);
    }
    return store_end(store, err);
}
