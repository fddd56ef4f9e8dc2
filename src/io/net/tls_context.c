/* What many TLS connections share: trust, certificates, versions and modes. */
#include "io/net/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "io/net/tls_context.h"

enum { READ_AHEAD = 64 << 10 };

/* AES-128 first: what travels is sealed already, and 256 bits cost half as much again. */
static const char suites[] =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

void net_fault_set(struct net_fault *fault, enum err err, const char *format, ...)
{
    va_list args;

    fault->err = err;
    va_start(args, format);
    (void)vsnprintf(fault->detail, sizeof(fault->detail), format, args);
    va_end(args);
}

void tls_fault_openssl(struct net_fault *fault, enum err err, const char *what)
{
    unsigned long code = ERR_peek_error(); /* the first is the cause */
    const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);

    if (code != 0 && reason == NULL && ERR_GET_LIB(code) == ERR_LIB_SYS) {
        reason = strerror(ERR_GET_REASON(code));
    }
    net_fault_set(fault, err, "%s: %s", what, reason == NULL ? "unknown TLS error" : reason);
    ERR_clear_error();
}

static SSL_CTX *context_new(const SSL_METHOD *method)
{
    SSL_CTX *ctx = SSL_CTX_new(method);

    if (ctx == NULL) {
        return NULL;
    }
    if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(ctx, suites) != 1) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(ctx, 1); /* several records with one read */
    SSL_CTX_set_default_read_buffer_len(ctx, READ_AHEAD);
    return ctx;
}

/* PARTIAL_CHAIN: a server's own certificate may be named as what is trusted. */
static int trust(SSL_CTX *ctx, const char *ca_file)
{
    if (ca_file == NULL) {
        return SSL_CTX_set_default_verify_paths(ctx);
    }
    (void)X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
    return SSL_CTX_load_verify_file(ctx, ca_file);
}

enum err tls_context_client(
    const char *ca_file, struct tls_context **context, struct net_fault *fault)
{
    SSL_CTX *ctx;

    ERR_clear_error();
    ctx = context_new(TLS_client_method());
    if (ctx == NULL) {
        return ERR_NO_MEMORY;
    }
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    if (trust(ctx, ca_file) != 1) {
        tls_fault_openssl(fault, ERR_TLS_CERTIFICATE, ca_file == NULL ? "system CAs" : ca_file);
        SSL_CTX_free(ctx);
        return ERR_TLS_CERTIFICATE;
    }
    *context = tls_context_of(ctx);
    return OK;
}

/* No prompt: a key with a password is refused. */
static int no_password(char *out, int size, int writing, void *arg)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)arg;
    return 0;
}

enum err tls_context_server(const char *cert_file, const char *key_file,
    struct tls_context **context, struct net_fault *fault)
{
    SSL_CTX *ctx;
    const char *what = cert_file;

    ERR_clear_error();
    ctx = context_new(TLS_server_method());
    if (ctx == NULL) {
        return ERR_NO_MEMORY;
    }
    SSL_CTX_set_default_passwd_cb(ctx, no_password);
    if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1) {
        goto bad;
    }
    what = key_file;
    if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(ctx) != 1) {
        goto bad;
    }
    *context = tls_context_of(ctx);
    return OK;
bad:
    tls_fault_openssl(fault, ERR_TLS_CERTIFICATE, what);
    SSL_CTX_free(ctx);
    return ERR_TLS_CERTIFICATE;
}

void tls_context_free(struct tls_context *context)
{
    if (context != NULL) {
        SSL_CTX_free(tls_context_ssl(context));
    }
}
