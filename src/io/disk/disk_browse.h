/* What a person who picks a folder wants to see: names without a look at each, a look at some,
 * space, and where disks are mounted. Blocking: for workers. */
#ifndef IO_DISK_DISK_BROWSE_H
#define IO_DISK_DISK_BROWSE_H

#include "base/bytes.h"
#include "io/disk/disk_stat.h"

/* Append the absolute path behind `path` (absolute), with every symlink, "." and ".." resolved. */
MUST_USE enum err disk_resolve(struct bytes path, struct buf *real);

/* Open the folder `path` (relative, "" is `root` itself) below `root` (absolute). No symlink below
 * the root is followed. */
struct disk_names;
MUST_USE enum err disk_names_open(struct bytes root, struct bytes path, struct disk_names **names);
void disk_names_free(struct disk_names *names);

/* The next name in no particular order, without . and ..; *name dies with the next call. A type is
 * what the folder itself says; where it says nothing, the entry is looked at. ERR_NOT_FOUND: that
 * was all. */
MUST_USE enum err disk_names_next(
    struct disk_names *names, struct bytes *name, enum disk_type *type);

/* Look at one entry of the folder, not through a symlink. *readable: may it be read (and, a folder,
 * be entered)? */
MUST_USE enum err disk_names_look(
    struct disk_names *names, struct bytes name, struct disk_stat *stat, bool *readable);

/* The folder's own stat. */
MUST_USE enum err disk_names_stat(struct disk_names *names, struct disk_stat *stat);

/* May entries be made in it? */
bool disk_names_writable(const struct disk_names *names);

/* Make the folder `name` in it, mode 0777 less the umask. */
MUST_USE enum err disk_names_make(struct disk_names *names, struct bytes name);

/* Space of the file system that `path` (absolute) lies on. */
struct disk_space {
    uint64_t free; /* bytes, for us */
    uint64_t total;
    bool writable; /* entries may be made in `path` itself */
};
MUST_USE enum err disk_space_get(struct bytes path, struct disk_space *space);

/* Call each() with the mount points of file systems where people keep things: disks and shares of
 * the network, but not the system's own places. */
typedef enum err (*disk_mount_fn)(void *arg, struct bytes path);
MUST_USE enum err disk_mounts_each(disk_mount_fn each, void *arg);

#endif
