/* Providers over TLS: a good certificate carries requests, a bad one sends them elsewhere. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../net/certs.h"
#include "io/net/net_listen.h"
#include "io/news/news_test.h"

/* A server of a few lines on the rig's own loop. */
struct tls_server {
    char cert[64], key[64];
    struct net_listener *listener;
    struct net_stream *streams[8];
    size_t count;
};

static void say(struct net_stream *stream, const char *line)
{
    assert_int_equal(net_stream_write(stream, bytes_str(line)), OK);
}

static void on_data(void *arg, struct bytes in)
{
    struct net_stream *stream = *(struct net_stream **)arg;

    /* our client sends nothing in a pipeline here, and a line is never cut on loopback */
    say(stream, in.len > 4 && memcmp(in.ptr, "STAT", 4) == 0 ? "223 0 x\r\n" : "200 ok\r\n");
}

static void on_drain(void *arg)
{
    (void)arg;
}

static void on_close(void *arg, enum err err)
{
    struct net_stream **stream = arg;

    (void)err;
    net_stream_free(*stream);
    *stream = NULL;
}

static void on_accept(void *arg, struct net_stream *stream, const char *peer)
{
    static const struct net_handlers handlers = {on_data, on_drain, on_close};
    struct tls_server *server = arg;

    (void)peer;
    assert_true(server->count < 8);
    server->streams[server->count] = stream;
    net_stream_start(stream, &handlers, &server->streams[server->count++]);
    say(stream, "200 hi\r\n");
}

static void tls_start(struct tls_server *server, struct loop *loop, const char *names)
{
    struct net_listen_options options = {.host = "127.0.0.1"};

    *server = (struct tls_server){.cert = "/tmp/news-cert-XXXXXX", .key = "/tmp/news-key-XXXXXX"};
    close(mkstemp(server->cert));
    close(mkstemp(server->key));
    assert_int_equal(certs_make(server->cert, server->key, names), 0);
    options.cert_file = server->cert;
    options.key_file = server->key;
    assert_int_equal(net_listen(loop, &options, on_accept, server, &server->listener), OK);
}

static void tls_stop(struct tls_server *server)
{
    for (size_t i = 0; i < server->count; i++) {
        net_stream_free(server->streams[i]);
    }
    net_listener_free(server->listener);
    unlink(server->cert);
    unlink(server->key);
}

static void certificates_decide(void **state)
{
    static const struct {
        const char *name, *names;
        enum { TRUSTED, NOT_TRUSTED } trust;
        enum { ALONE, WITH_ANOTHER } company;
        enum err err;
        size_t by;
    } rows[] = {
        {"good", "IP:127.0.0.1", TRUSTED, ALONE, OK, 0},
        {"of another name", "DNS:other.example", TRUSTED, ALONE, ERR_TLS_CERTIFICATE, 0},
        {"not trusted", "IP:127.0.0.1", NOT_TRUSTED, ALONE, ERR_TLS_CERTIFICATE, 0},
        {"not trusted, but there is another", "IP:127.0.0.1", NOT_TRUSTED, WITH_ANOTHER, OK, 1},
    };
    static const char *const serve[] = {"hello\nserve"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mini *mini = rig_mini(serve, 1);
        struct news_settings settings = rig_settings();
        struct news_provider providers[2];
        struct tls_server server;
        struct outcome stat, again;
        struct rig rig;

        print_message("%s\n", rows[i].name);
        mini_put(mini, "<n@x.example>", "b\r\n", 3);
        rig_init(&rig, RIG_ONE_THREAD, &settings);
        tls_start(&server, rig.home, rows[i].names);
        providers[0] = rig_provider(mini, 2);
        providers[1] = providers[0];
        providers[0].port = net_listener_port(server.listener);
        providers[0].tls = NET_TLS;
        providers[0].ca_file = rows[i].trust == TRUSTED ? server.cert : NULL;
        assert_int_equal(
            news_set_providers(rig.news, providers, rows[i].company == ALONE ? 1 : 2), OK);
        rig_stat(&rig, &stat, "<n@x.example>");
        rig_run(&rig);
        rig_stat(&rig, &again, "<n@x.example>");
        rig_run(&rig);
        assert_string_equal(err_name(stat.result.err), err_name(rows[i].err));
        assert_string_equal(err_name(again.result.err), err_name(rows[i].err));
        assert_int_equal(stat.result.provider, rows[i].by);
        if (rows[i].err != OK) {
            assert_true(strlen(stat.text) > 0);
        }
        tls_stop(&server);
        rig_clear(&rig);
        rig_mini_stop(mini);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(certificates_decide)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
