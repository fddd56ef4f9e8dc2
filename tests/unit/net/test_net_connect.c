/* Connecting: every way it can fail has its own error and its words. */
#include "io/net/net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "certs.h"
#include "peer.h"

enum target { TO_PEER, TO_REFUSED, TO_FULL };
enum trusted { TRUST_SYSTEM, TRUST_PEER, TRUST_OTHER, TRUST_MISSING };

static const struct connect_case {
    const char *name;
    enum secrecy server;
    const char *host;
    enum target target;
    enum net_tls tls;
    enum trusted trusted;
    enum err err;
    const char *detail; /* part of it */
} cases[] = {
    {"plain by name", PLAIN, "localhost", TO_PEER, NET_PLAIN, TRUST_SYSTEM, OK, ""},
    {"plain by address", PLAIN, "127.0.0.1", TO_PEER, NET_PLAIN, TRUST_SYSTEM, OK, ""},
    {"TLS by name", TLS, "localhost", TO_PEER, NET_TLS, TRUST_PEER, OK, ""},
    {"TLS by name in capitals", TLS, "LOCALHOST", TO_PEER, NET_TLS, TRUST_PEER, OK, ""},
    {"TLS by address", TLS, "127.0.0.1", TO_PEER, NET_TLS, TRUST_PEER, OK, ""},
    {"wrong name in the certificate", TLS_OF_ANOTHER, "localhost", TO_PEER, NET_TLS, TRUST_PEER,
        ERR_TLS_CERTIFICATE, "hostname mismatch"},
    {"wrong address in the certificate", TLS_OF_ANOTHER, "127.0.0.1", TO_PEER, NET_TLS, TRUST_PEER,
        ERR_TLS_CERTIFICATE, "IP address mismatch"},
    {"untrusted, system's CAs", TLS, "localhost", TO_PEER, NET_TLS, TRUST_SYSTEM,
        ERR_TLS_CERTIFICATE, "self-signed certificate"},
    {"untrusted, another CA", TLS, "localhost", TO_PEER, NET_TLS, TRUST_OTHER, ERR_TLS_CERTIFICATE,
        "certificate"},
    {"the CA file is missing", TLS, "localhost", TO_PEER, NET_TLS, TRUST_MISSING,
        ERR_TLS_CERTIFICATE, "no-such-file.pem: No such file"},
    {"TLS to a plain server", PLAIN, "localhost", TO_PEER, NET_TLS, TRUST_PEER, ERR_TLS, "TLS"},
    {"refused", PLAIN, "127.0.0.1", TO_REFUSED, NET_PLAIN, TRUST_SYSTEM, ERR_CONNECT,
        "Connection refused"},
    {"nobody answers", PLAIN, "127.0.0.1", TO_FULL, NET_PLAIN, TRUST_SYSTEM, ERR_TIMEOUT,
        "no answer"},
    {"no such name", PLAIN, "no-such-host.invalid", TO_PEER, NET_PLAIN, TRUST_SYSTEM, ERR_DNS,
        "no-such-host.invalid"},
};

static int bound_socket(uint16_t *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

static int to_port(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    assert_true(fd >= 0);
    at.sin_port = htons(port);
    (void)connect(fd, (struct sockaddr *)&at, sizeof(at));
    return fd;
}

static void run_case(const struct connect_case *c, struct peer *p)
{
    static const char other[] = "/tmp/net-test-other.pem", key[] = "/tmp/net-test-other.key";
    const char *ca_files[] = {NULL, p->cert, other, "/tmp/no-such-file.pem"};
    struct net_connect_options options = {
        .host = c->host,
        .tls = c->tls,
        .ca_file = ca_files[c->trusted],
        .connect_ms = 300,
        .handshake_ms = 5000,
    };
    int held[4] = {-1, -1, -1, -1};

    if (c->trusted == TRUST_OTHER) {
        assert_int_equal(certs_make(other, key, "DNS:localhost"), 0);
    }
    if (c->server == PLAIN && c->tls == NET_TLS) {
        assert_int_equal(certs_make(p->cert, p->key, "DNS:localhost"), 0);
    }
    if (c->target != TO_PEER) {
        held[0] = bound_socket(&options.port);
    }
    if (c->target == TO_FULL) { /* a queue of one that is full: the kernel drops what comes */
        assert_int_equal(listen(held[0], 0), 0);
        for (int i = 1; i < 4; i++) {
            held[i] = to_port(options.port);
        }
    }
    peer_connect(p, &options);
    for (int i = 0; i < 4; i++) {
        if (held[i] >= 0) {
            close(held[i]);
        }
    }
    unlink(other);
    unlink(key);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct connect_case *c = &cases[i];
        struct peer p;

        peer_setup(&p, c->server, ECHO);
        run_case(c, &p);
        if (p.connect_err != c->err || strstr(p.detail, c->detail) == NULL) {
            fail_msg("%s: got %s, \"%s\"", c->name, err_name(p.connect_err), p.detail);
        }
        if (c->err == OK) {
            const char *words = net_stream_describe(p.client);

            assert_int_equal(strncmp(words, c->tls == NET_TLS ? "TLSv1.3 TLS_" : "plain", 5), 0);
        }
        peer_teardown(&p);
    }
}

static void never(void *arg, enum err err, struct net_stream *stream, const char *detail)
{
    (void)arg;
    (void)err;
    (void)stream;
    (void)detail;
    fail_msg("done after cancel");
}

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

/* Cancelled at once, with the look-up under way or waiting; its answer comes to nobody. */
static void test_cancel(void **state)
{
    struct peer p;

    (void)state;
    peer_setup(&p, PLAIN, ECHO);
    for (int i = 0; i < 20; i++) {
        struct net_connect_options options = {
            .host = i % 2 == 0 ? "localhost" : "no-such-host.invalid",
            .port = net_listener_port(p.listener),
        };
        struct loop_timer *later;
        struct net_connect *op;

        assert_int_equal(net_connect_start(p.loop, &options, never, NULL, &op), OK);
        assert_int_equal(loop_timer_new(p.loop, stop_loop, p.loop, &later), OK);
        net_connect_cancel(op);
        loop_timer_set(later, (uint64_t)(i % 5));
        loop_run(p.loop);
        loop_timer_free(later);
    }
    net_connect_cancel(NULL);
    peer_teardown(&p);
}

/* Cancel while the TLS handshake waits for a server that never speaks. */
static void test_cancel_in_handshake(void **state)
{
    struct peer p;
    struct net_connect_options options = {.host = "127.0.0.1", .tls = NET_TLS};
    struct loop_timer *later;
    struct net_connect *op;

    (void)state;
    peer_setup(&p, PLAIN, SILENT);
    options.port = net_listener_port(p.listener);
    assert_int_equal(net_connect_start(p.loop, &options, never, NULL, &op), OK);
    assert_int_equal(loop_timer_new(p.loop, stop_loop, p.loop, &later), OK);
    loop_timer_set(later, 300);
    loop_run(p.loop);
    assert_non_null(p.server); /* TCP is there */
    net_connect_cancel(op);
    loop_timer_set(later, 20);
    loop_run(p.loop);
    loop_timer_free(later);
    peer_teardown(&p);
}

static void test_handshake_timeout(void **state)
{
    struct peer p;
    struct net_connect_options options = {.host = "127.0.0.1", .tls = NET_TLS, .handshake_ms = 100};

    (void)state;
    peer_setup(&p, PLAIN, SILENT);
    peer_connect(&p, &options);
    assert_int_equal(p.connect_err, ERR_TIMEOUT);
    assert_non_null(strstr(p.detail, "handshake"));
    peer_teardown(&p);
}

/* Hundreds who never shake hands hold up others, but not for ever, and not in memory. */
static void test_handshake_flood(void **state)
{
    enum { FLOOD = NET_HANDSHAKES_MAX + 20 };
    struct peer p;
    struct net_connect_options options = {.host = "localhost", .tls = NET_TLS, .handshake_ms = 400};
    int held[FLOOD];

    (void)state;
    peer_setup(&p, TLS, ECHO);
    options.ca_file = p.cert;
    for (int i = 0; i < FLOOD; i++) {
        held[i] = to_port(net_listener_port(p.listener));
    }
    peer_connect(&p, &options);
    assert_int_equal(p.connect_err, ERR_TIMEOUT);
    for (int i = 0; i < FLOOD; i++) {
        close(held[i]);
    }
    options.handshake_ms = 5000;
    peer_connect(&p, &options);
    assert_int_equal(p.connect_err, OK);
    peer_teardown(&p);
}

static void test_listen_failures(void **state)
{
    struct peer p;
    struct net_listen_options taken = {.host = "127.0.0.1"};
    struct net_listen_options nowhere = {.host = "no-such-host.invalid"};
    struct net_listen_options no_key = {.host = "127.0.0.1"};
    struct net_listener *l = NULL;

    (void)state;
    peer_setup(&p, TLS, ECHO);
    taken.port = net_listener_port(p.listener);
    assert_int_equal(net_listen(p.loop, &taken, NULL, NULL, &l), ERR_EXISTS);
    assert_int_equal(net_listen(p.loop, &nowhere, NULL, NULL, &l), ERR_DNS);
    no_key.cert_file = p.cert;
    assert_int_equal(net_listen(p.loop, &no_key, NULL, NULL, &l), ERR_TLS_CERTIFICATE);
    no_key.key_file = p.cert; /* holds no key */
    assert_int_equal(net_listen(p.loop, &no_key, NULL, NULL, &l), ERR_TLS_CERTIFICATE);
    assert_null(l);
    net_listener_free(NULL);
    peer_teardown(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_cancel_in_handshake),
        cmocka_unit_test(test_handshake_timeout),
        cmocka_unit_test(test_handshake_flood),
        cmocka_unit_test(test_listen_failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
