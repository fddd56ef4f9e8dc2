/* Some columns of the shares. */
#include "io/store/store_care.h"

#include "io/store/query.h"

#define CARE_COLUMNS "SELECT id, published, checked_at, check_after, alive_at, renew FROM shares"

static void take_row(struct query *q, struct store_care *care)
{
    care->share = query_get_int(q);
    care->published = query_get_int(q);
    care->checked_at = query_get_int(q);
    care->check_after = query_get_int(q);
    care->alive_at = query_get_int(q);
    care->renew = query_get_int(q) != 0;
}

enum err store_care_get(struct store *store, int64_t share, struct store_care *care)
{
    static const char sql[] = CARE_COLUMNS " WHERE id = ?";
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    err = query_one(&q);
    if (err == OK) {
        take_row(&q, care);
        query_end(&q);
    }
    return store_end(store, err);
}

enum err store_care_plan(struct store *store, const struct store_care *care)
{
    static const char sql[] =
        "UPDATE shares SET checked_at = ?, check_after = ?, alive_at = ? WHERE id = ?";
    struct query q;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, care->checked_at);
    query_int(&q, care->check_after);
    query_int(&q, care->alive_at);
    query_int(&q, care->share);
    return store_end(store, query_run(&q, NULL));
}

enum err store_care_renew(struct store *store, int64_t share)
{
    static const char sql[] = "UPDATE shares SET renew = 1 WHERE id = ?";
    struct query q;
    enum err err = store_begin(store, STORE_DURABLE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    return store_end(store, query_run(&q, NULL));
}

struct listener {
    store_care_fn each;
    void *arg;
};

static enum err on_row(void *arg, struct query *q)
{
    const struct listener *l = arg;
    struct store_care care;

    take_row(q, &care);
    return l->each(l->arg, &care);
}

enum err store_care_each(struct store *store, store_care_fn each, void *arg)
{
    static const char sql[] = CARE_COLUMNS " WHERE version > 0 AND adopting = 0 ORDER BY id";
    struct listener listener = {each, arg};
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    return store_end(store, query_each(&q, on_row, &listener));
}
