/* The command line, and kill -9 in the middle of posting. The server is a process of its own. */
#include "app/newsd/newsd_main.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "client.h"

struct process {
    pid_t pid;
    char host[64];
    uint16_t port;
};

static char dir[64], spool[80], password_file[80];

/* Run the command line `words`, blanks between; SPOOL and PASSWORDS stand for our own paths. */
static int run_newsd(const char *words)
{
    char copy[500];
    char *argv[20] = {NULL};
    char *rest = copy;
    int argc = 0;

    snprintf(copy, sizeof(copy), "newsd %s", words);
    while (rest != NULL && argc < 19) {
        char *word = strsep(&rest, " ");

        argv[argc++] = strcmp(word, "SPOOL") == 0       ? spool
                       : strcmp(word, "PASSWORDS") == 0 ? password_file
                                                        : word;
    }
    return newsd_main(argc, argv);
}

/* Run newsd_main in a child; its first line of output is taken apart. */
static void start(struct process *p, const char *words)
{
    int ends[2];
    char line[200] = {0};
    FILE *out;

    assert_int_equal(pipe(ends), 0);
    p->pid = fork();
    assert_true(p->pid >= 0);
    if (p->pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        exit(run_newsd(words));
    }
    close(ends[1]);
    out = fdopen(ends[0], "r");
    assert_non_null(fgets(line, sizeof(line), out));
    assert_int_equal(sscanf(line, "listening %60[^\n]", p->host), 1);
    p->port = (uint16_t)strtol(strrchr(p->host, ':') + 1, NULL, 10);
    *strrchr(p->host, ':') = '\0';
    fclose(out);
}

static int stop(struct process *p, int signal)
{
    int status = 0;

    assert_int_equal(kill(p->pid, signal), 0);
    assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Some machines have no IPv6 at all. */
static int has_ipv6(void)
{
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0;

    if (fd >= 0) {
        close(fd);
    }
    return yes;
}

static void test_listening_line_and_signals(void **state)
{
    static struct client c;
    struct process p;

    (void)state;
    start(&p, "--listen 127.0.0.1:0 --spool SPOOL");
    assert_string_equal(p.host, "127.0.0.1");
    client_open(&c, p.port);
    client_expect(&c, "QUIT", "200 *\n205 *");
    client_close(&c);
    assert_int_equal(stop(&p, SIGTERM), 0);
    if (!has_ipv6()) {
        return;
    }
    start(&p, "--json --state /nowhere --listen [::1]:0 --spool SPOOL --sync");
    assert_string_equal(p.host, "[::1]");
    assert_int_not_equal(p.port, 0);
    assert_int_equal(stop(&p, SIGINT), 0);
}

static void test_login_from_file(void **state)
{
    FILE *file = fopen(password_file, "we");
    static struct client c;
    struct process p;

    (void)state;
    fputs("top secret\nsecond line\n", file);
    fclose(file);
    chmod(password_file, 0600);
    start(&p, "--listen 127.0.0.1:0 --spool SPOOL --user me --password-file PASSWORDS "
              "--group alt.extra --max-article 5000 --max-clients 3");
    client_open(&c, p.port);
    client_expect(&c, "GROUP alt.extra", "200 *\n480 *");
    client_expect(&c, "AUTHINFO USER me", "381 *");
    client_expect(&c, "AUTHINFO PASS top secret", "281 *");
    client_expect(&c, "GROUP alt.extra", "211 *");
    client_close(&c);
    assert_int_equal(stop(&p, SIGTERM), 0);
}

static const struct usage_case {
    int code;
    const char *words;
} usages[] = {
    {0, "--help"},
    {2, ""},
    {2, "--spool /tmp"},
    {2, "--listen 127.0.0.1:0"},
    {2, "--listen 127.0.0.1 --spool SPOOL"},
    {2, "--listen 127.0.0.1:x --spool SPOOL"},
    {2, "--listen 127.0.0.1:70000 --spool SPOOL"},
    {2, "--listen ::1:0 --spool SPOOL"},
    {2, "--listen :0 --spool SPOOL"},
    {2, "--listen 127.0.0.1:0 --spool SPOOL more"},
    {2, "--listen 127.0.0.1:0 --spool SPOOL --bad"},
    {2, "--listen 127.0.0.1:0 --spool SPOOL --user u"},
    {2, "--listen 127.0.0.1:0 --spool SPOOL --tls-key k"},
    {2, "--listen 127.0.0.1:0 --spool SPOOL --max-article 0"},
    {2, "--listen 127.0.0.1:0 --spool SPOOL --max-article 9k"},
    {1, "--listen 127.0.0.1:0 --spool /proc/no"},
    {1, "--listen no-such-host.invalid:0 --spool SPOOL"},
    {1, "--listen 127.0.0.1:0 --spool SPOOL --user u --password-file /no-such"},
    {1, "--listen 127.0.0.1:0 --spool SPOOL --tls-cert /no --tls-key /no"},
};

/* In a child each: what they print is of no interest here. */
static void test_exit_codes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]); i++) {
        int status = 0;
        pid_t pid = fork();

        if (pid == 0) {
            assert_non_null(freopen("/dev/null", "w", stdout));
            assert_non_null(freopen("/dev/null", "w", stderr));
            exit(run_newsd(usages[i].words));
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != usages[i].code) {
            fail_msg("case %zu: status %d", i, status);
        }
    }
}

static int post_until_dead(struct client *c, int round, int *accepted)
{
    static char article[40000];
    int number = *accepted;
    const char *line;
    size_t len = (size_t)snprintf(article, 300,
        "From: a@b.c\r\nNewsgroups: alt.test\r\nSubject: s\r\nMessage-ID: <%d.%d@x.y>\r\n\r\n",
        round, number);

    memset(article + len, 'a' + number % 26, 20000);
    memcpy(article + len + 20000, "\r\n.\r\n", 6);
    if (send(c->fd, "POST\r\n", 6, MSG_NOSIGNAL) < 0) {
        return 0;
    }
    line = client_line(c);
    if (line == NULL || strncmp(line, "340", 3) != 0 ||
        send(c->fd, article, len + 20005, MSG_NOSIGNAL) < 0) {
        return 0;
    }
    line = client_line(c);
    if (line == NULL) {
        return 0;
    }
    assert_int_equal(strncmp(line, "240", 3), 0);
    ++*accepted;
    return 1;
}

/* A killer that strikes after some milliseconds, while we post. */
static void kill_while_posting(struct process *p, int round, int *accepted)
{
    static struct client c;
    pid_t killer;

    client_open(&c, p->port);
    client_expect(&c, NULL, "200 *");
    killer = fork();
    if (killer == 0) {
        usleep(15000 + (useconds_t)round * 7000);
        kill(p->pid, SIGKILL);
        _exit(0);
    }
    while (post_until_dead(&c, round, accepted)) {
    }
    client_close(&c);
    assert_int_equal(waitpid(killer, NULL, 0), killer);
    assert_int_equal(waitpid(p->pid, NULL, 0), p->pid);
}

static void check_all(struct client *c, int round, int accepted)
{
    for (int i = 0; i < accepted; i++) {
        char line[64];
        uint8_t *body;
        size_t len;

        snprintf(line, sizeof(line), "BODY <%d.%d@x.y>", round, i);
        client_expect(c, line, "222 *");
        body = client_block(c, &len);
        assert_int_equal(len, 20002);
        assert_int_equal(body[0], 'a' + i % 26);
        assert_int_equal(body[19999], 'a' + i % 26);
        free(body);
    }
}

static void test_kill_in_the_middle(void **state)
{
    enum { ROUNDS = 6 };
    static const char words[] = "--listen 127.0.0.1:0 --spool SPOOL";
    static struct client c;
    struct process p;
    int accepted[ROUNDS] = {0}, all = 0;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        start(&p, words);
        kill_while_posting(&p, round, &accepted[round]);
        start(&p, words);
        client_open(&c, p.port);
        client_expect(&c, NULL, "200 *");
        for (int i = 0; i <= round; i++) {
            check_all(&c, i, accepted[i]);
        }
        client_close(&c);
        assert_int_equal(stop(&p, SIGTERM), 0);
        all += accepted[round];
    }
    assert_true(all > ROUNDS); /* it was in the middle */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listening_line_and_signals),
        cmocka_unit_test(test_login_from_file),
        cmocka_unit_test(test_exit_codes),
        cmocka_unit_test(test_kill_in_the_middle),
    };
    int failed;

    strcpy(dir, "/tmp/newsd-main-XXXXXX");
    if (mkdtemp(dir) == NULL) {
        return 1;
    }
    snprintf(spool, sizeof(spool), "%s/a/spool", dir);
    snprintf(password_file, sizeof(password_file), "%s/password", dir);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove_tree(dir);
    return failed;
}
