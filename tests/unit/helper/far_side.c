/* What the helper of test_helper.c does. */
#include "far_side.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "io/helper/helper_serve.h"

static int far_folder;

/* 0 or errno. */
static int told(long result)
{
    return result < 0 ? errno : 0;
}

static int open_and_close(int folder, const char *path, int flags)
{
    int fd = openat(folder, path, flags | O_CLOEXEC, 0600);

    if (fd < 0) {
        return errno;
    }
    (void)close(fd);
    return 0;
}

static int try_inside(const struct request *r)
{
    int fd, code;

    switch (r->trial) {
    case IN_WRITE:
        fd = openat(far_folder, "made", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        code = fd < 0 ? errno : told(pwrite(fd, "x", 1, 0));
        (void)close(fd);
        return code;
    case IN_MKDIR:
        return told(mkdirat(far_folder, "sub", 0700));
    case IN_SYMLINK:
        return told(symlinkat("/etc/passwd", far_folder, "link"));
    case IN_LINK:
        return told(linkat(far_folder, "made", far_folder, "sub/made", 0));
    case IN_RENAME:
        return told(renameat2(far_folder, "made", far_folder, "renamed", RENAME_NOREPLACE));
    case IN_TRUNCATE:
        fd = openat(far_folder, "renamed", O_RDWR | O_CLOEXEC);
        code = fd < 0 ? errno : told(ftruncate(fd, 100));
        (void)close(fd);
        return code;
    case IN_LIST:
        return open_and_close(far_folder, "sub", O_RDONLY | O_DIRECTORY);
    case IN_FCHMOD:
        return told(fchmod(far_folder, 0750));
    case IN_FIFO:
        return told(mkfifoat(far_folder, "fifo", 0600));
    case IN_DEVICE:
        return told(mknodat(far_folder, "null", S_IFCHR | 0600, makedev(1, 3)));
    case IN_RMDIR:
        return told(unlinkat(far_folder, "sub", AT_REMOVEDIR));
    default:
        return -1;
    }
}

/* Whether by a path of its own or by a symlink that it made. */
static int try_outside(const struct request *r)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/f", r->outside);
    switch (r->trial) {
    case OUT_READ:
        return open_and_close(AT_FDCWD, path, O_RDONLY);
    case OUT_WRITE:
        return open_and_close(AT_FDCWD, path, O_WRONLY);
    case OUT_DOTS:
        return open_and_close(far_folder, "../outside/f", O_WRONLY);
    case OUT_MKDIR:
        return told(mkdirat(far_folder, "../outside/made", 0700));
    case OUT_UNLINK:
        return told(unlinkat(AT_FDCWD, path, 0));
    case OUT_SYMLINK:
        return told(symlinkat("x", far_folder, "../outside/link"));
    case OUT_LINK_IN:
        return told(linkat(AT_FDCWD, path, far_folder, "stolen", 0));
    case OUT_RENAME_IN:
        return told(renameat(AT_FDCWD, path, far_folder, "stolen"));
    case OUT_LIST:
        return open_and_close(AT_FDCWD, r->outside, O_RDONLY | O_DIRECTORY);
    case OUT_CHMOD:
        return told(fchmodat(AT_FDCWD, path, 0777, 0));
    case OUT_TRUNCATE:
        return told(truncate(path, 0));
    default:
        return -1;
    }
}

static int try_call(const struct request *r, const uint8_t *room)
{
    char *const argv[] = {(char *)(uintptr_t) "true", NULL};
    void *memory;
    int pair[2];

    switch (r->trial) {
    case CALL_CODE:
        memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return told(mprotect(memory, 4096, PROT_READ | PROT_EXEC));
    case CALL_SIGNAL:
        return told(syscall(SYS_tgkill, r->pid, r->pid, SIGTERM));
    case CALL_SETUID:
        return told(syscall(SYS_setuid, 1));
    case CALL_ROOM:
        return told(mprotect((void *)(uintptr_t)room, 4096, PROT_READ | PROT_WRITE));
    case KILLS_SOCKET:
        return told(socket(AF_INET, SOCK_STREAM, 0));
    case KILLS_PAIR:
        return told(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    case KILLS_EXEC:
        return told(execv("/bin/true", argv));
    case KILLS_FORK:
        return told(fork());
    case KILLS_PTRACE:
        return told(ptrace(PTRACE_ATTACH, r->pid, NULL, NULL));
    case KILLS_KILL:
        return told(kill(r->pid, SIGTERM));
    default:
        return -1;
    }
}

static void count_fds(struct answer *a)
{
    for (int fd = 0; fd < 1024; fd++) {
        struct stat st;

        if (fstat(fd, &st) == 0) {
            a->value++;
            a->more += S_ISSOCK(st.st_mode);
        }
    }
}

static void far_serve(void *arg, struct bytes request, struct bytes data, void *answer)
{
    struct answer *a = answer;
    struct request r;

    (void)arg;
    memcpy(&r, request.ptr, sizeof(r));
    switch (r.trial) {
    case SUM:
        for (size_t i = 0; i < data.len; i++) {
            a->value += data.ptr[i];
        }
        a->more = data.len;
        break;
    case HANG:
        for (;;) {
            (void)sleep(1);
        }
    case BAD_SIZE: /* on every socket it has */
        for (int fd = 3; fd < 64; fd++) {
            (void)send(fd, "x", 1, MSG_NOSIGNAL);
        }
        break;
    case DIE:
        abort();
    case WHO:
        a->value = (uint64_t)getpid();
        break;
    case FDS:
        count_fds(a);
        break;
    default:
        a->code = try_inside(&r);
        a->code = a->code == -1 ? try_outside(&r) : a->code;
        a->code = a->code == -1 ? try_call(&r, data.ptr) : a->code;
    }
}

static enum err far_begin(void *arg, int folder)
{
    (void)arg;
    far_folder = folder;
    return OK;
}

/* That it came to its end in peace is told by a file. */
static void far_end(void *arg)
{
    (void)arg;
    (void)open_and_close(far_folder, "ended", O_WRONLY | O_CREAT);
}

int far_side(void)
{
    static const struct helper_service service = {.begin = far_begin,
        .serve = far_serve,
        .end = far_end,
        .answer_len = sizeof(struct answer)};

    return helper_serve(&service);
}
