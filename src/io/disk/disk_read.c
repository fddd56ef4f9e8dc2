/* Listing folders and reading files that others may be changing. */
#include "io/disk/disk_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/disk/disk_local.h"

struct disk_dir {
    DIR *stream;
};

struct disk_file {
    int fd;
};

/* Open `path` below the absolute `root`. */
static enum err open_at(struct bytes root, struct bytes path, int flags, int *fd)
{
    int folder;
    enum err err;

    if (path.len == 0) {
        return disk_open_absolute(root, flags, fd);
    }
    err = disk_open_absolute(root, O_PATH | O_DIRECTORY, &folder);
    if (err != OK) {
        return err;
    }
    err = disk_open_below(folder, path, flags, fd);
    (void)close(folder);
    return err;
}

static enum err stat_fd(int fd, struct disk_stat *stat)
{
    struct stat st;

    if (fstatat(fd, "", &st, AT_EMPTY_PATH) != 0) {
        return err_from_errno(errno);
    }
    disk_stat_fill(&st, stat);
    return OK;
}

enum err disk_stat_path(struct bytes path, struct disk_stat *stat)
{
    int fd;
    enum err err = disk_open_absolute(path, O_PATH | O_NOFOLLOW, &fd);

    if (err == OK) {
        err = stat_fd(fd, stat);
        (void)close(fd);
    }
    return err;
}

/* --- folders -----------------------------------------------------------------------------------
 */

enum err disk_dir_open(struct bytes root, struct bytes path, struct disk_dir **out)
{
    struct disk_dir *dir = calloc(1, sizeof(*dir));
    int fd;
    enum err err;

    if (dir == NULL) {
        return ERR_NO_MEMORY;
    }
    err = open_at(root, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, &fd);
    if (err == OK) {
        dir->stream = fdopendir(fd);
        if (dir->stream == NULL) {
            err = err_from_errno(errno);
            (void)close(fd);
        }
    }
    if (err != OK) {
        free(dir);
        return err;
    }
    *out = dir;
    return OK;
}

static bool is_dots(const char *name)
{
    return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

enum err disk_dir_next(struct disk_dir *dir, struct bytes *name, struct disk_stat *stat)
{
    for (;;) {
        const struct dirent *entry;
        struct stat st;

        *name = (struct bytes){0};
        errno = 0;
        entry = readdir(dir->stream);
        if (entry == NULL) {
            return errno == 0        ? ERR_NOT_FOUND
                   : errno == ENOENT ? ERR_CHANGED
                                     : err_from_errno(errno);
        }
        if (is_dots(entry->d_name)) {
            continue;
        }
        *name = bytes_str(entry->d_name);
        if (fstatat(dirfd(dir->stream), entry->d_name, &st,
                AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0) {
            disk_stat_fill(&st, stat);
            return OK;
        }
        if (errno != ENOENT) {
            return err_from_errno(errno);
        }
    }
}

enum err disk_dir_stat(struct disk_dir *dir, struct disk_stat *stat)
{
    return stat_fd(dirfd(dir->stream), stat);
}

enum err disk_dir_readlink(struct disk_dir *dir, struct bytes name, struct buf *target)
{
    char text[DISK_NAME_MAX + 1];
    char value[DISK_TARGET_MAX + 1];
    struct bytes folder;
    ssize_t len;
    enum err err = disk_split(name, &folder, text);

    if (err != OK) {
        return err;
    }
    len = readlinkat(dirfd(dir->stream), text, value, sizeof(value));
    if (len < 0) {
        return errno == EINVAL ? ERR_CHANGED : err_from_errno(errno); /* no symlink any more */
    }
    if (len > DISK_TARGET_MAX) {
        return ERR_LIMIT;
    }
    return buf_append(target, bytes_at(value, (size_t)len));
}

void disk_dir_free(struct disk_dir *dir)
{
    if (dir != NULL) {
        (void)closedir(dir->stream);
        free(dir);
    }
}

/* --- files -------------------------------------------------------------------------------------
 */

/* O_NONBLOCK keeps a fifo from blocking us; it means nothing to a regular file. */
enum err disk_file_open(struct bytes root, struct bytes path, struct disk_file **out)
{
    struct disk_file *file = calloc(1, sizeof(*file));
    struct disk_stat stat = {.type = DISK_OTHER};
    enum err err;

    if (file == NULL) {
        return ERR_NO_MEMORY;
    }
    err = open_at(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, &file->fd);
    if (err != OK) {
        free(file);
        return err == ERR_UNSAFE_PATH ? ERR_CHANGED : err;
    }
    err = stat_fd(file->fd, &stat);
    if (err == OK && stat.type != DISK_FILE) {
        err = ERR_CHANGED;
    }
    if (err != OK) {
        disk_file_free(file);
        return err;
    }
    *out = file;
    return OK;
}

enum err disk_file_stat(struct disk_file *file, struct disk_stat *stat)
{
    return stat_fd(file->fd, stat);
}

enum err disk_file_read(
    struct disk_file *file, uint64_t offset, uint8_t *out, size_t len, size_t *got)
{
    *got = 0;
    while (*got < len) {
        ssize_t n = pread(file->fd, out + *got, len - *got, (off_t)(offset + *got));

        if (n < 0 && errno != EINTR) {
            return err_from_errno(errno);
        }
        if (n == 0) {
            return OK;
        }
        if (n > 0) {
            *got += (size_t)n;
        }
    }
    return OK;
}

enum err disk_file_next_data(struct disk_file *file, uint64_t offset, uint64_t *data)
{
    off_t at = lseek(file->fd, (off_t)offset, SEEK_DATA);

    if (at >= 0) {
        *data = (uint64_t)at;
        return OK;
    }
    if (errno == ENXIO) {
        return ERR_NOT_FOUND;
    }
    if (errno == EINVAL) { /* a file system without holes: all is data */
        *data = offset;
        return OK;
    }
    return err_from_errno(errno);
}

void disk_file_free(struct disk_file *file)
{
    if (file != NULL) {
        (void)close(file->fd);
        free(file);
    }
}
