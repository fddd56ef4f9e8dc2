/* Starting the daemon: ourselves once more, in a session of its own. Its standard error is a pipe
 * to us until it is ready; what comes out of it is the reason why it is not. */
#include "app/cli/cli_start.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/cli/cli_exit.h"
#include "base/clock.h"

enum {
    START_MS = 60000,
    OTHER_MS = 20000,
    AGAIN_MS = 500,
    LOOK_MS = 50,
    FIRST_FD = 3,
    MS = 1000000
};

int cli_start_is_up(const struct cli_state *state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int up;

    memcpy(address.sun_path, state->socket, sizeof(address.sun_path));
    up = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return up;
}

/* In the child: nothing of the terminal stays but the pipe. */
static void become_daemon(const struct cli_state *state, int err_fd)
{
    int null = open("/dev/null", O_RDWR);

    (void)setsid();
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(null, STDOUT_FILENO);
    (void)dup2(err_fd, STDERR_FILENO);
    (void)close_range(FIRST_FD, ~0U, 0);
    (void)execl("/proc/self/exe", "usenetsync", "daemon", "--background", "--state", state->folder,
        (char *)NULL);
    (void)dprintf(
        STDERR_FILENO, "usenetsync: the program could not be started again: %s\n", strerror(errno));
    _exit(CLI_EXIT_LOCAL);
}

/* Read the child's words until it closes the pipe, at most START_MS. */
static void listen_to(int fd, char *text, size_t cap)
{
    uint64_t end = clock_mono_ns() / MS + START_MS;
    size_t len = 0;
    ssize_t n = 1;

    while (n > 0) {
        uint64_t now = clock_mono_ns() / MS;
        struct pollfd look = {.fd = fd, .events = POLLIN};
        char lost[256];

        if (now >= end || poll(&look, 1, (int)(end - now)) == 0) {
            break;
        }
        n = len + 1 < cap ? read(fd, text + len, cap - 1 - len) : read(fd, lost, sizeof(lost));
        if (n < 0 && errno == EINTR) {
            n = 1;
        } else if (n > 0 && len + 1 < cap) {
            len += (size_t)n;
        }
    }
    text[len] = '\0';
}

static void nap(void)
{
    struct timespec time = {.tv_nsec = (long)LOOK_MS * MS};

    (void)nanosleep(&time, NULL);
}

static int wait_up(const struct cli_state *state, unsigned ms)
{
    for (unsigned waited = 0; waited < ms; waited += LOOK_MS) {
        if (cli_start_is_up(state)) {
            return 1;
        }
        nap();
    }
    return cli_start_is_up(state);
}

/* "usenetsync: sentence\nhint\n" into the failure's two texts. */
static void take_words(const char *words, struct cli_failure *failure)
{
    static const char prefix[] = "usenetsync: ";
    const char *from = strstr(words, prefix);
    size_t len;

    from = from != NULL ? from + sizeof(prefix) - 1 : words;
    len = strcspn(from, "\n");
    (void)snprintf(failure->text, sizeof(failure->text), "%.*s", (int)len, from);
    from += len + (from[len] == '\n');
    (void)snprintf(failure->hint, sizeof(failure->hint), "%.*s", (int)strcspn(from, "\n"), from);
}

static enum err err_of_exit(int status)
{
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : CLI_EXIT_FAILED;

    return code == CLI_EXIT_BUSY   ? ERR_LOCKED
           : code == CLI_EXIT_LOST ? ERR_STORE_CORRUPT
                                   : ERR_NO_DAEMON;
}

enum err cli_start_daemon(const struct cli_state *state, struct cli_failure *failure)
{
    char words[CLI_TEXT_MAX] = "";
    int pipes[2];
    int status = 0;
    pid_t child;

    *failure = (struct cli_failure){0};
    if (pipe2(pipes, O_CLOEXEC) != 0) {
        return failure->err = err_from_errno(errno);
    }
    child = fork();
    if (child == 0) {
        become_daemon(state, pipes[1]);
    }
    (void)close(pipes[1]);
    if (child > 0) {
        listen_to(pipes[0], words, sizeof(words));
    }
    (void)close(pipes[0]);
    if (child > 0 && words[0] == '\0' && wait_up(state, LOOK_MS)) {
        return OK;
    }
    if (child > 0 && waitpid(child, &status, words[0] == '\0' ? WNOHANG : 0) == child) {
        take_words(words, failure);
        return failure->err = err_of_exit(status);
    }
    return failure->err = ERR_NO_DAEMON;
}

enum err cli_start_ensure(const struct cli_state *state, struct cli_failure *failure)
{
    enum err err = OK;

    /* Locked: somebody else is starting it, or an earlier one is still ending. */
    for (unsigned waited = 0; waited <= OTHER_MS; waited += AGAIN_MS) {
        if (wait_up(state, waited == 0 ? 0 : AGAIN_MS)) {
            return OK;
        }
        err = cli_start_daemon(state, failure);
        if (err != ERR_LOCKED) {
            return err;
        }
    }
    return err;
}
