/* The tables, and how an older catalogue becomes a newer one. */
#ifndef IO_STORE_STORE_SCHEMA_H
#define IO_STORE_STORE_SCHEMA_H

#include "io/store/store.h"

enum { STORE_SCHEMA_NEWEST = 8 };

/* Bring the catalogue up to schema `version` (tests stop at older ones), each step in its own
 * transaction. ERR_TOO_NEW: it is beyond STORE_SCHEMA_NEWEST already. ERR_STORE_CORRUPT: this is
 * not a catalogue. */
MUST_USE enum err store_schema_upgrade(struct store *store, int version);

#endif
