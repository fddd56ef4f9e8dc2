/* The socket, libwebsockets on our loop, and who may come in. */
#include "app/web/web.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/web/web_session.h"
#include "base/log.h"

enum {
    HEAD_BYTES = 8192, /* of a request */
    KEEP_ALIVE_S = 60,
    REQUEST_S = 10, /* for a head, and between pieces of a body */
    CLOSING_MS = 100,
};

struct web {
    struct loop *loop;
    struct control *control;
    struct lws_context *context;
    struct list sessions;
    unsigned count;
    char *socket;
    char *spool;
};

/* What libwebsockets keeps for us at each connection. */
struct connection {
    struct web_session *session;
};

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

static void drop(struct web *web, struct connection *connection)
{
    if (connection != NULL && connection->session != NULL) {
        web->count--;
        web_session_free(connection->session);
        connection->session = NULL;
    }
}

static int has_body(struct lws *wsi)
{
    char text[24] = "";

    (void)lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_LENGTH);
    return strtoull(text, NULL, 10) > 0;
}

static int on_request(
    struct web *web, struct lws *wsi, struct connection *connection, const char *path)
{
    drop(web, connection);
    if (web->count >= WEB_REQUESTS_MAX) {
        log_warn("web", "too many requests at once");
        return -1;
    }
    connection->session = web_session_new(web->control, wsi, web->spool, path);
    if (connection->session == NULL) {
        return -1;
    }
    web->count++;
    list_push(&web->sessions, &connection->session->node);
    if (!has_body(wsi)) {
        web_session_begin(connection->session);
    }
    return 0;
}

static int on_writable(struct web *web, struct lws *wsi, struct connection *connection)
{
    int state;

    if (connection->session == NULL) {
        return 0;
    }
    state = web_session_write(connection->session);
    if (state == 0) {
        return 0;
    }
    drop(web, connection);
    return state < 0 || lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int on_http(
    struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
    struct web *web = lws_context_user(lws_get_context(wsi));
    struct connection *connection = user;

    switch (reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        return check_peer((int)(intptr_t)in);
    case LWS_CALLBACK_HTTP:
        return on_request(web, wsi, connection, in);
    case LWS_CALLBACK_HTTP_BODY:
        if (connection->session != NULL) {
            web_session_body(connection->session, bytes_at(in, len));
        }
        return 0;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        if (connection->session != NULL && connection->session->phase == WEB_BODY) {
            web_session_begin(connection->session);
        }
        return 0;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return on_writable(web, wsi, connection);
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        drop(web, connection);
        return 0;
    case LWS_CALLBACK_ADD_HEADERS:
    case LWS_CALLBACK_FILTER_HTTP_CONNECTION:
        return 0;
    default:
        return lws_callback_http_dummy(wsi, reason, user, in, len);
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "http", .callback = on_http, .per_session_data_size = sizeof(struct connection)},
    {.name = NULL},
};

static void to_log(int level, const char *line)
{
    size_t len = strcspn(line, "\n");

    log_write(level == LLL_ERR ? LOG_ERROR : LOG_DEBUG, "web", "%.*s", (int)len, line);
}

static struct lws_context *context_new(struct web *web)
{
    void *loops[1] = {loop_uv(web->loop)};
    struct lws_context_creation_info info = {
        .port = 0,
        .iface = web->socket,
        .protocols = protocols,
        .options =
            LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_UNIX_SOCK | LWS_SERVER_OPTION_VALIDATE_UTF8,
        .foreign_loops = loops,
        .max_http_header_data = HEAD_BYTES,
        .keepalive_timeout = KEEP_ALIVE_S,
        .timeout_secs = REQUEST_S,
        .server_string = "usenetsync",
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
        .user = web,
    };

    lws_set_log_level(LLL_ERR | LLL_WARN, to_log);
    return lws_create_context(&info);
}

enum err web_new(const struct web_options *options, struct web **out)
{
    struct web *web = calloc(1, sizeof(*web));
    struct stat st;
    enum err err = ERR_NO_MEMORY;

    if (web == NULL) {
        return err;
    }
    web->loop = options->loop;
    web->control = options->control;
    list_init(&web->sessions);
    web->socket = strdup(options->socket);
    web->spool = strdup(options->spool);
    if (web->socket == NULL || web->spool == NULL) {
        goto out;
    }
    err = ERR_SYSTEM;
    web->context = context_new(web);
    if (web->context == NULL || chmod(web->socket, 0600) != 0 || stat(web->socket, &st) != 0 ||
        !S_ISSOCK(st.st_mode)) {
        goto out;
    }
    err = OK;
out:
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
    LIST_EACH(node, after, &web->sessions)
    {
        struct web_session *session = LIST_ITEM(node, struct web_session, node);

        if (session->call != NULL) {
            control_call_cancel(session->call);
            session->call = NULL;
        }
    }
    if (web->context != NULL) {
        context_free(web);
        (void)unlink(web->socket);
    }
    free(web->socket);
    free(web->spool);
    free(web);
}
