/* A connection's life: it comes up, logs in, rests, breaks. README.md draws the states. */
#include "io/news/news_conn.h"

#include <stdlib.h>

#include "io/news/news_server.h"

enum {
    LOGINS_MAX = 3, /* on one connection: a server may ask again, but not for ever */
    QUIT_MS = 2000, /* at most this long for a goodbye */
};

static const struct news_settings *settings_of(const struct news_conn *conn)
{
    return &conn->server->pool->settings;
}

/* What its server has under that id is none of ours: the others are asked. */
static void unfit(struct news_op *op, enum err err)
{
    op->no |= 1U << op->server->index;
    op->unfit = err;
    news_pool_route(op);
}

/* Tell the server (the room's word for a provider at work) that this connection ends, then send
 * its requests again: after that, so that they see what is known of the server now. The first one
 * had its chance; those behind it had none. */
static void end(struct news_conn *conn, const struct news_trouble *trouble)
{
    struct news_op *ops[NEWS_PIPELINE_MAX];
    unsigned count = 0;
    bool free_of_charge = conn->rested || trouble->verdict == NNTP_DO_FEWER ||
                          trouble->verdict == NNTP_DO_STOP || trouble->err == OK;

    for (unsigned i = 0; i < conn->count; i++) {
        struct news_op *op = conn->slots[(conn->first + i) % NEWS_PIPELINE_MAX].op;

        if (op != NULL) {
            op->conn = NULL;
            ops[count++] = op;
        }
    }
    conn->count = 0;
    news_server_gone(conn->server, conn, trouble);
    while (count-- > 0) { /* backwards: each goes to the front of its queue */
        enum news_cost cost = count > 0 || free_of_charge ? NEWS_COSTS_NOTHING : NEWS_COSTS_A_TRY;

        if (count == 0 && trouble->err == ERR_TOO_LONG) {
            unfit(ops[count], trouble->err);
        } else {
            news_pool_again(ops[count], trouble->err, trouble->text, cost);
        }
    }
}

void news_conn_break(struct news_conn *conn, enum err err)
{
    struct news_trouble trouble = {.verdict = NNTP_DO_CLOSE, .err = err};

    if (err_kind(err) == KIND_REFUSED || err_kind(err) == KIND_USER) {
        trouble.verdict = NNTP_DO_STOP;
    }
    end(conn, &trouble);
}

void news_conn_stop(struct news_conn *conn, const struct news_answer *answer)
{
    struct news_trouble trouble = {.verdict = answer->reply.verdict, .err = answer->reply.err};

    if (trouble.err == OK) {
        trouble.err = ERR_PROTOCOL; /* a success of something else */
    }
    news_text_reply(answer->code, answer->text, trouble.text);
    end(conn, &trouble);
}

void news_conn_judge(const struct news_conn *conn, enum nntp_cmd cmd, const struct nntp_item *item,
    struct news_answer *answer)
{
    *answer = (struct news_answer){.code = item->code, .text = item->text, .conn = conn->serial};
    nntp_reply_judge(cmd, item->code, item->text, &answer->reply);
}

/* Coming up */

static void setup_send(
    struct news_conn *conn, enum conn_state state, enum nntp_cmd cmd, const char *text)
{
    enum err err = news_wire_command(conn->wire, cmd, bytes_str(text != NULL ? text : ""));

    if (err != OK) {
        news_conn_break(conn, err == ERR_BAD_REQUEST ? ERR_LOGIN : err);
        return;
    }
    conn->state = state;
    news_wire_expect(conn->wire, cmd);
    news_wire_wait(conn->wire, settings_of(conn)->reply_ms);
}

static void send_user(struct news_conn *conn)
{
    const struct news_provider *provider = &conn->server->provider;

    conn->needs_login = false;
    if (provider->user == NULL || provider->password == NULL) {
        news_conn_break(conn, ERR_LOGIN_NEEDED);
    } else if (conn->logins++ >= LOGINS_MAX) { /* it took the password each time, and forgot */
        end(conn, &(struct news_trouble){NNTP_DO_RECONNECT, ERR_LOGIN_NEEDED, ""});
    } else {
        setup_send(conn, CONN_USER, NNTP_CMD_AUTH_USER, provider->user);
    }
}

/* The next thing to set up, or ready. */
static void setup_next(struct news_conn *conn)
{
    const struct news_provider *provider = &conn->server->provider;

    if (conn->needs_login ||
        (conn->logins == 0 && provider->user != NULL && provider->password != NULL)) {
        send_user(conn);
    } else if (conn->needs_mode) {
        conn->needs_mode = false;
        setup_send(conn, CONN_MODE, NNTP_CMD_MODE_READER, NULL);
    } else if (conn->needs_group) {
        conn->needs_group = false;
        conn->groups++;
        setup_send(conn, CONN_GROUP, NNTP_CMD_GROUP, provider->group);
    } else {
        conn->state = CONN_READY;
        conn->idle_since = news_pool_now();
        news_wire_wait(conn->wire, 0);
        if (!conn->was_ready) {
            conn->was_ready = true;
            news_server_ready(conn->server);
        }
        news_server_wake(conn->server);
    }
}

void news_conn_rest(struct news_conn *conn)
{
    news_wire_progress(conn->wire, 0);
    setup_next(conn);
}

/* 480 to MODE READER: log in and say it again. A refusal of it does no harm. */
static void mode_reply(struct news_conn *conn, const struct news_answer *answer)
{
    switch (answer->reply.verdict) {
    case NNTP_DO_LOGIN:
        conn->needs_mode = true;
        conn->needs_login = true;
        setup_next(conn);
        break;
    case NNTP_DO_NEXT:
    case NNTP_DO_REFUSE:
        setup_next(conn);
        break;
    default:
        news_conn_stop(conn, answer);
    }
}

static void login_reply(struct news_conn *conn, struct news_answer *answer)
{
    if (answer->reply.verdict == NNTP_DO_NEXT) {
        setup_next(conn);
    } else if (answer->reply.verdict == NNTP_DO_GO_ON && conn->state == CONN_USER) {
        setup_send(conn, CONN_PASS, NNTP_CMD_AUTH_PASS, conn->server->provider.password);
    } else {
        if (answer->reply.verdict == NNTP_DO_REFUSE) {
            answer->reply.verdict = NNTP_DO_STOP; /* it knows no AUTHINFO */
            answer->reply.err = ERR_LOGIN;
        }
        news_conn_stop(conn, answer);
    }
}

static void setup_status(struct news_conn *conn, const struct nntp_item *item)
{
    static const enum nntp_cmd cmds[] = {
        [CONN_GREETING] = NNTP_CMD_GREETING,
        [CONN_MODE] = NNTP_CMD_MODE_READER,
        [CONN_USER] = NNTP_CMD_AUTH_USER,
        [CONN_PASS] = NNTP_CMD_AUTH_PASS,
        [CONN_GROUP] = NNTP_CMD_GROUP,
    };
    struct news_answer answer;

    news_conn_judge(conn, cmds[conn->state], item, &answer);
    switch (conn->state) {
    case CONN_GREETING:
        if (answer.reply.verdict == NNTP_DO_NEXT) {
            setup_send(conn, CONN_MODE, NNTP_CMD_MODE_READER, NULL);
        } else {
            news_conn_stop(conn, &answer);
        }
        break;
    case CONN_MODE:
        mode_reply(conn, &answer);
        break;
    case CONN_GROUP: /* no such group: what needs it will fail by its own answer */
        if (answer.reply.verdict == NNTP_DO_NEXT || answer.reply.verdict == NNTP_DO_REFUSE) {
            setup_next(conn);
        } else {
            news_conn_stop(conn, &answer);
        }
        break;
    default:
        login_reply(conn, &answer);
    }
}

/* Events */

static void on_connect(void *arg, enum err err, const char *detail)
{
    struct news_conn *conn = arg;
    struct news_trouble trouble = {.verdict = NNTP_DO_RECONNECT, .err = err};

    if (err == OK) {
        conn->state = CONN_GREETING;
        return;
    }
    if (err_kind(err) == KIND_REFUSED || err_kind(err) == KIND_USER) {
        trouble.verdict = NNTP_DO_STOP;
    }
    news_text_clean(bytes_str(detail), trouble.text, sizeof trouble.text);
    end(conn, &trouble);
}

static void on_status(void *arg, const struct nntp_item *item)
{
    struct news_conn *conn = arg;

    if (conn->state < CONN_READY) {
        setup_status(conn, item);
    } else if (conn->state == CONN_QUITTING) {
        news_conn_break(conn, OK);
    } else {
        news_conn_work_status(conn, item);
    }
}

static void on_data(void *arg, struct bytes piece)
{
    news_conn_work_data(arg, piece);
}

static void on_end(void *arg)
{
    news_conn_work_end(arg);
}

static void on_drain(void *arg)
{
    news_conn_work_drain(arg);
}

static void on_lost(void *arg, enum err err)
{
    struct news_conn *conn = arg;
    bool in_order = conn->state == CONN_QUITTING || (news_conn_idle(conn) && err != ERR_PROTOCOL);

    news_conn_break(conn, in_order ? OK : err);
}

/* Life */

enum err news_conn_new(struct news_server *server, struct news_conn **out)
{
    static const struct news_wire_events events = {
        on_connect, on_status, on_data, on_end, on_drain, on_lost};
    struct news_wire_options options = {
        server->pool->net, &server->provider, &server->pool->settings};
    struct news_conn *conn = calloc(1, sizeof *conn);
    enum err err = conn != NULL ? OK : ERR_NO_MEMORY;

    *out = NULL;
    if (err == OK) {
        conn->server = server;
        list_init(&conn->node);
        conn->epoch = server->pace.epoch;
        conn->serial = ++server->serial;
        conn->last = NEWS_POST;
        conn->shown_since = news_pool_now();
        err = news_wire_open(&options, &events, conn, &conn->wire);
    }
    if (err != OK) {
        free(conn);
        return err;
    }
    *out = conn;
    return OK;
}

void news_conn_free(struct news_conn *conn)
{
    struct net_moved moved = news_wire_moved(conn->wire);

    conn->server->gone.out += moved.out;
    conn->server->gone.in += moved.in;
    list_remove(&conn->node);
    news_wire_free(conn->wire);
    buf_clear(&conn->head);
    free(conn);
}

void news_conn_quit(struct news_conn *conn)
{
    uint64_t wait = settings_of(conn)->reply_ms;

    if (news_wire_command(conn->wire, NNTP_CMD_QUIT, bytes_str("")) != OK) {
        news_conn_break(conn, OK);
        return;
    }
    conn->state = CONN_QUITTING;
    news_wire_expect(conn->wire, NNTP_CMD_QUIT);
    news_wire_wait(conn->wire, wait < QUIT_MS ? wait : QUIT_MS);
}

bool news_conn_idle(const struct news_conn *conn)
{
    return conn->state == CONN_READY && conn->count == 0;
}
