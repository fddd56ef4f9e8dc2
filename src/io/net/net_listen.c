/* Listening, accepting, and the server's side of the handshakes under way. */
#include "io/net/net_listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "base/log.h"
#include "io/net/net_stream.h"

enum {
    BACKLOG = 511,
    ACCEPTS_A_TURN = 64,
    NO_FILES_PAUSE_MS = 100, /* no descriptor is free: asking at once again would spin */
    PEER_TEXT = 64,
};

struct net_listener {
    uv_poll_t poll;
    struct loop *loop;
    int fd;
    int watching;
    struct tls_context *context; /* NULL: plain */
    net_accept_fn accept;
    void *arg;
    struct loop_timer *pause;
    struct list arriving; /* struct arrival */
    unsigned arrivals;    /* their number, at most NET_HANDSHAKES_MAX */
    uint16_t port;
    int freed;
};

/* A client whose handshake is under way. */
struct arrival {
    struct list node;
    struct net_listener *listener;
    struct net_stream *stream;
    struct net_handshake shake;
    char peer[PEER_TEXT];
};

static void on_incoming(uv_poll_t *poll, int status, int events);

static void watch(struct net_listener *l)
{
    int wanted = l->arrivals < NET_HANDSHAKES_MAX;

    if (l->freed || wanted == l->watching) {
        return;
    }
    l->watching = wanted;
    if (wanted) {
        (void)uv_poll_start(&l->poll, UV_READABLE, on_incoming);
    } else {
        (void)uv_poll_stop(&l->poll);
    }
}

static void arrival_end(struct arrival *a)
{
    struct net_listener *l = a->listener;

    list_remove(&a->node);
    l->arrivals--;
    net_handshake_cancel(&a->shake);
    net_stream_free(a->stream);
    free(a);
    watch(l);
}

static void on_shaken(void *arg, const struct net_fault *fault)
{
    struct arrival *a = arg;
    struct net_listener *l = a->listener;
    struct net_stream *stream = a->stream;
    char peer[PEER_TEXT];

    if (fault->err != OK) {
        log_info("net", "handshake failed peer=%s why=%s", a->peer, fault->detail);
        arrival_end(a);
        return;
    }
    a->stream = NULL;
    memcpy(peer, a->peer, sizeof(peer));
    arrival_end(a);
    net_stream_open(stream);
    l->accept(l->arg, stream, peer);
}

static enum err shake_hands(struct net_listener *l, struct net_stream *stream, const char *peer)
{
    struct arrival *a = calloc(1, sizeof(*a));
    enum err err;

    if (a == NULL) {
        return ERR_NO_MEMORY;
    }
    a->listener = l;
    a->stream = stream;
    (void)snprintf(a->peer, sizeof(a->peer), "%s", peer);
    a->shake = (struct net_handshake){.stream = stream, .done = on_shaken, .arg = a};
    err = tls_server_new(l->context, stream->fd, &stream->tls);
    if (err == OK) {
        err = net_handshake_start(&a->shake, NET_HANDSHAKE_MS);
    }
    if (err != OK) {
        free(a);
        return err;
    }
    list_push(&l->arriving, &a->node);
    l->arrivals++;
    return OK;
}

static void welcome(struct net_listener *l, int fd, const struct sockaddr_storage *from)
{
    struct net_stream *stream;
    char peer[PEER_TEXT];

    if (getnameinfo((const struct sockaddr *)from, sizeof(*from), peer, sizeof(peer), NULL, 0,
            NI_NUMERICHOST) != 0) {
        strcpy(peer, "?");
    }
    net_socket_tune(fd);
    if (net_stream_new(l->loop, fd, &stream) != OK) {
        log_warn("net", "client turned away for want of memory peer=%s", peer);
        return;
    }
    if (l->context == NULL) {
        net_stream_open(stream);
        l->accept(l->arg, stream, peer);
    } else if (shake_hands(l, stream, peer) != OK) {
        log_warn("net", "client turned away for want of memory peer=%s", peer);
        net_stream_free(stream);
    }
}

static void on_pause_over(void *arg)
{
    watch(arg);
}

static void accept_failed(struct net_listener *l, int code)
{
    if (code == EAGAIN || code == EWOULDBLOCK || code == EINTR || code == ECONNABORTED) {
        return;
    }
    log_warn("net", "cannot accept: %s", strerror(code));
    l->watching = 0;
    (void)uv_poll_stop(&l->poll);
    loop_timer_set(l->pause, NO_FILES_PAUSE_MS);
}

/* The accept callback may free the listener; its memory lasts until libuv lets go. */
static void on_incoming(uv_poll_t *poll, int status, int events)
{
    struct net_listener *l = poll->data;

    (void)events;
    if (status < 0) {
        accept_failed(l, EIO);
        return;
    }
    for (int i = 0; i < ACCEPTS_A_TURN && !l->freed && l->arrivals < NET_HANDSHAKES_MAX; i++) {
        struct sockaddr_storage from = {0};
        socklen_t len = sizeof(from);
        int fd = accept4(l->fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0) {
            accept_failed(l, errno);
            return;
        }
        welcome(l, fd, &from);
    }
    watch(l);
}

static int listen_on(const struct addrinfo *a)
{
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    int one = 1, code;

    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) {
        return fd;
    }
    code = errno;
    close(fd);
    errno = code;
    return -1;
}

static enum err open_socket(struct net_listener *l, const struct net_listen_options *options)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char port[8];
    int code;

    (void)snprintf(port, sizeof(port), "%u", options->port);
    code = getaddrinfo(options->host, port, &hints, &found);
    if (code != 0) {
        log_error("net", "cannot listen: host=%s: %s", options->host, gai_strerror(code));
        return ERR_DNS;
    }
    l->fd = listen_on(found);
    code = errno;
    freeaddrinfo(found);
    if (l->fd < 0) {
        log_error("net", "cannot listen: host=%s port=%u: %s", options->host, options->port,
            strerror(code));
        return code == EADDRINUSE ? ERR_EXISTS : err_from_errno(code);
    }
    return OK;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage own = {0};
    socklen_t len = sizeof(own);
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;

    (void)getsockname(fd, (struct sockaddr *)&own, &len);
    memcpy(&in4, &own, sizeof(in4));
    memcpy(&in6, &own, sizeof(in6));
    return ntohs(own.ss_family == AF_INET6 ? in6.sin6_port : in4.sin_port);
}

static enum err load_certificate(struct net_listener *l, const struct net_listen_options *options)
{
    struct net_fault fault = {.detail = ""};
    enum err err;

    if (options->cert_file == NULL) {
        return OK;
    }
    if (options->key_file == NULL) {
        return ERR_TLS_CERTIFICATE;
    }
    err = tls_context_server(options->cert_file, options->key_file, &l->context, &fault);
    if (err != OK) {
        log_error("net", "cannot offer TLS: %s", fault.detail);
    }
    return err;
}

enum err net_listen(struct loop *loop, const struct net_listen_options *options,
    net_accept_fn accept, void *arg, struct net_listener **out)
{
    struct net_listener *l = calloc(1, sizeof(*l));
    enum err err;

    if (l == NULL) {
        return ERR_NO_MEMORY;
    }
    l->loop = loop;
    l->fd = -1;
    l->accept = accept;
    l->arg = arg;
    list_init(&l->arriving);
    err = load_certificate(l, options);
    if (err == OK) {
        err = open_socket(l, options);
    }
    if (err == OK) {
        err = loop_timer_new(loop, on_pause_over, l, &l->pause);
    }
    if (err == OK && uv_poll_init_socket(loop_uv(loop), &l->poll, l->fd) != 0) {
        err = ERR_SYSTEM;
    }
    if (err != OK) {
        loop_timer_free(l->pause);
        tls_context_free(l->context);
        if (l->fd >= 0) {
            close(l->fd);
        }
        free(l);
        return err;
    }
    l->poll.data = l;
    l->port = port_of(l->fd);
    watch(l);
    *out = l;
    return OK;
}

uint16_t net_listener_port(const struct net_listener *l)
{
    return l->port;
}

static void on_closed(uv_handle_t *poll)
{
    free(poll->data);
}

void net_listener_free(struct net_listener *l)
{
    if (l == NULL) {
        return;
    }
    l->freed = 1;
    LIST_EACH(node, after, &l->arriving)
    {
        arrival_end(LIST_ITEM(node, struct arrival, node));
    }
    loop_timer_free(l->pause);
    uv_close((uv_handle_t *)&l->poll, on_closed);
    close(l->fd);
    tls_context_free(l->context);
}
