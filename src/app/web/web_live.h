/* The page's WebSockets: each is told what is going on, five times a second at most. A listener
 * that does not read costs its place and one number: nothing is queued for it. */
#ifndef APP_WEB_WEB_LIVE_H
#define APP_WEB_WEB_LIVE_H

#include <libwebsockets.h>

#include "app/control/control.h"

/* The subprotocol, and what stands before the key in the second one. */
#define WEB_LIVE_PROTOCOL "usenetsync.live.1"
#define WEB_LIVE_KEY "key."

enum {
    WEB_LIVE_TICK_MS = 200,
    WEB_LIVE_TEXT_MAX = 4096, /* bytes a client may send in all: it has nothing to say */
};

struct web_live;

/* What libwebsockets keeps for us at each WebSocket. */
struct web_listener {
    struct list node; /* in the listeners; idle: it has not joined */
    struct lws *wsi;
    uint64_t session; /* 0: it came through the Unix socket */
    uint64_t seq;     /* the state it knows; 0: none */
    uint64_t told_ms; /* when it was told last */
    size_t heard;     /* bytes it sent */
    bool ended;       /* its session has */
};

MUST_USE enum err web_live_new(struct loop *loop, struct control *control, struct web_live **live);
void web_live_free(struct web_live *live);

/* How many listeners there are. */
unsigned web_live_count(const struct web_live *live);

/* Close the listeners of session `session`, or all that have one (0). */
void web_live_end(struct web_live *live, uint64_t session);

/* libwebsockets' callback of the subprotocol. */
int web_live_callback(
    struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

#endif
