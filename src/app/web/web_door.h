/* May this request come in? Looked at before anything else is: what a web page of somebody else can
 * make a browser send here must stop at this door. Pure. */
#ifndef APP_WEB_WEB_DOOR_H
#define APP_WEB_WEB_DOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "app/web/web.h"

enum { WEB_HEAD_TEXT = 256 };

/* A request's head, as far as it matters here. "" is a header that is missing; one that is too long
 * for its place is "?", which fits nothing. */
struct web_head {
    enum web_method { WEB_GET, WEB_POST, WEB_OTHER } method;
    bool upgrade;  /* it wants to become a WebSocket */
    bool document; /* it asks for the page itself, not for anything of /api */
    bool length;   /* it has a Content-Length */
    bool chunked;  /* it has a Transfer-Encoding */
    char host[WEB_HEAD_TEXT];
    char origin[WEB_HEAD_TEXT];
    char site[WEB_HEAD_TEXT]; /* Sec-Fetch-Site */
    char mode[WEB_HEAD_TEXT]; /* Sec-Fetch-Mode */
    char type[WEB_HEAD_TEXT]; /* Content-Type */
};

/* What we are called by browsers that come here. */
struct web_place {
    bool tls;
    uint16_t port;
    unsigned count; /* of names */
    char names[WEB_NAMES_MAX][WEB_NAME_MAX];
};

/* 0: it may. Else the HTTP status of the refusal, and why in *text (lives for ever). */
unsigned web_door_check(
    const struct web_head *head, const struct web_place *place, const char **text);

#endif
