/* Opening below a folder and nowhere else: openat2 where the kernel has it, else component by
 * component with O_NOFOLLOW. Both refuse symlinks and "..". */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/random.h"
#include "io/disk/disk_local.h"

enum {
    PIECE_MAX = 2048, /* what one openat2 gets; PATH_MAX is 4096 */
    AGAIN_MAX = 100,  /* openat2 may say EAGAIN while names above are renamed */
    TEMP_LETTERS = 16,
};

/* Cleared for good when the kernel (or a sandbox) knows no openat2. */
static atomic_bool has_openat2 = true;

/* A descriptor or -1 with errno, as a system call. `mode`: of what it makes, else 0. */
static int openat2_below(int folder, const char *path, int flags, unsigned mode)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .mode = mode,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd = -1;

    for (int i = 0; i < AGAIN_MAX; i++) {
        fd = syscall(SYS_openat2, folder, path, &how, sizeof(how));
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) {
            break;
        }
    }
    return (int)fd;
}

/* Take the first component off *path into `name`. ERR_UNSAFE_PATH: it is one nobody may use. */
static enum err take_name(struct bytes *path, char name[DISK_NAME_MAX + 1])
{
    const uint8_t *slash = memchr(path->ptr, '/', path->len);
    size_t len = slash != NULL ? (size_t)(slash - path->ptr) : path->len;

    if (len == 0 || memchr(path->ptr, 0, len) != NULL ||
        (path->ptr[0] == '.' && (len == 1 || (len == 2 && path->ptr[1] == '.')))) {
        return ERR_UNSAFE_PATH;
    }
    if (len > DISK_NAME_MAX) {
        return ERR_NOT_FOUND; /* no file system has such a name */
    }
    memcpy(name, path->ptr, len);
    name[len] = 0;
    bytes_skip(path, len);
    if (path->len == 1) {
        return ERR_UNSAFE_PATH; /* a slash at the end */
    }
    bytes_skip(path, 1);
    return OK;
}

/* One component. A symlink is ELOOP; with O_DIRECTORY the kernel says ENOTDIR instead. */
static int open_name(int folder, const char *name, int flags)
{
    struct stat st;
    int fd = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 && errno == ENOTDIR) {
        int error = fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode)
                        ? ELOOP
                        : ENOTDIR;

        errno = error;
    }
    return fd;
}

/* Take components off *path while they fit into one openat2; check each. */
static enum err take_piece(struct bytes *path, char piece[PIECE_MAX + DISK_NAME_MAX + 2])
{
    size_t len = 0;

    while (path->len > 0 && len < PIECE_MAX) {
        char name[DISK_NAME_MAX + 1];
        enum err err = take_name(path, name);
        size_t name_len;

        if (err != OK) {
            return err;
        }
        if (len > 0) {
            piece[len++] = '/';
        }
        name_len = strlen(name);
        memcpy(piece + len, name, name_len);
        len += name_len;
    }
    piece[len] = 0;
    return OK;
}

/* Take a piece off *path and open it below `folder`; -1 with errno, or *err is set. */
static int open_piece(int folder, struct bytes *path, int flags, enum err *err)
{
    char piece[PIECE_MAX + DISK_NAME_MAX + 2];
    struct bytes whole = *path;
    int fd;

    if (atomic_load(&has_openat2)) {
        *err = take_piece(path, piece);
        if (*err != OK) {
            return -1;
        }
        fd = openat2_below(folder, piece, path->len > 0 ? O_PATH | O_DIRECTORY : flags, 0);
        if (fd >= 0 || errno != ENOSYS) {
            return fd;
        }
        atomic_store(&has_openat2, false);
        *path = whole;
    }
    *err = take_name(path, piece);
    if (*err != OK) {
        return -1;
    }
    return open_name(folder, piece, path->len > 0 ? O_PATH | O_DIRECTORY : flags);
}

/* Walk `path` below `folder`, which stays open. */
static enum err walk(int folder, struct bytes path, int flags, int *out)
{
    int at = folder;
    enum err err = OK;

    do {
        int next = open_piece(at, &path, flags, &err);
        int error = errno;

        if (at != folder) {
            (void)close(at);
        }
        if (next < 0) {
            return err != OK ? err : err_from_errno(error);
        }
        at = next;
    } while (path.len > 0);
    *out = at;
    return OK;
}

int disk_open_name(int folder, const char *name, int flags, unsigned mode)
{
    if (atomic_load(&has_openat2)) {
        int fd = openat2_below(folder, name, flags, mode);

        if (fd >= 0 || errno != ENOSYS) {
            return fd;
        }
        atomic_store(&has_openat2, false);
    }
    return openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
}

enum err disk_open_below(int folder, struct bytes path, int flags, int *fd)
{
    if (path.len == 0) {
        *fd = disk_open_name(folder, ".", flags, 0);
        return *fd >= 0 ? OK : err_from_errno(errno);
    }
    return walk(folder, path, flags, fd);
}

/* Open the front of `path`, at most PATH_MAX, and go on from there. */
static enum err open_far(struct bytes path, int flags, int *fd)
{
    char front[PIECE_MAX + 1];
    size_t len = PIECE_MAX;
    int folder;
    enum err err;

    while (len > 0 && path.ptr[len] != '/') {
        len--;
    }
    if (len == 0) {
        return ERR_NOT_FOUND; /* a component longer than any name */
    }
    memcpy(front, path.ptr, len);
    front[len] = 0;
    folder = open(front, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return err_from_errno(errno);
    }
    bytes_skip(&path, len + 1);
    err = disk_open_below(folder, path, flags, fd);
    (void)close(folder);
    return err;
}

enum err disk_open_absolute(struct bytes path, int flags, int *fd)
{
    char text[PATH_MAX];

    if (path.len == 0 || path.ptr[0] != '/' || memchr(path.ptr, 0, path.len) != NULL) {
        return ERR_UNSAFE_PATH;
    }
    if (path.len >= sizeof(text)) {
        return open_far(path, flags, fd);
    }
    memcpy(text, path.ptr, path.len);
    text[path.len] = 0;
    *fd = open(text, flags | O_CLOEXEC);
    return *fd >= 0 ? OK : err_from_errno(errno);
}

enum err disk_split(struct bytes path, struct bytes *folder, char name[DISK_NAME_MAX + 1])
{
    size_t at = path.len;
    struct bytes last;

    while (at > 0 && path.ptr[at - 1] != '/') {
        at--;
    }
    *folder = bytes_at(path.ptr, at > 0 ? at - 1 : 0);
    last = bytes_at(path.ptr + at, path.len - at);
    if (at == 1) {
        return ERR_UNSAFE_PATH; /* absolute */
    }
    return last.len == 0 ? ERR_UNSAFE_PATH : take_name(&last, name);
}

enum err disk_open_parent(int root, struct bytes path, int *fd, char name[DISK_NAME_MAX + 1])
{
    struct bytes folder;
    enum err err = disk_split(path, &folder, name);

    return err == OK ? disk_open_below(root, folder, O_PATH | O_DIRECTORY, fd) : err;
}

enum err disk_temp_name(char name[DISK_NAME_MAX + 1])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567"; /* 32: no bias */
    const size_t prefix = sizeof(DISK_TEMP_PREFIX) - 1;
    uint8_t random[TEMP_LETTERS];
    enum err err = random_bytes(random, sizeof(random));

    if (err != OK) {
        return err;
    }
    memcpy(name, DISK_TEMP_PREFIX, prefix);
    for (size_t i = 0; i < TEMP_LETTERS; i++) {
        name[prefix + i] = letters[random[i] % 32];
    }
    name[prefix + TEMP_LETTERS] = 0;
    return OK;
}

enum err disk_write_all(int fd, uint64_t offset, struct bytes data)
{
    while (data.len > 0) {
        ssize_t n = pwrite(fd, data.ptr, data.len, (off_t)offset);

        if (n < 0 && errno != EINTR) {
            return err_from_errno(errno);
        }
        if (n > 0) {
            bytes_skip(&data, (size_t)n);
            offset += (uint64_t)n;
        }
    }
    return OK;
}
