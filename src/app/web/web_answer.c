/* An answer: from rows and objects to bytes, and from there to the socket. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/web/web_page.h"
#include "app/web/web_request.h"
#include "base/log.h"

enum { HTTP_OK = 200, HTTP_NOT_MODIFIED = 304, HTTP_MISDIRECTED = 421, HTTP_TOO_MANY = 429 };

static const struct {
    enum err err;
    unsigned status;
} statuses[] = {
    {ERR_BAD_REQUEST, 400},
    {ERR_NO_SESSION, 401},
    {ERR_LOGIN_LINK, 401},
    {ERR_WRONG_PASSWORD, 401},
    {ERR_FOREIGN, 403},
    {ERR_OUTSIDE, 403},
    {ERR_NO_JOB, 404},
    {ERR_LIMIT, 413},
};

unsigned web_answer_status(enum err err)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (statuses[i].err == err) {
            return statuses[i].status;
        }
    }
    switch (err_kind(err)) {
    case KIND_NONE:
        return HTTP_OK;
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

enum err web_answer_error(unsigned status)
{
    switch (status) {
    case HTTP_STATUS_UNAUTHORIZED:
        return ERR_NO_SESSION;
    case HTTP_STATUS_FORBIDDEN:
    case HTTP_MISDIRECTED:
        return ERR_FOREIGN;
    case HTTP_STATUS_NOT_FOUND:
        return ERR_NOT_FOUND;
    case HTTP_STATUS_REQ_ENTITY_TOO_LARGE:
    case HTTP_TOO_MANY:
        return ERR_LIMIT;
    default:
        return ERR_BAD_REQUEST;
    }
}

/* --- into `out` ------------------------------------------------------------------------------- */

static void put(struct web_request *request, struct bytes bytes)
{
    enum err err = web_out_put(&request->out, bytes);

    if (err != OK && request->end == WEB_OPEN) {
        log_error("web", "an answer is broken err=%s", err_name(err));
        request->end = WEB_BROKEN;
    }
}

static void put_json(struct web_request *request, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);

    if (text == NULL) {
        log_error("web", "an answer is broken err=%s", err_name(ERR_NO_MEMORY));
        request->end = WEB_BROKEN;
        return;
    }
    put(request, bytes_str(text));
    free(text);
}

/* The head goes out as soon as the socket takes it. */
static void begin(struct web_request *request, unsigned status, const char *type)
{
    request->phase = WEB_HEAD;
    request->status = status;
    request->type = type;
}

void web_answer_row(struct web_request *request, const json_t *row)
{
    if (request->items) {
        put(request, bytes_str(request->rows == 0 ? "{\"items\":[" : ","));
        put_json(request, row);
    } else {
        if (request->phase == WEB_CALL) {
            request->shape = WEB_ROWS;
            begin(request, HTTP_OK, "application/x-ndjson");
        }
        put_json(request, row);
        put(request, bytes_str("\n"));
    }
    request->rows++;
    lws_callback_on_writable(request->wsi);
}

static void end_items(struct web_request *request)
{
    put(request, bytes_str(request->rows == 0 ? "{\"items\":[]}\n" : "]}\n"));
}

void web_answer_end(struct web_request *request, unsigned status, const json_t *answer)
{
    if (request->items && answer != NULL && request->rows > 0) { /* an error: the rows are void */
        web_out_clear(&request->out);
    }
    if (answer != NULL) {
        put_json(request, answer);
        put(request, bytes_str("\n"));
    } else if (request->items) {
        end_items(request);
    }
    if (request->phase <= WEB_CALL) {
        request->shape = WEB_WHOLE;
        begin(request, status,
            answer != NULL || request->items ? "application/json" : "application/x-ndjson");
    }
    if (request->end == WEB_OPEN) {
        request->end = WEB_ENDED;
    }
    lws_callback_on_writable(request->wsi);
}

void web_request_answer(struct web_request *request, unsigned status, const json_t *answer)
{
    web_answer_end(request, status, answer);
}

void web_request_fail(struct web_request *request, unsigned status, enum err err, const char *text)
{
    json_t *error = control_error_json(err, text, NULL);

    web_answer_end(request, status, error);
    json_decref(error);
}

void web_request_text(struct web_request *request, const char *type, struct bytes text)
{
    put(request, text);
    request->shape = WEB_WHOLE;
    begin(request, HTTP_OK, type);
    if (request->end == WEB_OPEN) {
        request->end = WEB_ENDED;
    }
    lws_callback_on_writable(request->wsi);
}

static bool is_known(struct web_request *request, const struct web_asset *asset)
{
    char etags[512] = "";

    return lws_hdr_copy(request->wsi, etags, sizeof(etags), WSI_TOKEN_HTTP_IF_NONE_MATCH) > 0 &&
           strstr(etags, asset->etag) != NULL;
}

void web_request_asset(struct web_request *request, const struct web_asset *asset)
{
    char accepts[256] = "";

    request->asset = asset;
    if (is_known(request, asset)) {
        web_request_text(request, asset->type, bytes_at("", 0));
        request->status = HTTP_NOT_MODIFIED;
        return;
    }
    (void)lws_hdr_copy(request->wsi, accepts, sizeof(accepts), WSI_TOKEN_HTTP_ACCEPT_ENCODING);
    web_request_text(request, asset->type, web_page_form(asset, accepts, &request->encoding));
}

/* --- to the socket ---------------------------------------------------------------------------- */

struct head {
    struct lws *wsi;
    unsigned char *at, *end;
    int bad;
};

/* `name` with its colon. */
static void add(struct head *head, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        head->bad |= lws_add_http_header_by_name(head->wsi, (const unsigned char *)name,
            (const unsigned char *)value, (int)strlen(value), &head->at, head->end);
    }
}

static int write_head(struct web_request *request)
{
    unsigned char space[LWS_PRE + 2048];
    unsigned char *start = space + LWS_PRE;
    struct head head = {request->wsi, start, space + sizeof(space), 0};
    char length[24];

    head.bad |= lws_add_http_header_status(request->wsi, request->status, &head.at, head.end);
    add(&head, "content-type:", request->type);
    add(&head, "cache-control:", request->asset != NULL ? "no-cache" : "no-store");
    if (request->asset != NULL) {
        add(&head, "etag:", request->asset->etag);
        add(&head, "vary:", "accept-encoding");
        add(&head, "content-encoding:", request->encoding);
    }
    add(&head, "set-cookie:", request->cookie);
    add(&head, "connection:", request->close ? "close" : NULL);
    if (request->shape == WEB_ROWS) {
        add(&head, "transfer-encoding:", "chunked");
    } else {
        (void)snprintf(
            length, sizeof(length), "%llu", (unsigned long long)web_out_waiting(&request->out));
        add(&head, "content-length:", length);
    }
    if (head.bad || lws_finalize_write_http_header(request->wsi, start, &head.at, head.end)) {
        return -1;
    }
    request->phase = WEB_ANSWER;
    lws_callback_on_writable(request->wsi);
    return 0;
}

/* One piece; of rows it is a chunk with its length before it (RFC 9112 section 7.1). */
static int write_piece(struct web_request *request)
{
    enum { BEFORE = 16, AFTER = 2 };
    unsigned char space[LWS_PRE + BEFORE + WEB_PIECE + AFTER];
    unsigned char *data = space + LWS_PRE + BEFORE;
    unsigned char *start = data;
    char length[BEFORE + 1];
    size_t len;

    if (web_out_take(&request->out, data, WEB_PIECE, &len) != OK) {
        return -1;
    }
    if (request->shape == WEB_ROWS && len > 0) {
        int digits = snprintf(length, sizeof(length), "%zx\r\n", len);

        start = data - digits;
        memcpy(start, length, (size_t)digits);
        memcpy(data + len, "\r\n", AFTER);
        len += (size_t)digits + AFTER;
    }
    if (len > 0 && lws_write(request->wsi, start, len, LWS_WRITE_HTTP) < (int)len) {
        return -1;
    }
    return 0;
}

static int write_end(struct web_request *request)
{
    unsigned char space[LWS_PRE + 5];

    if (request->shape == WEB_ROWS) {
        memcpy(space + LWS_PRE, "0\r\n\r\n", 5);
        if (lws_write(request->wsi, space + LWS_PRE, 5, LWS_WRITE_HTTP_FINAL) < 5) {
            return -1;
        }
    }
    return 1;
}

static int write_some(struct web_request *request)
{
    if (web_out_waiting(&request->out) > 0) {
        if (write_piece(request) != 0) {
            return -1;
        }
        if (request->shape != WEB_ROWS && web_out_waiting(&request->out) == 0) {
            return 1;
        }
        lws_set_timeout(request->wsi, PENDING_TIMEOUT_HTTP_CONTENT, WEB_READER_SECONDS);
        lws_callback_on_writable(request->wsi);
        return 0;
    }
    return request->end == WEB_ENDED ? write_end(request) : 0;
}

int web_request_write(struct web_request *request)
{
    if (request->phase < WEB_HEAD) {
        return 0;
    }
    lws_set_timeout(request->wsi, NO_PENDING_TIMEOUT, 0);
    if (request->phase == WEB_HEAD) {
        return write_head(request);
    }
    return request->end == WEB_BROKEN ? -1 : write_some(request);
}
