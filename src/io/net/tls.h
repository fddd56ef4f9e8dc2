/* TLS over a socket, without waiting: the only door to libssl. Room-internal. */
#ifndef IO_NET_TLS_H
#define IO_NET_TLS_H

#include <stdbool.h>

#include "base/bytes.h"

/* What a step on a socket led to. */
enum net_io {
    NET_IO_DONE,       /* *n bytes moved, at least one (a handshake: it is complete) */
    NET_IO_WANT_READ,  /* nothing moves before the socket is readable */
    NET_IO_WANT_WRITE, /* nothing moves before the socket is writable */
    NET_IO_END,        /* the other side closed in order */
    NET_IO_FAILED,     /* the connection is lost; the reason stands in *fault */
};

enum { NET_DETAIL_MAX = 200 };

/* Why something failed: our error, and words for a person. */
struct net_fault {
    enum err err;
    char detail[NET_DETAIL_MAX];
};

void net_fault_set(struct net_fault *fault, enum err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Certificates, keys and rules for many connections. Counted: each tls keeps its context alive. */
struct tls_context;

/* `ca_file`: the PEM file to trust, or NULL for the system's certificates. */
MUST_USE enum err tls_context_client(
    const char *ca_file, struct tls_context **context, struct net_fault *fault);
MUST_USE enum err tls_context_server(const char *cert_file, const char *key_file,
    struct tls_context **context, struct net_fault *fault);
void tls_context_free(struct tls_context *context);

/* One connection; `fd` stays the caller's. A client checks that the certificate is `host`'s. */
struct tls;
MUST_USE enum err tls_client_new(
    struct tls_context *context, int fd, const char *host, struct tls **tls);
MUST_USE enum err tls_server_new(struct tls_context *context, int fd, struct tls **tls);
void tls_free(struct tls *tls);

enum net_io tls_handshake(struct tls *tls, struct net_fault *fault);

/* Read up to `cap` bytes: as many as there are. NET_IO_DONE with *n == cap: there may be more
 * inside, which the socket does not show. */
enum net_io tls_read(struct tls *tls, uint8_t *out, size_t cap, size_t *n, struct net_fault *fault);

/* Encrypt from the front of `in` what there is room for, *n bytes, and send. NET_IO_WANT_WRITE:
 * *n may be above 0. */
enum net_io tls_write(struct tls *tls, struct bytes in, size_t *n, struct net_fault *fault);

/* Send encrypted bytes that still wait. NET_IO_DONE: none do. */
enum net_io tls_flush(struct tls *tls, struct net_fault *fault);

/* Do encrypted bytes wait? */
bool tls_pending(const struct tls *tls);

/* Say goodbye (close_notify); tls_flush() sends it. */
void tls_say_goodbye(struct tls *tls);

/* "TLSv1.3 TLS_AES_128_GCM_SHA256". Lives as long as *tls. */
const char *tls_describe(struct tls *tls);

#endif
