/* The table of what checks found. */
#include "io/store/store_health.h"

#include "io/store/query.h"
#include "io/store/store_volume.h"

static enum err put_one(struct store *store, int64_t share, const struct store_health *row)
{
    static const char sql[] =
        "INSERT INTO health (share, volume, checked, k, m, missing_data, missing_parity, damaged,"
        " deep, deep_checked, deep_data, deep_parity) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (share, volume) DO UPDATE SET checked = excluded.checked, k = excluded.k,"
        " m = excluded.m, missing_data = CASE WHEN excluded.deep = 0"
        " AND deep_data > excluded.missing_data THEN deep_data ELSE excluded.missing_data END,"
        " missing_parity = CASE WHEN excluded.deep = 0 AND deep_parity > excluded.missing_parity"
        " THEN deep_parity ELSE excluded.missing_parity END,"
        " damaged = CASE WHEN excluded.deep = 0 THEN damaged ELSE excluded.damaged END,"
        " deep_checked = CASE WHEN excluded.deep = 0 THEN deep_checked ELSE excluded.checked END,"
        " deep_data = CASE WHEN excluded.deep = 0 THEN deep_data ELSE excluded.deep_data END,"
        " deep_parity = CASE WHEN excluded.deep = 0 THEN deep_parity ELSE excluded.deep_parity END,"
        " deep = CASE WHEN excluded.deep = 0 THEN deep ELSE 1 END";
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
    query_int(&q, row->deep ? row->checked : 0);
    query_int(&q, row->deep ? row->missing_data : 0);
    query_int(&q, row->deep ? row->missing_parity : 0);
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

enum err store_health_each(
    struct store *store, int64_t share, uint32_t from, store_health_fn each, void *arg)
{
    static const char sql[] =
        "SELECT volume, checked, k, m, missing_data, missing_parity, damaged, deep FROM health"
        " WHERE share = ? AND volume >= ? ORDER BY volume LIMIT ?";
    struct listener listener = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, from);
    query_int(&q, STORE_BATCH_MAX);
    return store_end(store, query_each(&q, on_row, &listener));
}

/* --- the sum ---------------------------------------------------------------------------------- */

bool store_health_is_lost(const struct store_health *row)
{
    return row->missing_data > row->m - row->missing_parity;
}

static bool misses(const struct store_health *row)
{
    return row->missing_data + row->missing_parity > 0;
}

static int64_t spare(const struct store_health *row)
{
    return (int64_t)row->m - row->missing_parity - row->missing_data;
}

/* Is `a` worse than `b`? Lost ones first, then those that miss something, then by what is left. */
static bool is_worse(const struct store_health *a, const struct store_health *b)
{
    if (store_health_is_lost(a) != store_health_is_lost(b)) {
        return store_health_is_lost(a);
    }
    if (misses(a) != misses(b)) {
        return misses(a);
    }
    return spare(a) < spare(b);
}

static void add_volume(
    struct store_health_sum *sum, const struct store_health *row, enum store_health_kind kind)
{
    bool lost = store_health_is_lost(row);

    sum->volumes++;
    sum->lost += lost;
    sum->lost_meta += lost && kind == STORE_HEALTH_META;
    sum->repairable += !lost && misses(row);
    sum->articles += (uint64_t)row->k + row->m;
    sum->missing += (uint64_t)row->missing_data + row->missing_parity;
    sum->damaged += row->damaged;
    if (sum->worst.k == 0 || is_worse(row, &sum->worst)) {
        sum->worst = *row;
    }
}

void store_health_add(
    struct store_health_sum *sum, const struct store_health *row, enum store_health_kind kind)
{
    bool first = sum->volumes == 0 && sum->head.k == 0;

    sum->deep = (first || sum->deep) && row->deep;
    sum->oldest = first || row->checked < sum->oldest ? row->checked : sum->oldest;
    sum->newest = first || row->checked > sum->newest ? row->checked : sum->newest;
    if (row->volume == 0) {
        sum->head = *row;
    } else {
        add_volume(sum, row, kind);
    }
}

static enum err on_sum(void *arg, struct query *q)
{
    struct store_health row;

    take_row(q, &row);
    store_health_add(
        arg, &row, query_get_int(q) == STORE_VOLUME_META ? STORE_HEALTH_META : STORE_HEALTH_DATA);
    return OK;
}

/* Only of lost volumes it matters what they hold: the others' rows, which are large, are left in
 * peace. */
enum err store_health_sum(struct store *store, int64_t share, struct store_health_sum *sum)
{
    static const char sql[] =
        "SELECT volume, checked, k, m, missing_data, missing_parity, damaged, deep,"
        " CASE WHEN missing_data > m - missing_parity THEN coalesce((SELECT kind FROM volumes v"
        " WHERE v.share = h.share AND v.number = h.volume), 0) ELSE 0 END"
        " FROM health h WHERE share = ? ORDER BY volume";
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    *sum = (struct store_health_sum){0};
    query_init(&q, store, sql);
    query_int(&q, share);
    err = query_each(&q, on_sum, sum);
    return store_end(store, err == OK && sum->newest == 0 ? ERR_NO_ROW : err);
}
