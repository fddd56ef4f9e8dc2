/* Looking into a share without downloading it: one folder (or one entry) at a time. */
#ifndef FLOW_RESTORE_LISTING_H
#define FLOW_RESTORE_LISTING_H

#include "flow/restore/restore.h"

enum listing_type { LISTING_DIRECTORY = 1, LISTING_FILE, LISTING_SYMLINK };

struct listing_entry {
    struct bytes path; /* inside the share */
    enum listing_type type;
    uint32_t mode;
    uint64_t size;
    int64_t mtime_ns;
    struct bytes target; /* symlink */
};

/* What the head says of the share. */
struct listing_share {
    uint64_t version;
    int64_t created; /* unix seconds */
    struct bytes title;
    uint64_t files, directories, symlinks, bytes;
};

struct listing_options {
    struct restore_env env;
    struct restore_key key;
    uint64_t version;  /* 0: the newest */
    struct bytes path; /* "": the top; a file's or symlink's path lists that one entry */
    enum { LISTING_ONE_FOLDER, LISTING_RECURSIVE } depth;
};

/* Views die with the call; returning anything but OK ends the listing with that error. */
typedef enum err (*listing_entry_fn)(void *arg, const struct listing_entry *entry);
typedef void (*listing_done_fn)(void *arg, enum err err, const struct listing_share *share);

/* Begin; options are copied. Entries of a folder come sorted by name, as bytes. `share` is NULL
 * when it was not found. */
struct listing;
MUST_USE enum err listing_start(const struct listing_options *options, listing_entry_fn entry,
    listing_done_fn done, void *arg, struct listing **listing);
void listing_cancel(struct listing *listing);

#endif
