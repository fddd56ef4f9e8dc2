/* The catalogue: all durable state of the daemon but secrets of providers. SQLite (WAL) today; no
 * caller sees SQL, so that PostgreSQL can be a second backend. Every call is one transaction, safe
 * from any thread (one at a time inside), short (a batch is at most STORE_BATCH_MAX rows). Views
 * handed out die where the contract says so. */
#ifndef IO_STORE_STORE_H
#define IO_STORE_STORE_H

#include "base/bytes.h"

struct store;

enum { STORE_BATCH_MAX = 1000, STORE_NAME_MAX = 255 /* bytes */ };

/* Open or create the catalogue file at `path` and bring its schema up to date.
 * ERR_TOO_NEW: a newer program made it. ERR_STORE_CORRUPT: it is not a sound database. */
MUST_USE enum err store_open(const char *path, struct store **store);

/* Close; NULL is allowed. */
void store_close(struct store *store);

/* Make everything committed so far survive a power cut (commits alone survive kill -9). */
MUST_USE enum err store_sync(struct store *store);

/* About the `each` functions of this room: they are called for each row of a listing; the row and
 * its views die with the call; anything but OK ends the listing with that error; they must not call
 * the store. */

#endif
