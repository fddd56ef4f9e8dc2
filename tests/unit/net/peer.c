/* The other side, and the plumbing of a test. */
#include "peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "certs.h"

static void server_data(void *arg, struct bytes in)
{
    struct peer *p = arg;
    uint8_t *bye;

    switch (p->manner) {
    case ECHO:
        assert_int_equal(net_stream_write(p->server, in), OK);
        net_stream_pause(p->server);
        break;
    case HANG_UP:
        net_stream_free(p->server);
        p->server = NULL;
        break;
    case SAY_BYE:
        bye = malloc(BYE_LEN);
        assert_non_null(bye);
        for (size_t i = 0; i < BYE_LEN; i++) {
            bye[i] = peer_byte(i);
        }
        assert_int_equal(net_stream_send(p->server, bytes_at(bye, BYE_LEN)), OK);
        net_stream_finish(p->server, 10000);
        free(bye); /* finish has copied it */
        p->server = NULL;
        break;
    default:
        break;
    }
}

static void server_drain(void *arg)
{
    struct peer *p = arg;

    net_stream_resume(p->server);
}

static void server_close(void *arg, enum err err)
{
    struct peer *p = arg;

    (void)err;
    net_stream_free(p->server);
    p->server = NULL;
}

static void on_drip(void *arg)
{
    struct peer *p = arg;

    if (p->server != NULL) {
        assert_int_equal(net_stream_write(p->server, bytes_str("x")), OK);
        loop_timer_set(p->drip, 20);
    }
}

static void on_accept(void *arg, struct net_stream *stream, const char *from)
{
    static const struct net_handlers handlers = {server_data, server_drain, server_close};
    struct peer *p = arg;

    assert_string_equal(from, "127.0.0.1");
    net_stream_free(p->server);
    p->server = stream;
    net_stream_start(stream, &handlers, p);
    if (p->manner == DEAF) {
        net_stream_pause(stream);
    }
    if (p->manner == DRIP) {
        loop_timer_set(p->drip, 20);
    }
}

static void on_fuse(void *arg)
{
    (void)arg;
    fail_msg("the test hangs");
}

static void client_data(void *arg, struct bytes in)
{
    struct peer *p = arg;

    for (size_t i = 0; i < in.len; i++) {
        if (in.ptr[i] != peer_byte(p->got + i)) {
            fail_msg("byte %zu is wrong", p->got + i);
        }
    }
    p->got += in.len;
}

static void client_drain(void *arg)
{
    struct peer *p = arg;

    p->drains++;
}

static void client_close(void *arg, enum err err)
{
    struct peer *p = arg;

    p->close_err = err;
    loop_stop(p->loop);
}

void peer_setup(struct peer *p, enum secrecy secrecy, enum manner manner)
{
    struct net_listen_options options = {.host = "127.0.0.1"};

    *p = (struct peer){.manner = manner, .connect_err = ERR_COUNT, .close_err = ERR_COUNT};
    p->handlers = (struct net_handlers){client_data, client_drain, client_close};
    strcpy(p->dir, "/tmp/net-test-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->cert, sizeof(p->cert), "%s/cert.pem", p->dir);
    snprintf(p->key, sizeof(p->key), "%s/key.pem", p->dir);
    if (secrecy != PLAIN) {
        assert_int_equal(certs_make(p->cert, p->key,
                             secrecy == TLS ? "DNS:localhost,IP:127.0.0.1"
                                            : "DNS:localhost.example,IP:127.0.0.9"),
            0);
        options.cert_file = p->cert;
        options.key_file = p->key;
    }
    assert_int_equal(loop_new(&p->loop), OK);
    assert_int_equal(net_listen(p->loop, &options, on_accept, p, &p->listener), OK);
    assert_int_not_equal(net_listener_port(p->listener), 0);
    assert_int_equal(loop_timer_new(p->loop, on_drip, p, &p->drip), OK);
    assert_int_equal(loop_timer_new(p->loop, on_fuse, p, &p->fuse), OK);
    loop_timer_set(p->fuse, 60000);
}

void peer_teardown(struct peer *p)
{
    net_stream_free(p->client);
    net_stream_free(p->server);
    net_listener_free(p->listener);
    loop_timer_free(p->drip);
    loop_timer_free(p->fuse);
    loop_free(p->loop);
    unlink(p->cert);
    unlink(p->key);
    rmdir(p->dir);
}

static void on_connect(void *arg, enum err err, struct net_stream *stream, const char *detail)
{
    struct peer *p = arg;

    p->op = NULL;
    p->connect_err = err;
    p->client = stream;
    snprintf(p->detail, sizeof(p->detail), "%s", detail);
    assert_true((err == OK) == (stream != NULL));
    if (stream != NULL) {
        net_stream_start(stream, &p->handlers, p);
    }
    loop_stop(p->loop);
}

void peer_connect(struct peer *p, const struct net_connect_options *options)
{
    struct net_connect_options full = *options;

    if (full.port == 0) {
        full.port = net_listener_port(p->listener);
    }
    p->connect_err = ERR_COUNT;
    assert_int_equal(net_connect_start(p->loop, &full, on_connect, p, &p->op), OK);
    assert_int_equal(p->connect_err, ERR_COUNT); /* never inside start */
    loop_run(p->loop);
    assert_int_not_equal(p->connect_err, ERR_COUNT);
}

void peer_connect_well(struct peer *p, enum secrecy secrecy)
{
    struct net_connect_options options = {.host = "localhost"};

    if (secrecy == TLS) {
        options.tls = NET_TLS;
        options.ca_file = p->cert;
    }
    peer_connect(p, &options);
    assert_int_equal(p->connect_err, OK);
}
