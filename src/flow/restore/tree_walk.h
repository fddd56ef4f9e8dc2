/* Walking a share's tree in its order: entries of a folder by name, a folder's own entries right
 * after it. Memory does not grow with the share: one folder id for each level of the path. */
#ifndef FLOW_RESTORE_TREE_WALK_H
#define FLOW_RESTORE_TREE_WALK_H

#include "flow/restore/share_reader.h"

enum walk_event {
    WALK_ENTRY, /* item->path and item->record are the next entry */
    WALK_LEAVE, /* all entries of the folder at item->path were given; not for the first folder */
    WALK_WAIT,  /* something must be fetched; step again when woken */
    WALK_END,   /* that was all */
    WALK_BAD,   /* item->err; the walk is over */
};

/* Views die with the next step. */
struct walk_item {
    struct bytes path;
    struct record record;
    enum err err;
};

/* Where to start, and whether to go into folders. `path` is copied. */
struct walk_options {
    struct bytes path;  /* of the folder: what entries' paths begin with; "": the top */
    struct bytes after; /* begin behind this name in it; "": at its beginning. Copied, too */
    uint64_t folder;
    enum { WALK_ONE_FOLDER, WALK_RECURSIVE } depth;
};

struct tree_walk;
MUST_USE enum err tree_walk_new(
    struct share_reader *reader, const struct walk_options *options, struct tree_walk **out);
void tree_walk_free(struct tree_walk *walk);

/* The next event. A folder that holds itself, or more entries than the head says there are, is
 * ERR_BAD_FORMAT; a path over its limits is ERR_LIMIT. */
enum walk_event tree_walk_step(struct tree_walk *walk, struct walk_item *item);

#endif
