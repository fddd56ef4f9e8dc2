/* What the file system says about an entry. */
#ifndef IO_DISK_DISK_STAT_H
#define IO_DISK_DISK_STAT_H

#include <stdbool.h>
#include <stdint.h>

enum disk_type {
    DISK_FILE = 1,
    DISK_DIRECTORY,
    DISK_SYMLINK,
    DISK_OTHER /* fifo, socket, device */
};

struct disk_stat {
    enum disk_type type;
    uint32_t mode;    /* permission bits, & 0777 */
    uint64_t size;    /* bytes; of a symlink: of its target */
    int64_t mtime_ns; /* since 1970; may be negative */
    int64_t ctime_ns;
    uint64_t inode;
    uint64_t device;
    uint32_t links;
};

/* Do both describe the same unchanged contents: type, size, mtime, ctime, inode, device? */
bool disk_stat_same(const struct disk_stat *a, const struct disk_stat *b);

#endif
