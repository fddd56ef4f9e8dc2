/* HTTP/1.1, JSON and a WebSocket in front of control, at two gates: a Unix socket that only its
 * owner (and root) may use, and a port for the web page, where each request needs a session. That
 * port is one of 127.0.0.1; other machines reach it only with TLS and a password. docs/openapi.yaml
 * lists the routes, docs/api.md tells the rules. */
#ifndef APP_WEB_WEB_H
#define APP_WEB_WEB_H

#include <limits.h>

#include "app/control/control.h"
#include "io/loop/loop.h"

enum { WEB_PORT_DEFAULT = 8642, WEB_NAMES_MAX = 8, WEB_NAME_MAX = 254 };

#define WEB_LOOPBACK "127.0.0.1"

/* Where the page is. */
struct web_reach {
    char listen[16]; /* an IPv4 address of this machine; "": there is no page */
    uint16_t port;   /* 0: any. web_port.h tells what happens when it is taken */
    unsigned names;  /* how browsers may call it besides localhost, where it is on loopback */
    char name[WEB_NAMES_MAX][WEB_NAME_MAX];
    char certificate[PATH_MAX], key[PATH_MAX]; /* PEM files; "": no TLS, on loopback only */
};

struct web_options {
    struct loop *loop; /* control's home */
    struct control *control;
    const char *socket; /* path; made with mode 0600, whatever lay there before goes */
    const char *state;  /* the state folder: sessions and answers that wait for a slow reader */
    const struct web_reach *reach;
};

struct web;

/* Listen. ERR_PERMISSION, ERR_SYSTEM: the socket or the port could not be made. ERR_PAGE_PASSWORD:
 * other machines would reach a page that has no password. ERR_PAGE_CERTIFICATE: the PEM files are
 * no use. Options are copied; loop and control must outlive it. */
MUST_USE enum err web_new(const struct web_options *options, struct web **web);

/* The page's address, "http://127.0.0.1:8642/"; "" when it is off. Lives as long as `web`. */
const char *web_address(const struct web *web);

/* End every connection and remove the socket. The loop is turned for a moment so that everything is
 * closed; it must not be running. NULL is allowed. */
void web_free(struct web *web);

#endif
