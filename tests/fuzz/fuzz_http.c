/* Any bytes as what follows a request's first words at the daemon's gate: path, headers, body. It
 * is answered in HTTP or the connection ends; nothing is left over. The first byte picks the
 * beginning: requests that change nothing outside a scratch folder. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/web/web.h"

enum { PATH_LEN = 64, TURN_MS = 1, TURNS_MAX = 300, INPUT_MAX = 32768 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char dir[PATH_LEN] = "/tmp/usenetsync-fuzz-XXXXXX";
static char gate[PATH_LEN + 16];
static struct loop *loop, *net;
static struct store *store;
static struct control *control;
static struct web *web;
static struct loop_timer *timer;

static void need(bool good)
{
    if (!good) {
        abort();
    }
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

static void turn(void)
{
    loop_timer_set(timer, TURN_MS);
    loop_run(loop);
}

static void tear_down(void)
{
    web_free(web);
    control_stop(control);
    turn();
    control_free(control);
    loop_timer_free(timer);
    loop_thread_join(net);
    loop_free(net);
    store_close(store);
    loop_free(loop);
    (void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void set_up(void)
{
    static const struct web_reach nowhere = {.listen = ""};
    char path[PATH_LEN + 16];

    (void)signal(SIGPIPE, SIG_IGN);
    need(mkdtemp(dir) != NULL);
    (void)snprintf(gate, sizeof(gate), "%s/gate", dir);
    (void)snprintf(path, sizeof(path), "%s/catalogue.db", dir);
    need(loop_new(&loop) == OK && loop_new(&net) == OK && loop_thread_start(net, "net") == OK);
    need(loop_timer_new(loop, stop_loop, loop, &timer) == OK);
    need(store_open(path, &store) == OK);
    need(control_new(&(struct control_options){.loop = loop,
                         .net = net,
                         .store = store,
                         .home = dir,
                         .state = dir,
                         .helper = "/proc/self/exe",
                         .threads = 1,
                         .on_stop = stop_loop},
             &control) == OK);
    need(web_new(
             &(struct web_options){
                 .loop = loop, .control = control, .socket = gate, .state = dir, .reach = &nowhere},
             &web) == OK);
    (void)atexit(tear_down);
}

static int knock(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    need(fd >= 0);
    (void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", gate);
    need(connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
    need(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    return fd;
}

/* What can be had now, of which the first bytes count. False: the other side has closed. */
static bool hear(int fd, char first[16], size_t *got)
{
    char rest[4096];
    ssize_t n;

    while ((n = recv(fd, rest, sizeof(rest), 0)) > 0) {
        for (ssize_t i = 0; i < n && *got < 15; i++) {
            first[(*got)++] = rest[i];
        }
    }
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void ask(const char *begin, struct bytes rest)
{
    char first[16] = {0};
    size_t got = 0;
    int fd = knock();

    (void)send(fd, begin, strlen(begin), MSG_NOSIGNAL);
    (void)send(fd, rest.ptr, rest.len, MSG_NOSIGNAL); /* it fits the socket's buffer */
    (void)shutdown(fd, SHUT_WR);
    for (int i = 0; i < TURNS_MAX && hear(fd, first, &got); i++) {
        turn();
    }
    need(got == 0 || strncmp(first, "HTTP/1.", got < 7 ? got : 7) == 0);
    (void)close(fd);
    turn();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char *const begins[] = {
        "GET /",
        "POST /api/nothing",
        "POST /api/limits",
        "GET /api/jobs",
        "GET /api/events HTTP/1.1\r\nHost: localhost\r\n",
        "POST /api/limits HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n",
    };

    if (web == NULL) {
        set_up();
    }
    if (len > 0 && len <= INPUT_MAX) {
        ask(begins[data[0] % (sizeof(begins) / sizeof(begins[0]))], bytes_at(data + 1, len - 1));
    }
    return 0;
}
