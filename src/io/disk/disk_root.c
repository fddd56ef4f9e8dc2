/* The target of a restore: folders, symlinks and links below one root. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "io/disk/disk_again.h"
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

static enum err open_found(struct bytes path, int *fd)
{
    return disk_open_absolute(path, O_RDONLY | O_DIRECTORY, fd);
}

static enum err open_with(
    struct bytes path, enum err (*open)(struct bytes path, int *fd), struct disk_root **out)
{
    struct disk_root *root = calloc(1, sizeof(*root));
    enum err err;

    if (root == NULL) {
        return ERR_NO_MEMORY;
    }
    err = open(path, &root->fd);
    if (err != OK) {
        free(root);
        return err;
    }
    *out = root;
    return OK;
}

enum err disk_root_open(struct bytes path, struct disk_root **out)
{
    return open_with(path, open_target, out);
}

enum err disk_root_find(struct bytes path, struct disk_root **out)
{
    return open_with(path, open_found, out);
}

int disk_root_fd(const struct disk_root *root)
{
    return root->fd;
}

enum err disk_root_take(int folder, struct disk_root **out)
{
    struct disk_root *root = calloc(1, sizeof(*root));

    if (root == NULL) {
        return ERR_NO_MEMORY;
    }
    root->fd = folder;
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
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || disk_again_is_temp(bytes_str(name));
}

enum err disk_root_check_empty(struct disk_root *root)
{
    const struct dirent *entry;
    enum err err;
    DIR *stream;
    int fd = disk_open_name(root->fd, ".", O_RDONLY | O_DIRECTORY, 0);

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
    if (fchmod(fd, mode & MODE_KEPT) != 0 || futimens(fd, times) != 0 ||
        (path.len == 0 && fsync(fd) != 0)) {
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

/* Make `name` in `folder` by `make`, under a temporary name first when something has the name. The
 * step that gives the name replaces a file or symlink, never a folder. */
struct new_name {
    int folder;
    char name[DISK_NAME_MAX + 1];
    const char *text; /* a symlink's target */
    int64_t mtime_ns;
    int from; /* a hard link's: where the file is, and its name there */
    const char *from_name;
};

static enum err set_time(const struct new_name *n, const char *name)
{
    struct timespec times[2];

    disk_times_fill(n->mtime_ns, times);
    return utimensat(n->folder, name, times, AT_SYMLINK_NOFOLLOW) == 0 ? OK : err_from_errno(errno);
}

static enum err make_symlink(const struct new_name *n, const char *name)
{
    return symlinkat(n->text, n->folder, name) == 0 ? set_time(n, name) : err_from_errno(errno);
}

static enum err make_link(const struct new_name *n, const char *name)
{
    return linkat(n->from, n->from_name, n->folder, name, 0) == 0 ? OK : err_from_errno(errno);
}

typedef enum err (*make_fn)(const struct new_name *n, const char *name);

/* Is the symlink there, but perhaps for its time? */
static bool is_made(const struct new_name *n)
{
    char text[DISK_TARGET_MAX + 1];
    ssize_t len;

    if (n->text == NULL) {
        return false;
    }
    len = readlinkat(n->folder, n->name, text, sizeof(text));
    return len >= 0 && (size_t)len == strlen(n->text) && memcmp(text, n->text, (size_t)len) == 0;
}

static enum err make_over(const struct new_name *n, make_fn make)
{
    char temp[DISK_NAME_MAX + 1];
    enum err err;

    if (is_made(n)) {
        return set_time(n, n->name);
    }
    err = disk_temp_name(temp);
    if (err == OK) {
        err = make(n, temp);
    }
    if (err != OK) {
        return err;
    }
    if (renameat(n->folder, temp, n->folder, n->name) != 0) {
        err = err_from_errno(errno);
    }
    (void)unlinkat(n->folder, temp, 0); /* renaming to another name of the same file does nothing */
    return err;
}

static enum err symlink_at(struct disk_root *root, struct bytes path, struct new_name *n,
    enum err (*how)(const struct new_name *n, make_fn make))
{
    enum err err = disk_open_parent(root->fd, path, &n->folder, n->name);

    if (err != OK) {
        return err;
    }
    err = how(n, make_symlink);
    (void)close(n->folder);
    return err;
}

static enum err make_new(const struct new_name *n, make_fn make)
{
    return make(n, n->name);
}

enum err disk_root_symlink(
    struct disk_root *root, struct bytes path, struct bytes target, int64_t mtime_ns)
{
    char text[DISK_TARGET_MAX + 1];
    struct new_name n = {.text = text, .mtime_ns = mtime_ns};
    enum err err = copy_target(target, text);

    return err == OK ? symlink_at(root, path, &n, make_new) : err;
}

enum err disk_root_symlink_over(
    struct disk_root *root, struct bytes path, struct bytes target, int64_t mtime_ns)
{
    char text[DISK_TARGET_MAX + 1];
    struct new_name n = {.text = text, .mtime_ns = mtime_ns};
    enum err err = copy_target(target, text);

    return err == OK ? symlink_at(root, path, &n, make_over) : err;
}

/* Only of regular files: a second name of anything else is not ours to make. */
static enum err link_at(struct disk_root *root, struct bytes existing, struct bytes path,
    enum err (*how)(const struct new_name *n, make_fn make))
{
    char from_name[DISK_NAME_MAX + 1];
    struct new_name n = {.from_name = from_name};
    struct stat st;
    enum err err = disk_open_parent(root->fd, existing, &n.from, from_name);

    if (err != OK) {
        return err;
    }
    err = disk_open_parent(root->fd, path, &n.folder, n.name);
    if (err == OK) {
        if (fstatat(n.from, from_name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
            err = err_from_errno(errno);
        } else {
            err = S_ISREG(st.st_mode) ? how(&n, make_link) : ERR_NOT_FOUND;
        }
        (void)close(n.folder);
    }
    (void)close(n.from);
    return err;
}

enum err disk_root_link(struct disk_root *root, struct bytes existing, struct bytes path)
{
    return link_at(root, existing, path, make_new);
}

enum err disk_root_link_over(struct disk_root *root, struct bytes existing, struct bytes path)
{
    return link_at(root, existing, path, make_over);
}

enum err disk_root_readlink(struct disk_root *root, struct bytes path, struct buf *target)
{
    char name[DISK_NAME_MAX + 1];
    char text[DISK_TARGET_MAX + 1];
    ssize_t len;
    int fd;
    enum err err = disk_open_parent(root->fd, path, &fd, name);

    if (err != OK) {
        return err;
    }
    len = readlinkat(fd, name, text, sizeof(text));
    err = len < 0 ? err_from_errno(errno) : buf_append(target, bytes_at(text, (size_t)len));
    (void)close(fd);
    return err;
}

enum err disk_root_remove(struct disk_root *root, struct bytes path)
{
    char name[DISK_NAME_MAX + 1];
    int fd;
    enum err err = disk_open_parent(root->fd, path, &fd, name);

    if (err != OK) {
        return err;
    }
    if (unlinkat(fd, name, 0) != 0) {
        err = err_from_errno(errno);
    }
    (void)close(fd);
    return err;
}

/* By way of /proc: a descriptor that was opened for nothing may still not be chmodded itself. */
enum err disk_root_unlock_dir(struct disk_root *root, struct bytes path)
{
    char proc[32];
    struct stat st;
    int fd;
    enum err err = disk_open_below(root->fd, path, O_PATH | O_DIRECTORY, &fd);

    if (err != OK) {
        return err;
    }
    (void)snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
    if (fstat(fd, &st) != 0 || ((st.st_mode & NEW_MODE) != NEW_MODE &&
                                   chmod(proc, (st.st_mode & MODE_KEPT) | NEW_MODE) != 0)) {
        err = err_from_errno(errno);
    }
    (void)close(fd);
    return err;
}
