/* A connection's requests: STAT and BODY in a pipeline, POST alone, and what their answers do to
 * the connection. What they do to the request is news_pool.c's matter. */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "codec/nntp/nntp_article.h"
#include "io/news/news_conn.h"
#include "io/news/news_server.h"

enum { BODY_GUESS = 852 << 10 }; /* a full segment on the wire fits without growing */

static const struct news_settings *settings_of(const struct news_conn *conn)
{
    return &conn->server->pool->settings;
}

/* The ring of what is in flight */

static struct conn_slot *first_slot(struct news_conn *conn)
{
    return &conn->slots[conn->first];
}

static void push_slot(struct news_conn *conn, enum nntp_cmd cmd, struct news_op *op)
{
    conn->slots[(conn->first + conn->count) % NEWS_PIPELINE_MAX] =
        (struct conn_slot){.cmd = cmd, .op = op};
    conn->count++;
    op->conn = conn;
}

/* Take the first request off; NULL: it was cancelled. What is behind it is awaited next. */
static struct news_op *take_slot(struct news_conn *conn)
{
    struct news_op *op = first_slot(conn)->op;

    conn->first = (conn->first + 1) % NEWS_PIPELINE_MAX;
    conn->count--;
    if (op != NULL) {
        op->conn = NULL;
    }
    if (conn->count > 0) {
        news_wire_expect(conn->wire, first_slot(conn)->cmd);
        news_wire_wait(conn->wire, settings_of(conn)->reply_ms);
    }
    return op;
}

/* Giving */

unsigned news_conn_depth(const struct news_conn *conn, enum news_kind kind)
{
    switch (kind) {
    case NEWS_STAT:
        return settings_of(conn)->stat_pipeline;
    case NEWS_BODY:
        return settings_of(conn)->body_pipeline;
    default:
        return 1;
    }
}

bool news_conn_takes(const struct news_conn *conn, enum news_kind kind)
{
    if (conn->state != CONN_READY || conn->needs_login || conn->needs_group) {
        return false;
    }
    return conn->count < news_conn_depth(conn, kind);
}

static enum err build_head(struct news_conn *conn, const struct news_op *op)
{
    const char *group = conn->server->provider.group;
    struct nntp_head_fields fields = {
        .from = bytes_str(op->article.from),
        .newsgroups = bytes_str(group != NULL ? group : ""),
        .subject = bytes_str(op->article.subject),
        .id = bytes_str(op->article.id.text),
        .date = clock_wall_ns() / 1000000000,
    };

    conn->head.len = 0;
    return nntp_article_head(&fields, &conn->head);
}

/* A server whose STAT says yes to everything must show an article's head. */
static enum nntp_cmd command_for(const struct news_conn *conn, enum news_kind kind)
{
    static const enum nntp_cmd cmds[NEWS_KINDS] = {NNTP_CMD_POST, NNTP_CMD_STAT, NNTP_CMD_BODY};
    bool lies = (conn->server->provider.quirks & NEWS_QUIRK_STAT_LIES) != 0;

    return kind == NEWS_STAT && lies ? NNTP_CMD_HEAD : cmds[kind];
}

void news_conn_give(struct news_conn *conn, struct news_op *op)
{
    enum nntp_cmd cmd = command_for(conn, op->kind);
    struct bytes text = bytes_str(op->kind == NEWS_POST ? "" : op->article.id.text);
    enum err err = op->kind == NEWS_POST ? build_head(conn, op) : OK;

    if (err == OK) {
        err = news_wire_command(conn->wire, cmd, text);
    }
    if (err == ERR_BAD_REQUEST) { /* nothing went out: the request itself is at fault */
        news_pool_finish(op, err, "");
        news_server_wake(conn->server);
        return;
    }
    if (conn->count == 0) {
        conn->rested = conn->served &&
                       news_pool_now() - conn->idle_since >= settings_of(conn)->reconnect_min_ms;
        news_wire_expect(conn->wire, cmd);
        news_wire_wait(conn->wire, settings_of(conn)->reply_ms);
    }
    op->result.tries++;
    conn->last = op->kind;
    conn->burst = op->kind == NEWS_POST ? 0 : conn->burst + 1;
    conn->state = op->kind == NEWS_POST ? CONN_ASKED : CONN_READY;
    push_slot(conn, cmd, op);
    if (err != OK) {
        news_conn_break(conn, err);
    }
}

/* Hearing */

static void answer_op(struct news_conn *conn, const struct news_answer *answer)
{
    struct news_op *op = take_slot(conn);

    if (op != NULL) {
        news_pool_answer(op, answer);
    }
    conn->rested = false;
    conn->served = true;
    if (answer->reply.verdict != NNTP_DO_LOGIN && conn->logins > 1) {
        conn->logins = 1; /* the login took: a later 480 starts anew */
    }
}

/* Done with one request: rest when it was the last, and be looked at for more. */
static void go_on(struct news_conn *conn)
{
    if (conn->count == 0) {
        conn->state = CONN_READY;
        news_conn_rest(conn);
    } else {
        news_server_wake(conn->server);
    }
}

/* Nobody asked. 400 and 205 are a server's goodbye; all else is out of step. */
static void unasked(struct news_conn *conn, const struct nntp_item *item)
{
    struct news_answer answer;

    news_conn_judge(conn, NNTP_CMD_DATE, item, &answer);
    if (answer.reply.verdict != NNTP_DO_RECONNECT && answer.reply.verdict != NNTP_DO_FEWER) {
        answer.reply.verdict = NNTP_DO_CLOSE;
        answer.reply.err = ERR_PROTOCOL;
    }
    news_conn_stop(conn, &answer);
}

/* A 222 or 223 that names another id than was asked for answers something else. Some servers change
 * capitals. */
static bool names_another(const struct news_op *op, const struct news_answer *answer)
{
    const char *id = answer->reply.id.text;

    return op != NULL && id[0] != '\0' && strcasecmp(id, op->article.id.text) != 0;
}

static void block_begins(struct news_conn *conn)
{
    struct news_op *op = first_slot(conn)->op;

    conn->in_block = true;
    conn->rested = false;
    news_wire_wait(conn->wire, news_wire_longest_ms(settings_of(conn), BODY_GUESS));
    news_wire_progress(conn->wire, settings_of(conn)->progress_ms);
    if (op != NULL) {
        op->body.len = 0;
        if (op->kind == NEWS_BODY && buf_reserve(&op->body, BODY_GUESS) != OK) {
            first_slot(conn)->op = NULL;
            op->conn = NULL;
            news_pool_finish(op, ERR_NO_MEMORY, "");
        }
    }
}

static void read_status(struct news_conn *conn, const struct nntp_item *item)
{
    struct news_answer answer;

    news_conn_judge(conn, first_slot(conn)->cmd, item, &answer);
    switch (answer.reply.verdict) {
    case NNTP_DO_NEXT:
        if (names_another(first_slot(conn)->op, &answer)) {
            answer.reply.verdict = NNTP_DO_CLOSE;
            answer.reply.err = ERR_PROTOCOL;
            news_conn_stop(conn, &answer);
            return;
        }
        news_server_worked(conn->server);
        if (item->block) {
            block_begins(conn);
            return;
        }
        break;
    case NNTP_DO_LOGIN:
        conn->needs_login = true;
        break;
    case NNTP_DO_REFUSE:
        if (answer.reply.err == ERR_NO_GROUP && conn->groups == 0 &&
            conn->server->provider.group != NULL) {
            conn->needs_group = true;
            answer.reply.verdict = NNTP_DO_LOGIN; /* the same way: set up, then say it again */
        }
        break;
    case NNTP_DO_MISSING:
        news_server_worked(conn->server);
        break;
    case NNTP_DO_LATER:
        break;
    default:
        news_conn_stop(conn, &answer);
        return;
    }
    answer_op(conn, &answer);
    go_on(conn);
}

static void send_article(struct news_conn *conn)
{
    struct news_op *op = first_slot(conn)->op;
    enum err err;

    conn->state = CONN_SENDING;
    conn->rested = false;
    news_wire_wait(conn->wire, news_wire_longest_ms(settings_of(conn), op->article.body.len));
    news_wire_progress(conn->wire, settings_of(conn)->progress_ms);
    news_wire_expect(conn->wire, NNTP_CMD_POST_DATA);
    news_server_spend(op, conn->head.len + op->article.body.len);
    err = news_wire_article(conn->wire, buf_view(&conn->head), op->article.body);
    if (err != OK) {
        news_conn_break(conn, err);
    }
}

static bool keeps_connection(enum nntp_verdict verdict)
{
    return verdict == NNTP_DO_NEXT || verdict == NNTP_DO_DUPLICATE || verdict == NNTP_DO_LATER ||
           verdict == NNTP_DO_REFUSE || verdict == NNTP_DO_LOGIN;
}

/* "You may not post" says nothing about reading: the connection and the server stay in use. */
static void spare_reads(struct news_answer *answer)
{
    if (answer->reply.verdict == NNTP_DO_STOP && answer->reply.err == ERR_POSTING_DENIED) {
        answer->reply.verdict = NNTP_DO_REFUSE;
    }
}

static void asked_status(struct news_conn *conn, const struct nntp_item *item)
{
    struct news_answer answer;

    news_conn_judge(conn, NNTP_CMD_POST, item, &answer);
    if (answer.reply.verdict == NNTP_DO_GO_ON) {
        send_article(conn);
        return;
    }
    spare_reads(&answer);
    if (!keeps_connection(answer.reply.verdict) || answer.reply.verdict == NNTP_DO_DUPLICATE) {
        news_conn_stop(conn, &answer);
        return;
    }
    conn->needs_login = answer.reply.verdict == NNTP_DO_LOGIN;
    answer_op(conn, &answer);
    go_on(conn);
}

/* An answer while the article is still going out: it counts, but the rest of the article would be
 * taken for commands, so the connection goes. */
static void early_status(struct news_conn *conn, const struct news_answer *answer)
{
    struct news_op *op = take_slot(conn);

    news_conn_stop(conn,
        &(struct news_answer){.reply = {.verdict = NNTP_DO_RECONNECT, .err = ERR_CONNECTION_LOST}});
    if (op != NULL) {
        news_pool_answer(op, answer);
    }
}

static void article_status(struct news_conn *conn, const struct nntp_item *item)
{
    struct news_answer answer;

    news_conn_judge(conn, NNTP_CMD_POST_DATA, item, &answer);
    spare_reads(&answer);
    if (!keeps_connection(answer.reply.verdict)) {
        news_conn_stop(conn, &answer);
        return;
    }
    if (answer.reply.verdict == NNTP_DO_NEXT || answer.reply.verdict == NNTP_DO_DUPLICATE) {
        news_server_worked(conn->server);
    }
    if (conn->state == CONN_SENDING) {
        early_status(conn, &answer);
        return;
    }
    conn->needs_login = answer.reply.verdict == NNTP_DO_LOGIN;
    answer_op(conn, &answer);
    go_on(conn);
}

void news_conn_work_status(struct news_conn *conn, const struct nntp_item *item)
{
    if (conn->count == 0) {
        unasked(conn, item);
    } else if (conn->state == CONN_READY) {
        read_status(conn, item);
    } else if (conn->state == CONN_ASKED) {
        asked_status(conn, item);
    } else {
        article_status(conn, item);
    }
}

void news_conn_work_data(struct news_conn *conn, struct bytes piece)
{
    struct news_op *op = first_slot(conn)->op;

    if (op != NULL && op->kind == NEWS_BODY && buf_append(&op->body, piece) != OK) {
        first_slot(conn)->op = NULL;
        op->conn = NULL;
        news_pool_finish(op, ERR_NO_MEMORY, "");
    }
}

void news_conn_work_end(struct news_conn *conn)
{
    struct news_answer answer = {.reply = {.verdict = NNTP_DO_NEXT}, .conn = conn->serial};

    conn->in_block = false;
    news_wire_progress(conn->wire, 0);
    answer_op(conn, &answer);
    go_on(conn);
}

void news_conn_work_drain(struct news_conn *conn)
{
    const struct news_op *op;
    size_t len;

    if (conn->state != CONN_SENDING) {
        return;
    }
    op = first_slot(conn)->op; /* there: who cancels it now closes the connection */
    len = conn->head.len + op->article.body.len + strlen(".\r\n");
    conn->state = CONN_SENT;
    news_wire_progress(conn->wire, 0);
    news_wire_wait(conn->wire, news_wire_article_ms(settings_of(conn), len));
    news_server_count(conn->server, &conn->server->counters.bytes_out, len);
}

void news_conn_forget(struct news_conn *conn, struct news_op *op)
{
    op->conn = NULL;
    for (unsigned i = 0; i < conn->count; i++) {
        struct conn_slot *slot = &conn->slots[(conn->first + i) % NEWS_PIPELINE_MAX];

        if (slot->op == op) {
            slot->op = NULL;
        }
    }
    if (conn->state == CONN_ASKED || conn->state == CONN_SENDING) {
        news_conn_break(conn, OK);
    }
}
