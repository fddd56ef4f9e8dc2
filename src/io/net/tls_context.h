/* What tls.c and tls_context.c share. An SSL_CTX travels under our own name, so that libssl's
 * headers stay in these two files. */
#ifndef IO_NET_TLS_CONTEXT_H
#define IO_NET_TLS_CONTEXT_H

#include <openssl/ssl.h>

#include "io/net/tls.h"

static inline struct tls_context *tls_context_of(SSL_CTX *ctx)
{
    return (struct tls_context *)(void *)ctx;
}

static inline SSL_CTX *tls_context_ssl(struct tls_context *context)
{
    return (SSL_CTX *)(void *)context;
}

/* Fill *fault with `what` and OpenSSL's own words for its first error. */
void tls_fault_openssl(struct net_fault *fault, enum err err, const char *what);

#endif
