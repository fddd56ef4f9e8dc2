/* One HTTP request and its answer: control_call on one side, libwebsockets on the other. */
#ifndef APP_WEB_WEB_SESSION_H
#define APP_WEB_WEB_SESSION_H

#include <libwebsockets.h>

#include "app/control/control_call.h"
#include "app/web/web_out.h"
#include "base/list.h"

enum {
    WEB_PATH_MAX = 512,
    WEB_PIECE = 32 << 10, /* bytes handed to the socket at once */
    WEB_REQUESTS_MAX = 64,
};

/* What the request waits for. It moves on only. */
enum web_phase {
    WEB_BODY,   /* the rest of its body */
    WEB_CALL,   /* control's first word */
    WEB_HEAD,   /* the socket, to write the head */
    WEB_ANSWER, /* the socket, or more rows */
};

struct web_session {
    struct list node;
    struct lws *wsi;
    struct control *control;
    enum web_phase phase;
    char method[8];
    char path[WEB_PATH_MAX];
    json_t *args; /* the query's words, then the body's members */
    struct buf body;
    enum err body_err;
    struct control_call *call; /* NULL: not begun, or ended */
    unsigned status;
    enum { WEB_WHOLE, WEB_ROWS } shape;
    enum { WEB_OPEN, WEB_ENDED, WEB_BROKEN } end; /* what else will be put into `out` */
    struct web_out out;
};

/* A request's head has come. NULL: no memory. Free with web_session_free(). */
struct web_session *web_session_new(
    struct control *control, struct lws *wsi, const char *spool, const char *path);

/* A piece of its body. */
void web_session_body(struct web_session *session, struct bytes piece);

/* All of it is here: ask control. */
void web_session_begin(struct web_session *session);

/* The socket takes bytes. 0: go on; 1: the answer is whole; -1: close the connection. */
int web_session_write(struct web_session *session);

/* The asker has gone, or has all. */
void web_session_free(struct web_session *session);

/* The HTTP status for an error. */
unsigned web_session_status(enum err err);

#endif
