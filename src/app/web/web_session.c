/* A request from its head to the last byte of its answer. */
#include "app/web/web_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { HTTP_ACCEPTED = 202 };

unsigned web_session_status(enum err err)
{
    if (err == ERR_BAD_REQUEST) {
        return HTTP_STATUS_BAD_REQUEST;
    }
    if (err == ERR_LIMIT) {
        return HTTP_STATUS_REQ_ENTITY_TOO_LARGE;
    }
    if (err == ERR_NO_JOB) {
        return HTTP_STATUS_NOT_FOUND;
    }
    switch (err_kind(err)) {
    case KIND_NONE:
        return HTTP_STATUS_OK;
    case KIND_USER:
        return HTTP_STATUS_CONFLICT;
    case KIND_MISSING:
        return HTTP_STATUS_NOT_FOUND;
    case KIND_REFUSED:
    case KIND_CORRUPT:
        return HTTP_STATUS_BAD_GATEWAY;
    case KIND_RETRY:
        return HTTP_STATUS_SERVICE_UNAVAILABLE;
    default:
        return HTTP_STATUS_INTERNAL_SERVER_ERROR;
    }
}

/* "a=1&b=2", undone, as strings into `args`. */
static void read_query(struct lws *wsi, json_t *args)
{
    char word[256];

    for (int i = 0; lws_hdr_copy_fragment(wsi, word, sizeof(word), WSI_TOKEN_HTTP_URI_ARGS, i) > 0;
         i++) {
        char *equals = strchr(word, '=');

        if (equals != NULL) {
            *equals = '\0';
            (void)json_object_set_new(args, word, json_string(equals + 1));
        }
    }
}

static void read_method(struct web_session *session)
{
    char *uri;
    int len;
    int method = lws_http_get_uri_and_method(session->wsi, &uri, &len);
    const char *name = method == LWSHUMETH_GET ? "GET" : method == LWSHUMETH_POST ? "POST" : "";

    (void)snprintf(session->method, sizeof(session->method), "%s", name);
}

struct web_session *web_session_new(
    struct control *control, struct lws *wsi, const char *spool, const char *path)
{
    struct web_session *session = calloc(1, sizeof(*session));

    if (session == NULL) {
        return NULL;
    }
    list_init(&session->node);
    session->wsi = wsi;
    session->control = control;
    session->out = (struct web_out){.folder = spool, .file = -1};
    session->args = json_object();
    (void)snprintf(session->path, sizeof(session->path), "%s", path);
    read_method(session);
    read_query(wsi, session->args);
    return session;
}

void web_session_body(struct web_session *session, struct bytes piece)
{
    if (session->body_err == OK && session->body.len + piece.len > CONTROL_ARGS_MAX) {
        session->body_err = ERR_LIMIT;
    }
    if (session->body_err == OK) {
        session->body_err = buf_append(&session->body, piece);
    }
}

/* One line of JSON into the answer. */
static void put_line(struct web_session *session, const json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT);
    enum err err = text == NULL ? ERR_NO_MEMORY : OK;

    if (err == OK) {
        err = web_out_put(&session->out, bytes_str(text));
    }
    if (err == OK) {
        err = web_out_put(&session->out, bytes_str("\n"));
    }
    if (err != OK && session->end == WEB_OPEN) {
        log_error("web", "an answer is broken err=%s", err_name(err));
        session->end = WEB_BROKEN;
    }
    free(text);
}

static void on_row(void *arg, const json_t *row)
{
    struct web_session *session = arg;

    if (session->phase == WEB_CALL) {
        session->phase = WEB_HEAD;
        session->status = HTTP_STATUS_OK;
        session->shape = WEB_ROWS;
    }
    put_line(session, row);
    lws_callback_on_writable(session->wsi);
}

static void finish(struct web_session *session, enum err err, const json_t *answer)
{
    if (answer != NULL) {
        put_line(session, answer);
    }
    if (session->phase == WEB_CALL) {
        session->phase = WEB_HEAD;
        session->status = web_session_status(err);
        session->shape = WEB_WHOLE;
    }
    if (session->end == WEB_OPEN) {
        session->end = WEB_ENDED;
    }
    lws_callback_on_writable(session->wsi);
}

static void fail(struct web_session *session, enum err err, const char *text, const char *hint)
{
    json_t *error = control_error_json(err, text, hint);

    finish(session, err, error);
    json_decref(error);
}

static void on_done(void *arg, const struct control_outcome *outcome)
{
    struct web_session *session = arg;

    session->call = NULL;
    if (outcome->err != OK) {
        fail(session, outcome->err, outcome->text, outcome->hint);
        return;
    }
    finish(session, OK, outcome->answer);
    if (outcome->started) {
        session->status = HTTP_ACCEPTED;
    }
}

/* The body is nothing or a JSON object, whose members join the query's. */
static enum err read_body(struct web_session *session)
{
    json_t *body;
    enum err err = session->body_err;

    if (err != OK || session->body.len == 0) {
        return err;
    }
    body = json_loadb(
        (const char *)session->body.ptr, session->body.len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(body) || json_object_update(session->args, body) != 0) {
        err = ERR_BAD_REQUEST;
    }
    json_decref(body);
    buf_wipe(&session->body); /* it may hold a password or a link */
    return err;
}

void web_session_begin(struct web_session *session)
{
    struct control_request request = {
        .method = session->method, .path = session->path, .args = session->args};
    struct control_reply reply = {on_row, on_done, session};
    enum err err = read_body(session);

    session->phase = WEB_CALL;
    lws_set_timeout(session->wsi, NO_PENDING_TIMEOUT, 0);
    if (err == OK) {
        err = control_call_start(session->control, &request, &reply, &session->call);
    }
    if (err != OK) {
        fail(session, err, err == ERR_LIMIT ? "the request is too large" : NULL, NULL);
    }
}

static int add_head(struct web_session *session, unsigned char **at, unsigned char *end)
{
    static const unsigned char json[] = "application/json";
    static const unsigned char rows[] = "application/x-ndjson";
    struct lws *wsi = session->wsi;
    int whole = session->shape == WEB_WHOLE;

    return lws_add_http_header_status(wsi, session->status, at, end) ||
           lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, whole ? json : rows,
               whole ? sizeof(json) - 1 : sizeof(rows) - 1, at, end) ||
           lws_add_http_header_by_token(
               wsi, WSI_TOKEN_HTTP_CACHE_CONTROL, (const unsigned char *)"no-store", 8, at, end) ||
           (whole ? lws_add_http_header_content_length(
                        wsi, (lws_filepos_t)web_out_waiting(&session->out), at, end)
                  : lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING,
                        (const unsigned char *)"chunked", 7, at, end));
}

static int write_head(struct web_session *session)
{
    unsigned char space[LWS_PRE + 1024];
    unsigned char *start = space + LWS_PRE;
    unsigned char *at = start;

    if (add_head(session, &at, space + sizeof(space)) ||
        lws_finalize_write_http_header(session->wsi, start, &at, space + sizeof(space))) {
        return -1;
    }
    session->phase = WEB_ANSWER;
    lws_callback_on_writable(session->wsi);
    return 0;
}

/* One piece; of rows it is a chunk with its length before it (RFC 9112 section 7.1). */
static int write_piece(struct web_session *session)
{
    enum { BEFORE = 16, AFTER = 2 };
    unsigned char space[LWS_PRE + BEFORE + WEB_PIECE + AFTER];
    unsigned char *data = space + LWS_PRE + BEFORE;
    unsigned char *start = data;
    char length[BEFORE + 1];
    size_t len;

    if (web_out_take(&session->out, data, WEB_PIECE, &len) != OK) {
        return -1;
    }
    if (session->shape == WEB_ROWS && len > 0) {
        int digits = snprintf(length, sizeof(length), "%zx\r\n", len);

        start = data - digits;
        memcpy(start, length, (size_t)digits);
        memcpy(data + len, "\r\n", AFTER);
        len += (size_t)digits + AFTER;
    }
    if (len > 0 && lws_write(session->wsi, start, len, LWS_WRITE_HTTP) < (int)len) {
        return -1;
    }
    return 0;
}

static int write_end(struct web_session *session)
{
    unsigned char space[LWS_PRE + 5];

    if (session->shape == WEB_ROWS) {
        memcpy(space + LWS_PRE, "0\r\n\r\n", 5);
        if (lws_write(session->wsi, space + LWS_PRE, 5, LWS_WRITE_HTTP_FINAL) < 5) {
            return -1;
        }
    }
    return 1;
}

int web_session_write(struct web_session *session)
{
    if (session->phase < WEB_HEAD) {
        return 0;
    }
    if (session->phase == WEB_HEAD) {
        return write_head(session);
    }
    if (session->end == WEB_BROKEN) {
        return -1;
    }
    if (web_out_waiting(&session->out) > 0) {
        if (write_piece(session) != 0) {
            return -1;
        }
        if (session->shape == WEB_WHOLE && web_out_waiting(&session->out) == 0) {
            return 1;
        }
        lws_callback_on_writable(session->wsi);
        return 0;
    }
    return session->end == WEB_ENDED ? write_end(session) : 0;
}

void web_session_free(struct web_session *session)
{
    if (session == NULL) {
        return;
    }
    list_remove(&session->node);
    if (session->call != NULL) {
        control_call_cancel(session->call);
    }
    json_decref(session->args);
    buf_wipe(&session->body);
    web_out_clear(&session->out);
    free(session);
}
