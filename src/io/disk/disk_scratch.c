/* O_TMPFILE; where the file system has no such thing, a temporary name that is gone at once. */
#include "io/disk/disk_scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "io/disk/disk_local.h"

enum { SCRATCH_MODE = 0600 };

/* The folder itself, or what is there of the way to it. */
static enum err open_nearest(struct bytes path, int *folder)
{
    for (;;) {
        enum err err = disk_open_absolute(path, O_RDONLY | O_DIRECTORY, folder);

        if ((err != ERR_NOT_FOUND && err != ERR_NOT_DIRECTORY) || path.len <= 1) {
            return err;
        }
        do {
            path.len--;
        } while (path.len > 1 && path.ptr[path.len] != '/');
    }
}

/* A name for a moment: of the form that is tidied should we be killed in that moment. */
static int open_named(int folder)
{
    char name[DISK_NAME_MAX + 1];
    int fd;

    if (disk_temp_name(name) != OK) {
        errno = EIO;
        return -1;
    }
    fd = disk_open_name(folder, name, O_RDWR | O_CREAT | O_EXCL, SCRATCH_MODE);
    if (fd >= 0) {
        (void)unlinkat(folder, name, 0);
    }
    return fd;
}

static int open_nameless(int folder)
{
    int fd = disk_open_name(folder, ".", O_TMPFILE | O_EXCL | O_RDWR, SCRATCH_MODE);

    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == EINVAL)) {
        fd = open_named(folder);
    }
    return fd;
}

/* How many bytes of the file's file system must stay free. */
static enum err count_leave(int fd, const struct disk_scratch_want *want, uint64_t *leave)
{
    struct stat ours, other;
    int folder = -1;
    enum err err = OK;

    *leave = 0;
    if (want->leave == 0) {
        return OK;
    }
    err = open_nearest(want->beside, &folder);
    if (err != OK) {
        return err;
    }
    if (fstat(fd, &ours) != 0 || fstat(folder, &other) != 0) {
        err = err_from_errno(errno);
    } else if (ours.st_dev == other.st_dev) {
        *leave = want->leave;
    }
    (void)close(folder);
    return err;
}

/* What surely does not fit is not tried: it would fill the disk for a moment. */
static bool fits(int fd, uint64_t size, uint64_t leave)
{
    struct statvfs st;

    if (fstatvfs(fd, &st) != 0 || st.f_frsize == 0) {
        return true;
    }
    return size / st.f_frsize + leave / st.f_frsize < st.f_bavail;
}

/* Not every file system can set room aside; there the bytes take their room as they are written. */
static enum err reserve(int fd, const struct disk_scratch_want *want)
{
    uint64_t leave;
    enum err err = count_leave(fd, want, &leave);
    int done;

    if (err != OK || want->size == 0) {
        return err;
    }
    if (want->size > INT64_MAX) {
        return ERR_FILE_TOO_LARGE;
    }
    if (!fits(fd, want->size, leave)) {
        return ERR_DISK_FULL;
    }
    do {
        done = fallocate(fd, 0, 0, (off_t)want->size);
    } while (done != 0 && errno == EINTR);
    if (done == 0 || errno == EOPNOTSUPP || errno == ENOSYS) {
        return OK;
    }
    return err_from_errno(errno);
}

enum err disk_scratch_new(const struct disk_scratch_want *want, struct disk_scratch **out)
{
    struct disk_scratch *s = calloc(1, sizeof(*s));
    int folder = -1;
    enum err err = s == NULL ? ERR_NO_MEMORY : open_nearest(want->folder, &folder);

    if (err != OK) {
        free(s);
        return err;
    }
    atomic_init(&s->holders, 1);
    s->fd = open_nameless(folder);
    err = s->fd >= 0 ? reserve(s->fd, want) : err_from_errno(errno);
    (void)close(folder);
    if (err != OK) {
        disk_scratch_drop(s);
        return err;
    }
    *out = s;
    return OK;
}

struct disk_scratch *disk_scratch_keep(struct disk_scratch *s)
{
    atomic_fetch_add(&s->holders, 1);
    return s;
}

void disk_scratch_drop(struct disk_scratch *s)
{
    if (s == NULL || atomic_fetch_sub(&s->holders, 1) != 1) {
        return;
    }
    if (s->fd >= 0) {
        (void)close(s->fd);
    }
    free(s);
}

enum err disk_scratch_write(struct disk_scratch *s, uint64_t offset, struct bytes data)
{
    return disk_write_all(s->fd, offset, data);
}

enum err disk_scratch_read(struct disk_scratch *s, uint64_t offset, void *into, size_t len)
{
    uint8_t *at = into;

    while (len > 0) {
        ssize_t got = pread(s->fd, at, len, (off_t)offset);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got == 0 ? ERR_DISK_IO : err_from_errno(errno);
        }
        at += got;
        offset += (uint64_t)got;
        len -= (size_t)got;
    }
    return OK;
}

enum err disk_scratch_forget(struct disk_scratch *s, uint64_t offset, uint64_t len)
{
    int flags = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

    return fallocate(s->fd, flags, (off_t)offset, (off_t)len) == 0 ? OK : err_from_errno(errno);
}
