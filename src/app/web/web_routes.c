/* The routes of this room: a table, and who may use each. */
#include "app/web/web_routes.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/control/control_live.h"
#include "app/web/web_metrics.h"
#include "app/web/web_page.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/disk/disk_file.h"

enum { HTTP_OK = 200, HTTP_TOO_MANY = 429, TIDY_MS = 5000, MS = 1000000 };

static const char no_page[] =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>UsenetSync</title>"
    "<p>This build of UsenetSync has no web page: Node was missing when it was built. "
    "<code>tools/setup build</code> installs it; then build again.</p>";

/* --- the page's files, health, metrics -------------------------------------------------------- */

static void get_healthz(struct web_request *request)
{
    web_request_text(request, "text/plain; charset=utf-8", bytes_str("ok\n"));
}

static void get_metrics(struct web_request *request)
{
    struct web *web = request->gate->web;
    struct buf text = {0};
    json_t *live = control_live(web->control);
    enum err err = web_metrics_put(live, &text);

    if (err == OK) {
        err = buf_printf(&text,
            "# HELP usenetsync_page_listeners Open WebSockets of the page.\n"
            "# TYPE usenetsync_page_listeners gauge\n"
            "usenetsync_page_listeners %u\n",
            web_live_count(web->live));
    }
    if (err == OK) {
        web_request_text(request, "text/plain; version=0.0.4; charset=utf-8", buf_view(&text));
    } else {
        web_request_fail(request, web_answer_status(err), err, NULL);
    }
    json_decref(live);
    buf_clear(&text);
}

static void get_no_page(struct web_request *request)
{
    web_request_text(request, "text/html; charset=utf-8", bytes_str(no_page));
}

/* --- sessions --------------------------------------------------------------------------------- */

static void answer_taken(struct web_request *request, json_t *answer)
{
    if (answer == NULL) {
        web_request_fail(request, web_answer_status(ERR_NO_MEMORY), ERR_NO_MEMORY, NULL);
        return;
    }
    web_request_answer(request, HTTP_OK, answer);
    json_decref(answer);
}

static void fail(struct web_request *request, enum err err)
{
    web_request_fail(request, web_answer_status(err), err, NULL);
}

static void get_session(struct web_request *request)
{
    if (request->session.id == 0) {
        fail(request, ERR_NO_SESSION);
        return;
    }
    answer_taken(request, json_pack("{s:I}", "expires", (json_int_t)request->session.expires));
}

static void get_login(struct web_request *request)
{
    answer_taken(
        request, json_pack("{s:b}", "password", web_password_is_set(request->gate->web->password)));
}

/* The end of a login, by whichever way. */
static void answer_login(struct web_request *request, enum err err,
    const struct web_credentials *who, const struct web_session *session)
{
    struct web *web = request->gate->web;

    if (err != OK) {
        log_warn("web", "a login was refused err=%s", err_name(err));
        fail(request, err);
        return;
    }
    log_info("web", "somebody logged in session=%llu", (unsigned long long)session->id);
    (void)snprintf(request->cookie, sizeof(request->cookie),
        "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s", web->cookie_name,
        who->cookie.text, (int)WEB_SESSION_LIFE, web->place.tls ? "; Secure" : "");
    answer_taken(request,
        json_pack("{s:I, s:s}", "expires", (json_int_t)session->expires, "key", who->key.text));
}

static void on_password_tried(void *arg, enum err err)
{
    struct web_request *request = arg;
    struct web_credentials who;
    struct web_session session;

    if (err == OK) {
        err = web_login_open(request->gate->web->login, time(NULL), &who, &session);
    }
    answer_login(request, err == ERR_LOGIN ? ERR_WRONG_PASSWORD : err, &who, &session);
    bytes_wipe(&who, sizeof(who));
}

static void try_password(struct web_request *request, const char *text)
{
    enum err err = web_password_try(request->gate->web->password, bytes_str(text),
        clock_mono_ns() / MS, on_password_tried, request);

    if (err == ERR_LIMIT) {
        web_request_fail(request, HTTP_TOO_MANY, ERR_WRONG_PASSWORD,
            "another password is being tried, or the last one was wrong; wait a little");
    } else if (err != OK) {
        fail(request, err);
    }
}

static void post_session(struct web_request *request)
{
    struct web *web = request->gate->web;
    const char *token = json_string_value(json_object_get(request->args, "token"));
    const char *password = json_string_value(json_object_get(request->args, "password"));
    struct web_credentials who;
    struct web_session session;
    enum err err = ERR_LOGIN_LINK;

    if (request->gate->kind == WEB_GATE_PAGE && password != NULL) {
        try_password(request, password);
        return;
    }
    if (request->gate->kind == WEB_GATE_PAGE && token != NULL) {
        err = web_login_begin(web->login, token, time(NULL), &who, &session);
        web_routes_tidy(web);
    }
    answer_login(request, err, &who, &session);
    bytes_wipe(&who, sizeof(who));
}

static void post_logout(struct web_request *request)
{
    struct web *web = request->gate->web;
    bool all = json_is_true(json_object_get(request->args, "all"));
    size_t ended = 0;

    if (web->login != NULL && (all || request->session.id != 0)) {
        ended = web_login_end(web->login, all ? 0 : request->session.id);
        web_live_end(web->live, all ? 0 : request->session.id);
        web_routes_tidy(web);
    }
    (void)snprintf(request->cookie, sizeof(request->cookie),
        "%s=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0%s", web->cookie_name,
        web->place.tls ? "; Secure" : "");
    answer_taken(request, json_pack("{s:I}", "ended", (json_int_t)ended));
}

/* --- for the command line only ---------------------------------------------------------------- */

static void on_password_kept(void *arg, enum err err)
{
    struct web_request *request = arg;

    if (err != OK) {
        fail(request, err);
    } else {
        log_info("web", "the page has a new password");
        answer_taken(request, json_pack("{s:b}", "password", 1));
    }
}

static void post_password(struct web_request *request)
{
    const char *text = json_string_value(json_object_get(request->args, "password"));
    enum err err = ERR_BAD_REQUEST;

    if (text != NULL) {
        err = web_password_set(
            request->gate->web->password, bytes_str(text), on_password_kept, request);
    }
    if (err == ERR_BAD_REQUEST) {
        web_request_fail(
            request, HTTP_STATUS_BAD_REQUEST, err, "a password of the page has 10 to 512 bytes");
    } else if (err != OK) {
        fail(request, err);
    }
}

/* A page that leads on to the link, so that the link is no argument of a browser, where every user
 * of this machine could read it. */
static enum err write_link_file(struct web *web, const char *url)
{
    struct buf text = {0};
    enum err err = buf_printf(&text,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>UsenetSync</title>\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<meta http-equiv=\"refresh\" content=\"0; url=%s\">\n"
        "<p><a href=\"%s\">Open UsenetSync</a>\n",
        url, url);

    if (err == OK) {
        err = disk_replace(web->login_file, buf_view(&text), 0600);
    }
    buf_wipe(&text);
    return err;
}

static void post_login_link(struct web_request *request)
{
    struct web *web = request->gate->web;
    struct web_secret token;
    char url[sizeof(web->address) + sizeof(token) + 16];
    enum err err =
        web->login == NULL ? ERR_NO_PAGE : web_login_token(web->login, time(NULL), &token);

    if (err == OK) {
        (void)snprintf(url, sizeof(url), "%s#login=%s", web->address, token.text);
        err = write_link_file(web, url);
    }
    if (err != OK) {
        fail(request, err);
        return;
    }
    loop_timer_set(web->login_end, TIDY_MS);
    answer_taken(request, json_pack("{s:s, s:s, s:i}", "url", url, "file", web->login_file,
                              "expires_in", (int)WEB_TOKEN_SECONDS));
    bytes_wipe(&token, sizeof(token));
    bytes_wipe(url, sizeof(url));
}

void web_routes_tidy(void *arg)
{
    struct web *web = arg;

    if (web_login_tokens(web->login, time(NULL)) > 0) {
        loop_timer_set(web->login_end, TIDY_MS);
    } else {
        (void)unlink(web->login_file);
    }
}

static void post_metrics_token(struct web_request *request)
{
    struct web *web = request->gate->web;
    bool renew = json_is_true(json_object_get(request->args, "renew"));
    struct web_secret token;
    enum err err = OK;

    if (renew || web->metrics.text[0] == '\0') {
        err = web_secret_make(&token);
        if (err == OK) {
            err = disk_replace(web->metrics_file, bytes_str(token.text), 0600);
        }
        if (err == OK) {
            web->metrics = token;
        }
    }
    if (err != OK) {
        fail(request, err);
        return;
    }
    answer_taken(request, json_pack("{s:s}", "token", web->metrics.text));
}

/* --- the table -------------------------------------------------------------------------------- */

enum access { OPEN, SESSION, METRICS, SOCKET_ONLY };

static const struct route {
    const char *method;
    const char *path;
    enum access access;
    void (*run)(struct web_request *request); /* NULL: control's */
} routes[] = {
    {"GET", "/healthz", OPEN, get_healthz}, {"GET", "/metrics", METRICS, get_metrics},
    {"GET", "/api/session", SESSION, get_session}, {"POST", "/api/session", OPEN, post_session},
    {"GET", "/api/login", OPEN, get_login},
    {"POST", "/api/page-password", SOCKET_ONLY, post_password},
    {"POST", "/api/session/logout", SESSION, post_logout},
    {"POST", "/api/login-link", SOCKET_ONLY, post_login_link},
    {"POST", "/api/metrics-token", SOCKET_ONLY, post_metrics_token},
    {"POST", "/api/daemon/stop", SOCKET_ONLY, NULL},
    {"GET", "/", OPEN, get_no_page}, /* the page's own, if there is one, comes first */
};

static const struct route *find(const struct web_request *request)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (strcmp(routes[i].path, request->path) == 0 &&
            strcmp(routes[i].method, request->method) == 0) {
            return &routes[i];
        }
    }
    return NULL;
}

bool web_routes_is_page(const char *path)
{
    return web_page_find(path) != NULL || strcmp(path, "/") == 0;
}

static bool is_for_metrics(const struct web_request *request)
{
    static const char bearer[] = "Bearer ";
    char given[WEB_HEAD_TEXT] = "";

    return lws_hdr_copy(request->wsi, given, sizeof(given), WSI_TOKEN_HTTP_AUTHORIZATION) > 0 &&
           strncmp(given, bearer, sizeof(bearer) - 1) == 0 &&
           web_secret_equal(given + sizeof(bearer) - 1, request->gate->web->metrics.text);
}

static bool has_session(struct web_request *request)
{
    struct web *web = request->gate->web;
    struct web_credentials who;
    enum err err;

    web_credentials_read(web, request->wsi, &who);
    err = web_login_check(web->login, &who, time(NULL), &request->session);
    bytes_wipe(&who, sizeof(who));
    return err == OK;
}

void web_routes_check(struct web_request *request, const struct web_head *head)
{
    const struct route *route = find(request);
    enum access access = route != NULL ? route->access : head->document ? OPEN : SESSION;

    if (request->gate->kind == WEB_GATE_SOCKET || access == OPEN) {
        return;
    }
    if (access == SOCKET_ONLY) {
        request->refused = HTTP_STATUS_FORBIDDEN;
        request->refusal = "only the command line may ask for this";
    } else if (!(access == METRICS && is_for_metrics(request)) && !has_session(request)) {
        request->refused = HTTP_STATUS_UNAUTHORIZED;
    }
}

bool web_routes_answer(struct web_request *request)
{
    const struct route *route = find(request);
    const struct web_asset *asset =
        strcmp(request->method, "GET") == 0 ? web_page_find(request->path) : NULL;

    if (asset != NULL) {
        web_request_asset(request, asset);
    } else if (route != NULL && route->run != NULL) {
        route->run(request);
    } else if (strncmp(request->path, "/api/", 5) != 0) {
        web_request_fail(request, HTTP_STATUS_NOT_FOUND, ERR_NOT_FOUND, "there is no such page");
    } else {
        return false;
    }
    return true;
}
