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

/* A folder, or a part of it. */
struct listing_page {
    struct bytes path;  /* "": the top; a file's or symlink's path lists that one entry */
    struct bytes after; /* only entries behind this name; "": from the first */
    size_t limit;       /* so many at most; 0: all */
    bool *more;         /* with a limit: set before done; are there others behind? */
};

struct listing_options {
    struct restore_env env;
    struct restore_key key;
    uint64_t version; /* 0: the newest */
    struct listing_page page;
    enum { LISTING_ONE_FOLDER, LISTING_RECURSIVE } depth;
    enum {
        LISTING_ONCE,
        LISTING_KEEP, /* after done(OK) the share stays open for listing_again() */
    } life;
};

/* Views die with the call; returning anything but OK ends the listing with that error. */
typedef enum err (*listing_entry_fn)(void *arg, const struct listing_entry *entry);
typedef void (*listing_done_fn)(void *arg, enum err err, const struct listing_share *share);

/* Begin; options are copied. Entries of a folder come sorted by name, as bytes. `share` is NULL
 * when it was not found. */
struct listing;
MUST_USE enum err listing_start(const struct listing_options *options, listing_entry_fn entry,
    listing_done_fn done, void *arg, struct listing **listing);

/* List one more folder of a share that was kept open, without looking for it again. After done with
 * an error the listing is gone. */
MUST_USE enum err listing_again(
    struct listing *listing, const struct listing_page *page, void *arg);

/* Stop, or let go of one that was kept. NULL is allowed. */
void listing_cancel(struct listing *listing);

#endif
