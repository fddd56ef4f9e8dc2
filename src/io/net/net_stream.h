/* The inside of a stream, for the files of this room. */
#ifndef IO_NET_NET_STREAM_H
#define IO_NET_NET_STREAM_H

#include "io/net/net.h"
#include "io/net/net_local.h"

enum stream_state {
    STREAM_SETUP,     /* connecting or shaking hands: `ready` is another file's */
    STREAM_OPEN,      /* the user's */
    STREAM_FINISHING, /* sending the rest, then waiting for the other side's end */
    STREAM_DEAD,      /* on_close was called */
    STREAM_FREED,     /* lives only until libuv lets go of the handle */
};

struct net_stream {
    uv_poll_t poll;
    struct net_local *local;
    int fd;
    struct tls *tls; /* NULL: plain */
    enum stream_state state;
    int watched; /* the UV_READABLE and UV_WRITABLE that libuv watches for */

    void (*ready)(struct net_stream *stream, int events);
    void *ready_arg;

    struct net_handlers handlers;
    void *arg;
    int started;
    int paused;

    struct buf before; /* copies to be sent before `big` */
    size_t before_off; /* what of `before` was sent */
    struct bytes big;  /* the caller's, see net_stream_send() */
    struct buf after;  /* copies to be sent after `big`; empty when `big` is */
    int drain_due;     /* something was written since the last on_drain */

    int more_inside;    /* TLS may hold bytes that the socket does not show */
    int ended;          /* `end` is to be told, when not paused */
    enum err end;       /* how the stream ended */
    enum err write_err; /* writing is over; the rest is read first */
    enum {
        GOODBYE_NONE,
        GOODBYE_TLS,  /* TLS's is on its way */
        GOODBYE_SAID, /* and TCP's */
    } goodbye;

    struct list turn;
    int has_turn;
    struct list finishing;
    struct loop_timer *timer;
    uint64_t deadline_ms;
    uint64_t moved_at;
    struct net_moved moved;
};

/* A stream over `fd`, which is the stream's from now on (closed on failure too). */
MUST_USE enum err net_stream_new(struct loop *loop, int fd, struct net_stream **stream);

/* Watch for exactly these events. */
void net_stream_watch(struct net_stream *stream, int events);

/* Call ready() in the loop's next turn, with no event. */
void net_stream_take_turn(struct net_stream *stream);

/* Make a connected (and encrypted) stream ready for net_stream_start(). */
void net_stream_open(struct net_stream *stream);

/* Shake hands within `ms`, then call done once; the stream stays the caller's, who may free it at
 * any time. stream->tls is set. */
typedef void (*net_handshake_fn)(void *arg, const struct net_fault *fault);
struct net_handshake {
    struct net_stream *stream;
    struct loop_timer *timer;
    net_handshake_fn done; /* fault->err is OK when it worked */
    void *arg;
};
MUST_USE enum err net_handshake_start(struct net_handshake *shake, uint64_t ms);
/* Harmless when over, or zeroed. */
void net_handshake_cancel(struct net_handshake *shake);

/* A new non-blocking TCP socket's usual settings. */
void net_socket_tune(int fd);

/* What the kernel does with bytes that are not sent yet when the socket is closed, by us or by our
 * process's death. */
enum net_linger {
    NET_LINGER_SENT, /* send them; the usual */
    NET_LINGER_NONE, /* drop them, reset the connection */
};
void net_socket_linger(int fd, enum net_linger linger);

#endif
