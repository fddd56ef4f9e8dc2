/* What a killed process leaves behind in its sockets: with NET_LINGER_NONE nothing, or an article
 * that nobody waits for any more would still be finished. */
#include "io/net/net_stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { PIECE = 64 << 10 };

static const struct linger_case {
    const char *name;
    enum net_linger linger;
    ssize_t end; /* of the other side's reading: 0 an end, -1 a reset */
} cases[] = {
    {"what was written still goes out", NET_LINGER_SENT, 0},
    {"what was not sent is dropped", NET_LINGER_NONE, -1},
};

/* Both ends of a TCP connection. */
static void connect_pair(int *client, int *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int small = PIECE;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    *client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(*client, (struct sockaddr *)&address, sizeof(address)), 0);
    *server = accept(listener, NULL, NULL);
    assert_true(*server >= 0);
    close(listener);
}

/* As much as the kernel takes, while nobody reads. Never returns. */
static void fill_and_wait(int fd, int tell)
{
    static const char zeros[PIECE];
    uint64_t sent = 0;
    ssize_t n;

    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    while ((n = send(fd, zeros, sizeof(zeros), MSG_NOSIGNAL)) > 0) {
        sent += (uint64_t)n;
    }
    if (write(tell, &sent, sizeof(sent)) != (ssize_t)sizeof(sent)) {
        _exit(1);
    }
    for (;;) {
        pause();
    }
}

static void run_case(const struct linger_case *c)
{
    char piece[PIECE];
    uint64_t sent = 0, got = 0;
    int client, server, tell[2];
    ssize_t n;
    pid_t child;

    connect_pair(&client, &server);
    net_socket_linger(client, c->linger);
    assert_int_equal(pipe(tell), 0);
    child = fork();
    if (child == 0) {
        fill_and_wait(client, tell[1]);
    }
    close(client);
    assert_int_equal(read(tell[0], &sent, sizeof(sent)), sizeof(sent));
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    while ((n = read(server, piece, sizeof(piece))) > 0) {
        got += (uint64_t)n;
    }
    if (n != c->end || (n == 0) != (got == sent)) {
        fail_msg("%s: %llu of %llu bytes, then %zd", c->name, (unsigned long long)got,
            (unsigned long long)sent, n);
    }
    close(server);
    close(tell[0]);
    close(tell[1]);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        run_case(&cases[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
