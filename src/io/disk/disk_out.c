/* Writing one file: under a temporary name, made durable, then given its name if that is free. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crash_point.h"
#include "io/disk/disk_local.h"
#include "io/disk/disk_root.h"

#define NS_PER_S 1000000000

enum { TEMP_MODE = 0600, MODE_KEPT = 0777, NAME_TRIES = 8 };

struct disk_out {
    int folder; /* where both names lie */
    int fd;
    char temp[DISK_NAME_MAX + 1];
    char name[DISK_NAME_MAX + 1];
};

void disk_times_fill(int64_t mtime_ns, struct timespec times[2])
{
    int64_t seconds = mtime_ns / NS_PER_S;
    int64_t rest = mtime_ns % NS_PER_S;

    if (rest < 0) { /* before 1970: nanoseconds count upwards all the same */
        rest += NS_PER_S;
        seconds--;
    }
    times[0] = (struct timespec){.tv_nsec = UTIME_OMIT};
    times[1] = (struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = (long)rest};
}

/* Make a temporary file that is ours: locked, so that nobody takes it for a leftover. */
static enum err make_locked(struct disk_out *out)
{
    out->fd = disk_open_name(out->folder, out->temp, O_RDWR | O_CREAT | O_EXCL, TEMP_MODE);
    if (out->fd < 0) {
        return err_from_errno(errno);
    }
    if (flock(out->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        (void)close(out->fd); /* somebody who tidies up was faster, and removes it */
        out->fd = -1;
        return ERR_EXISTS;
    }
    return OK; /* a file system without locks has no leftovers removed either */
}

/* A name that is taken is one of 32^16: try another. */
static enum err make_temp(struct disk_out *out)
{
    enum err err = ERR_EXISTS;

    for (int i = 0; err == ERR_EXISTS && i < NAME_TRIES; i++) {
        err = disk_temp_name(out->temp);
        if (err != OK) {
            return err;
        }
        err = make_locked(out);
    }
    return err;
}

static void close_out(struct disk_out *out)
{
    if (out->fd >= 0) {
        (void)close(out->fd);
    }
    if (out->folder >= 0) {
        (void)close(out->folder);
    }
    free(out);
}

enum err disk_out_open(
    struct disk_root *root, struct bytes path, uint64_t size, struct disk_out **result)
{
    struct disk_out *out;
    enum err err;

    if (size > INT64_MAX) {
        return ERR_FILE_TOO_LARGE;
    }
    out = calloc(1, sizeof(*out));
    if (out == NULL) {
        return ERR_NO_MEMORY;
    }
    out->folder = -1;
    out->fd = -1;
    err = disk_open_parent(root->fd, path, &out->folder, out->name);
    if (err == OK) {
        err = make_temp(out);
    }
    if (err == OK && size > 0 && ftruncate(out->fd, (off_t)size) != 0) {
        err = errno == EFBIG || errno == EINVAL ? ERR_FILE_TOO_LARGE : err_from_errno(errno);
        disk_out_abort(out);
        return err;
    }
    if (err != OK) {
        close_out(out);
        return err;
    }
    crash_point("file begun");
    *result = out;
    return OK;
}

enum err disk_out_write(struct disk_out *out, uint64_t offset, struct bytes data)
{
    enum err err = disk_write_all(out->fd, offset, data);

    crash_point("file written");
    return err;
}

/* fdatasync also writes what is needed to reach the bytes; mode and time follow with the inode. */
static enum err finish(struct disk_out *out, uint32_t mode, int64_t mtime_ns)
{
    struct timespec times[2];

    disk_times_fill(mtime_ns, times);
    if (fchmod(out->fd, mode & MODE_KEPT) != 0 || futimens(out->fd, times) != 0 ||
        fsync(out->fd) != 0) {
        return err_from_errno(errno);
    }
    return OK;
}

/* File systems without RENAME_NOREPLACE say EINVAL: a hard link never replaces either. */
static enum err give_name(struct disk_out *out)
{
    if (renameat2(out->folder, out->temp, out->folder, out->name, RENAME_NOREPLACE) == 0) {
        return OK;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return err_from_errno(errno);
    }
    if (linkat(out->folder, out->temp, out->folder, out->name, 0) != 0) {
        return err_from_errno(errno);
    }
    return unlinkat(out->folder, out->temp, 0) == 0 ? OK : err_from_errno(errno);
}

static enum err take_name_over(struct disk_out *out)
{
    return renameat(out->folder, out->temp, out->folder, out->name) == 0 ? OK
                                                                         : err_from_errno(errno);
}

static enum err commit(
    struct disk_out *out, uint32_t mode, int64_t mtime_ns, enum err (*name)(struct disk_out *out))
{
    enum err err = finish(out, mode, mtime_ns);

    crash_point("file durable, not named");
    if (err == OK) {
        err = name(out);
    }
    crash_point("file named");
    if (err != OK) {
        disk_out_abort(out);
        return err;
    }
    close_out(out);
    return OK;
}

enum err disk_out_commit(struct disk_out *out, uint32_t mode, int64_t mtime_ns)
{
    return commit(out, mode, mtime_ns, give_name);
}

enum err disk_out_commit_over(struct disk_out *out, uint32_t mode, int64_t mtime_ns)
{
    return commit(out, mode, mtime_ns, take_name_over);
}

void disk_out_abort(struct disk_out *out)
{
    if (out != NULL) {
        (void)unlinkat(out->folder, out->temp, 0);
        close_out(out);
    }
}
