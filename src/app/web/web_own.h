/* The inside of the room. Nobody outside includes this. */
#ifndef APP_WEB_WEB_OWN_H
#define APP_WEB_WEB_OWN_H

#include <libwebsockets.h>
#include <time.h>

#include "app/control/control_call.h"
#include "app/web/web.h"
#include "app/web/web_door.h"
#include "app/web/web_live.h"
#include "app/web/web_login.h"
#include "app/web/web_password.h"
#include "base/list.h"

enum {
    WEB_REQUESTS_MAX = 64,     /* unanswered at once, at each gate; more are told to wait */
    WEB_CONNECTIONS_MAX = 512, /* open at once at the page's gate, listeners included */
    WEB_LISTENERS_MAX = 256,
    WEB_COOKIE_NAME_MAX = 32,
};

/* Where somebody comes in. */
struct web_gate {
    struct web *web;
    enum { WEB_GATE_SOCKET, WEB_GATE_PAGE } kind;
    unsigned connections, requests;
};

struct web {
    struct loop *loop;
    struct control *control;
    struct lws_context *context;
    struct list requests;
    struct web_gate by_socket, by_page;
    char *socket; /* path */
    char *spool;
    char listen[16];        /* the page's address on this machine */
    struct web_place place; /* of the page; port 0: it is switched off */
    char address[WEB_NAME_MAX + 32];
    char cookie_name[WEB_COOKIE_NAME_MAX];
    struct web_login *login; /* NULL: no page */
    struct web_password *password;
    char *login_file;             /* leads to a login link, while one is good */
    struct loop_timer *login_end; /* removes that file */
    char *metrics_file;
    struct web_secret metrics; /* ""; the token that opens /metrics */
    struct web_live *live;
};

/* libwebsockets' protocols of both gates (web.c). */
extern const struct lws_protocols web_protocols[];

/* Listen on the Unix socket; on the page's port (web_open.c). */
MUST_USE enum err web_open_socket(struct web *web);
MUST_USE enum err web_open_page(struct web *web, const char *state, const struct web_reach *reach);

/* The gate that a connection came through. */
struct web_gate *web_gate_of(struct lws *wsi);

/* Read what the door wants to know of a head. */
void web_head_read(struct lws *wsi, const char *path, struct web_head *head);

/* Who asks: the cookie and the key of a request or an upgrade. */
void web_credentials_read(
    const struct web *web, struct lws *wsi, struct web_credentials *credentials);

/* May this upgrade to a WebSocket be? ERR_...: no, *status and *text say it. */
MUST_USE enum err web_upgrade_check(
    struct lws *wsi, const char *path, unsigned *status, const char **text);

#endif
