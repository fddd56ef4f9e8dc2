/* What the file system says, in our words. */
#include "io/disk/disk_stat.h"

#include "io/disk/disk_local.h"

#define NS_PER_S 1000000000

enum { MODE_KEPT = 0777 };

bool disk_stat_same(const struct disk_stat *a, const struct disk_stat *b)
{
    return a->type == b->type && a->size == b->size && a->mtime_ns == b->mtime_ns &&
           a->ctime_ns == b->ctime_ns && a->inode == b->inode && a->device == b->device;
}

static enum disk_type type_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return DISK_FILE;
    case S_IFDIR:
        return DISK_DIRECTORY;
    case S_IFLNK:
        return DISK_SYMLINK;
    default:
        return DISK_OTHER;
    }
}

/* File systems allow years beyond 1677..2262, which nanoseconds do not: stay at the end. */
static int64_t ns_of(const struct timespec *t)
{
    int64_t ns;

    if (__builtin_mul_overflow((int64_t)t->tv_sec, (int64_t)NS_PER_S, &ns) ||
        __builtin_add_overflow(ns, (int64_t)t->tv_nsec, &ns)) {
        return t->tv_sec < 0 ? INT64_MIN : INT64_MAX;
    }
    return ns;
}

void disk_stat_fill(const struct stat *st, struct disk_stat *stat)
{
    *stat = (struct disk_stat){
        .type = type_of(st->st_mode),
        .mode = st->st_mode & MODE_KEPT,
        .size = (uint64_t)st->st_size,
        .mtime_ns = ns_of(&st->st_mtim),
        .ctime_ns = ns_of(&st->st_ctim),
        .inode = st->st_ino,
        .device = st->st_dev,
        .links = (uint32_t)st->st_nlink,
    };
}
