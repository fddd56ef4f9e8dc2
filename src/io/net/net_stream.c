/* A stream's life: turns, reading, pausing, deadlines, its end. The way out is in net_out.c. */
#include "io/net/net_stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/net/net_out.h"

static uint64_t now_ms(const struct net_stream *s)
{
    return uv_now(s->poll.loop);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct net_stream *s = poll->data;

    if (status < 0) { /* libuv stopped watching; the calls below find out why */
        s->watched = 0;
        events = UV_READABLE | UV_WRITABLE;
    }
    s->ready(s, events);
}

void net_stream_watch(struct net_stream *s, int events)
{
    if (events == s->watched) {
        return;
    }
    s->watched = events;
    if (events == 0) {
        (void)uv_poll_stop(&s->poll);
    } else {
        (void)uv_poll_start(&s->poll, events, on_poll);
    }
}

void net_stream_take_turn(struct net_stream *s)
{
    if (!s->has_turn) {
        s->has_turn = 1;
        list_push(&s->local->turns, &s->turn);
    }
}

void net_socket_tune(int fd)
{
    int one = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

void net_socket_linger(int fd, enum net_linger linger)
{
    struct linger wanted = {.l_onoff = linger == NET_LINGER_NONE, .l_linger = 0};

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &wanted, sizeof(wanted));
}

static void on_timer(void *arg);

enum err net_stream_new(struct loop *loop, int fd, struct net_stream **out)
{
    struct net_stream *s = calloc(1, sizeof(*s));
    enum err err = s == NULL ? ERR_NO_MEMORY : net_local_get(loop, &s->local);

    if (err == OK) {
        err = loop_timer_new(loop, on_timer, s, &s->timer);
    }
    if (err == OK && uv_poll_init_socket(loop_uv(loop), &s->poll, fd) != 0) {
        err = ERR_SYSTEM;
    }
    if (err != OK) {
        if (s != NULL) {
            loop_timer_free(s->timer);
        }
        free(s);
        close(fd);
        return err;
    }
    s->poll.data = s;
    s->fd = fd;
    list_init(&s->turn);
    list_init(&s->finishing);
    s->moved_at = now_ms(s);
    *out = s;
    return OK;
}

/* The one place where a stream ends for its user. */
static void die(struct net_stream *s, enum err err)
{
    s->state = STREAM_DEAD;
    net_stream_watch(s, 0);
    loop_timer_stop(s->timer);
    if (s->handlers.on_close != NULL) {
        s->handlers.on_close(s->arg, err);
    }
}

/* Fill the loop's buffer; remembers an end for later. */
static size_t fill(struct net_stream *s)
{
    struct net_fault fault;
    size_t n = 0;
    enum net_io io;

    if (s->tls == NULL) {
        io = net_out_recv(s->fd, s->local->buffer, NET_READ_LEN, &n, &fault);
    } else {
        io = tls_read(s->tls, s->local->buffer, NET_READ_LEN, &n, &fault);
        s->more_inside = io == NET_IO_DONE;
        if (tls_pending(s->tls)) {
            net_stream_take_turn(s); /* TLS itself has something to say */
        }
    }
    if (io == NET_IO_END || io == NET_IO_FAILED) {
        s->ended = 1;
        s->end = io == NET_IO_END ? OK : fault.err;
    }
    return n;
}

static void read_some(struct net_stream *s)
{
    size_t n = s->ended ? 0 : fill(s);

    if (n > 0) {
        s->moved_at = now_ms(s);
        s->moved.in += n;
        s->handlers.on_data(s->arg, bytes_at(s->local->buffer, n));
    }
}

/* A stream that can no longer write has nothing to wait for once there is nothing more to read. */
static void tell_end(struct net_stream *s)
{
    if (s->write_err != OK && (s->paused || !s->more_inside)) {
        die(s, s->write_err);
    } else if (s->ended && (!s->paused || s->end != OK)) {
        die(s, s->end);
    }
}

static void watch_open(struct net_stream *s)
{
    int events = 0;

    if (!s->paused && !s->ended) {
        events |= UV_READABLE;
    }
    if (net_out_pending(s) && !s->has_turn) {
        events |= UV_WRITABLE; /* the kernel is full, or our share of this turn is used up */
    }
    net_stream_watch(s, events);
    if (s->more_inside && !s->paused) {
        net_stream_take_turn(s);
    }
}

/* Write, tell that all is out, read, tell the end: each only while the user has not freed us. */
static void open_ready(struct net_stream *s, int events)
{
    int readable = (events & UV_READABLE) != 0 || s->more_inside || s->write_err != OK;

    if (s->write_err == OK && net_out_pending(s)) {
        s->write_err = net_out_send(s);
        readable |= s->write_err != OK;
    }
    if (s->drain_due && s->write_err == OK && !net_out_pending(s)) {
        s->drain_due = 0;
        if (s->handlers.on_drain != NULL) {
            s->handlers.on_drain(s->arg);
        }
    }
    if (s->state == STREAM_OPEN && readable && !s->paused) {
        read_some(s);
    }
    if (s->state == STREAM_OPEN) {
        tell_end(s);
    }
    if (s->state == STREAM_OPEN) {
        watch_open(s);
    }
}

static void setup_ready(struct net_stream *s, int events)
{
    (void)s; /* not started yet: the kernel holds what arrives */
    (void)events;
}

void net_stream_open(struct net_stream *s)
{
    net_stream_watch(s, 0);
    s->ready = setup_ready;
    s->state = STREAM_OPEN;
}

void net_stream_start(struct net_stream *s, const struct net_handlers *handlers, void *arg)
{
    s->handlers = *handlers;
    s->arg = arg;
    s->started = 1;
    s->ready = open_ready;
    s->more_inside = s->tls != NULL; /* the handshake may have read further */
    s->moved_at = now_ms(s);
    net_stream_take_turn(s);
}

void net_stream_pause(struct net_stream *s)
{
    if (s->paused) {
        return;
    }
    s->paused = 1;
    if (s->started && s->state == STREAM_OPEN) {
        net_stream_take_turn(s); /* stop watching, unless it goes on at once */
    }
}

void net_stream_resume(struct net_stream *s)
{
    if (!s->paused) {
        return;
    }
    s->paused = 0;
    if (s->started && s->state == STREAM_OPEN) {
        net_stream_take_turn(s);
    }
}

void net_stream_deadline(struct net_stream *s, uint64_t ms)
{
    if (s->state != STREAM_OPEN) {
        return;
    }
    uv_update_time(s->poll.loop);
    s->deadline_ms = ms;
    s->moved_at = now_ms(s);
    if (ms == 0) {
        loop_timer_stop(s->timer);
    } else {
        loop_timer_set(s->timer, ms);
    }
}

/* Bytes moved since the timer was set only move the timer on: no call for each read. */
static void on_timer(void *arg)
{
    struct net_stream *s = arg;
    uint64_t idle = now_ms(s) - s->moved_at;

    if (s->state == STREAM_FINISHING) {
        net_stream_free(s);
    } else if (idle >= s->deadline_ms) {
        die(s, ERR_TIMEOUT);
    } else {
        loop_timer_set(s->timer, s->deadline_ms - idle);
    }
}

struct net_moved net_stream_moved(const struct net_stream *s)
{
    return s->moved;
}

const char *net_stream_describe(const struct net_stream *s)
{
    return s->tls == NULL ? "plain" : tls_describe(s->tls);
}

static void on_closed(uv_handle_t *poll)
{
    free(poll->data);
}

void net_stream_free(struct net_stream *s)
{
    if (s == NULL || s->state == STREAM_FREED) {
        return;
    }
    s->state = STREAM_FREED;
    list_remove(&s->turn);
    list_remove(&s->finishing);
    loop_timer_free(s->timer);
    uv_close((uv_handle_t *)&s->poll, on_closed);
    tls_free(s->tls);
    net_socket_linger(s->fd, NET_LINGER_SENT);
    close(s->fd);
    buf_clear(&s->before);
    buf_clear(&s->after);
}

static void say_goodbye(struct net_stream *s)
{
    if (s->goodbye == GOODBYE_NONE && !net_out_pending(s)) {
        s->goodbye = GOODBYE_TLS;
        if (s->tls != NULL) {
            tls_say_goodbye(s->tls);
            s->ended |= net_out_send(s) != OK;
        }
    }
    if (s->goodbye == GOODBYE_TLS && !net_out_pending(s)) {
        s->goodbye = GOODBYE_SAID;
        (void)shutdown(s->fd, SHUT_WR);
    }
}

/* The rest goes out, then our end; then what still comes is read and dropped, because closing over
 * unread bytes would make the kernel take back what the other side has not read yet. */
static void finishing_ready(struct net_stream *s, int events)
{
    (void)events;
    if (net_out_pending(s) && net_out_send(s) != OK) {
        net_stream_free(s);
        return;
    }
    say_goodbye(s);
    if (!s->ended) {
        (void)fill(s);
    }
    if (s->ended && !net_out_pending(s)) {
        net_stream_free(s);
        return;
    }
    net_stream_watch(s, (s->ended ? 0 : UV_READABLE) | (net_out_pending(s) ? UV_WRITABLE : 0));
    if (s->more_inside) {
        net_stream_take_turn(s);
    }
}

void net_stream_finish(struct net_stream *s, uint64_t ms)
{
    if (s == NULL) {
        return;
    }
    if (s->write_err != OK || s->end != OK || net_out_own(s) != OK) {
        net_stream_free(s);
        return;
    }
    s->handlers = (struct net_handlers){0};
    s->state = STREAM_FINISHING;
    s->ready = finishing_ready;
    list_push(&s->local->finishing, &s->finishing);
    loop_timer_set(s->timer, ms);
    net_stream_take_turn(s);
}
