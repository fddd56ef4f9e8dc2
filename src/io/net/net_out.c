/* The way out: copies, then the caller's big view, then copies again. */
#include "io/net/net_out.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
    TURN_BYTES = 1 << 20,  /* what one stream may send before others get their turn */
    KEEP_BYTES = 64 << 10, /* a larger buffer is given back when it is empty */
};

static size_t copies_waiting(const struct net_stream *s)
{
    return s->before.len - s->before_off + s->after.len;
}

bool net_out_pending(const struct net_stream *s)
{
    return copies_waiting(s) > 0 || s->big.len > 0 || (s->tls != NULL && tls_pending(s->tls));
}

/* `n` bytes at the front have left. */
static void consume(struct net_stream *s, size_t n)
{
    size_t first = s->before.len - s->before_off;
    struct buf empty = s->before;

    if (n < first) {
        s->before_off += n;
        return;
    }
    n -= first;
    s->before.len = 0;
    s->before_off = 0;
    if (n < s->big.len) {
        bytes_skip(&s->big, n);
    } else {
        s->before_off = n - s->big.len;
        s->big = (struct bytes){0};
        s->before = s->after;
        s->after = empty;
        s->after.len = 0;
    }
    if (s->before_off == s->before.len) {
        s->before.len = 0;
        s->before_off = 0;
        if (s->before.cap > KEEP_BYTES) {
            buf_clear(&s->before);
        }
    }
}

static enum net_io send_plain(struct net_stream *s, size_t *n, struct net_fault *fault)
{
    struct iovec parts[3];
    struct msghdr message = {.msg_iov = parts};
    struct bytes views[3] = {
        {s->before.ptr + s->before_off, s->before.len - s->before_off},
        s->big,
        buf_view(&s->after),
    };
    ssize_t sent;

    for (int i = 0; i < 3; i++) {
        if (views[i].len > 0) {
            memcpy(&parts[message.msg_iovlen].iov_base, &views[i].ptr, sizeof(views[i].ptr));
            parts[message.msg_iovlen++].iov_len = views[i].len;
        }
    }
    do {
        sent = sendmsg(s->fd, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0) {
        *n = (size_t)sent;
        return NET_IO_DONE;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return NET_IO_WANT_WRITE;
    }
    net_fault_set(fault, ERR_CONNECTION_LOST, "%s", strerror(errno));
    return NET_IO_FAILED;
}

static enum net_io send_tls(struct net_stream *s, size_t *n, struct net_fault *fault)
{
    struct bytes view = {s->before.ptr + s->before_off, s->before.len - s->before_off};

    if (view.len == 0) {
        view = s->big; /* `after` is `before` when `big` is gone */
    }
    if (view.len == 0) {
        return tls_flush(s->tls, fault);
    }
    if (view.len > TURN_BYTES) {
        view.len = TURN_BYTES;
    }
    return tls_write(s->tls, view, n, fault);
}

enum err net_out_send(struct net_stream *s)
{
    size_t share = TURN_BYTES;
    enum net_io io = NET_IO_DONE;
    struct net_fault fault;

    while (io == NET_IO_DONE && share > 0 && net_out_pending(s)) {
        size_t n = 0;

        io = s->tls == NULL ? send_plain(s, &n, &fault) : send_tls(s, &n, &fault);
        if (n > 0) {
            s->moved_at = uv_now(s->poll.loop);
            s->moved.out += n;
            consume(s, n);
            share -= n < share ? n : share;
        }
    }
    if (io != NET_IO_FAILED) {
        return OK;
    }
    s->big = (struct bytes){0};
    buf_clear(&s->before);
    buf_clear(&s->after);
    s->before_off = 0;
    return fault.err;
}

enum err net_stream_write(struct net_stream *s, struct bytes data)
{
    struct buf *out = s->big.len > 0 ? &s->after : &s->before;
    enum err err;

    if (s->state != STREAM_OPEN || s->write_err != OK) {
        return ERR_CONNECTION_LOST;
    }
    if (copies_waiting(s) + data.len > NET_WRITE_MAX) {
        return ERR_LIMIT;
    }
    if (s->before_off > s->before.len / 2) {
        buf_drop(&s->before, s->before_off);
        s->before_off = 0;
    }
    err = buf_append(out, data);
    if (err == OK) {
        s->drain_due = 1;
        net_stream_take_turn(s);
    }
    return err;
}

enum err net_stream_send(struct net_stream *s, struct bytes data)
{
    if (s->state != STREAM_OPEN || s->write_err != OK) {
        return ERR_CONNECTION_LOST;
    }
    if (s->big.len > 0) {
        return ERR_BUG;
    }
    s->big = data;
    s->drain_due = 1;
    net_stream_take_turn(s);
    return OK;
}

enum err net_out_own(struct net_stream *s)
{
    enum err err;

    if (s->big.len == 0) {
        return OK;
    }
    err = buf_append(&s->before, s->big);
    if (err == OK) {
        err = buf_append(&s->before, buf_view(&s->after));
    }
    s->big = (struct bytes){0};
    s->after.len = 0;
    return err;
}

enum net_io net_out_recv(int fd, uint8_t *out, size_t cap, size_t *n, struct net_fault *fault)
{
    ssize_t got;

    do {
        got = recv(fd, out, cap, 0);
    } while (got < 0 && errno == EINTR);
    if (got > 0) {
        *n = (size_t)got;
        return NET_IO_DONE;
    }
    if (got == 0) {
        return NET_IO_END;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return NET_IO_WANT_READ;
    }
    net_fault_set(
        fault, errno == ETIMEDOUT ? ERR_TIMEOUT : ERR_CONNECTION_LOST, "%s", strerror(errno));
    return NET_IO_FAILED;
}
