/* Forgetting a share. Its row goes at once; millions of entries go in short steps, and a crash
 * between them is made good by the next call. */
#include "io/store/query.h"
#include "io/store/store_share.h"

enum { ROWS_PER_STEP = 5000 };

static enum err on_share(struct store *store, int64_t share, const char *sql, uint64_t *changed)
{
    struct query q;

    query_init(&q, store, sql);
    query_int(&q, share);
    return query_run(&q, changed);
}

static enum err forget_row(struct store *store, int64_t share)
{
    static const char note[] = "INSERT INTO forgotten (share) VALUES (?)";
    static const char drop[] = "DELETE FROM shares WHERE id = ?"; /* paths, versions, scan follow */
    uint64_t changed = 0;
    enum err err = store_begin(store, STORE_DURABLE);

    if (err != OK) {
        return err;
    }
    err = on_share(store, share, drop, &changed);
    if (err == OK && changed == 0) {
        err = ERR_NO_ROW;
    } else if (err == OK) {
        err = on_share(store, share, note, NULL);
    }
    return store_end(store, err);
}

/* The tables that grow with a share: a page of each by its key. */
static const char *const big_tables[] = {
    "DELETE FROM entries WHERE (share, folder, name) IN"
    " (SELECT share, folder, name FROM entries WHERE share = ? LIMIT ?)",
    "DELETE FROM folders WHERE (share, id) IN"
    " (SELECT share, id FROM folders WHERE share = ? LIMIT ?)",
    "DELETE FROM items WHERE (share, id) IN"
    " (SELECT share, id FROM items WHERE share = ? LIMIT ?)",
    "DELETE FROM blocks WHERE (share, prefix, volume, segment) IN"
    " (SELECT share, prefix, volume, segment FROM blocks WHERE share = ? LIMIT ?)",
    "DELETE FROM objects WHERE (share, id) IN"
    " (SELECT share, id FROM objects WHERE share = ? LIMIT ?)",
    "DELETE FROM pieces WHERE (share, folder, name, block) IN"
    " (SELECT share, folder, name, block FROM pieces WHERE share = ? LIMIT ?)",
    "DELETE FROM volumes WHERE (share, number) IN"
    " (SELECT share, number FROM volumes WHERE share = ? LIMIT ?)",
    "DELETE FROM scan_queue WHERE (share, parent, folder) IN"
    " (SELECT share, parent, folder FROM scan_queue WHERE share = ? LIMIT ?)",
    "DELETE FROM scan_gone WHERE (share, folder) IN"
    " (SELECT share, folder FROM scan_gone WHERE share = ? LIMIT ?)",
    "DELETE FROM unsent WHERE (share, folder) IN"
    " (SELECT share, folder FROM unsent WHERE share = ? LIMIT ?)",
};

static enum err shrink(struct store *store, int64_t share, const char *sql, uint64_t *changed)
{
    struct query q;
    enum err err = store_begin(store, STORE_WRITE);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    query_int(&q, share);
    query_int(&q, ROWS_PER_STEP);
    return store_end(store, query_run(&q, changed));
}

static enum err empty_tables(struct store *store, int64_t share)
{
    enum err err = OK;

    for (size_t i = 0; i < sizeof(big_tables) / sizeof(big_tables[0]); i++) {
        uint64_t changed = ROWS_PER_STEP;

        while (err == OK && changed == ROWS_PER_STEP) {
            err = shrink(store, share, big_tables[i], &changed);
        }
    }
    return err;
}

static enum err next_forgotten(struct store *store, int64_t *share)
{
    static const char sql[] = "SELECT share FROM forgotten LIMIT 1";
    struct query q;
    enum err err = store_look(&store);

    if (err != OK) {
        return err;
    }
    query_init(&q, store, sql);
    err = query_one(&q);
    if (err == OK) {
        *share = query_get_int(&q);
        query_end(&q);
    }
    return store_end(store, err);
}

static enum err all_is_gone(struct store *store, int64_t share)
{
    static const char sql[] = "DELETE FROM forgotten WHERE share = ?";
    enum err err = store_begin(store, STORE_WRITE);

    return err == OK ? store_end(store, on_share(store, share, sql, NULL)) : err;
}

enum err store_share_forget(struct store *store, int64_t id)
{
    enum err err = forget_row(store, id);

    while (err == OK) {
        int64_t share = 0;

        err = next_forgotten(store, &share);
        if (err == OK) {
            err = empty_tables(store, share);
        }
        if (err == OK) {
            err = all_is_gone(store, share);
        }
        if (err == ERR_NO_ROW) {
            return OK;
        }
    }
    return err;
}
