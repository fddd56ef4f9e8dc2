/* Prepared statements: the cache, binding and reading. */
#include "io/store/query.h"

#include <string.h>

/* The slot of `sql`: by its address, then the next free one. NULL: the cache is too small. */
static struct store_cached *slot_of(struct store *store, const char *sql)
{
    size_t at = ((uintptr_t)sql >> 4) % STORE_STATEMENTS_MAX;

    for (size_t i = 0; i < STORE_STATEMENTS_MAX; i++) {
        struct store_cached *slot = &store->cached[(at + i) % STORE_STATEMENTS_MAX];

        if (slot->sql == sql || slot->sql == NULL) {
            return slot;
        }
    }
    return NULL;
}

void query_init(struct query *q, struct store *store, const char *sql)
{
    struct store_cached *slot = slot_of(store, sql);

    *q = (struct query){.store = store, .err = OK};
    if (slot == NULL || slot->busy || !store->inside) {
        q->err = ERR_BUG; /* too many statements, one inside itself, or outside a transaction */
        return;
    }
    if (slot->sql == NULL) {
        int code =
            sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &slot->stmt, NULL);

        if (code != SQLITE_OK) {
            q->err = store_failed(store, code);
            return;
        }
        slot->sql = sql;
    }
    slot->busy = true;
    q->cached = slot;
}

static void bound(struct query *q, int code)
{
    if (code != SQLITE_OK && q->err == OK) {
        q->err = store_failed(q->store, code);
    }
}

void query_int(struct query *q, int64_t value)
{
    if (q->cached != NULL) {
        bound(q, sqlite3_bind_int64(q->cached->stmt, ++q->parameter, value));
    }
}

void query_bytes(struct query *q, struct bytes value)
{
    const void *ptr = value.len > 0 ? (const void *)value.ptr : ""; /* NULL would bind NULL */

    if (q->cached != NULL) {
        bound(
            q, sqlite3_bind_blob64(q->cached->stmt, ++q->parameter, ptr, value.len, SQLITE_STATIC));
    }
}

void query_text(struct query *q, const char *value)
{
    if (q->cached != NULL) {
        bound(q, sqlite3_bind_text(q->cached->stmt, ++q->parameter, value, -1, SQLITE_STATIC));
    }
}

void query_null(struct query *q)
{
    if (q->cached != NULL) {
        bound(q, sqlite3_bind_null(q->cached->stmt, ++q->parameter));
    }
}

enum err query_step(struct query *q)
{
    int code;

    if (q->err != OK) {
        return q->err;
    }
    q->column = 0;
    code = sqlite3_step(q->cached->stmt);
    if (code == SQLITE_ROW) {
        return OK;
    }
    if (code == SQLITE_DONE) {
        return ERR_NO_ROW;
    }
    q->err = store_failed(q->store, code);
    return q->err;
}

int64_t query_get_int(struct query *q)
{
    return sqlite3_column_int64(q->cached->stmt, q->column++);
}

struct bytes query_get_bytes(struct query *q)
{
    int column = q->column++;
    const void *ptr = sqlite3_column_blob(q->cached->stmt, column);

    return bytes_at(ptr, ptr != NULL ? (size_t)sqlite3_column_bytes(q->cached->stmt, column) : 0);
}

const char *query_get_text(struct query *q)
{
    const unsigned char *text = sqlite3_column_text(q->cached->stmt, q->column++);

    return text != NULL ? (const char *)text : "";
}

enum err query_get_copy(struct query *q, uint8_t *out, size_t len)
{
    struct bytes value = query_get_bytes(q);

    if (value.len != len) {
        return ERR_STORE_CORRUPT;
    }
    if (len > 0) {
        memcpy(out, value.ptr, len);
    }
    return OK;
}

void query_end(struct query *q)
{
    if (q->cached != NULL) {
        (void)sqlite3_reset(q->cached->stmt); /* it repeats the step's code, seen there */
        q->cached->busy = false;
        q->cached = NULL;
    }
}

enum err query_run(struct query *q, uint64_t *changed)
{
    enum err err = query_step(q);

    if (err == OK) {
        err = ERR_BUG; /* a row came */
    }
    if (err == ERR_NO_ROW) {
        err = OK;
        if (changed != NULL) {
            *changed = (uint64_t)sqlite3_changes64(q->store->db);
        }
    }
    query_end(q);
    return err;
}

enum err query_one(struct query *q)
{
    enum err err = query_step(q);

    if (err != OK) {
        query_end(q);
    }
    return err;
}

enum err query_each(struct query *q, query_row_fn row, void *arg)
{
    enum err err = query_step(q);

    while (err == OK) {
        err = row(arg, q);
        if (err != OK) {
            query_end(q);
            return err;
        }
        err = query_step(q);
    }
    query_end(q);
    return err == ERR_NO_ROW ? OK : err;
}

int64_t query_new_id(const struct query *q)
{
    return sqlite3_last_insert_rowid(q->store->db);
}
