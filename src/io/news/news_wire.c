/* The bytes of one connection: io/net below, codec/nntp's ear and mouth above. */
#include "io/news/news_wire.h"

#include <stdlib.h>

#include "io/news/news.h"

/* An article may creep at this part of the slowest rate while it can be seen to move. */
enum { SLOW_PARTS = 4 };

struct news_wire {
    const struct news_settings *settings;
    struct news_wire_events events;
    void *arg;
    struct net_connect *connecting; /* not NULL: under way */
    struct net_stream *stream;      /* not NULL: connected */
    struct net_moved moved;         /* of a stream that is gone */
    struct loop_timer *timer;
    struct nntp_rx rx;
    struct buf line; /* a command while it is built; wiped, because it may be a password */
    int inside;      /* events that are being delivered: free() waits for them */
    enum { WIRE_OPEN, WIRE_LOST, WIRE_FREED } state;
};

static void destroy(struct news_wire *wire)
{
    buf_wipe(&wire->line);
    free(wire);
}

static void let_go(struct news_wire *wire)
{
    if (wire->connecting != NULL) {
        net_connect_cancel(wire->connecting);
        wire->connecting = NULL;
    }
    wire->moved = news_wire_moved(wire);
    net_stream_free(wire->stream);
    wire->stream = NULL;
    loop_timer_free(wire->timer);
    wire->timer = NULL;
}

void news_wire_free(struct news_wire *wire)
{
    if (wire == NULL) {
        return;
    }
    let_go(wire);
    wire->state = WIRE_FREED;
    if (wire->inside == 0) {
        destroy(wire);
    }
}

static void enter(struct news_wire *wire)
{
    wire->inside++;
}

static void leave(struct news_wire *wire)
{
    if (--wire->inside == 0 && wire->state == WIRE_FREED) {
        destroy(wire);
    }
}

static void lose(struct news_wire *wire, enum err err)
{
    if (wire->state != WIRE_OPEN) {
        return;
    }
    wire->state = WIRE_LOST;
    let_go(wire);
    enter(wire);
    wire->events.on_lost(wire->arg, err);
    leave(wire);
}

static void on_timer(void *arg)
{
    lose(arg, ERR_TIMEOUT);
}

static void on_event(struct news_wire *wire, enum nntp_event event, const struct nntp_item *item)
{
    switch (event) {
    case NNTP_STATUS:
        wire->events.on_status(wire->arg, item);
        break;
    case NNTP_DATA:
        wire->events.on_data(wire->arg, item->text);
        break;
    case NNTP_END:
        wire->events.on_end(wire->arg);
        break;
    case NNTP_BAD:
        lose(wire, ERR_PROTOCOL);
        break;
    case NNTP_TOO_LONG:
        lose(wire, ERR_TOO_LONG);
        break;
    case NNTP_MORE:
        break;
    }
}

static void on_data(void *arg, struct bytes in)
{
    struct news_wire *wire = arg;
    enum nntp_event event = NNTP_STATUS;

    enter(wire);
    while (wire->state == WIRE_OPEN && event != NNTP_MORE) {
        struct nntp_item item;

        event = nntp_rx_step(&wire->rx, &in, &item);
        on_event(wire, event, &item);
    }
    leave(wire);
}

static void on_drain(void *arg)
{
    struct news_wire *wire = arg;

    enter(wire);
    wire->events.on_drain(wire->arg);
    leave(wire);
}

static void on_close(void *arg, enum err err)
{
    lose(arg, err == OK ? ERR_CONNECTION_LOST : err);
}

static void on_connected(void *arg, enum err err, struct net_stream *stream, const char *detail)
{
    static const struct net_handlers handlers = {on_data, on_drain, on_close};
    struct news_wire *wire = arg;

    wire->connecting = NULL;
    wire->stream = stream;
    enter(wire);
    if (err == OK) {
        net_stream_start(stream, &handlers, wire);
        news_wire_wait(wire, wire->settings->greeting_ms);
    } else {
        wire->state = WIRE_LOST;
    }
    wire->events.on_connect(wire->arg, err, detail != NULL ? detail : "");
    leave(wire);
}

enum err news_wire_open(const struct news_wire_options *options,
    const struct news_wire_events *events, void *arg, struct news_wire **out)
{
    const struct news_provider *provider = options->provider;
    const struct news_settings *settings = options->settings;
    struct net_connect_options connect = {
        .host = provider->host,
        .port = provider->port,
        .tls = provider->tls,
        .ca_file = provider->ca_file,
        .dns_ms = settings->dns_ms,
        .connect_ms = settings->connect_ms,
        .handshake_ms = settings->handshake_ms,
    };
    struct news_wire *wire = calloc(1, sizeof *wire);
    enum err err;

    *out = NULL;
    if (wire == NULL) {
        return ERR_NO_MEMORY;
    }
    wire->settings = settings;
    wire->events = *events;
    wire->arg = arg;
    nntp_rx_init(&wire->rx, NEWS_BODY_MAX);
    err = loop_timer_new(options->loop, on_timer, wire, &wire->timer);
    if (err == OK) {
        err = net_connect_start(options->loop, &connect, on_connected, wire, &wire->connecting);
    }
    if (err != OK) {
        news_wire_free(wire);
        return err;
    }
    *out = wire;
    return OK;
}

enum err news_wire_command(struct news_wire *wire, enum nntp_cmd cmd, struct bytes text)
{
    enum err err;

    wire->line.len = 0;
    err = nntp_cmd_append(&wire->line, cmd, text);
    if (err == OK) {
        err = net_stream_write(wire->stream, buf_view(&wire->line));
    }
    if (wire->line.len > 0) {
        bytes_wipe(wire->line.ptr, wire->line.len);
    }
    return err;
}

enum err news_wire_article(struct news_wire *wire, struct bytes head, struct bytes body)
{
    enum err err = net_stream_write(wire->stream, head);

    if (err == OK) {
        err = net_stream_send(wire->stream, body);
    }
    if (err == OK) {
        err = net_stream_write(wire->stream, bytes_str(".\r\n"));
    }
    return err;
}

void news_wire_expect(struct news_wire *wire, enum nntp_cmd cmd)
{
    nntp_rx_expect(&wire->rx, nntp_cmd_shape(cmd));
}

void news_wire_wait(struct news_wire *wire, uint64_t ms)
{
    if (wire->timer == NULL) {
        return;
    }
    if (ms == 0) {
        loop_timer_stop(wire->timer);
    } else {
        loop_timer_set(wire->timer, ms);
    }
}

void news_wire_progress(struct news_wire *wire, uint64_t ms)
{
    if (wire->stream != NULL) {
        net_stream_deadline(wire->stream, ms);
    }
}

uint64_t news_wire_article_ms(const struct news_settings *settings, size_t len)
{
    uint64_t carry = settings->slowest_rate > 0 ? len * UINT64_C(1000) / settings->slowest_rate : 0;

    return settings->reply_ms + carry;
}

struct net_moved news_wire_moved(const struct news_wire *wire)
{
    return wire->stream != NULL ? net_stream_moved(wire->stream) : wire->moved;
}

uint64_t news_wire_longest_ms(const struct news_settings *settings, size_t len)
{
    if (settings->slowest_rate == 0) {
        return 0;
    }
    return settings->progress_ms + SLOW_PARTS * len * UINT64_C(1000) / settings->slowest_rate;
}

const char *news_wire_describe(const struct news_wire *wire)
{
    return wire->stream != NULL ? net_stream_describe(wire->stream) : "";
}
