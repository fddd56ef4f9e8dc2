/* Listening sockets: TCP, and TLS over TCP. */
#ifndef IO_NET_NET_LISTEN_H
#define IO_NET_NET_LISTEN_H

#include "io/net/net.h"

struct net_listen_options {
    const char *host;      /* an address, or a name of this machine */
    uint16_t port;         /* 0: the system picks a free one */
    const char *cert_file; /* PEM; NULL: plain */
    const char *key_file;  /* PEM */
};

enum {
    NET_HANDSHAKES_MAX = 256,     /* under way at once; more clients wait in the kernel's queue */
    NET_HANDSHAKE_MS = 15 * 1000, /* each is given this long */
};

/* A client is there (TLS handshake done); the stream is yours, start it at once. `peer` is its
 * address as text. */
typedef void (*net_accept_fn)(void *arg, struct net_stream *stream, const char *peer);

/* Listen on the first address of `host`. ERR_DNS: there is none. ERR_TLS_CERTIFICATE: the PEM files
 * are not usable. ERR_EXISTS: the port is taken. The log says more. */
struct net_listener;
MUST_USE enum err net_listen(struct loop *loop, const struct net_listen_options *options,
    net_accept_fn accept, void *arg, struct net_listener **listener);

/* The port it listens on. */
uint16_t net_listener_port(const struct net_listener *listener);

/* Stop listening; accepted streams live on. NULL is allowed. */
void net_listener_free(struct net_listener *listener);

#endif
