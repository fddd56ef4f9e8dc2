/* The test's own ends of the wire. */
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fnmatch.h>
#include <ftw.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void remove_tree(const char *dir)
{
    (void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void server_run(struct server *s)
{
    assert_int_equal(loop_new(&s->loop), OK);
    assert_int_equal(newsd_start(s->loop, &s->options, &s->newsd), OK);
    assert_int_equal(loop_thread_start(s->loop, "newsd"), OK);
}

static void server_stop(struct server *s)
{
    loop_thread_join(s->loop);
    newsd_free(s->newsd);
    loop_free(s->loop);
}

void server_start(struct server *s, const struct newsd_options *options)
{
    s->options = *options;
    strcpy(s->dir, "/tmp/newsd-test-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    s->options.host = "127.0.0.1";
    s->options.spool = s->dir;
    server_run(s);
}

void server_restart(struct server *s)
{
    server_stop(s);
    server_run(s);
}

void server_end(struct server *s)
{
    server_stop(s);
    remove_tree(s->dir);
}

void client_open(struct client *c, uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 30};
    int one = 1;

    memset(c, 0, sizeof(*c));
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(c->fd >= 0);
    to.sin_port = htons(port);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    assert_int_equal(connect(c->fd, (struct sockaddr *)&to, sizeof(to)), 0);
}

void client_open_tls(struct client *c, uint16_t port)
{
    client_open(c, port);
    c->ctx = SSL_CTX_new(TLS_client_method());
    c->ssl = SSL_new(c->ctx);
    SSL_set_fd(c->ssl, c->fd);
    assert_int_equal(SSL_connect(c->ssl), 1);
}

void client_close(struct client *c)
{
    SSL_free(c->ssl);
    SSL_CTX_free(c->ctx);
    close(c->fd);
}

void client_send(struct client *c, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t n = c->ssl != NULL ? SSL_write(c->ssl, at, (int)(len > 1 << 20 ? 1 << 20 : len))
                                   : send(c->fd, at, len, MSG_NOSIGNAL);

        assert_true(n > 0);
        at += n;
        len -= (size_t)n;
    }
}

void client_say(struct client *c, const char *text)
{
    client_send(c, text, strlen(text));
    client_send(c, "\r\n", 2);
}

/* More bytes behind those that are there; 0: the end. */
static ssize_t more(struct client *c)
{
    ssize_t n;

    memmove(c->in, c->in + c->at, c->len - c->at);
    c->len -= c->at;
    c->at = 0;
    assert_true(c->len < sizeof(c->in));
    n = c->ssl != NULL ? SSL_read(c->ssl, c->in + c->len, (int)(sizeof(c->in) - c->len))
                       : recv(c->fd, c->in + c->len, sizeof(c->in) - c->len, 0);
    assert_true(n >= 0 || c->ssl != NULL || errno == ECONNRESET);
    c->len += n > 0 ? (size_t)n : 0;
    return n > 0 ? n : 0;
}

const char *client_line(struct client *c)
{
    char *end;
    char *line;

    while ((end = memmem(c->in + c->at, c->len - c->at, "\r\n", 2)) == NULL) {
        if (more(c) == 0) {
            return NULL;
        }
    }
    *end = '\0';
    line = c->in + c->at;
    c->at = (size_t)(end - c->in) + 2;
    return line;
}

void client_expect(struct client *c, const char *text, const char *patterns)
{
    char copy[4096];
    char *rest = copy;

    if (text != NULL) {
        client_say(c, text);
    }
    snprintf(copy, sizeof(copy), "%s", patterns);
    while (rest != NULL) {
        const char *pattern = strsep(&rest, "\n");
        const char *line = client_line(c);

        if (line == NULL || fnmatch(pattern, line, 0) != 0) {
            fail_msg("after \"%s\": wanted \"%s\", got \"%s\"", text == NULL ? "" : text, pattern,
                line == NULL ? "(the end)" : line);
        }
    }
}

uint8_t *client_block(struct client *c, size_t *len)
{
    size_t cap = 1 << 20, dots;
    uint8_t *out = malloc(cap);

    assert_non_null(out);
    *len = 0;
    for (;;) {
        char *end;
        size_t n;

        while ((end = memmem(c->in + c->at, c->len - c->at, "\r\n", 2)) == NULL) {
            assert_true(more(c) > 0);
        }
        n = (size_t)(end - (c->in + c->at));
        if (n == 1 && c->in[c->at] == '.') {
            c->at += 3;
            return out;
        }
        dots = n > 0 && c->in[c->at] == '.';
        if (*len + n + 2 > cap) {
            uint8_t *larger = realloc(out, (cap + n) * 2);

            assert_non_null(larger);
            out = larger;
            cap = (cap + n) * 2;
        }
        memcpy(out + *len, c->in + c->at + dots, n + 2 - dots);
        *len += n + 2 - dots;
        c->at += n + 2;
    }
}

void client_post(
    struct client *c, const char *id, const uint8_t *body, size_t len, const char *pattern)
{
    char head[600];
    uint8_t *wire = malloc(2 * len + 3);
    size_t out = 0;

    assert_non_null(wire);
    for (size_t i = 0; i < len; i++) {
        if (body[i] == '.' && (i == 0 || (i >= 2 && memcmp(body + i - 2, "\r\n", 2) == 0))) {
            wire[out++] = '.';
        }
        wire[out++] = body[i];
    }
    memcpy(wire + out, ".\r\n", 3);
    snprintf(head, sizeof(head),
        "From: a <a@example.com>\r\nNewsgroups: alt.binaries.test\r\nSubject: test\r\n"
        "Message-ID: %s\r\n\r\n",
        id);
    client_expect(c, "POST", "340 *");
    client_send(c, head, strlen(head));
    client_send(c, wire, out + 3);
    client_expect(c, NULL, pattern);
    free(wire);
}
