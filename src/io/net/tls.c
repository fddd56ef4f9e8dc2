/* One TLS connection. Records are collected in `wire` and leave in sends of 256 KiB, not one by
 * one; our own BIO also spares the program SIGPIPE. */
#include "io/net/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "io/net/tls_context.h"

enum {
    RECORD_MAX = 16384 + 320, /* with its header and tag */
    WIRE_CAP = 16 * RECORD_MAX,
    HOST_MAX = 255,
};

struct tls {
    SSL *ssl;
    int fd;
    int read_errno;  /* the last failed read's, 0 for none */
    int ended;       /* the socket has no more to read */
    int shaken;      /* the handshake is over */
    size_t wire_off; /* what of `wire` was sent */
    struct buf wire; /* encrypted, to be sent */
    char text[80];
};

static int wire_write(BIO *bio, const char *in, int len)
{
    struct tls *tls = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    if (tls->wire.len > 0 && tls->wire.len + (size_t)len > WIRE_CAP) {
        BIO_set_retry_write(bio);
        return -1;
    }
    if (buf_append(&tls->wire, bytes_at(in, (size_t)len)) != OK) {
        return -1;
    }
    return len;
}

static int wire_read(BIO *bio, char *out, int cap)
{
    struct tls *tls = BIO_get_data(bio);
    ssize_t n;

    BIO_clear_retry_flags(bio);
    do {
        n = recv(tls->fd, out, (size_t)cap, 0);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        BIO_set_retry_read(bio);
    } else if (n < 0) {
        tls->read_errno = errno;
    } else if (n == 0) {
        tls->ended = 1;
    }
    return (int)n;
}

static long wire_ctrl(BIO *bio, int command, long number, void *ptr)
{
    const struct tls *tls = BIO_get_data(bio);

    (void)number;
    (void)ptr;
    if (command == BIO_CTRL_EOF) {
        return tls->ended;
    }
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static BIO_METHOD *wire_method;
static pthread_once_t wire_once = PTHREAD_ONCE_INIT;

static void wire_method_new(void)
{
    wire_method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "wire");
    if (wire_method != NULL) {
        BIO_meth_set_write(wire_method, wire_write);
        BIO_meth_set_read(wire_method, wire_read);
        BIO_meth_set_ctrl(wire_method, wire_ctrl);
    }
}

static enum err tls_new(struct tls_context *context, int fd, struct tls **out)
{
    struct tls *tls = calloc(1, sizeof(*tls));
    BIO *bio = NULL;

    pthread_once(&wire_once, wire_method_new);
    if (tls == NULL || wire_method == NULL) {
        goto bad;
    }
    tls->fd = fd;
    tls->ssl = SSL_new(tls_context_ssl(context));
    bio = BIO_new(wire_method);
    if (tls->ssl == NULL || bio == NULL) {
        goto bad;
    }
    BIO_set_data(bio, tls);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls->ssl, bio, bio); /* the SSL owns it now */
    *out = tls;
    return OK;
bad:
    BIO_free(bio);
    tls_free(tls);
    return ERR_NO_MEMORY;
}

static int is_address(const char *host)
{
    struct in6_addr address;

    return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

/* The certificate must name `host`, as an address or as a name; a name's last dot is no part of
 * it. */
static int check_name(SSL *ssl, const char *host)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
    char name[HOST_MAX + 1];
    size_t len = strlen(host);

    if (is_address(host)) {
        return X509_VERIFY_PARAM_set1_ip_asc(param, host);
    }
    if (len > 0 && host[len - 1] == '.') {
        len--;
    }
    if (len == 0 || len > HOST_MAX) {
        return 0;
    }
    memcpy(name, host, len);
    name[len] = '\0';
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(param, name, 0) == 1 &&
           SSL_set_tlsext_host_name(ssl, name) == 1;
}

enum err tls_client_new(struct tls_context *context, int fd, const char *host, struct tls **out)
{
    struct tls *tls;
    enum err err = tls_new(context, fd, &tls);

    if (err != OK) {
        return err;
    }
    if (check_name(tls->ssl, host) != 1) {
        ERR_clear_error();
        tls_free(tls);
        return ERR_TLS_CERTIFICATE;
    }
    SSL_set_connect_state(tls->ssl);
    *out = tls;
    return OK;
}

enum err tls_server_new(struct tls_context *context, int fd, struct tls **out)
{
    enum err err = tls_new(context, fd, out);

    if (err == OK) {
        SSL_set_accept_state((*out)->ssl);
    }
    return err;
}

void tls_free(struct tls *tls)
{
    if (tls != NULL) {
        SSL_free(tls->ssl);
        buf_clear(&tls->wire);
        free(tls);
    }
}

static void fault_of_ssl(struct tls *tls, struct net_fault *fault)
{
    unsigned long code = ERR_peek_last_error();
    long verify = SSL_get_verify_result(tls->ssl);

    if (!SSL_is_server(tls->ssl) && verify != X509_V_OK) {
        net_fault_set(
            fault, ERR_TLS_CERTIFICATE, "certificate: %s", X509_verify_cert_error_string(verify));
        ERR_clear_error();
        return;
    }
    if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        net_fault_set(fault, tls->shaken ? ERR_CONNECTION_LOST : ERR_TLS,
            "the connection was closed without a TLS goodbye");
        ERR_clear_error();
        return;
    }
    tls_fault_openssl(fault, ERR_TLS, "TLS");
}

/* What an SSL call that did not succeed means. */
static enum net_io judge(struct tls *tls, int result, struct net_fault *fault)
{
    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return NET_IO_WANT_READ;
    case SSL_ERROR_WANT_WRITE:
        return NET_IO_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return NET_IO_END;
    case SSL_ERROR_SYSCALL:
        net_fault_set(fault, ERR_CONNECTION_LOST, "%s",
            tls->read_errno == 0 ? "the connection was lost" : strerror(tls->read_errno));
        ERR_clear_error();
        return NET_IO_FAILED;
    default:
        fault_of_ssl(tls, fault);
        return NET_IO_FAILED;
    }
}

bool tls_pending(const struct tls *tls)
{
    return tls->wire.len > 0;
}

enum net_io tls_flush(struct tls *tls, struct net_fault *fault)
{
    while (tls->wire_off < tls->wire.len) {
        ssize_t n = send(
            tls->fd, tls->wire.ptr + tls->wire_off, tls->wire.len - tls->wire_off, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return NET_IO_WANT_WRITE;
        }
        if (n < 0) {
            net_fault_set(fault, ERR_CONNECTION_LOST, "%s", strerror(errno));
            return NET_IO_FAILED;
        }
        tls->wire_off += (size_t)n;
    }
    tls->wire_off = 0;
    tls->wire.len = 0;
    return NET_IO_DONE;
}

/* What the handshake had to say is sent even when it failed: the other side deserves the alert. */
enum net_io tls_handshake(struct tls *tls, struct net_fault *fault)
{
    struct net_fault send_fault;
    enum net_io flushed, io = NET_IO_DONE;
    int result;

    do {
        ERR_clear_error();
        result = SSL_do_handshake(tls->ssl);
        if (result != 1) {
            io = judge(tls, result, fault);
        }
        flushed = tls_flush(tls, &send_fault);
    } while (result != 1 && io == NET_IO_WANT_WRITE && flushed == NET_IO_DONE);
    if (result != 1 && io == NET_IO_END) {
        net_fault_set(fault, ERR_TLS, "the connection was closed during the TLS handshake");
        return NET_IO_FAILED;
    }
    if (result != 1 && io == NET_IO_FAILED) {
        return NET_IO_FAILED;
    }
    if (flushed == NET_IO_FAILED) {
        *fault = send_fault;
        return NET_IO_FAILED;
    }
    if (flushed == NET_IO_WANT_WRITE) {
        return NET_IO_WANT_WRITE;
    }
    tls->shaken = result == 1;
    return result == 1 ? NET_IO_DONE : io;
}

enum net_io tls_read(struct tls *tls, uint8_t *out, size_t cap, size_t *n, struct net_fault *fault)
{
    enum net_io io = NET_IO_DONE;

    *n = 0;
    while (*n < cap && io == NET_IO_DONE) {
        size_t got = 0;
        int result;

        ERR_clear_error();
        result = SSL_read_ex(tls->ssl, out + *n, cap - *n, &got);
        *n += got;
        if (result != 1) {
            io = judge(tls, result, fault);
        }
    }
    return io;
}

enum net_io tls_write(struct tls *tls, struct bytes in, size_t *n, struct net_fault *fault)
{
    enum net_io io = NET_IO_DONE;

    *n = 0;
    if (tls_pending(tls)) {
        io = tls_flush(tls, fault);
    }
    while (io == NET_IO_DONE && in.len > 0) {
        size_t took = 0;
        int result;

        ERR_clear_error();
        result = SSL_write_ex(tls->ssl, in.ptr, in.len, &took);
        if (result == 1) {
            *n += took;
            bytes_skip(&in, took);
        } else {
            io = judge(tls, result, fault);
        }
        if (io == NET_IO_WANT_WRITE || in.len == 0 || tls->wire.len > WIRE_CAP - RECORD_MAX) {
            io = tls_flush(tls, fault); /* `wire` is full, or all is in it */
        }
    }
    return io;
}

void tls_say_goodbye(struct tls *tls)
{
    ERR_clear_error();
    if (tls->shaken && SSL_is_init_finished(tls->ssl)) { /* not after a fatal alert */
        (void)SSL_shutdown(tls->ssl);
    }
    ERR_clear_error();
}

const char *tls_describe(struct tls *tls)
{
    (void)snprintf(tls->text, sizeof(tls->text), "%s %s", SSL_get_version(tls->ssl),
        SSL_get_cipher_name(tls->ssl));
    return tls->text;
}
