/* One prepared statement in use: bind in order, step, read the columns in order. An error sticks:
 * it is returned by the next step. */
#ifndef IO_STORE_QUERY_H
#define IO_STORE_QUERY_H

#include "io/store/store_local.h"

struct query {
    struct store *store;
    struct store_cached *cached;
    int parameter; /* bound so far */
    int column;    /* read so far of this row */
    enum err err;
};

/* Take the statement `sql` (a literal: it is kept, and known by its address) from the cache. */
void query_init(struct query *q, struct store *store, const char *sql);

/* Bind the next parameter. Bytes and text are borrowed until the query's end. */
void query_int(struct query *q, int64_t value);
void query_bytes(struct query *q, struct bytes value);
void query_text(struct query *q, const char *value);
void query_null(struct query *q);

/* OK: a row is there. ERR_NO_ROW: no more. */
MUST_USE enum err query_step(struct query *q);

/* The next column of the row; views die with the next step. */
int64_t query_get_int(struct query *q);
struct bytes query_get_bytes(struct query *q);
const char *query_get_text(struct query *q);

/* Copy exactly `len` bytes out of the next column. ERR_STORE_CORRUPT: it has another length. */
MUST_USE enum err query_get_copy(struct query *q, uint8_t *out, size_t len);

/* Give the statement back. May be called twice. */
void query_end(struct query *q);

/* Run a statement that returns no rows, and end it. *changed (may be NULL): rows touched. */
MUST_USE enum err query_run(struct query *q, uint64_t *changed);

/* Step once, for one row at most: as query_step(), but the caller need not end after an error. */
MUST_USE enum err query_one(struct query *q);

/* Call row(arg, q) for every row until it returns something else than OK; end the statement. OK:
 * all rows were seen. */
typedef enum err (*query_row_fn)(void *arg, struct query *q);
MUST_USE enum err query_each(struct query *q, query_row_fn row, void *arg);

/* The number the last INSERT made. */
int64_t query_new_id(const struct query *q);

#endif
