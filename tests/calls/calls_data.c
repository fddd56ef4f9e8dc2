/* Calls on open files: reading, writing, cutting, making durable. And the clock. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "board.h"

/* The C library's own names for parameters say less.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

/* What programs call whose C library checks sizes. */
ssize_t __read_chk(int fd, void *out, size_t len, size_t room);
ssize_t __pread_chk(int fd, void *out, size_t len, off_t offset, size_t room);
ssize_t __pread64_chk(int fd, void *out, size_t len, off64_t offset, size_t room);

static uint64_t inode_of(int fd, uint64_t *size)
{
    struct stat st = {0};
    int before = errno;

    (void)fstat(fd, &st);
    errno = before;
    *size = (uint64_t)st.st_size;
    return st.st_ino;
}

static size_t half(size_t len)
{
    return len > 1 ? len / 2 : len;
}

/* --- reading --- */

/* False: it fails; *len may shrink. */
static bool may_read(int fd, size_t *len)
{
    char path[BOARD_PATH_MAX];
    enum verdict verdict = board_has_fd(fd, path) ? board_judge(CALL_READ) : CALL_GOES;

    *len = verdict == CALL_SHORT ? half(*len) : *len;
    return verdict != CALL_FAILS;
}

ssize_t read(int fd, void *out, size_t len)
{
    static ssize_t (*real)(int, void *, size_t);

    if (real == NULL) {
        *(void **)&real = board_real("read");
    }
    return may_read(fd, &len) ? real(fd, out, len) : -1;
}

ssize_t pread64(int fd, void *out, size_t len, off64_t offset)
{
    static ssize_t (*real)(int, void *, size_t, off64_t);

    if (real == NULL) {
        *(void **)&real = board_real("pread64");
    }
    return may_read(fd, &len) ? real(fd, out, len, offset) : -1;
}

ssize_t pread(int fd, void *out, size_t len, off_t offset)
{
    return pread64(fd, out, len, offset);
}

ssize_t __read_chk(int fd, void *out, size_t len, size_t room)
{
    (void)room;
    return read(fd, out, len);
}

ssize_t __pread_chk(int fd, void *out, size_t len, off_t offset, size_t room)
{
    (void)room;
    return pread64(fd, out, len, offset);
}

ssize_t __pread64_chk(int fd, void *out, size_t len, off64_t offset, size_t room)
{
    (void)room;
    return pread64(fd, out, len, offset);
}

/* --- writing --- */

static void log_write(int fd, uint64_t offset, const void *data, size_t len)
{
    struct log_row row = {.kind = LOG_WRITE, .a = offset};

    row.inode = inode_of(fd, &row.b);
    log_put_before(&row, fd, offset, len, (struct log_part){data, len});
}

/* Where write() puts it. */
static uint64_t place_of(int fd)
{
    uint64_t size;
    off64_t at = lseek64(fd, 0, SEEK_CUR);

    if ((fcntl(fd, F_GETFL) & O_APPEND) != 0) {
        (void)inode_of(fd, &size);
        return size;
    }
    return at < 0 ? 0 : (uint64_t)at;
}

ssize_t write(int fd, const void *data, size_t len)
{
    static ssize_t (*real)(int, const void *, size_t);
    char path[BOARD_PATH_MAX];
    enum verdict verdict;
    ssize_t n;

    if (real == NULL) {
        *(void **)&real = board_real("write");
    }
    if (!board_has_fd(fd, path)) {
        return real(fd, data, len);
    }
    verdict = board_judge(CALL_WRITE);
    if (verdict == CALL_FAILS) {
        return -1;
    }
    len = verdict == CALL_SHORT ? half(len) : len;
    log_lock();
    log_write(fd, place_of(fd), data, len);
    n = real(fd, data, len);
    log_unlock();
    return n;
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset)
{
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    char path[BOARD_PATH_MAX];
    enum verdict verdict;
    ssize_t n;

    if (real == NULL) {
        *(void **)&real = board_real("pwrite64");
    }
    if (!board_has_fd(fd, path)) {
        return real(fd, data, len, offset);
    }
    verdict = board_judge(CALL_WRITE);
    if (verdict == CALL_FAILS) {
        return -1;
    }
    len = verdict == CALL_SHORT ? half(len) : len;
    log_lock();
    log_write(fd, (uint64_t)offset, data, len);
    n = real(fd, data, len, offset);
    log_unlock();
    return n;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
    return pwrite64(fd, data, len, offset);
}

int ftruncate64(int fd, off64_t size)
{
    static int (*real)(int, off64_t);
    struct log_row row = {.kind = LOG_RESIZE, .a = (uint64_t)size};
    char path[BOARD_PATH_MAX];
    int done;

    if (real == NULL) {
        *(void **)&real = board_real("ftruncate64");
    }
    if (!board_has_fd(fd, path)) {
        return real(fd, size);
    }
    if (board_judge(CALL_NAME) == CALL_FAILS) {
        return -1;
    }
    log_lock();
    row.inode = inode_of(fd, &row.b);
    log_put_before(&row, fd, row.a, row.b > row.a ? row.b - row.a : 0, (struct log_part){NULL, 0});
    done = real(fd, size);
    log_unlock();
    return done;
}

int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

/* --- making durable --- */

/* It counts when it has returned. */
static int sync_by(int fd, enum log_kind kind, int (*real)(int))
{
    struct log_row row = {.kind = (uint32_t)kind};
    char path[BOARD_PATH_MAX];
    uint64_t size;
    int done;

    if (!board_has_fd(fd, path)) {
        return real(fd);
    }
    if (board_judge(CALL_SYNC) == CALL_FAILS) {
        return -1;
    }
    log_lock();
    done = real(fd);
    row.inode = inode_of(fd, &size);
    if (done == 0) {
        log_put_path(&row, (struct log_part){path, __builtin_strlen(path)}, path, false);
    }
    log_unlock();
    return done;
}

/* The real one would only cost time: what counts here is the log. */
static int as_if(int fd)
{
    return fcntl(fd, F_GETFD) >= 0 ? 0 : -1;
}

int fsync(int fd)
{
    return sync_by(fd, LOG_SYNC, as_if);
}

int fdatasync(int fd)
{
    return sync_by(fd, LOG_SYNC, as_if);
}

int syncfs(int fd)
{
    return sync_by(fd, LOG_SYNC_ALL, as_if);
}

/* --- the clock --- */

int clock_gettime(clockid_t id, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    int done;

    if (real == NULL) {
        *(void **)&real = board_real("clock_gettime");
    }
    done = real(id, now);
    if (done == 0 && board != NULL && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        now->tv_sec += board->clock;
    }
    return done;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec ts;
    int done = clock_gettime(CLOCK_REALTIME, &ts);

    (void)zone;
    now->tv_sec = ts.tv_sec;
    now->tv_usec = ts.tv_nsec / 1000;
    return done;
}

time_t time(time_t *out)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL) {
        *out = now.tv_sec;
    }
    return now.tv_sec;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
