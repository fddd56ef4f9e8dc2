/* HTTP/1.1, JSON and a WebSocket in front of control, at two gates: a Unix socket that only its
 * owner (and root) may use, and a port of 127.0.0.1 for the web page, where each request needs a
 * session. docs/openapi.yaml lists the routes, docs/api.md tells the rules. */
#ifndef APP_WEB_WEB_H
#define APP_WEB_WEB_H

#include "app/control/control.h"
#include "io/loop/loop.h"

enum { WEB_PORT_DEFAULT = 8642 };

struct web_options {
    struct loop *loop; /* control's home */
    struct control *control;
    const char *socket; /* path; made with mode 0600, whatever lay there before goes */
    const char *state;  /* the state folder: sessions and answers that wait for a slow reader */
    enum web_page { WEB_PAGE_ON, WEB_PAGE_OFF } page;
    uint16_t port; /* of the page; 0: any. web_port.h tells what happens when it is taken */
};

struct web;

/* Listen. ERR_PERMISSION, ERR_SYSTEM: the socket or the port could not be made. Options are copied;
 * loop and control must outlive it. */
MUST_USE enum err web_new(const struct web_options *options, struct web **web);

/* The page's address, "http://127.0.0.1:8642/"; "" when it is off. Lives as long as `web`. */
const char *web_address(const struct web *web);

/* End every connection and remove the socket. The loop is turned for a moment so that everything is
 * closed; it must not be running. NULL is allowed. */
void web_free(struct web *web);

#endif
