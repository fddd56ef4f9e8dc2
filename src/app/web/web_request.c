/* A request from its head to who answers it. */
#include "app/web/web_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/web/web_routes.h"
#include "base/log.h"

enum {
    HTTP_OK = 200,
    HTTP_ACCEPTED = 202,
    HTTP_TIMEOUT = 408,
    HTTP_TOO_LARGE = 413,
    HTTP_TOO_MANY = 429
};

/* A word of the query into the arguments. "path_base64=Li4=" is the name whose bytes those are. */
static void take_word(json_t *args, char *word)
{
    static const char suffix[] = "_base64";
    char *equals = strchr(word, '=');
    size_t len;

    if (equals == NULL) {
        return;
    }
    *equals = '\0';
    len = (size_t)(equals - word);
    if (len > sizeof(suffix) - 1 && strcmp(equals - (sizeof(suffix) - 1), suffix) == 0) {
        word[len - (sizeof(suffix) - 1)] = '\0';
        (void)json_object_set_new(args, word, json_pack("{s:s}", "base64", equals + 1));
    } else if (json_object_get(args, word) == NULL) { /* the bytes say more than the text */
        (void)json_object_set_new(args, word, json_string(equals + 1));
    }
}

/* "a=1&b=2", undone, into `args`. */
static void read_query(struct lws *wsi, json_t *args)
{
    char word[WEB_QUERY_MAX];

    for (int i = 0; lws_hdr_copy_fragment(wsi, word, sizeof(word), WSI_TOKEN_HTTP_URI_ARGS, i) > 0;
         i++) {
        take_word(args, word);
    }
}

static bool wants_items(struct lws *wsi)
{
    char accept[WEB_HEAD_TEXT] = "";

    (void)lws_hdr_copy(wsi, accept, sizeof(accept), WSI_TOKEN_HTTP_ACCEPT);
    return strstr(accept, "application/json") != NULL &&
           strstr(accept, "application/x-ndjson") == NULL;
}

static uint64_t body_length(struct lws *wsi)
{
    char text[24] = "";

    (void)lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_LENGTH);
    return strtoull(text, NULL, 10);
}

/* What the head alone says: who may come in, and whether the body is worth reading. */
static void read_head(struct web_request *request, const char *path)
{
    static const char *const methods[] = {[WEB_GET] = "GET", [WEB_POST] = "POST", [WEB_OTHER] = ""};
    struct web_head head;
    uint64_t length = body_length(request->wsi);

    web_head_read(request->wsi, path, &head);
    (void)snprintf(request->method, sizeof(request->method), "%s", methods[head.method]);
    if (request->gate->kind == WEB_GATE_PAGE) {
        request->refused = web_door_check(&head, &request->gate->web->place, &request->refusal);
    }
    if (request->refused == 0) {
        web_routes_check(request, &head);
    }
    if (request->refused == 0 && (strlen(path) >= WEB_PATH_MAX || length > CONTROL_ARGS_MAX)) {
        request->refused = HTTP_TOO_LARGE;
        request->refusal = "the request is too large";
    }
    if (request->refused == 0 && request->gate->requests >= WEB_REQUESTS_MAX) {
        request->refused = HTTP_TOO_MANY;
        request->refusal = "too many requests at once; try again in a moment";
    }
    request->close = length > CONTROL_ARGS_MAX;
}

struct web_request *web_request_new(struct web_gate *gate, struct lws *wsi, const char *path)
{
    struct web_request *request = calloc(1, sizeof(*request));

    if (request == NULL) {
        return NULL;
    }
    list_init(&request->node);
    request->wsi = wsi;
    request->gate = gate;
    request->out = (struct web_out){.folder = gate->web->spool, .file = -1};
    request->args = json_object();
    request->items = wants_items(wsi);
    (void)snprintf(request->path, sizeof(request->path), "%s", path);
    read_head(request, path);
    if (request->refused == 0) {
        read_query(wsi, request->args);
    }
    if (body_length(wsi) == 0 || request->close) {
        web_request_begin(request);
    } else {
        lws_set_timer_usecs(wsi, (lws_usec_t)WEB_BODY_SECONDS * LWS_US_PER_SEC);
    }
    return request;
}

void web_request_body(struct web_request *request, struct bytes piece)
{
    if (request->refused != 0 || request->phase != WEB_BODY) {
        return; /* it only goes by */
    }
    if (request->body_err == OK && request->body.len + piece.len > CONTROL_ARGS_MAX) {
        request->body_err = ERR_LIMIT;
    }
    if (request->body_err == OK) {
        request->body_err = buf_append(&request->body, piece);
    }
}

static void on_row(void *arg, const json_t *row)
{
    web_answer_row(arg, row);
}

static void on_done(void *arg, const struct control_outcome *outcome)
{
    struct web_request *request = arg;
    json_t *error;

    request->call = NULL;
    if (outcome->err == OK) {
        web_answer_end(request, outcome->started ? HTTP_ACCEPTED : HTTP_OK, outcome->answer);
        return;
    }
    error = control_error_json(outcome->err, outcome->text, outcome->hint);
    web_answer_end(request, web_answer_status(outcome->err), error);
    json_decref(error);
}

/* The body is nothing or a JSON object, whose members join the query's. */
static enum err read_body(struct web_request *request)
{
    json_t *body;
    enum err err = request->body_err;

    if (err != OK || request->body.len == 0) {
        return err;
    }
    body = json_loadb(
        (const char *)request->body.ptr, request->body.len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(body) || json_object_update(request->args, body) != 0) {
        err = ERR_BAD_REQUEST;
    }
    json_decref(body);
    buf_wipe(&request->body); /* it may hold a password or a link */
    return err;
}

static enum err ask_control(struct web_request *request)
{
    struct control_request asked = {
        .method = request->method,
        .path = request->path,
        .args = request->args,
        .confined = request->gate->kind == WEB_GATE_PAGE,
    };
    struct control_reply reply = {on_row, on_done, request};

    return control_call_start(request->gate->web->control, &asked, &reply, &request->call);
}

void web_request_begin(struct web_request *request)
{
    enum err err = OK;

    lws_set_timer_usecs(request->wsi, LWS_SET_TIMER_USEC_CANCEL);
    lws_set_timeout(request->wsi, NO_PENDING_TIMEOUT, 0);
    request->phase = WEB_CALL;
    if (request->refused != 0) {
        web_request_fail(
            request, request->refused, web_answer_error(request->refused), request->refusal);
        return;
    }
    err = read_body(request);
    if (err == OK && !web_routes_answer(request)) {
        err = ask_control(request);
    }
    if (err != OK) {
        web_request_fail(request, web_answer_status(err), err,
            err == ERR_LIMIT ? "the request is too large" : NULL);
    }
}

void web_request_late(struct web_request *request)
{
    if (request->phase == WEB_BODY) {
        request->refused = HTTP_TIMEOUT;
        request->refusal = "the request did not come in time";
        request->close = true;
        web_request_begin(request);
    }
}

void web_request_free(struct web_request *request)
{
    if (request == NULL) {
        return;
    }
    list_remove(&request->node);
    if (request->call != NULL) {
        control_call_cancel(request->call);
    }
    web_password_leave(request->gate->web->password, request);
    json_decref(request->args);
    buf_wipe(&request->body);
    web_out_clear(&request->out);
    bytes_wipe(request->cookie, sizeof(request->cookie));
    free(request);
}
