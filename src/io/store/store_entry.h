/* The entries of a share as the last scan saw them, and where their bytes are. Folder ids belong to
 * a share, start at STORE_ROOT_FOLDER and are never used again. Keys rise by (folder id, name as
 * bytes). */
#ifndef IO_STORE_STORE_ENTRY_H
#define IO_STORE_STORE_ENTRY_H

#include <stdbool.h>

#include "io/store/store.h"

enum { STORE_ROOT_FOLDER = 1 };
/* As in the wire format's records. */
enum store_type { STORE_DIRECTORY = 1, STORE_FILE = 2, STORE_SYMLINK = 3 };

struct store_entry {
    uint64_t folder; /* the folder it lies in */
    struct bytes name;
    enum store_type type;
    uint32_t mode;  /* & 0777 */
    uint32_t links; /* file: names of its inode, in the share or not */
    bool sent;      /* file: `extents` hold all its bytes (an empty file is always sent) */
    uint64_t size;
    int64_t mtime_ns, ctime_ns;
    uint64_t inode, device;
    uint64_t child;       /* directory: its own folder id */
    struct bytes target;  /* symlink */
    struct bytes extents; /* encoded as in the wire format; empty unless sent */
};

/* --- scanning ----------------------------------------------------------------------------------
 */

struct store_scan_counts {
    uint64_t files, directories, symlinks, bytes; /* seen by this scan */
    uint64_t changed_files, changed_bytes; /* of these: new, changed or not sent: to be read */
    uint64_t changed_entries;              /* of any type: new, changed, or another mode */
    uint64_t removed;                      /* entries and all below them that are gone */
};

/* Begin a scan, or go on with the one that was not ended. The root folder is queued; its own mode
 * and mtime are kept with store_scan_root(). A share has one scan at a time, and one who runs it:
 * with every begin the *ticket of the one before is void. */
MUST_USE enum err store_scan_begin(struct store *store, int64_t share, uint64_t *ticket);
MUST_USE enum err store_scan_root(
    struct store *store, int64_t share, uint32_t mode, int64_t mtime_ns);
MUST_USE enum err store_root_get(
    struct store *store, int64_t share, uint32_t *mode, int64_t *mtime_ns);

enum { STORE_QUEUED_MAX = 64 };
/* A folder that waits to be listed, and its path below the share's top, names joined by '/'. */
typedef enum err (*store_queued_fn)(void *arg, uint64_t folder, struct bytes path);

/* Up to STORE_QUEUED_MAX folders that are not done, id > after, rising. They stay queued until
 * their last listing is put. */
MUST_USE enum err store_scan_queued(
    struct store *store, int64_t share, uint64_t after, store_queued_fn each, void *arg);

/* A listing of one folder, whole (first and last) or a piece of it. */
struct store_listing {
    uint64_t ticket; /* of store_scan_begin */
    uint64_t folder;
    const struct store_entry *entries; /* `folder`, `child`, `sent`, `extents` are ignored */
    size_t count;
    enum store_listing_order {
        STORE_SORTED, /* names rise, over all pieces: the quick way; no name comes twice */
        STORE_LOOSE,  /* names in any order: for folders too large to sort */
    } order;
    bool first;         /* starts the folder anew, also after a crash between its pieces */
    bool last;          /* the folder is done; what no piece held is gone */
    struct bytes after; /* sorted, not first: the last name of the piece before */
};

/* Put listings with at most STORE_BATCH_MAX entries together. An entry that is as it was (type,
 * size, mtime, ctime, inode, device) keeps its extents; any other loses them. A directory keeps its
 * child while it is one; it is queued and a new one gets its folder id here. Adds to *counts.
 * ERR_CANCELLED: the ticket is void; nothing was put. */
MUST_USE enum err store_scan_put(struct store *store, int64_t share,
    const struct store_listing *listings, size_t count, struct store_scan_counts *counts);

/* What the scan under way, or the last one, came to: kept with every put. */
MUST_USE enum err store_scan_counts(
    struct store *store, int64_t share, struct store_scan_counts *counts);

/* End the scan when nothing is queued: what lay in vanished folders is removed. Returns in steps:
 * ERR_CHANGED means "call again", so that nobody waits long. */
MUST_USE enum err store_scan_end(struct store *store, int64_t share);

typedef enum err (*store_entry_fn)(void *arg, const struct store_entry *entry);

/* Up to `limit` entries after the key (folder, name), over all folders, rising. Views die with each
 * call. */
MUST_USE enum err store_entry_after(struct store *store, int64_t share, uint64_t folder,
    struct bytes name, size_t limit, store_entry_fn each, void *arg);

/* The first of the names of the file that `entry` is, by device and inode. ERR_NO_ROW: none. */
MUST_USE enum err store_entry_first(struct store *store, int64_t share,
    const struct store_entry *entry, store_entry_fn each, void *arg);

/* Entries, sizes, what is not sent yet. A file with several names is one file, and links. */
struct store_totals {
    uint64_t files, directories, symlinks, links, bytes;
    uint64_t unsent_files, unsent_bytes;
};
MUST_USE enum err store_entry_totals(
    struct store *store, int64_t share, struct store_totals *totals);

/* A folder's path below the share's top, names joined by '/', appended to *path. */
MUST_USE enum err store_folder_path(
    struct store *store, int64_t share, uint64_t folder, struct buf *path);

/* Drop one entry that cannot be published (it vanished, or could not be read). */
MUST_USE enum err store_entry_drop(
    struct store *store, int64_t share, uint64_t folder, struct bytes name);

#endif
