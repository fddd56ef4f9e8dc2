/* The room's own words about the tree of entries: removing ranges, paths. Inside a transaction. */
#ifndef IO_STORE_TREE_H
#define IO_STORE_TREE_H

#include "io/store/store_entry.h"
#include "io/store/store_local.h"

/* The names of one folder from `first` up to, but without, `end`; an empty `end` is the folder's
 * end. */
struct tree_range {
    uint64_t folder;
    struct bytes first, end;
};

/* The first name there can be after `name` (at most STORE_NAME_MAX bytes): written to `room`. */
struct bytes tree_after(struct bytes name, uint8_t room[STORE_NAME_MAX + 1]);

/* Remove the entries of a range and their pieces; the folders among them are noted as gone.
 * *removed grows. */
MUST_USE enum err tree_remove(
    struct store *store, int64_t share, const struct tree_range *range, uint64_t *removed);

/* Note that a folder vanished: store_scan_end() removes what lay in it. */
MUST_USE enum err tree_gone(struct store *store, int64_t share, uint64_t folder);

/* Make the row of the folder `id`, which is `entry`'s own. */
MUST_USE enum err tree_add_folder(
    struct store *store, int64_t share, const struct store_entry *entry, uint64_t id);

/* Append the path of `folder` below the share's top. */
MUST_USE enum err tree_path(struct store *store, int64_t share, uint64_t folder, struct buf *path);

#endif
