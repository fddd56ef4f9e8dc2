/* Rows of entries as the caller's entries: the room's own. */
#ifndef IO_STORE_ENTRY_ROW_H
#define IO_STORE_ENTRY_ROW_H

#include "io/store/query.h"
#include "io/store/store_entry.h"

#define ENTRY_COLUMNS                                                                              \
    "SELECT folder, name, type, mode, size, mtime, ctime, inode, device, child, sent, links,"      \
    " target, extents FROM entries"

/* Has the file of this row a name before this one? */
#define ENTRY_IS_LINK                                                                              \
    "links > 1 AND EXISTS (SELECT 1 FROM entries f WHERE f.share = entries.share"                  \
    " AND f.device = entries.device AND f.inode = entries.inode AND f.links > 1"                   \
    " AND (f.folder, f.name) < (entries.folder, entries.name))"

struct entry_call {
    store_entry_fn each;
    void *arg;
    size_t rows; /* so far */
};

/* A query_row_fn for ENTRY_COLUMNS; `arg` is a struct entry_call. */
enum err entry_row(void *arg, struct query *q);

#endif
