/* One HTTP request and its answer: control, the page's files or this room's own routes on one side,
 * libwebsockets on the other. */
#ifndef APP_WEB_WEB_REQUEST_H
#define APP_WEB_WEB_REQUEST_H

#include <libwebsockets.h>

#include "app/web/web_out.h"
#include "app/web/web_own.h"

enum {
    WEB_PATH_MAX = 512,
    WEB_QUERY_MAX = 8192,    /* one word of it; a head is not longer */
    WEB_PIECE = 32 << 10,    /* bytes handed to the socket at once */
    WEB_BODY_SECONDS = 30,   /* for a whole body */
    WEB_READER_SECONDS = 60, /* in which a reader takes at least a piece */
    WEB_COOKIE_MAX = 256,
};

/* What the request waits for. It moves on only. */
enum web_phase {
    WEB_BODY,   /* the rest of its body */
    WEB_CALL,   /* the first word of an answer */
    WEB_HEAD,   /* the socket, to write the head */
    WEB_ANSWER, /* the socket, or more rows */
};

struct web_asset;

struct web_request {
    struct list node;
    struct lws *wsi;
    struct web_gate *gate;
    enum web_phase phase;
    char method[8];
    char path[WEB_PATH_MAX];
    bool items;   /* rows are wanted as one object */
    json_t *args; /* the query's words, then the body's members */
    struct buf body;
    enum err body_err;
    unsigned refused; /* the status that the answer will be; 0: none yet */
    const char *refusal;
    struct web_session session; /* who asks; 0: nobody, or through the Unix socket */
    struct control_call *call;  /* NULL: not begun, or ended */
    bool tries;                 /* a password is being tried or kept for it */

    unsigned status;
    enum { WEB_WHOLE, WEB_ROWS, WEB_ITEMS } shape;
    const char *type;              /* Content-Type */
    const struct web_asset *asset; /* one of the page's files is the answer */
    const char *encoding;          /* of that file; NULL: none */
    char cookie[WEB_COOKIE_MAX];   /* to be set; "": none */
    bool close;                    /* the connection, after the answer */
    size_t rows;
    enum { WEB_OPEN, WEB_ENDED, WEB_BROKEN } end; /* what else will be put into `out` */
    struct web_out out;
};

/* A request's head has come. NULL: no memory. Free with web_request_free(). */
struct web_request *web_request_new(struct web_gate *gate, struct lws *wsi, const char *path);

/* A piece of its body. */
void web_request_body(struct web_request *request, struct bytes piece);

/* All of it is here: find who answers. */
void web_request_begin(struct web_request *request);

/* The body took too long. */
void web_request_late(struct web_request *request);

/* The socket takes bytes. 0: go on; 1: the answer is whole; -1: close the connection. */
int web_request_write(struct web_request *request);

/* The asker has gone, or has all. */
void web_request_free(struct web_request *request);

/* --- for who answers: the answer as a whole --------------------------------------------------- */

/* `answer` is borrowed. */
void web_request_answer(struct web_request *request, unsigned status, const json_t *answer);
void web_request_fail(struct web_request *request, unsigned status, enum err err, const char *text);
void web_request_text(struct web_request *request, const char *type, struct bytes text);
void web_request_asset(struct web_request *request, const struct web_asset *asset);

/* --- the shapes of answers (web_answer.c) ----------------------------------------------------- */

/* Rows come, and the end. `answer` NULL: the rows were all. */
void web_answer_row(struct web_request *request, const json_t *row);
void web_answer_end(struct web_request *request, unsigned status, const json_t *answer);

/* The HTTP status for an error; and the error for a status that a request was refused with. */
unsigned web_answer_status(enum err err);
enum err web_answer_error(unsigned status);

#endif
