/* Our own small files: replaced as one step, read whole, locked. */
#include "io/disk/disk_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crash_point.h"
#include "io/disk/disk_local.h"

enum { SLURP_STEP = 65536, LOCK_MODE = 0600, PID_TEXT = 32 };

/* --- folders -----------------------------------------------------------------------------------
 */

static enum err make_dir(const char *path, mode_t mode)
{
    struct stat st;

    if (mkdir(path, mode) == 0) {
        return OK;
    }
    if (errno != EEXIST) {
        int error = errno;

        /* a folder we may look at but not make things in says EACCES or EROFS before EEXIST */
        return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? OK : err_from_errno(error);
    }
    if (stat(path, &st) != 0) {
        return err_from_errno(errno);
    }
    return S_ISDIR(st.st_mode) ? OK : ERR_NOT_DIRECTORY;
}

enum err disk_make_dirs(const char *path, unsigned mode)
{
    char part[PATH_MAX];
    size_t len = strlen(path);
    enum err err = OK;

    if (len == 0 || len >= sizeof(part)) {
        return ERR_NOT_FOUND;
    }
    memcpy(part, path, len + 1);
    for (size_t i = 1; err == OK && i < len; i++) {
        if (part[i] == '/') {
            part[i] = 0;
            err = make_dir(part, mode);
            part[i] = '/';
        }
    }
    return err == OK ? make_dir(part, mode) : err;
}

/* --- whole files -------------------------------------------------------------------------------
 */

/* Open the folder that `path` lies in; its name is copied. */
static enum err open_folder_of(const char *path, int *fd, char name[DISK_NAME_MAX + 1])
{
    const char *slash = strrchr(path, '/');
    const char *last = slash != NULL ? slash + 1 : path;
    char folder[PATH_MAX] = ".";
    size_t len = slash != NULL ? (size_t)(slash - path) : 0;

    if (strlen(last) == 0 || strlen(last) > DISK_NAME_MAX || len + 1 >= sizeof(folder)) {
        return ERR_NOT_FOUND;
    }
    if (slash != NULL) {
        len = len > 0 ? len : 1; /* "/name" */
        memcpy(folder, path, len);
        folder[len] = 0;
    }
    memcpy(name, last, strlen(last) + 1);
    *fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd >= 0 ? OK : err_from_errno(errno);
}

static enum err write_temp(int folder, const char *temp, struct bytes data, unsigned mode)
{
    int fd = disk_open_name(folder, temp, O_WRONLY | O_CREAT | O_EXCL, mode);
    enum err err;

    if (fd < 0) {
        return err_from_errno(errno);
    }
    err = disk_write_all(fd, 0, data);
    if (err == OK && (fchmod(fd, mode) != 0 || fsync(fd) != 0)) {
        err = err_from_errno(errno);
    }
    if (close(fd) != 0 && err == OK) {
        err = err_from_errno(errno);
    }
    if (err != OK) {
        (void)unlinkat(folder, temp, 0);
    }
    return err;
}

static enum err replace_in(int folder, const char *name, struct bytes data, unsigned mode)
{
    char temp[DISK_NAME_MAX + 1];
    enum err err = disk_temp_name(temp);

    if (err == OK) {
        err = write_temp(folder, temp, data, mode);
    }
    if (err != OK) {
        return err;
    }
    crash_point("own file written, not named");
    if (renameat(folder, temp, folder, name) != 0) {
        err = err_from_errno(errno);
        (void)unlinkat(folder, temp, 0);
        return err;
    }
    return fsync(folder) == 0 ? OK : err_from_errno(errno);
}

enum err disk_replace(const char *path, struct bytes data, unsigned mode)
{
    char name[DISK_NAME_MAX + 1];
    int folder;
    enum err err = open_folder_of(path, &folder, name);

    if (err != OK) {
        return err;
    }
    err = replace_in(folder, name, data, mode);
    (void)close(folder);
    return err;
}

/* Read on until the end; *out holds at most `max` bytes more than before. */
static enum err read_all(int fd, size_t max, struct buf *out)
{
    size_t before = out->len;
    ssize_t n = 1;

    while (n != 0) {
        enum err err = buf_reserve(out, SLURP_STEP);

        if (err != OK) {
            return err;
        }
        n = read(fd, out->ptr + out->len, SLURP_STEP);
        if (n < 0 && errno != EINTR) {
            return err_from_errno(errno);
        }
        out->len += n > 0 ? (size_t)n : 0;
        if (out->len - before > max) {
            return ERR_LIMIT;
        }
    }
    return OK;
}

enum err disk_slurp(const char *path, size_t max, struct buf *out)
{
    size_t before = out->len;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum err err;

    if (fd < 0) {
        return err_from_errno(errno);
    }
    err = read_all(fd, max, out);
    (void)close(fd);
    if (err != OK) {
        out->len = before;
    }
    return err;
}

/* --- locks -------------------------------------------------------------------------------------
 */

struct disk_lock {
    int fd;
};

static long read_holder(int fd)
{
    char text[PID_TEXT];
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    char *end;
    long pid;

    if (n <= 0) {
        return 0;
    }
    text[n] = 0;
    pid = strtol(text, &end, 10);
    return end != text && *end == '\n' && pid > 0 ? pid : 0;
}

static enum err write_holder(int fd)
{
    char text[PID_TEXT];
    int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

    if (ftruncate(fd, 0) != 0) {
        return err_from_errno(errno);
    }
    return disk_write_all(fd, 0, bytes_at(text, (size_t)len));
}

static enum err take_lock(int fd, long *holder)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        return write_holder(fd);
    }
    if (errno != EWOULDBLOCK) {
        return err_from_errno(errno);
    }
    *holder = read_holder(fd);
    return ERR_LOCKED;
}

enum err disk_lock(const char *path, struct disk_lock **out, long *holder)
{
    struct disk_lock *lock = calloc(1, sizeof(*lock));
    enum err err;

    *holder = 0;
    if (lock == NULL) {
        return ERR_NO_MEMORY;
    }
    lock->fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, LOCK_MODE);
    err = lock->fd >= 0 ? take_lock(lock->fd, holder) : err_from_errno(errno);
    if (err != OK) {
        disk_unlock(lock);
        return err;
    }
    *out = lock;
    return OK;
}

/* The file stays: removing it would let two others lock two files of one name. */
void disk_unlock(struct disk_lock *lock)
{
    if (lock != NULL) {
        if (lock->fd >= 0) {
            (void)close(lock->fd);
        }
        free(lock);
    }
}
