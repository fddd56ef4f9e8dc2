/* Writing one file: under a temporary name, made durable, then given its name if that is free. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/crash_point.h"
#include "io/disk/disk_local.h"
#include "io/disk/disk_root.h"

#define NS_PER_S 1000000000

#ifndef F2FS_SUPER_MAGIC
#define F2FS_SUPER_MAGIC 0xF2F52010
#endif

enum {
    TEMP_MODE = 0600,
    MODE_KEPT = 0777,
    NAME_TRIES = 8,
    TOGETHER_FROM = 4, /* files for which one sync of the file system is cheaper */
};

struct disk_out {
    int folder; /* where both names lie */
    int fd;
    enum { OUT_WRITTEN, OUT_SETTLED, OUT_DURABLE } step;
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

enum err disk_out_settle(struct disk_out *out, uint32_t mode, int64_t mtime_ns)
{
    struct timespec times[2];

    disk_times_fill(mtime_ns, times);
    if (fchmod(out->fd, mode & MODE_KEPT) != 0 || futimens(out->fd, times) != 0) {
        return err_from_errno(errno);
    }
    out->step = OUT_SETTLED;
    return OK;
}

/* Not fdatasync: mode and time are to be there, too. */
static enum err make_durable(struct disk_out *out)
{
    if (fsync(out->fd) != 0) {
        return err_from_errno(errno);
    }
    out->step = OUT_DURABLE;
    return OK;
}

/* syncfs(2): before Linux 5.8 it kept errors of the writing to itself. */
static bool tells_errors(void)
{
    struct utsname name;
    int major = 0, minor = 0;

    return uname(&name) == 0 && sscanf(name.release, "%d.%d", &major, &minor) == 2 &&
           (major > 5 || (major == 5 && minor >= 8));
}

/* File systems whose sync reaches the disk. Others (FUSE among them) hear of an fsync only. */
static bool syncs_whole(int fd)
{
    struct statfs fs;

    if (fstatfs(fd, &fs) != 0) {
        return false;
    }
    switch ((unsigned long)fs.f_type) {
    case EXT4_SUPER_MAGIC:
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case F2FS_SUPER_MAGIC:
    case TMPFS_MAGIC:
        return tells_errors();
    default:
        return false;
    }
}

/* The first of them speaks for all on its file system; those are OUT_DURABLE afterwards. An error
 * may be another's: each of them is asked by itself then. */
static void sync_together(struct disk_out *const *outs, size_t count)
{
    struct stat first = {0};
    size_t members = 0, at = 0;

    for (size_t i = 0; i < count; i++) {
        at = outs[i] != NULL && members == 0 ? i : at;
        members += outs[i] != NULL;
    }
    if (members < TOGETHER_FROM || fstat(outs[at]->fd, &first) != 0 || !syncs_whole(outs[at]->fd) ||
        syncfs(outs[at]->fd) != 0) {
        return;
    }
    for (size_t i = at; i < count; i++) {
        struct stat st;

        if (outs[i] != NULL && fstat(outs[i]->fd, &st) == 0 && st.st_dev == first.st_dev) {
            outs[i]->step = OUT_DURABLE;
        }
    }
}

void disk_out_make_durable(struct disk_out *const *outs, size_t count, enum err *errs)
{
    sync_together(outs, count);
    for (size_t i = 0; i < count; i++) {
        bool due = outs[i] != NULL && outs[i]->step != OUT_DURABLE;

        errs[i] = due ? make_durable(outs[i]) : OK;
    }
}

static enum err finish(struct disk_out *out, uint32_t mode, int64_t mtime_ns)
{
    enum err err = out->step == OUT_WRITTEN ? disk_out_settle(out, mode, mtime_ns) : OK;

    return err == OK && out->step != OUT_DURABLE ? make_durable(out) : err;
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
