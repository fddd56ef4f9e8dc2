/* Where the share's paths lie on this machine: from a folder's path in the share to the disk. */
#ifndef FLOW_INDEX_INDEX_TOP_H
#define FLOW_INDEX_INDEX_TOP_H

#include "flow/index/index.h"
#include "io/disk/disk_read.h"

/* One path of the share. */
struct index_top {
    struct buf path;       /* absolute */
    struct buf name;       /* at the top of the share; empty: its contents are the top */
    struct disk_stat stat; /* when the scan started */
};

/* The paths of a share. They do not change while a scan runs. */
struct index_tops {
    struct index_top *tops;
    size_t count;
    bool has_exclude;
    struct disk_stat exclude; /* the folder to leave out */
};

/* Read the paths from the catalogue and look at each. An error of a path itself: *bad (may be NULL
 * afterwards) is that path. */
MUST_USE enum err index_tops_load(
    struct index_tops *tops, const struct index_options *options, const struct index_top **bad);
void index_tops_clear(struct index_tops *tops);

/* The same of paths that no catalogue has. */
struct store_path;
MUST_USE enum err index_tops_make(
    struct index_tops *tops, const struct store_path *paths, size_t count, const char *exclude);

/* Is the top of the share a list of paths rather than one folder's contents? */
bool index_tops_virtual(const struct index_tops *tops);

/* Where `path` (below the share's top) lies: its path of the share, and the rest below that.
 * NULL: nowhere any more. */
const struct index_top *index_tops_find(
    const struct index_tops *tops, struct bytes path, struct bytes *rest);

/* Is this the folder to leave out? */
bool index_tops_excluded(const struct index_tops *tops, const struct disk_stat *stat);

/* The mode and time of the share's top. */
void index_tops_root(const struct index_tops *tops, uint32_t *mode, int64_t *mtime_ns);

/* Append the target of a path that is itself a symlink. */
MUST_USE enum err index_top_target(const struct index_top *top, struct buf *target);

#endif
