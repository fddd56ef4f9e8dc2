/* Looking into a share of ours, a folder at a time, as the last scan saw it. */
#ifndef IO_STORE_STORE_BROWSE_H
#define IO_STORE_STORE_BROWSE_H

#include "io/store/store_entry.h"

/* The folder that `path` (below the share's top, names joined by '/'; "" is the top) leads to.
 * ERR_NO_ROW: there is no such entry. ERR_NOT_DIRECTORY: it is none. */
MUST_USE enum err store_browse_find(
    struct store *store, int64_t share, struct bytes path, uint64_t *folder);

/* Up to `limit` entries of one folder with name > `after`, rising. Of each entry come name, type,
 * mode, size, mtime_ns, sent, child and target; the rest is zero. */
MUST_USE enum err store_browse_each(struct store *store, int64_t share, uint64_t folder,
    struct bytes after, size_t limit, store_entry_fn each, void *arg);

#endif
