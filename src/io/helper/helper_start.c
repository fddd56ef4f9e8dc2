/* Starting one: everything it gets is made here, and it gets nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/log.h"
#include "io/helper/helper_local.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3; some systems insist on it */
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010 /* Linux 5.1 */
#endif

enum { READY_S = 60, LOOK_UP_S = 1 };

/* Ours to write; whoever gets the descriptor can neither write nor resize it any more. */
static enum err make_memory(struct helper *h, struct helper_ends *far)
{
    const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    size_t len = h->channels * h->room;

    far->memory = memfd_create("helper", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (far->memory < 0 && errno == EINVAL) {
        far->memory = memfd_create("helper", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    }
    if (far->memory < 0 || ftruncate(far->memory, (off_t)len) != 0) {
        return err_from_errno(errno);
    }
    h->memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, far->memory, 0);
    if (h->memory == MAP_FAILED) {
        h->memory = NULL;
        return err_from_errno(errno);
    }
    if (fcntl(far->memory, F_ADD_SEALS, seals | F_SEAL_FUTURE_WRITE) != 0 &&
        fcntl(far->memory, F_ADD_SEALS, seals) != 0) {
        return err_from_errno(errno);
    }
    return OK;
}

/* A pair of sockets; the near one looks up every `seconds` while it waits. */
static enum err make_pair(int *near, int *far, long seconds)
{
    const struct timeval patience = {.tv_sec = seconds};
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        return err_from_errno(errno);
    }
    *near = pair[0];
    *far = pair[1];
    return setsockopt(*near, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0
               ? OK
               : err_from_errno(errno);
}

static enum err make_sockets(struct helper *h, struct helper_ends *far)
{
    enum err err = make_pair(&h->control, &far->control, READY_S);

    for (unsigned i = 0; i < h->channels && err == OK; i++) {
        err = make_pair(&h->channel[i], &far->channel[i], LOOK_UP_S);
    }
    return err;
}

/* A session of its own: a Ctrl-C at our terminal is for us, and we tell it. */
static int fill(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, int control)
{
    sigset_t none;
    int code = sigemptyset(&none);

    code |= posix_spawn_file_actions_adddup2(actions, control, HELPER_CONTROL);
    code |= posix_spawn_file_actions_addopen(
        actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0); /* standard error stays ours */
    code |= posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
    code |= posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
    code |= posix_spawnattr_setsigmask(attributes, &none);
    return code;
}

static enum err run(struct helper *h, const struct helper_options *options, int control)
{
    char *const argv[] = {(char *)(uintptr_t) "usenetsync", (char *)(uintptr_t)options->word, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int code;

    if (posix_spawn_file_actions_init(&actions) != 0) {
        return ERR_NO_MEMORY;
    }
    if (posix_spawnattr_init(&attributes) != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return ERR_NO_MEMORY;
    }
    code = fill(&actions, &attributes, control);
    if (code == 0) {
        code = posix_spawn(&h->pid, options->program, &actions, &attributes, argv, environ);
    }
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    if (code != 0) {
        h->pid = 0;
        log_error("helper", "cannot be started: %s", strerror(code));
        return ERR_HELPER;
    }
    return OK;
}

static enum err say_hello(const struct helper *h, int folder)
{
    struct helper_hello hello = {
        .channels = h->channels, .answer_len = (uint32_t)h->answer_len, .room = h->room};
    struct iovec part = {&hello, sizeof(hello)};
    _Alignas(struct cmsghdr) char room[CMSG_SPACE(HELPER_FDS_MAX * sizeof(int))] = {0};
    size_t fds_len = (HELPER_FIRST_FDS + h->channels) * sizeof(int);
    struct msghdr message = {.msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = room,
        .msg_controllen = CMSG_SPACE(fds_len)};
    struct cmsghdr *front = CMSG_FIRSTHDR(&message);
    int fds[HELPER_FDS_MAX] = {folder, h->far.memory};

    memcpy(fds + HELPER_FIRST_FDS, h->far.channel, h->channels * sizeof(int));
    front->cmsg_level = SOL_SOCKET;
    front->cmsg_type = SCM_RIGHTS;
    front->cmsg_len = CMSG_LEN(fds_len);
    memcpy(CMSG_DATA(front), fds, fds_len);
    return sendmsg(h->control, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(hello) ? OK : ERR_HELPER;
}

static enum err hear_ready(struct helper *h)
{
    struct helper_ready ready;
    ssize_t n;

    do {
        n = recv(h->control, &ready, sizeof(ready), 0);
    } while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof(ready) || ready.err < 0 || ready.err >= ERR_COUNT) {
        return ERR_HELPER;
    }
    h->landlock = ready.landlock;
    return (enum err)ready.err;
}

static void close_end(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

void helper_close_far(struct helper *h)
{
    for (unsigned i = 0; i < HELPER_CHANNELS_MAX; i++) {
        close_end(&h->far.channel[i]);
    }
    close_end(&h->far.memory);
    close_end(&h->far.control);
}

enum err helper_spawn(struct helper *h, const struct helper_options *options)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    enum err err;

    h->channels = options->channels;
    h->patience_ms = options->patience_ms;
    h->answer_len = options->answer_len;
    h->room = (options->room + page - 1) / page * page;
    err = make_memory(h, &h->far);
    if (err == OK) {
        err = make_sockets(h, &h->far);
    }
    if (err == OK) {
        err = run(h, options, h->far.control);
        close_end(&h->far.control); /* the helper's is the only one now: its end is heard */
    }
    return err;
}

enum err helper_open(struct helper *h, int folder)
{
    enum err err = say_hello(h, folder);

    helper_close_far(h);
    if (err == OK) {
        err = hear_ready(h);
    }
    if (err != OK) {
        atomic_store(&h->lost, true);
    }
    return err;
}
