/* A second run over the same root. Locks tell the living from the dead: the kernel lets go of them
 * with the process, however it ends. */
#include "io/disk/disk_again.h"

#include <dirent.h>
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

enum { TEMP_LETTERS = 16, MODE_KEPT = 0777, NOTE_MODE = 0600 };

struct disk_in {
    int fd;
};

struct disk_note {
    int folder;
    int fd;
    char name[DISK_NAME_MAX + 1];
};

/* --- leftovers --- */

bool disk_again_is_temp(struct bytes name)
{
    const size_t prefix = sizeof(DISK_TEMP_PREFIX) - 1;

    if (name.len != prefix + TEMP_LETTERS || memcmp(name.ptr, DISK_TEMP_PREFIX, prefix) != 0) {
        return false;
    }
    for (size_t i = prefix; i < name.len; i++) {
        uint8_t c = name.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '2' && c <= '7')) {
            return false;
        }
    }
    return true;
}

/* Remove one, if it is a regular file that no process holds. */
static void tidy_one(int folder, const char *name)
{
    struct stat st;
    int fd = disk_open_name(folder, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);

    if (fd < 0) {
        return;
    }
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && flock(fd, LOCK_EX | LOCK_NB) == 0) {
        (void)unlinkat(folder, name, 0);
    }
    (void)close(fd);
}

enum err disk_again_tidy(struct disk_root *root, struct bytes path)
{
    const struct dirent *entry;
    DIR *stream;
    int fd;
    enum err err = disk_open_below(root->fd, path, O_RDONLY | O_DIRECTORY, &fd);

    if (err != OK) {
        return err;
    }
    stream = fdopendir(fd);
    if (stream == NULL) {
        err = err_from_errno(errno);
        (void)close(fd);
        return err;
    }
    errno = 0;
    while ((entry = readdir(stream)) != NULL) {
        if (disk_again_is_temp(bytes_str(entry->d_name))) {
            tidy_one(fd, entry->d_name);
        }
        errno = 0;
    }
    err = err_from_errno(errno);
    (void)closedir(stream);
    return err;
}

/* --- reading back --- */

enum err disk_in_open(
    struct disk_root *root, struct bytes path, struct disk_stat *stat, struct disk_in **out)
{
    struct disk_in *in;
    struct stat st;
    int fd;
    enum err err =
        disk_open_below(root->fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, &fd);

    if (err != OK) {
        return err == ERR_UNSAFE_PATH ? ERR_CHANGED : err;
    }
    in = calloc(1, sizeof(*in));
    if (in == NULL) {
        err = ERR_NO_MEMORY;
    } else if (fstat(fd, &st) != 0) {
        err = err_from_errno(errno);
    } else if (!S_ISREG(st.st_mode)) {
        err = ERR_CHANGED;
    }
    if (err != OK) {
        (void)close(fd);
        free(in);
        return err;
    }
    disk_stat_fill(&st, stat);
    in->fd = fd;
    *out = in;
    return OK;
}

void disk_in_free(struct disk_in *in)
{
    if (in != NULL) {
        (void)close(in->fd);
        free(in);
    }
}

enum err disk_in_read(struct disk_in *in, uint64_t offset, uint8_t *out, size_t len)
{
    size_t got = 0;

    while (got < len) {
        ssize_t n = pread(in->fd, out + got, len - got, (off_t)(offset + got));

        if (n < 0 && errno != EINTR) {
            return err_from_errno(errno);
        }
        if (n == 0) {
            return ERR_CHANGED;
        }
        got += n > 0 ? (size_t)n : 0;
    }
    return OK;
}

enum err disk_in_next_data(struct disk_in *in, uint64_t offset, uint64_t *data)
{
    off_t at = lseek(in->fd, (off_t)offset, SEEK_DATA);

    if (at < 0 && errno != EINVAL) {
        return errno == ENXIO ? ERR_NOT_FOUND : err_from_errno(errno);
    }
    *data = at < 0 ? offset : (uint64_t)at; /* EINVAL: a file system without holes, all is data */
    return OK;
}

enum err disk_in_chmod(struct disk_in *in, uint32_t mode)
{
    return fchmod(in->fd, mode & MODE_KEPT) == 0 ? OK : err_from_errno(errno);
}

/* --- notes --- */

static enum err read_all(int fd, struct buf *text)
{
    char part[DISK_NOTE_MAX];
    ssize_t n = pread(fd, part, sizeof(part), 0);

    return n < 0 ? err_from_errno(errno) : buf_append(text, bytes_at(part, (size_t)n));
}

enum err disk_note_read(struct disk_root *root, const char *name, struct buf *text)
{
    struct stat st;
    int fd = disk_open_name(root->fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    enum err err = OK;

    if (fd < 0) {
        return errno == ELOOP || errno == ENXIO ? ERR_CHANGED : err_from_errno(errno);
    }
    if (fstat(fd, &st) != 0) {
        err = err_from_errno(errno);
    } else {
        err = S_ISREG(st.st_mode) ? read_all(fd, text) : ERR_CHANGED;
    }
    (void)close(fd);
    return err;
}

/* Write it under a temporary name and give it the right one, unless that is taken. */
static enum err make_note(struct disk_root *root, const char *name, struct bytes text)
{
    struct disk_out *out = NULL;
    enum err err = disk_out_open(root, bytes_str(name), 0, &out);

    if (err != OK) {
        return err;
    }
    err = disk_out_write(out, 0, text);
    if (err != OK) {
        disk_out_abort(out);
        return err;
    }
    err = disk_out_commit(out, NOTE_MODE, 0);
    if (err == OK && fsync(root->fd) != 0) {
        err = err_from_errno(errno);
    }
    return err == ERR_EXISTS ? OK : err;
}

static enum err open_note(struct disk_note *note)
{
    struct stat st;

    note->fd = disk_open_name(note->folder, note->name, O_RDWR | O_NONBLOCK, 0);
    if (note->fd < 0 || fstat(note->fd, &st) != 0) {
        return err_from_errno(errno);
    }
    if (!S_ISREG(st.st_mode)) {
        return ERR_CHANGED;
    }
    return flock(note->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK ? ERR_LOCKED : OK;
}

enum err disk_note_hold(
    struct disk_root *root, const char *name, struct bytes text, struct disk_note **out)
{
    struct disk_note *note = calloc(1, sizeof(*note));
    enum err err = note == NULL ? ERR_NO_MEMORY : make_note(root, name, text);

    if (err != OK) {
        free(note);
        return err;
    }
    note->fd = -1;
    (void)snprintf(note->name, sizeof(note->name), "%s", name);
    note->folder = fcntl(root->fd, F_DUPFD_CLOEXEC, 0);
    err = note->folder < 0 ? err_from_errno(errno) : open_note(note);
    if (err != OK) {
        disk_note_free(note);
        return err;
    }
    *out = note;
    return OK;
}

enum err disk_note_change(struct disk_note *note, struct bytes text)
{
    enum err err = disk_write_all(note->fd, 0, text);

    return err == OK && fdatasync(note->fd) != 0 ? err_from_errno(errno) : err;
}

enum err disk_note_remove(struct disk_note *note)
{
    if (syncfs(note->folder) != 0) {
        return err_from_errno(errno);
    }
    crash_point("restore complete, still marked");
    if (unlinkat(note->folder, note->name, 0) != 0) {
        return err_from_errno(errno);
    }
    crash_point("restore no longer marked");
    (void)fsync(note->folder); /* the worst is that it comes back with the next power cut */
    return OK;
}

void disk_note_free(struct disk_note *note)
{
    if (note == NULL) {
        return;
    }
    if (note->fd >= 0) {
        (void)close(note->fd);
    }
    if (note->folder >= 0) {
        (void)close(note->folder);
    }
    free(note);
}
