/* HTTP/1.1 and JSON in front of control, on a Unix socket that only its owner (and root) may use.
 * docs/api.md lists the routes. */
#ifndef APP_WEB_WEB_H
#define APP_WEB_WEB_H

#include "app/control/control.h"
#include "io/loop/loop.h"

struct web_options {
    struct loop *loop; /* control's home */
    struct control *control;
    const char *socket; /* path; made with mode 0600, whatever lay there before goes */
    const char *spool; /* folder for answers that wait for a slow reader; they have no name there */
};

struct web;

/* Listen. ERR_PERMISSION, ERR_SYSTEM: the socket could not be made. Options are copied; loop and
 * control must outlive it. */
MUST_USE enum err web_new(const struct web_options *options, struct web **web);

/* End every connection and remove the socket. The loop is turned for a moment so that everything is
 * closed; it must not be running. NULL is allowed. */
void web_free(struct web *web);

#endif
