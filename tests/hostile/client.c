/* A connection of the hostile server: input one command at a time, answers as slowly and as badly
 * as a rule wants. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostile.h"

enum { PIECE = 256 << 10, LINE_LEN = 1024, STEP = 16 << 10 };

static void pump(struct client *c);

void client_add(struct client *c, struct bytes text)
{
    must(buf_append(&c->out, text));
}

void client_say(struct client *c, const char *format, ...)
{
    char line[LINE_LEN];
    va_list args;
    int len;

    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): clang 14 overlooks the va_start */
    len = vsnprintf(line, sizeof(line) - 2, format, args);
    va_end(args);
    len = len < (int)sizeof(line) - 2 ? len : (int)sizeof(line) - 3;
    memcpy(line + len, "\r\n", 2);
    client_add(c, bytes_at(line, (size_t)len + 2));
}

struct rule *client_strike(struct client *c, enum point point)
{
    return script_strike(&c->hostile->script,
        &(struct occasion){point, c->hostile->client_count, c->article.len, &c->asked});
}

/* --- an answer, spoilt ------------------------------------------------------------------------ */

static void cut_at(struct client *c, uint64_t after)
{
    c->out.len = after < c->out.len ? (size_t)after : c->out.len;
}

/* The line of the answer, with what no line may hold in it. */
static void add_junk(struct client *c)
{
    static const char junk[] = " \0\x80\xff\x1b[31m\xc3\x28\0 ";
    struct buf whole = c->out;
    const uint8_t *cr = memchr(whole.ptr, '\r', whole.len);
    size_t line = cr != NULL ? (size_t)(cr - whole.ptr) : whole.len;

    c->out = (struct buf){0};
    client_add(c, bytes_at(whole.ptr, line));
    client_add(c, bytes_at(junk, sizeof(junk) - 1));
    client_add(c, bytes_at(whole.ptr + line, whole.len - line));
    buf_clear(&whole);
}

/* `text` as a line of its own before the answer. */
static void put_first(struct client *c, const char *text)
{
    struct buf whole = c->out;

    c->out = (struct buf){0};
    client_say(c, "%s", text);
    client_add(c, buf_view(&whole));
    buf_clear(&whole);
}

static void long_line(struct client *c, uint64_t n)
{
    c->out.len = 0;
    must(buf_resize(&c->out, (size_t)n));
    memset(c->out.ptr, '2', c->out.len);
    c->end = END_MUTE;
}

void client_spoil(struct client *c, const struct rule *rule)
{
    if (rule == NULL || action_marks(rule->action)) {
        return;
    }
    switch (rule->action) {
    case ACTION_DROP:
    case ACTION_STALL:
        cut_at(c, rule->after);
        c->lone_dot = 0;
        c->fill = 0;
        c->end = rule->action == ACTION_DROP ? END_CLOSE : END_MUTE;
        break;
    case ACTION_BYE:
        c->end = END_CLOSE; /* fall through */
    case ACTION_SAY:
        c->out.len = 0;
        c->lone_dot = 0;
        c->fill = 0;
        client_say(c, "%s", rule->text);
        break;
    case ACTION_FIRST:
        put_first(c, rule->text);
        break;
    case ACTION_THEN:
        client_say(c, "%s", rule->text);
        break;
    case ACTION_DRIP:
        c->drip = *rule;
        break;
    case ACTION_LINE:
        long_line(c, rule->n);
        break;
    default:
        add_junk(c);
    }
}

/* --- input ------------------------------------------------------------------------------------ */

/* An article comes in: is this the moment when something befalls the connection? */
static void watch_article(struct client *c)
{
    struct rule *rule = client_strike(c, POINT_TAKING);

    if (rule != NULL) {
        client_spoil(c, rule);
        if (rule->action == ACTION_STALL) {
            net_stream_pause(c->stream);
        }
        if (rule->action == ACTION_SAY) {
            c->end = END_CLOSE; /* what follows would be taken for commands */
        }
    }
}

static void on_event(struct client *c, enum nntp_server_event event, struct bytes text)
{
    switch (event) {
    case NNTP_SERVER_COMMAND:
        if (c->kind == CLIENT_NEWS) {
            verbs_obey(c, text);
        } else {
            orders_obey(c, text);
        }
        break;
    case NNTP_SERVER_DATA:
        must(buf_append(&c->article, text));
        if (c->kind == CLIENT_NEWS) {
            watch_article(c);
        }
        break;
    case NNTP_SERVER_END:
        if (c->kind == CLIENT_NEWS) {
            verbs_article(c);
        } else {
            orders_text(c);
        }
        c->article.len = 0;
        break;
    case NNTP_SERVER_TOO_LONG:
    case NNTP_SERVER_TOO_BIG:
        c->article.len = 0;
        client_say(c, event == NNTP_SERVER_TOO_BIG ? "441 Too big" : "501 Line too long");
        break;
    case NNTP_SERVER_MORE:
        break;
    }
}

static bool free_to_listen(const struct client *c)
{
    return c->out.len == 0 && c->fill == 0 && !c->lone_dot && c->end == END_NOT;
}

/* In small steps, so that a rule about an article that is coming strikes near its octet. */
static void take(struct client *c, struct bytes in)
{
    while (in.len > 0 && free_to_listen(c)) {
        struct bytes step = {in.ptr, in.len < STEP ? in.len : STEP};
        size_t before = step.len;

        while (step.len > 0 && free_to_listen(c)) {
            struct bytes text;
            enum nntp_server_event event = nntp_server_step(&c->rx, &step, &text);

            on_event(c, event, text);
        }
        bytes_skip(&in, before - step.len);
    }
    if (c->end == END_NOT) {
        must(buf_append(&c->input, in));
    }
}

/* --- output ----------------------------------------------------------------------------------- */

/* Some more of the rubbish that makes a body long. */
static void add_filler(struct client *c)
{
    static const char line[] = "rubbish rubbish rubbish rubbish rubbish rubbish rubbish\r\n";
    size_t lines = PIECE / (sizeof(line) - 1);

    for (size_t i = 0; i < lines; i++) {
        client_add(c, bytes_str(line));
    }
    c->fill -= c->fill < c->out.len ? c->fill : c->out.len;
}

/* Does it drip where it is now? */
static bool drips(const struct client *c)
{
    return c->drip.n > 0 && c->out_at >= c->drip.after;
}

static void write_piece(struct client *c)
{
    size_t left = c->out.len - c->out_at;
    size_t most = PIECE;

    if (drips(c)) {
        most = (size_t)c->drip.n;
    } else if (c->drip.n > 0 && c->drip.after - c->out_at < most) {
        most = (size_t)c->drip.after - c->out_at;
    }
    most = left < most ? left : most;
    if (net_stream_write(c->stream, bytes_at(c->out.ptr + c->out_at, most)) == OK) {
        c->writing = 1;
        c->out_at += most;
    } else {
        client_free(c);
    }
}

/* An answer has left: the end of it all, or what came meanwhile. */
static void answered(struct client *c)
{
    struct buf kept = c->input;

    c->out.len = 0;
    c->out_at = 0;
    c->drip = (struct rule){.n = 0};
    if (c->end == END_CLOSE) {
        client_free(c);
    } else if (c->end == END_NOT) {
        c->input = (struct buf){0};
        take(c, buf_view(&kept));
        buf_clear(&kept);
        if (!free_to_listen(c)) {
            pump(c);
        }
    }
}

/* Write what can be written now; the next step comes when that has left. */
static void pump(struct client *c)
{
    if (c->writing) {
        return;
    }
    if (c->out_at == c->out.len && c->fill > 0) {
        c->out.len = 0;
        c->out_at = 0;
        add_filler(c);
    }
    if (c->out_at == c->out.len && c->lone_dot) {
        c->lone_dot = 0;
        client_add(c, bytes_str(".\r\n"));
    }
    if (c->out_at < c->out.len) {
        write_piece(c);
    } else {
        answered(c);
    }
}

static void on_timer(void *arg)
{
    pump(arg);
}

static void on_drain(void *arg)
{
    struct client *c = arg;

    c->writing = 0;
    if (drips(c) && c->out_at < c->out.len) {
        loop_timer_set(c->timer, c->drip.ms);
    } else {
        pump(c);
    }
}

static void on_data(void *arg, struct bytes in)
{
    struct client *c = arg;

    take(c, in);
    if (!free_to_listen(c)) {
        pump(c);
    }
}

static void on_close(void *arg, enum err err)
{
    (void)err;
    client_free(arg);
}

/* --- life ------------------------------------------------------------------------------------- */

void client_start(struct hostile *hostile, struct net_stream *stream, enum client_kind kind)
{
    static const struct net_handlers handlers = {on_data, on_drain, on_close};
    struct client *c = calloc(1, sizeof(*c));

    must(c == NULL ? ERR_NO_MEMORY : OK);
    c->hostile = hostile;
    c->kind = kind;
    c->stream = stream;
    c->login = hostile->user == NULL ? LOGIN_DONE : LOGIN_NEEDED;
    must(loop_timer_new(hostile->loop, on_timer, c, &c->timer));
    nntp_server_init(&c->rx);
    list_push(&hostile->clients, &c->node);
    hostile->client_count += kind == CLIENT_NEWS;
    net_stream_start(stream, &handlers, c);
    if (kind == CLIENT_NEWS) {
        verbs_greet(c);
    } else {
        client_say(c, "200 your orders");
    }
    pump(c);
}

/* At once: no end of TLS is said. */
void client_free(struct client *c)
{
    c->hostile->client_count -= c->kind == CLIENT_NEWS;
    list_remove(&c->node);
    loop_timer_free(c->timer);
    net_stream_free(c->stream);
    buf_clear(&c->input);
    buf_clear(&c->out);
    buf_clear(&c->article);
    free(c);
}
