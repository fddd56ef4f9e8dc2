/* The TLS handshake of a connected stream, client's or server's, within its time. */
#include "io/net/net_stream.h"

static void end_shake(struct net_handshake *shake, const struct net_fault *fault)
{
    loop_timer_free(shake->timer);
    shake->timer = NULL;
    net_stream_watch(shake->stream, 0);
    shake->done(shake->arg, fault);
}

static void on_ready(struct net_stream *stream, int events)
{
    struct net_handshake *shake = stream->ready_arg;
    struct net_fault fault = {.err = OK};

    (void)events;
    switch (tls_handshake(stream->tls, &fault)) {
    case NET_IO_WANT_READ:
        net_stream_watch(stream, UV_READABLE);
        break;
    case NET_IO_WANT_WRITE:
        net_stream_watch(stream, UV_READABLE | UV_WRITABLE);
        break;
    default:
        end_shake(shake, &fault);
        break;
    }
}

static void on_late(void *arg)
{
    struct net_fault fault;

    net_fault_set(&fault, ERR_TIMEOUT, "the TLS handshake took too long");
    end_shake(arg, &fault);
}

enum err net_handshake_start(struct net_handshake *shake, uint64_t ms)
{
    enum err err = loop_timer_new(shake->stream->local->loop, on_late, shake, &shake->timer);

    if (err != OK) {
        return err;
    }
    loop_timer_set(shake->timer, ms);
    shake->stream->ready = on_ready;
    shake->stream->ready_arg = shake;
    net_stream_take_turn(shake->stream);
    return OK;
}

void net_handshake_cancel(struct net_handshake *shake)
{
    loop_timer_free(shake->timer);
    shake->timer = NULL;
}
