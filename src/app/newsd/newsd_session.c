/* One client from greeting to goodbye. Input is taken only while what was said before can leave: a
 * client that does not read its answers is not listened to. */
#include "app/newsd/newsd_session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/newsd/newsd_verbs.h"
#include "base/clock.h"
#include "base/log.h"

enum {
    UNSENT_MAX = 256 << 10,   /* said and not yet gone: listen no further */
    SOURCE_MAX = 64 << 10,    /* and long answers go on below this */
    IDLE_MS = 30 * 60 * 1000, /* without a byte in either direction */
    GOODBYE_MS = 10 * 1000,
    LINE_MAX_LEN = 1024,
};

static void go_on(struct session *s);

void newsd_say_bytes(struct session *s, struct bytes text)
{
    if (s->phase == SESSION_OVER) {
        return;
    }
    if (net_stream_write(s->stream, text) != OK) {
        s->phase = SESSION_OVER; /* no memory, or the connection is lost */
    }
    s->unsent += text.len;
}

void newsd_say(struct session *s, const char *format, ...)
{
    char line[LINE_MAX_LEN];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(line, sizeof(line) - 2, format, args);
    va_end(args);
    if (len > (int)sizeof(line) - 3) {
        len = (int)sizeof(line) - 3;
    }
    memcpy(line + len, "\r\n", 2);
    newsd_say_bytes(s, bytes_at(line, (size_t)len + 2));
}

static void say_capabilities(struct session *s, const struct nntp_command *command)
{
    (void)command;
    newsd_say(s,
        "101 Capability list:\r\nVERSION 2\r\nREADER\r\nPOST\r\nOVER MSGID\r\n"
        "LIST ACTIVE NEWSGROUPS OVERVIEW.FMT%s\r\n.",
        s->login == LOGIN_DONE ? "" : "\r\nAUTHINFO USER");
}

static void say_mode(struct session *s, const struct nntp_command *command)
{
    (void)command;
    newsd_say(s, "200 Posting allowed");
}

static void say_help(struct session *s, const struct nntp_command *command)
{
    (void)command;
    newsd_say(s, "100 Commands:\r\nARTICLE BODY HEAD STAT [id|number]\r\nAUTHINFO USER|PASS\r\n"
                 "CAPABILITIES DATE HELP MODE READER QUIT\r\nGROUP LISTGROUP LAST NEXT\r\n"
                 "LIST [ACTIVE|NEWSGROUPS|OVERVIEW.FMT]\r\nOVER XOVER [id|range]\r\nPOST\r\n.");
}

static void say_date(struct session *s, const struct nntp_command *command)
{
    time_t now = (time_t)(clock_wall_ns() / 1000000000);
    struct tm tm;
    char text[24];

    (void)command;
    gmtime_r(&now, &tm);
    (void)strftime(text, sizeof(text), "%Y%m%d%H%M%S", &tm);
    newsd_say(s, "111 %s", text);
}

static void say_quit(struct session *s, const struct nntp_command *command)
{
    (void)command;
    newsd_say(s, "205 Bye");
    s->phase = SESSION_OVER;
}

static void say_bad(struct session *s, const struct nntp_command *command)
{
    newsd_say(s, command->verb == NNTP_VERB_BAD ? "501 Bad command line" : "500 What? (try HELP)");
}

static void say_bad_form(struct session *s, const struct nntp_command *command)
{
    (void)command;
    newsd_say(s, "501 Not known in this form");
}

static const struct verb_row {
    newsd_verb_fn fn;
    enum { OPEN_TO_ALL, AFTER_LOGIN } when;
    size_t words_max;
} verbs[] = {
    [NNTP_VERB_BAD] = {say_bad, OPEN_TO_ALL, NNTP_COMMAND_WORDS},
    [NNTP_VERB_UNKNOWN] = {say_bad, OPEN_TO_ALL, NNTP_COMMAND_WORDS},
    [NNTP_VERB_ARTICLE] = {newsd_article, AFTER_LOGIN, 1},
    [NNTP_VERB_AUTHINFO_PASS] = {newsd_login, OPEN_TO_ALL, NNTP_COMMAND_WORDS},
    [NNTP_VERB_AUTHINFO_USER] = {newsd_login, OPEN_TO_ALL, NNTP_COMMAND_WORDS},
    [NNTP_VERB_AUTHINFO] = {say_bad_form, OPEN_TO_ALL, NNTP_COMMAND_WORDS},
    [NNTP_VERB_BODY] = {newsd_article, AFTER_LOGIN, 1},
    [NNTP_VERB_CAPABILITIES] = {say_capabilities, OPEN_TO_ALL, 1},
    [NNTP_VERB_DATE] = {say_date, OPEN_TO_ALL, 0},
    [NNTP_VERB_GROUP] = {newsd_group, AFTER_LOGIN, 1},
    [NNTP_VERB_HEAD] = {newsd_article, AFTER_LOGIN, 1},
    [NNTP_VERB_HELP] = {say_help, OPEN_TO_ALL, 0},
    [NNTP_VERB_LAST] = {newsd_step, AFTER_LOGIN, 0},
    [NNTP_VERB_LIST] = {newsd_list, AFTER_LOGIN, 2},
    [NNTP_VERB_LISTGROUP] = {newsd_listgroup, AFTER_LOGIN, 2},
    [NNTP_VERB_MODE] = {say_bad_form, OPEN_TO_ALL, NNTP_COMMAND_WORDS},
    [NNTP_VERB_MODE_READER] = {say_mode, OPEN_TO_ALL, 0},
    [NNTP_VERB_NEXT] = {newsd_step, AFTER_LOGIN, 0},
    [NNTP_VERB_OVER] = {newsd_over, AFTER_LOGIN, 1},
    [NNTP_VERB_POST] = {newsd_post, AFTER_LOGIN, 0},
    [NNTP_VERB_QUIT] = {say_quit, OPEN_TO_ALL, 0},
    [NNTP_VERB_STAT] = {newsd_article, AFTER_LOGIN, 1},
};

static void obey(struct session *s, struct bytes line)
{
    struct nntp_command command;
    const struct verb_row *row;

    nntp_command_parse(line, &command);
    row = &verbs[command.verb];
    if (command.count > row->words_max) {
        newsd_say(s, "501 Too many arguments");
    } else if (row->when == AFTER_LOGIN && s->login != LOGIN_DONE) {
        newsd_say(s, "480 Authentication required for command");
    } else {
        row->fn(s, &command);
    }
}

static void on_event(struct session *s, enum nntp_server_event event, struct bytes text)
{
    switch (event) {
    case NNTP_SERVER_COMMAND:
        obey(s, text);
        break;
    case NNTP_SERVER_TOO_LONG:
        newsd_say(s, "501 Line too long");
        break;
    case NNTP_SERVER_DATA:
        newsd_post_data(s, text);
        break;
    case NNTP_SERVER_END:
    case NNTP_SERVER_TOO_BIG:
        s->phase = SESSION_COMMANDS;
        newsd_post_end(s, event);
        break;
    case NNTP_SERVER_MORE:
        break;
    }
}

/* May more input be taken? */
static int listening(const struct session *s)
{
    return s->phase != SESSION_OVER && s->source == NULL && s->unsent < UNSENT_MAX;
}

static void take(struct session *s, struct bytes *in)
{
    while (in->len > 0 && listening(s)) {
        struct bytes text;
        enum nntp_server_event event = nntp_server_step(&s->rx, in, &text);

        on_event(s, event, text);
    }
}

/* QUIT, or an end: what was said still leaves. */
static void say_goodbye(struct session *s)
{
    net_stream_finish(s->stream, GOODBYE_MS);
    s->stream = NULL;
    newsd_session_free(s);
}

static void on_data(void *arg, struct bytes in)
{
    struct session *s = arg;

    take(s, &in);
    if (s->phase != SESSION_OVER && in.len > 0 && buf_append(&s->input, in) != OK) {
        s->phase = SESSION_OVER;
    }
    go_on(s);
}

/* After anything happened: long answers, kept input, then listening again or the end. */
static void go_on(struct session *s)
{
    struct bytes kept = buf_view(&s->input);

    while (
        s->source != NULL && !s->chunk_out && s->unsent < SOURCE_MAX && s->phase != SESSION_OVER) {
        if (!s->source(s)) {
            s->source = NULL;
        }
    }
    if (kept.len > 0 && listening(s)) {
        take(s, &kept);
        buf_drop(&s->input, s->input.len - kept.len);
        if (s->input.len == 0) {
            buf_clear(&s->input);
        }
    }
    if (s->phase == SESSION_OVER) {
        say_goodbye(s);
    } else if (listening(s) && s->input.len == 0) {
        net_stream_resume(s->stream);
    } else {
        net_stream_pause(s->stream);
    }
}

static void on_drain(void *arg)
{
    struct session *s = arg;

    s->unsent = 0;
    s->chunk_out = 0;
    go_on(s);
}

/* A client that closed its side behind its last command still gets the answers. */
static void on_close(void *arg, enum err err)
{
    struct session *s = arg;

    if (err == OK) {
        say_goodbye(s);
        return;
    }
    log_info("newsd", "client lost: peer=%s why=%s", s->peer, err_text(err));
    newsd_session_free(s);
}

void newsd_session_start(struct newsd *newsd, struct net_stream *stream, const char *peer)
{
    static const struct net_handlers handlers = {on_data, on_drain, on_close};
    struct session *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        net_stream_free(stream);
        return;
    }
    s->newsd = newsd;
    s->stream = stream;
    s->group = SPOOL_NONE;
    s->sending.fd = -1;
    s->post.draft.fd = -1;
    s->login = newsd->user == NULL ? LOGIN_DONE : LOGIN_NEEDED;
    (void)snprintf(s->peer, sizeof(s->peer), "%s", peer);
    nntp_server_init(&s->rx);
    list_push(&newsd->sessions, &s->node);
    newsd->clients++;
    net_stream_start(stream, &handlers, s);
    net_stream_deadline(stream, IDLE_MS);
    newsd_say(s, "200 News server ready (posting allowed)");
}

void newsd_session_free(struct session *s)
{
    newsd_post_drop(s);
    if (s->sending.fd >= 0) {
        close(s->sending.fd);
    }
    net_stream_free(s->stream); /* before the chunk it may still look at */
    free(s->chunk);
    buf_clear(&s->input);
    bytes_wipe(s->user, sizeof(s->user));
    list_remove(&s->node);
    s->newsd->clients--;
    free(s);
}
