/* What the room's own files know about a root. */
#ifndef IO_DISK_DISK_ROOT_H
#define IO_DISK_DISK_ROOT_H

#include <time.h>

#include "io/disk/disk_write.h"

struct disk_root {
    int fd;
};

/* For futimens(): leave the access time, set the modification time. */
void disk_times_fill(int64_t mtime_ns, struct timespec times[2]);

#endif
