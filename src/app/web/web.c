/* The two gates, libwebsockets on our loop, and who may come to each. */
#include "app/web/web.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/web/web_request.h"
#include "app/web/web_routes.h"
#include "base/log.h"
#include "io/disk/disk_file.h"

enum {
    HEAD_BYTES = 8192, /* of a request */
    /* heads being read at once, over both gates: those of the page alone cannot use them up */
    HEADS_MAX = WEB_CONNECTIONS_MAX + 2 * WEB_REQUESTS_MAX,
    REQUEST_S = 10, /* for a head, and between pieces of a body */
    CLOSING_MS = 100,
    SEND_BUFFER = 64 << 10, /* what the kernel may hold for a reader of the page that is slow */
};

/* What libwebsockets keeps for us at each HTTP connection. */
struct connection {
    struct web_request *request;
};

struct web_gate *web_gate_of(struct lws *wsi)
{
    return lws_vhost_user(lws_get_vhost(wsi));
}

const char *web_address(const struct web *web)
{
    return web->address;
}

/* Same user or root; everybody else is turned away whatever the file's mode says. */
static int check_peer(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
        (peer.uid == geteuid() || peer.uid == 0)) {
        return 0;
    }
    log_warn("web", "another user was turned away");
    return 1;
}

static int on_arrival(const struct web_gate *gate, int fd)
{
    int size = SEND_BUFFER;

    if (gate->kind == WEB_GATE_SOCKET) {
        return check_peer(fd);
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    return gate->connections >= WEB_CONNECTIONS_MAX;
}

static void drop(struct connection *connection)
{
    if (connection != NULL && connection->request != NULL) {
        connection->request->gate->requests--;
        web_request_free(connection->request);
        connection->request = NULL;
    }
}

static int on_request(struct lws *wsi, struct connection *connection, const char *path)
{
    struct web_gate *gate = web_gate_of(wsi);

    drop(connection);
    if (gate->requests >= 2 * WEB_REQUESTS_MAX) { /* not even to be told so */
        log_warn("web", "too many requests at once");
        return -1;
    }
    connection->request = web_request_new(gate, wsi, path);
    if (connection->request == NULL) {
        return -1;
    }
    gate->requests++;
    list_push(&gate->web->requests, &connection->request->node);
    return 0;
}

static int on_writable(struct lws *wsi, struct connection *connection)
{
    int state;
    bool close;

    if (connection->request == NULL) {
        return 0;
    }
    state = web_request_write(connection->request);
    if (state == 0) {
        return 0;
    }
    close = connection->request->close;
    drop(connection);
    return state < 0 || close || lws_http_transaction_completed(wsi) ? -1 : 0;
}

/* A refusal before there is a request. */
static int answer_upgrade(struct lws *wsi, unsigned status, enum err err, const char *text)
{
    unsigned char space[LWS_PRE + 4096];
    unsigned char *start = space + LWS_PRE, *at = start, *end = space + sizeof(space);
    json_t *error = control_error_json(err, text, NULL);
    char *body = error == NULL ? NULL : json_dumps(error, JSON_COMPACT);
    size_t len = body == NULL ? 0 : strlen(body);
    int bad = body == NULL || len > 1024 ||
              lws_add_http_common_headers(wsi, status, "application/json", len, &at, end) ||
              lws_finalize_http_header(wsi, &at, end);

    if (!bad) {
        memcpy(at, body, len);
        at += len;
        bad = lws_write(wsi, start, (size_t)(at - start), LWS_WRITE_HTTP_HEADERS) < 0;
    }
    free(body);
    json_decref(error);
    return bad ? -1 : 1;
}

static int on_upgrade(struct lws *wsi)
{
    char path[64] = "";
    unsigned status = 0;
    const char *text = "";
    enum err err;

    (void)lws_hdr_copy(wsi, path, sizeof(path), WSI_TOKEN_GET_URI);
    err = web_upgrade_check(wsi, path, &status, &text);
    if (err == OK) {
        return 0;
    }
    log_warn("web", "a WebSocket was refused status=%u", status);
    return answer_upgrade(wsi, status, err, text);
}

static void count(struct lws *wsi, int by)
{
    struct web_gate *gate = web_gate_of(wsi);

    if (by > 0 || gate->connections > 0) { /* what listens itself only leaves */
        gate->connections += (unsigned)by;
    }
}

static void on_body(struct connection *connection, struct bytes piece)
{
    if (connection->request != NULL) {
        web_request_body(connection->request, piece);
    }
}

static void on_body_whole(struct connection *connection)
{
    if (connection->request != NULL && connection->request->phase == WEB_BODY) {
        web_request_begin(connection->request);
    }
}

static int on_http(
    struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    struct connection *connection = user;

    switch (reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        return on_arrival(web_gate_of(wsi), (int)(intptr_t)in);
    case LWS_CALLBACK_WSI_CREATE:
        count(wsi, 1);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        count(wsi, -1);
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return on_upgrade(wsi);
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return -1; /* this is no WebSocket's protocol */
    case LWS_CALLBACK_HTTP:
        return on_request(wsi, connection, in);
    case LWS_CALLBACK_HTTP_BODY:
        on_body(connection, bytes_at(in, len));
        return 0;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        on_body_whole(connection);
        return 0;
    case LWS_CALLBACK_TIMER:
        if (connection != NULL && connection->request != NULL) {
            web_request_late(connection->request);
        }
        return 0;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return on_writable(wsi, connection);
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        drop(connection);
        return 0;
    case LWS_CALLBACK_ADD_HEADERS:
    case LWS_CALLBACK_FILTER_HTTP_CONNECTION:
        return 0;
    default:
        return lws_callback_http_dummy(wsi, reason, user, in, len);
    }
}

const struct lws_protocols web_protocols[] = {
    {.name = "http", .callback = on_http, .per_session_data_size = sizeof(struct connection)},
    {.name = WEB_LIVE_PROTOCOL,
        .callback = web_live_callback,
        .per_session_data_size = sizeof(struct web_listener),
        .rx_buffer_size = 1024},
    {.name = NULL},
};

static void to_log(int level, const char *line)
{
    size_t len = strcspn(line, "\n");

    /* most of its errors are a client's: nobody here must act */
    log_write(level == LLL_ERR ? LOG_WARN : LOG_DEBUG, "web", "%.*s", (int)len, line);
}

static struct lws_context *context_new(struct web *web)
{
    void *loops[1] = {loop_uv(web->loop)};
    struct lws_context_creation_info info = {
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_DISABLE_IPV6 | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .foreign_loops = loops,
        .max_http_header_data = HEAD_BYTES,
        .max_http_header_pool = HEADS_MAX,
        .timeout_secs = REQUEST_S,
        .server_string = "usenetsync",
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
        .user = web,
    };

    lws_set_log_level(LLL_ERR | LLL_WARN, to_log);
    return lws_create_context(&info);
}

/* "STATE/NAME", allocated; NULL without memory. */
static char *path_of(const char *state, const char *name)
{
    char *path = NULL;

    return asprintf(&path, "%s/%s", state, name) < 0 ? NULL : path;
}

static enum err open_login(struct web *web, const char *state)
{
    char *sessions = path_of(state, "secrets/page-sessions");
    enum err err =
        sessions == NULL ? ERR_NO_MEMORY : web_login_new(sessions, time(NULL), &web->login);

    free(sessions);
    if (err == OK) {
        err = loop_timer_new(web->loop, web_routes_tidy, web, &web->login_end);
    }
    if (err == OK) {
        web_routes_tidy(web); /* one may lie there from before a crash */
    }
    return err;
}

static enum err open_password(struct web *web, const char *state)
{
    char *path = path_of(state, "secrets/page-password");
    enum err err = path == NULL ? ERR_NO_MEMORY : web_password_new(web->loop, path, &web->password);

    free(path);
    return err;
}

/* Where sessions and the token for metrics are kept. */
static enum err open_secrets(struct web *web, const char *state)
{
    char *folder = path_of(state, "secrets");
    struct buf text = {0};
    enum err err = folder == NULL ? ERR_NO_MEMORY : disk_make_dirs(folder, 0700);

    if (disk_slurp(web->metrics_file, WEB_SECRET_TEXT, &text) == OK &&
        text.len == WEB_SECRET_TEXT) {
        memcpy(web->metrics.text, text.ptr, text.len);
    }
    buf_wipe(&text);
    free(folder);
    return err;
}

static enum err take_options(struct web *web, const struct web_options *options)
{
    web->loop = options->loop;
    web->control = options->control;
    list_init(&web->requests);
    web->by_socket = (struct web_gate){.web = web, .kind = WEB_GATE_SOCKET};
    web->by_page = (struct web_gate){.web = web, .kind = WEB_GATE_PAGE};
    web->socket = strdup(options->socket);
    web->spool = strdup(options->state);
    web->login_file = path_of(options->state, "open-page.html");
    web->metrics_file = path_of(options->state, "secrets/metrics-token");
    return web->socket != NULL && web->spool != NULL && web->login_file != NULL &&
                   web->metrics_file != NULL
               ? OK
               : ERR_NO_MEMORY;
}

enum err web_new(const struct web_options *options, struct web **out)
{
    struct web *web = calloc(1, sizeof(*web));
    enum err err = web == NULL ? ERR_NO_MEMORY : take_options(web, options);

    if (err == OK) {
        err = web_live_new(options->loop, options->control, &web->live);
    }
    if (err == OK) {
        web->context = context_new(web);
        err = web->context == NULL ? ERR_SYSTEM : web_open_socket(web);
    }
    if (err == OK) {
        err = open_secrets(web, options->state);
    }
    if (err == OK) {
        err = open_password(web, options->state);
    }
    if (err == OK && options->reach->listen[0] != '\0') {
        err = open_login(web, options->state);
        if (err == OK) {
            err = web_open_page(web, options->state, options->reach);
        }
    }
    if (err != OK) {
        web_free(web);
        return err;
    }
    *out = web;
    return OK;
}

static void on_closed(void *arg)
{
    loop_stop(arg);
}

/* libwebsockets closes its handles from the loop, and wants to be called again afterwards. */
static void context_free(struct web *web)
{
    struct loop_timer *timer = NULL;

    lws_context_destroy(web->context);
    if (loop_timer_new(web->loop, on_closed, web->loop, &timer) == OK) {
        loop_timer_set(timer, CLOSING_MS);
        loop_run(web->loop);
        loop_timer_free(timer);
    }
    lws_context_destroy(web->context);
}

void web_free(struct web *web)
{
    if (web == NULL) {
        return;
    }
    LIST_EACH(node, after, &web->requests)
    {
        struct web_request *request = LIST_ITEM(node, struct web_request, node);

        if (request->call != NULL) {
            control_call_cancel(request->call);
            request->call = NULL;
        }
    }
    if (web->context != NULL) {
        context_free(web);
        (void)unlink(web->socket);
    }
    web_live_free(web->live);
    loop_timer_free(web->login_end);
    web_login_free(web->login);
    web_password_free(web->password);
    if (web->login_file != NULL) {
        (void)unlink(web->login_file);
    }
    free(web->socket);
    free(web->spool);
    free(web->login_file);
    free(web->metrics_file);
    bytes_wipe(web, sizeof(*web));
    free(web);
}
