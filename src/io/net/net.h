/* Byte streams: TCP, and TLS over TCP. A stream belongs to the thread of its loop.
 * Waiting is bounded everywhere: look-up, connect, TLS handshake here; the rest by
 * net_stream_deadline(). */
#ifndef IO_NET_NET_H
#define IO_NET_NET_H

#include <stdint.h>

#include "base/bytes.h"
#include "io/loop/loop.h"

enum net_tls {
    NET_PLAIN,
    NET_TLS, /* implicit TLS >= 1.2, name and chain checked */
};

struct net_connect_options {
    const char *host; /* a name or an address; with NET_TLS also the name that is checked */
    uint16_t port;
    enum net_tls tls;
    const char *ca_file; /* PEM to trust instead of the system's; NULL: the system's */
    uint64_t dns_ms;     /* 0: the default of each */
    uint64_t connect_ms; /* per address tried */
    uint64_t handshake_ms;
};

struct net_stream;

/* What happens to a stream. None is called inside a call of ours but from the loop. */
struct net_handlers {
    /* Bytes have arrived; the view lives until the return. The stream may be freed in here. */
    void (*on_data)(void *arg, struct bytes in);
    /* Everything written so far is in the kernel's hands; views given to net_stream_send() are free
     * again. */
    void (*on_drain)(void *arg);
    /* The stream is dead: OK means that the other side closed in order. Called once, not while
     * paused for OK; only net_stream_free() is left to do, or, after OK, net_stream_finish(), which
     * still sends what waits. */
    void (*on_close)(void *arg, enum err err);
};

/* Called once: with a stream that is yours (set its handlers at once), or NULL and the reason.
 * `detail` is a short text for a person (what the resolver, kernel or TLS said); it lives until the
 * return. */
typedef void (*net_connect_fn)(
    void *arg, enum err err, struct net_stream *stream, const char *detail);

/* Look the name up, connect (each address in turn) and, where asked, do the TLS handshake. Options
 * are copied. *op is valid until done is called or net_connect_cancel(), after which done never
 * runs. */
struct net_connect;
MUST_USE enum err net_connect_start(struct loop *loop, const struct net_connect_options *options,
    net_connect_fn done, void *arg, struct net_connect **op);
void net_connect_cancel(struct net_connect *op);

/* Begin to deliver events to `handlers` (copied). */
void net_stream_start(struct net_stream *stream, const struct net_handlers *handlers, void *arg);

/* Copy `data` to the way out. ERR_NO_MEMORY, or ERR_LIMIT when more than NET_WRITE_MAX bytes wait.
 */
enum { NET_WRITE_MAX = 4 << 20 };
MUST_USE enum err net_stream_write(struct net_stream *stream, struct bytes data);

/* Send `data` without a copy: it must stay as it is until on_drain or net_stream_free(). After what
 * was written before; one at a time. For the big thing: an article. */
MUST_USE enum err net_stream_send(struct net_stream *stream, struct bytes data);

/* Stop and go on reading: back-pressure. */
void net_stream_pause(struct net_stream *stream);
void net_stream_resume(struct net_stream *stream);

/* From now on some bytes must move in either direction at least every `ms`, else
 * on_close(ERR_TIMEOUT). 0: no deadline. */
void net_stream_deadline(struct net_stream *stream, uint64_t ms);

/* Bytes that went either way so far, without TLS's own. */
struct net_moved {
    uint64_t out, in;
};
struct net_moved net_stream_moved(const struct net_stream *stream);

/* "TLSv1.3 TLS_AES_128_GCM_SHA256", or "plain". Lives as long as the stream. */
const char *net_stream_describe(const struct net_stream *stream);

/* Close at once and free; NULL is allowed. No handler runs any more. What was written may not have
 * left. */
void net_stream_free(struct net_stream *stream);

/* Send what waits (and the end of TLS), then close and free by itself; no handler runs any more.
 * Bounded by `ms`. What is left of a net_stream_send() is copied first: its memory is free again. A
 * loop that ends first drops what waits. */
void net_stream_finish(struct net_stream *stream, uint64_t ms);

#endif
