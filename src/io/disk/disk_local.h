/* What the files of this room share: walking below a descriptor. */
#ifndef IO_DISK_DISK_LOCAL_H
#define IO_DISK_DISK_LOCAL_H

#include <stdatomic.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "io/disk/disk_stat.h"

enum { DISK_NAME_MAX = 255, DISK_TARGET_MAX = 4095 };

/* What our temporary names begin with. */
#define DISK_TEMP_PREFIX ".usenetsync-"

/* A file to be read and written at offsets: without a name (disk_scratch.h), or with one
 * (disk_draft.h). */
struct disk_scratch {
    atomic_uint holders;
    int fd;
};

/* Open `path` (relative, any length, "" is the folder itself) below `folder` with open(2) `flags`;
 * no component may be a symlink. */
MUST_USE enum err disk_open_below(int folder, struct bytes path, int flags, int *fd);

/* Open what has this name in `folder`, as open(2) with `flags` does; never through a symlink.
 * `mode` counts where something is made, and is 0 else. A descriptor, or -1 with errno. */
int disk_open_name(int folder, const char *name, int flags, unsigned mode);

/* Open the absolute folder or file `path` of any length; symlinks on the way are followed, since
 * the user named it. */
MUST_USE enum err disk_open_absolute(struct bytes path, int flags, int *fd);

/* Split `path` at its last '/': the folder before (may be "") and the name. The name is copied with
 * a NUL. ERR_UNSAFE_PATH: the name is empty, ".", ".." or holds NUL. */
MUST_USE enum err disk_split(struct bytes path, struct bytes *folder, char name[DISK_NAME_MAX + 1]);

/* Open the folder `path` lies in; its last name goes to `name`. */
MUST_USE enum err disk_open_parent(
    int root, struct bytes path, int *fd, char name[DISK_NAME_MAX + 1]);

/* Fill *stat from the kernel's. */
void disk_stat_fill(const struct stat *st, struct disk_stat *stat);

/* Write all of `data` at `offset`. */
MUST_USE enum err disk_write_all(int fd, uint64_t offset, struct bytes data);

/* Make a temporary name: the prefix and 16 random letters. */
MUST_USE enum err disk_temp_name(char name[DISK_NAME_MAX + 1]);

#endif
