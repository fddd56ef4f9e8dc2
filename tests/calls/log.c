/* The log. It is written before a call is made, so that no change can be missing. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "board.h"

void log_lock(void)
{
    uint64_t free = 0;

    while (!atomic_compare_exchange_weak(&board->lock, &free, 1)) {
        free = 0;
        (void)sched_yield();
    }
}

void log_unlock(void)
{
    board->lock = 0;
}

static uint8_t *log_room(size_t len)
{
    uint8_t *at = (uint8_t *)board + BOARD_PAGE + board->log_end;

    return board->logging && board->log_end + len <= board->log_cap ? at : NULL;
}

static size_t row_size(const struct log_row *row)
{
    return (sizeof(*row) + row->text_len + row->data_len + 7) & ~(size_t)7;
}

void log_put(struct log_row *row, struct log_part text, struct log_part data)
{
    uint8_t *at;

    row->text_len = (uint32_t)text.len;
    row->data_len = (uint32_t)data.len;
    row->size = (uint32_t)row_size(row);
    at = log_room(row->size);
    if (at != NULL) {
        memcpy(at, row, sizeof(*row));
        memcpy(at + sizeof(*row), text.ptr != NULL ? text.ptr : "", text.len);
        memcpy(at + sizeof(*row) + text.len, data.ptr != NULL ? data.ptr : "", data.len);
        board->log_end += row->size;
    }
}

/* What of it is there. The descriptor may be for writing only. */
static size_t read_before(int fd, uint64_t from, uint8_t *out, size_t len)
{
    ssize_t (*real)(int, void *, size_t, off64_t);
    char link[64];
    int in;
    ssize_t n;

    *(void **)&real = board_real("pread64");
    n = real(fd, out, len, (off64_t)from);
    if (n < 0) {
        int (*real_open)(const char *, int, ...);

        *(void **)&real_open = board_real("open64");
        (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        in = real_open(link, O_RDONLY | O_CLOEXEC);
        n = in >= 0 ? real(in, out, len, (off64_t)from) : 0;
        if (in >= 0) {
            (void)close(in);
        }
    }
    return n > 0 ? (size_t)n : 0;
}

void log_put_before(struct log_row *row, int fd, uint64_t from, uint64_t len, struct log_part data)
{
    int before = errno;
    uint8_t *at = log_room(sizeof(*row) + len + data.len + 8);

    if (at != NULL) {
        row->text_len = (uint32_t)read_before(fd, from, at + sizeof(*row), len);
        row->data_len = (uint32_t)data.len;
        row->size = (uint32_t)row_size(row);
        memcpy(at, row, sizeof(*row));
        memcpy(at + sizeof(*row) + row->text_len, data.ptr != NULL ? data.ptr : "", data.len);
        board->log_end += row->size;
    }
    errno = before;
}

static size_t read_whole(const char *path, const struct stat *st, uint8_t *out, size_t cap)
{
    int (*real_open)(const char *, int, ...);
    ssize_t n = 0;
    int fd;

    if (S_ISLNK(st->st_mode)) {
        n = readlinkat(AT_FDCWD, path, (char *)out, cap);
    } else if (S_ISREG(st->st_mode)) {
        *(void **)&real_open = board_real("open64");
        fd = real_open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        n = fd >= 0 ? (ssize_t)read_before(fd, 0, out, cap) : 0;
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    return n > 0 ? (size_t)n : 0;
}

void log_put_path(struct log_row *row, struct log_part text, const char *path, bool contents)
{
    int before = errno;
    struct stat st = {0};
    size_t len = 0;
    uint8_t *at;

    if (lstat(path, &st) == 0) {
        row->a = st.st_mode;
        row->b = (uint64_t)(st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec);
        row->other = st.st_ino;
        len = contents ? (size_t)st.st_size : 0;
    }
    at = log_room(sizeof(*row) + text.len + len + 8);
    if (at != NULL) {
        row->text_len = (uint32_t)text.len;
        memcpy(at + sizeof(*row), text.ptr, text.len);
        row->data_len =
            (uint32_t)(len > 0 ? read_whole(path, &st, at + sizeof(*row) + text.len, len) : 0);
        row->size = (uint32_t)row_size(row);
        memcpy(at, row, sizeof(*row));
        board->log_end += row->size;
    }
    errno = before;
}
