/* Calls on names: opening, making, moving, removing, marking. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "board.h"

/* The C library's own names for parameters say less.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int folder, const char *path, int flags);
int __openat64_2(int folder, const char *path, int flags);

#define REAL(pointer, name)                                                                        \
    do {                                                                                           \
        if ((pointer) == NULL) {                                                                   \
            *(void **)&(pointer) = board_real(name);                                               \
        }                                                                                          \
    } while (0)

static struct log_part text_of(const char *text)
{
    return (struct log_part){text, strlen(text)};
}

static uint64_t inode_of(const char *path)
{
    struct stat st = {0};
    int before = errno;

    if (lstat(path, &st) != 0) {
        st.st_ino = 0;
    }
    errno = before;
    return st.st_ino;
}

/* Something of this name is there now. */
static void log_made(const char *path)
{
    struct log_row row = {.kind = LOG_MAKE, .inode = inode_of(path)};

    log_put(&row, text_of(path), (struct log_part){NULL, 0});
}

/* --- opening --- */

/* What will be opened, and how. */
struct opening {
    int folder;
    const char *name;
    int flags;
    mode_t mode;
    const struct open_how *how; /* NULL: openat() */
};

static int open_really(const struct opening *o)
{
    static int (*real_openat)(int, const char *, int, ...);
    static long (*real_syscall)(long, ...);

    REAL(real_openat, "openat64");
    REAL(real_syscall, "syscall");
    return o->how != NULL
               ? (int)real_syscall(SYS_openat2, o->folder, o->name, o->how, sizeof(*o->how))
               : real_openat(o->folder, o->name, o->flags, o->mode);
}

static int open_logged(const struct opening *o, const char *path)
{
    bool was_there = inode_of(path) != 0;
    int fd;

    log_lock();
    if (was_there && (o->flags & O_TRUNC) != 0) {
        struct log_row row = {.kind = LOG_RESIZE, .inode = inode_of(path)};
        struct stat st = {0};
        struct opening in = {AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0, NULL};
        int before = open_really(&in);

        row.b = fstat(before, &st) == 0 ? (uint64_t)st.st_size : 0;
        log_put_before(&row, before, 0, row.b, (struct log_part){NULL, 0});
        (void)close(before);
    }
    fd = open_really(o);
    if (fd >= 0 && !was_there && (o->flags & O_CREAT) != 0) {
        log_made(path);
    }
    log_unlock();
    return fd;
}

static int open_judged(const struct opening *o)
{
    bool changes = (o->flags & (O_CREAT | O_TRUNC)) != 0;
    char path[BOARD_PATH_MAX];

    if ((o->flags & O_PATH) != 0 || (o->flags & O_TMPFILE) == O_TMPFILE ||
        !board_has_name(o->folder, o->name, path)) {
        return open_really(o);
    }
    if (board_judge(changes ? CALL_NAME : CALL_OPEN) == CALL_FAILS) {
        return -1;
    }
    return changes ? open_logged(o, path) : open_really(o);
}

/* The mode, if there is one. */
#define TAKE_MODE(mode, flags)                                                                     \
    do {                                                                                           \
        if (((flags)&O_CREAT) != 0 || ((flags)&O_TMPFILE) == O_TMPFILE) {                          \
            va_list more;                                                                          \
            va_start(more, flags);                                                                 \
            (mode) = va_arg(more, mode_t);                                                         \
            va_end(more);                                                                          \
        }                                                                                          \
    } while (0)

int open(const char *path, int flags, ...)
{
    struct opening o = {AT_FDCWD, path, flags, 0, NULL};

    TAKE_MODE(o.mode, flags);
    return open_judged(&o);
}

int open64(const char *path, int flags, ...)
{
    struct opening o = {AT_FDCWD, path, flags, 0, NULL};

    TAKE_MODE(o.mode, flags);
    return open_judged(&o);
}

int openat(int folder, const char *path, int flags, ...)
{
    struct opening o = {folder, path, flags, 0, NULL};

    TAKE_MODE(o.mode, flags);
    return open_judged(&o);
}

int openat64(int folder, const char *path, int flags, ...)
{
    struct opening o = {folder, path, flags, 0, NULL};

    TAKE_MODE(o.mode, flags);
    return open_judged(&o);
}

int __open_2(const char *path, int flags)
{
    return open(path, flags);
}

int __open64_2(const char *path, int flags)
{
    return open(path, flags);
}

int __openat_2(int folder, const char *path, int flags)
{
    return openat(folder, path, flags);
}

int __openat64_2(int folder, const char *path, int flags)
{
    return openat(folder, path, flags);
}

/* openat2() has no function of its own. */
long syscall(long number, ...)
{
    static long (*real)(long, ...);
    long a[6];
    va_list more;

    REAL(real, "syscall");
    va_start(more, number);
    for (int i = 0; i < 6; i++) {
        a[i] = va_arg(more, long);
    }
    va_end(more);
    if (number == SYS_openat2) {
        const struct open_how *how = (const struct open_how *)a[2];
        struct opening o = {(int)a[0], (const char *)a[1], (int)how->flags, (mode_t)how->mode, how};

        return open_judged(&o);
    }
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* --- moving --- */

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    static int (*real)(int, const char *, int, const char *, unsigned);
    char text[2 * BOARD_PATH_MAX], path[BOARD_PATH_MAX];
    struct log_row row = {.kind = LOG_RENAME};
    size_t len;
    int done;

    REAL(real, "renameat2");
    if (!board_has_name(from_folder, from, text) || !board_has_name(to_folder, to, path)) {
        return real(from_folder, from, to_folder, to, flags);
    }
    if (board_judge(CALL_NAME) == CALL_FAILS) {
        return -1;
    }
    len = strlen(text) + 1;
    memcpy(text + len, path, strlen(path) + 1);
    log_lock();
    row.inode = inode_of(text);
    if ((flags & RENAME_NOREPLACE) == 0 || inode_of(path) == 0) {
        log_put_path(&row, (struct log_part){text, len + strlen(path)}, path, true);
    }
    done = real(from_folder, from, to_folder, to, flags);
    log_unlock();
    return done;
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return renameat2(from_folder, from, to_folder, to, 0);
}

int rename(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* --- removing --- */

int unlinkat(int folder, const char *name, int flags)
{
    static int (*real)(int, const char *, int);
    struct log_row row = {.kind = LOG_REMOVE};
    char path[BOARD_PATH_MAX];
    int done;

    REAL(real, "unlinkat");
    if (!board_has_name(folder, name, path)) {
        return real(folder, name, flags);
    }
    if (board_judge(CALL_NAME) == CALL_FAILS) {
        return -1;
    }
    log_lock();
    row.inode = inode_of(path);
    if (row.inode != 0) {
        log_put_path(&row, text_of(path), path, true);
    }
    done = real(folder, name, flags);
    log_unlock();
    return done;
}

int unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

/* --- making --- */

/* Judged, made by `make`, and logged. */
struct making {
    int folder;
    const char *name;
    int other; /* of a link */
    const char *text;
    mode_t mode;
};

static int make_judged(const struct making *m, int (*make)(const struct making *m))
{
    char path[BOARD_PATH_MAX];
    int done;

    if (!board_has_name(m->folder, m->name, path)) {
        return make(m);
    }
    if (board_judge(CALL_NAME) == CALL_FAILS) {
        return -1;
    }
    log_lock();
    done = make(m);
    if (done == 0) {
        log_made(path);
    }
    log_unlock();
    return done;
}

static int really_mkdir(const struct making *m)
{
    static int (*real)(int, const char *, mode_t);

    REAL(real, "mkdirat");
    return real(m->folder, m->name, m->mode);
}

int mkdirat(int folder, const char *name, mode_t mode)
{
    struct making m = {.folder = folder, .name = name, .mode = mode};

    return make_judged(&m, really_mkdir);
}

int mkdir(const char *path, mode_t mode)
{
    return mkdirat(AT_FDCWD, path, mode);
}

static int really_symlink(const struct making *m)
{
    static int (*real)(const char *, int, const char *);

    REAL(real, "symlinkat");
    return real(m->text, m->folder, m->name);
}

int symlinkat(const char *target, int folder, const char *name)
{
    struct making m = {.folder = folder, .name = name, .text = target};

    return make_judged(&m, really_symlink);
}

static int really_link(const struct making *m)
{
    static int (*real)(int, const char *, int, const char *, int);

    REAL(real, "linkat");
    return real(m->other, m->text, m->folder, m->name, (int)m->mode);
}

int linkat(int from_folder, const char *from, int folder, const char *name, int flags)
{
    struct making m = {folder, name, from_folder, from, (mode_t)flags};

    return make_judged(&m, really_link);
}

/* --- marking --- */

/* Judged and logged: its mode and mtime are about to change. */
static bool may_mark(const char *path)
{
    struct log_row row = {.kind = LOG_MARK, .inode = inode_of(path)};

    if (board_judge(CALL_NAME) == CALL_FAILS) {
        return false;
    }
    log_lock();
    log_put_path(&row, text_of(path), path, false);
    log_unlock();
    return true;
}

int fchmod(int fd, mode_t mode)
{
    static int (*real)(int, mode_t);
    char path[BOARD_PATH_MAX];

    REAL(real, "fchmod");
    return !board_has_fd(fd, path) || may_mark(path) ? real(fd, mode) : -1;
}

int futimens(int fd, const struct timespec times[2])
{
    static int (*real)(int, const struct timespec[2]);
    char path[BOARD_PATH_MAX];

    REAL(real, "futimens");
    return !board_has_fd(fd, path) || may_mark(path) ? real(fd, times) : -1;
}

int utimensat(int folder, const char *name, const struct timespec times[2], int flags)
{
    static int (*real)(int, const char *, const struct timespec[2], int);
    char path[BOARD_PATH_MAX];

    REAL(real, "utimensat");
    return !board_has_name(folder, name, path) || may_mark(path) ? real(folder, name, times, flags)
                                                                 : -1;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
