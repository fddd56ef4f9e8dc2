/* Connecting: look the name up, try each address in turn, shake hands. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "io/net/net_stream.h"

enum {
    DNS_MS = 15 * 1000,
    CONNECT_MS = 10 * 1000,
    HANDSHAKE_MS = 15 * 1000,
    ADDRESSES_MAX = 8, /* tried at most */
    ADDRESS_TEXT = 80,
};

/* Lives until libuv has called back, though the operation may be gone. */
struct lookup {
    uv_getaddrinfo_t req;
    struct net_connect *op;
};

struct net_connect {
    struct net_local *local;
    struct net_connect_options options;
    char *host;
    char *ca_file;
    net_connect_fn done;
    void *arg;

    struct lookup *lookup; /* under way */
    struct addrinfo *addresses;
    struct addrinfo *next; /* to be tried */
    int tried;
    struct loop_timer *timer;
    struct net_stream *stream; /* connecting, or shaking hands */
    struct net_handshake shake;
    char address[ADDRESS_TEXT]; /* the one tried, for people */
    struct net_fault fault;     /* the last address's */
};

static void try_next(struct net_connect *op);

static void op_free(struct net_connect *op)
{
    if (op->lookup != NULL) {
        op->lookup->op = NULL;
        (void)uv_cancel((uv_req_t *)&op->lookup->req); /* its callback frees it, cancelled or not */
    }
    net_handshake_cancel(&op->shake);
    net_stream_free(op->stream);
    loop_timer_free(op->timer);
    uv_freeaddrinfo(op->addresses);
    free(op->host);
    free(op->ca_file);
    free(op);
}

void net_connect_cancel(struct net_connect *op)
{
    if (op != NULL) {
        op_free(op);
    }
}

/* The operation is gone before its user hears of the end, so that cancelling there is no trap. */
static void finish(struct net_connect *op, enum err err)
{
    net_connect_fn done = op->done;
    void *arg = op->arg;
    struct net_stream *stream = err == OK ? op->stream : NULL;
    struct net_fault fault = op->fault;

    if (stream != NULL) {
        op->stream = NULL;
        net_stream_open(stream);
        fault.detail[0] = '\0';
    }
    op_free(op);
    done(arg, err, stream, fault.detail);
}

static void fail(struct net_connect *op)
{
    finish(op, op->fault.err);
}

/* A certificate is the same at every address of a name; anything else may be better at the next. */
static void address_failed(struct net_connect *op)
{
    net_handshake_cancel(&op->shake);
    net_stream_free(op->stream);
    op->stream = NULL;
    loop_timer_stop(op->timer);
    if (op->fault.err == ERR_TLS_CERTIFICATE) {
        fail(op);
    } else {
        try_next(op);
    }
}

static void on_shaken(void *arg, const struct net_fault *fault)
{
    struct net_connect *op = arg;

    if (fault->err == OK) {
        finish(op, OK);
        return;
    }
    op->fault = *fault;
    address_failed(op);
}

static void shake_hands(struct net_connect *op)
{
    struct tls_context *context;
    struct net_fault fault;
    enum err err;

    net_fault_set(&fault, ERR_TLS, "TLS cannot start for this host name");
    err = net_local_client_context(op->local, op->options.ca_file, &context, &fault);
    if (err == OK) {
        err = tls_client_new(context, op->stream->fd, op->host, &op->stream->tls);
    }
    if (err == OK) {
        op->shake = (struct net_handshake){.stream = op->stream, .done = on_shaken, .arg = op};
        err = net_handshake_start(&op->shake, op->options.handshake_ms);
    }
    if (err != OK) {
        op->fault = fault;
        op->fault.err = err;
        address_failed(op);
    }
}

static void on_connected(struct net_stream *stream, int events)
{
    struct net_connect *op = stream->ready_arg;
    int code = 0;
    socklen_t len = sizeof(code);

    (void)events;
    if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &code, &len) != 0) {
        code = errno;
    }
    if (code != 0) {
        net_fault_set(&op->fault, ERR_CONNECT, "%s: %s", op->address, strerror(code));
        address_failed(op);
        return;
    }
    loop_timer_stop(op->timer);
    net_stream_watch(stream, 0);
    if (op->options.tls == NET_TLS) {
        shake_hands(op);
    } else {
        finish(op, OK);
    }
}

static void name_address(struct net_connect *op, const struct addrinfo *a)
{
    char host[64];

    if (getnameinfo(a->ai_addr, a->ai_addrlen, host, sizeof(host), NULL, 0, NI_NUMERICHOST) != 0) {
        strcpy(host, "?");
    }
    (void)snprintf(op->address, sizeof(op->address), a->ai_family == AF_INET6 ? "[%s]:%u" : "%s:%u",
        host, op->options.port);
}

/* A socket on its way to `a`; -1 and errno: not even that. */
static int begin_connect(const struct addrinfo *a)
{
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    int code;

    if (fd < 0) {
        return -1;
    }
    net_socket_tune(fd);
    /* A process that dies takes along what it had not sent, or the kernel finishes an article for
     * it that the next process asks for meanwhile, does not find, and sends again. */
    net_socket_linger(fd, NET_LINGER_NONE);
    if (connect(fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EINPROGRESS) {
        return fd;
    }
    code = errno;
    close(fd);
    errno = code;
    return -1;
}

static void try_next(struct net_connect *op)
{
    while (op->next != NULL && op->tried < ADDRESSES_MAX) {
        struct addrinfo *a = op->next;
        int fd;

        op->next = a->ai_next;
        op->tried++;
        name_address(op, a);
        fd = begin_connect(a);
        if (fd < 0) {
            net_fault_set(&op->fault, ERR_CONNECT, "%s: %s", op->address, strerror(errno));
            continue;
        }
        op->fault.err = net_stream_new(op->local->loop, fd, &op->stream);
        if (op->fault.err != OK) {
            op->stream = NULL;
            break;
        }
        op->stream->ready = on_connected;
        op->stream->ready_arg = op;
        net_stream_watch(op->stream, UV_WRITABLE);
        loop_timer_set(op->timer, op->options.connect_ms);
        return;
    }
    fail(op);
}

static void on_late(void *arg)
{
    struct net_connect *op = arg;

    if (op->lookup != NULL) {
        net_fault_set(&op->fault, ERR_DNS, "%s: the name server did not answer in time", op->host);
        fail(op);
        return;
    }
    net_fault_set(&op->fault, ERR_TIMEOUT, "%s: no answer to the connection request", op->address);
    address_failed(op);
}

static void on_looked_up(uv_getaddrinfo_t *req, int status, struct addrinfo *addresses)
{
    struct lookup *lookup = req->data;
    struct net_connect *op = lookup->op;

    free(lookup);
    if (op == NULL) {
        uv_freeaddrinfo(addresses);
        return;
    }
    op->lookup = NULL;
    loop_timer_stop(op->timer);
    if (status != 0) {
        net_fault_set(&op->fault, ERR_DNS, "%s: %s", op->host, uv_strerror(status));
        fail(op);
        return;
    }
    op->addresses = addresses;
    op->next = addresses;
    net_fault_set(&op->fault, ERR_DNS, "%s: the name has no address", op->host);
    try_next(op);
}

static enum err start_lookup(struct net_connect *op)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    char port[8];
    struct lookup *lookup = calloc(1, sizeof(*lookup));

    if (lookup == NULL) {
        return ERR_NO_MEMORY;
    }
    (void)snprintf(port, sizeof(port), "%u", op->options.port);
    lookup->op = op;
    lookup->req.data = lookup;
    if (uv_getaddrinfo(
            loop_uv(op->local->loop), &lookup->req, on_looked_up, op->host, port, &hints) != 0) {
        free(lookup);
        return ERR_DNS; /* not a name at all */
    }
    op->lookup = lookup;
    return OK;
}

static uint64_t or_default(uint64_t ms, uint64_t standard)
{
    return ms == 0 ? standard : ms;
}

static enum err copy_options(struct net_connect *op, const struct net_connect_options *options)
{
    op->options = *options;
    op->options.dns_ms = or_default(options->dns_ms, DNS_MS);
    op->options.connect_ms = or_default(options->connect_ms, CONNECT_MS);
    op->options.handshake_ms = or_default(options->handshake_ms, HANDSHAKE_MS);
    op->host = strdup(options->host);
    if (options->ca_file != NULL) {
        op->ca_file = strdup(options->ca_file);
    }
    op->options.host = op->host;
    op->options.ca_file = op->ca_file;
    return op->host == NULL || (options->ca_file != NULL && op->ca_file == NULL) ? ERR_NO_MEMORY
                                                                                 : OK;
}

enum err net_connect_start(struct loop *loop, const struct net_connect_options *options,
    net_connect_fn done, void *arg, struct net_connect **out)
{
    struct net_connect *op = calloc(1, sizeof(*op));
    enum err err = ERR_NO_MEMORY;

    if (op == NULL) {
        return err;
    }
    op->done = done;
    op->arg = arg;
    err = copy_options(op, options);
    if (err == OK) {
        err = net_local_get(loop, &op->local);
    }
    if (err == OK) {
        err = loop_timer_new(loop, on_late, op, &op->timer);
    }
    if (err == OK) {
        err = start_lookup(op);
    }
    if (err != OK) {
        op_free(op);
        return err;
    }
    loop_timer_set(op->timer, op->options.dns_ms);
    *out = op;
    return OK;
}
