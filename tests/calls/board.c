/* Finding the board, and deciding over a call. */
#undef _FILE_OFFSET_BITS /* or open() would be open64() here */
#undef _FORTIFY_SOURCE
#include "board.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct board *board;

/* Before main(), and before a helper gives up the right to open files. */
__attribute__((constructor)) static void find_board(void)
{
    const char *path = getenv("FAULTY_CALLS");
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
    void *found;

    if (size < BOARD_PAGE) {
        return;
    }
    found = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    board = found != MAP_FAILED ? found : NULL;
}

void *board_real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (found == NULL) {
        abort();
    }
    return found;
}

static void sleep_for_ever(void)
{
    const struct timespec hour = {.tv_sec = 3600};

    for (;;) {
        (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &hour, NULL);
    }
}

enum verdict board_judge(enum call_class class)
{
    uint64_t n, first, error;

    if (board->stopped) {
        sleep_for_ever();
    }
    if ((board->mask & (uint64_t) class) == 0) {
        return CALL_GOES;
    }
    n = atomic_fetch_add(&board->calls, 1) + 1;
    if (n == board->stop_at) {
        board->stopped = 1;
        sleep_for_ever();
    }
    first = board->fail_at;
    if (first == 0 || n < first || n >= first + board->fail_for) {
        return CALL_GOES;
    }
    atomic_fetch_add(&board->struck, 1);
    error = board->fail_errno;
    if (error == 0) {
        return CALL_SHORT;
    }
    errno = (int)error;
    return CALL_FAILS;
}

static bool is_below(const char *path)
{
    const char *root = (const char *)board + BOARD_ROOTS;
    size_t len = strlen(path);

    if (len > sizeof(" (deleted)") &&
        strcmp(path + len - (sizeof(" (deleted)") - 1), " (deleted)") == 0) {
        return false; /* it dies with the process, whatever happens */
    }
    for (; *root != '\0'; root += strlen(root) + 1) {
        size_t root_len = strlen(root);

        if (strncmp(path, root, root_len) == 0 &&
            (path[root_len] == '/' || path[root_len] == '\0')) {
            return true;
        }
    }
    return false;
}

bool board_has_fd(int fd, char path[BOARD_PATH_MAX])
{
    int before = errno;
    char link[64];
    ssize_t len;

    if (board == NULL || !board->ready) {
        return false;
    }
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    len = readlinkat(AT_FDCWD, link, path, PATH_MAX);
    errno = before;
    if (len <= 0) {
        return false;
    }
    path[len] = '\0';
    return path[0] == '/' && is_below(path);
}

bool board_has_name(int folder, const char *name, char path[BOARD_PATH_MAX])
{
    size_t len;

    if (board == NULL || !board->ready || strlen(name) >= NAME_MAX + PATH_MAX - 1) {
        return false;
    }
    if (strncmp(name, "/proc/self/fd/", 14) == 0) {
        return board_has_fd((int)strtol(name + 14, NULL, 10), path);
    }
    if (name[0] == '/') {
        (void)snprintf(path, BOARD_PATH_MAX, "%s", name);
        return is_below(path);
    }
    if (folder == AT_FDCWD ? getcwd(path, PATH_MAX) == NULL : !board_has_fd(folder, path)) {
        return false;
    }
    len = strlen(path);
    (void)snprintf(path + len, BOARD_PATH_MAX - len, "/%s", name);
    return is_below(path);
}
