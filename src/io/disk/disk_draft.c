/* Files with names that are open as scratch files. */
#include "io/disk/disk_draft.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "io/disk/disk_local.h"
#include "io/disk/disk_root.h"

enum { DRAFT_MODE = 0600, PERMISSIONS = 0777 };

/* Open and lock; the descriptor is closed by whoever made `draft`. */
static enum err open_locked(int folder, const char *name, int flags, struct disk_scratch *draft)
{
    struct stat st;

    draft->fd = disk_open_name(
        folder, name, O_RDWR | O_NONBLOCK | flags, (flags & O_CREAT) != 0 ? DRAFT_MODE : 0);
    if (draft->fd < 0) {
        return errno == ELOOP || errno == EISDIR || errno == ENXIO ? ERR_CHANGED
                                                                   : err_from_errno(errno);
    }
    if (fstat(draft->fd, &st) != 0) {
        return err_from_errno(errno);
    }
    if (!S_ISREG(st.st_mode)) {
        return ERR_CHANGED;
    }
    return flock(draft->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK ? ERR_LOCKED : OK;
}

enum err disk_draft_open(
    struct disk_root *root, struct bytes path, enum disk_draft_way way, struct disk_scratch **out)
{
    char name[DISK_NAME_MAX + 1];
    int folder = -1;
    struct disk_scratch *draft = calloc(1, sizeof(*draft));
    enum err err = draft == NULL ? ERR_NO_MEMORY : disk_open_parent(root->fd, path, &folder, name);

    if (err != OK) {
        free(draft);
        return err;
    }
    atomic_init(&draft->holders, 1);
    err = open_locked(folder, name, way == DISK_DRAFT_MAKE ? O_CREAT : 0, draft);
    (void)close(folder);
    if (err != OK) {
        disk_scratch_drop(draft);
        return err;
    }
    *out = draft;
    return OK;
}

enum err disk_draft_size(struct disk_scratch *draft, uint64_t *size)
{
    struct stat st;

    if (fstat(draft->fd, &st) != 0) {
        return err_from_errno(errno);
    }
    *size = (uint64_t)st.st_size;
    return OK;
}

enum err disk_draft_resize(struct disk_scratch *draft, uint64_t size)
{
    if (size > INT64_MAX) {
        return ERR_FILE_TOO_LARGE;
    }
    if (ftruncate(draft->fd, (off_t)size) != 0) {
        return errno == EFBIG || errno == EINVAL ? ERR_FILE_TOO_LARGE : err_from_errno(errno);
    }
    return OK;
}

/* A file system that does not know of holes says that data is everywhere. */
enum err disk_draft_next_data(struct disk_scratch *draft, uint64_t offset, uint64_t *data)
{
    off_t at = lseek(draft->fd, (off_t)offset, SEEK_DATA);

    if (at < 0 && errno == ENXIO) {
        return ERR_NOT_FOUND;
    }
    *data = at < 0 ? offset : (uint64_t)at;
    return OK;
}

/* Folders of paths are opened for walking only; to be made durable one is opened anew. */
static enum err sync_folder(int folder)
{
    int fd = disk_open_name(folder, ".", O_RDONLY | O_DIRECTORY, 0);
    int done = fd < 0 ? -1 : fsync(fd);
    enum err err = done == 0 ? OK : err_from_errno(errno);

    if (fd >= 0) {
        (void)close(fd);
    }
    return err;
}

static enum err rename_in(int root, const struct disk_draft_name *name)
{
    char from[DISK_NAME_MAX + 1], to[DISK_NAME_MAX + 1];
    int from_folder = -1, to_folder = -1;
    enum err err = disk_open_parent(root, name->from, &from_folder, from);

    if (err == OK) {
        err = disk_open_parent(root, name->to, &to_folder, to);
    }
    if (err == OK && renameat(from_folder, from, to_folder, to) != 0) {
        err = err_from_errno(errno);
    }
    if (err == OK) {
        err = sync_folder(to_folder);
    }
    if (from_folder >= 0) {
        (void)close(from_folder);
    }
    if (to_folder >= 0) {
        (void)close(to_folder);
    }
    return err;
}

enum err disk_draft_rename(
    struct disk_scratch *draft, struct disk_root *root, const struct disk_draft_name *name)
{
    if (fchmod(draft->fd, name->mode & PERMISSIONS) != 0 || fsync(draft->fd) != 0) {
        return err_from_errno(errno);
    }
    return bytes_equal(name->from, name->to) ? OK : rename_in(root->fd, name);
}
