/* The target of a restore: folders, symlinks and links below one root. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "io/disk/disk_file.h"
#include "io/disk/disk_local.h"
#include "io/disk/disk_root.h"

enum { TARGET_MODE = 0777, NEW_MODE = 0700, MODE_KEPT = 0777 };

static enum err open_target(struct bytes path, int *fd)
{
    char text[PATH_MAX];
    enum err err;

    if (path.len == 0 || path.len >= sizeof(text) || path.ptr[0] != '/' ||
        memchr(path.ptr, 0, path.len) != NULL) {
        return ERR_UNSAFE_PATH;
    }
    memcpy(text, path.ptr, path.len);
    text[path.len] = 0;
    err = disk_make_dirs(text, TARGET_MODE);
    if (err != OK) {
        return err;
    }
    return disk_open_absolute(path, O_RDONLY | O_DIRECTORY, fd);
}

enum err disk_root_open(struct bytes path, struct disk_root **out)
{
    struct disk_root *root = calloc(1, sizeof(*root));
    enum err err;

    if (root == NULL) {
        return ERR_NO_MEMORY;
    }
    err = open_target(path, &root->fd);
    if (err != OK) {
        free(root);
        return err;
    }
    *out = root;
    return OK;
}

void disk_root_free(struct disk_root *root)
{
    if (root != NULL) {
        (void)close(root->fd);
        free(root);
    }
}

static bool is_ours(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
           strncmp(name, DISK_TEMP_PREFIX, sizeof(DISK_TEMP_PREFIX) - 1) == 0;
}

enum err disk_root_check_empty(struct disk_root *root)
{
    const struct dirent *entry;
    enum err err;
    DIR *stream;
    int fd = openat(root->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) {
        return err_from_errno(errno);
    }
    stream = fdopendir(fd);
    if (stream == NULL) {
        err = err_from_errno(errno);
        (void)close(fd);
        return err;
    }
    do {
        errno = 0;
        entry = readdir(stream);
    } while (entry != NULL && is_ours(entry->d_name));
    err = entry != NULL ? ERR_NOT_EMPTY : err_from_errno(errno);
    (void)closedir(stream);
    return err;
}

enum err disk_root_space(struct disk_root *root, uint64_t *bytes)
{
    struct statvfs fs;

    if (fstatvfs(root->fd, &fs) != 0) {
        return err_from_errno(errno);
    }
    *bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    return OK;
}

enum err disk_root_mkdir(struct disk_root *root, struct bytes path)
{
    char name[DISK_NAME_MAX + 1];
    struct stat st;
    int fd;
    enum err err;

    if (path.len == 0) {
        return OK; /* the root itself is there */
    }
    err = disk_open_parent(root->fd, path, &fd, name);
    if (err != OK) {
        return err;
    }
    if (mkdirat(fd, name, NEW_MODE) != 0) {
        err = err_from_errno(errno);
    }
    if (err == ERR_EXISTS && fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        err = S_ISDIR(st.st_mode) ? OK : ERR_NOT_DIRECTORY;
    }
    (void)close(fd);
    return err;
}

enum err disk_root_finish_dir(
    struct disk_root *root, struct bytes path, uint32_t mode, int64_t mtime_ns)
{
    struct timespec times[2];
    int fd;
    enum err err = disk_open_below(root->fd, path, O_RDONLY | O_DIRECTORY, &fd);

    if (err != OK) {
        return err;
    }
    disk_times_fill(mtime_ns, times);
    if (fchmod(fd, mode & MODE_KEPT) != 0 || futimens(fd, times) != 0) {
        err = err_from_errno(errno);
    }
    (void)close(fd);
    return err;
}

enum err disk_root_stat(struct disk_root *root, struct bytes path, struct disk_stat *stat)
{
    char name[DISK_NAME_MAX + 1] = "";
    struct stat st;
    int fd;
    enum err err = path.len > 0 ? disk_open_parent(root->fd, path, &fd, name)
                                : disk_open_below(root->fd, path, O_PATH | O_DIRECTORY, &fd);

    if (err != OK) {
        return err;
    }
    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0) {
        err = err_from_errno(errno);
    } else {
        disk_stat_fill(&st, stat);
    }
    (void)close(fd);
    return err;
}

/* A symlink's target is only text to us: it is stored, not followed. */
static enum err copy_target(struct bytes target, char text[DISK_TARGET_MAX + 1])
{
    if (target.len == 0 || target.len > DISK_TARGET_MAX ||
        memchr(target.ptr, 0, target.len) != NULL) {
        return ERR_LIMIT;
    }
    memcpy(text, target.ptr, target.len);
    text[target.len] = 0;
    return OK;
}

enum err disk_root_symlink(
    struct disk_root *root, struct bytes path, struct bytes target, int64_t mtime_ns)
{
    char name[DISK_NAME_MAX + 1];
    char text[DISK_TARGET_MAX + 1];
    struct timespec times[2];
    int fd;
    enum err err = copy_target(target, text);

    if (err == OK) {
        err = disk_open_parent(root->fd, path, &fd, name);
    }
    if (err != OK) {
        return err;
    }
    disk_times_fill(mtime_ns, times);
    if (symlinkat(text, fd, name) != 0 || utimensat(fd, name, times, AT_SYMLINK_NOFOLLOW) != 0) {
        err = err_from_errno(errno);
    }
    (void)close(fd);
    return err;
}

enum err disk_root_link(struct disk_root *root, struct bytes existing, struct bytes path)
{
    char from_name[DISK_NAME_MAX + 1];
    char name[DISK_NAME_MAX + 1];
    int from, to;
    enum err err = disk_open_parent(root->fd, existing, &from, from_name);

    if (err != OK) {
        return err;
    }
    err = disk_open_parent(root->fd, path, &to, name);
    if (err == OK) {
        if (linkat(from, from_name, to, name, 0) != 0) {
            err = err_from_errno(errno);
        }
        (void)close(to);
    }
    (void)close(from);
    return err;
}
