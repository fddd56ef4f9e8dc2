/* Host, Origin, Sec-Fetch-Site, Content-Type. */
#include "app/web/web_door.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    BAD_REQUEST = 400,
    FORBIDDEN = 403,
    METHOD_NOT_ALLOWED = 405,
    LENGTH_REQUIRED = 411,
    UNSUPPORTED_TYPE = 415,
    MISDIRECTED = 421,
    HTTPS_PORT = 443,
};

/* Host is a name of ours with our port, which may be missing where the scheme says it. */
static bool host_is(const char *host, const char *name, const struct web_place *place)
{
    char ours[WEB_HEAD_TEXT + 8];

    (void)snprintf(ours, sizeof(ours), "%s:%u", name, (unsigned)place->port);
    return strcmp(host, ours) == 0 ||
           (place->tls && place->port == HTTPS_PORT && strcmp(host, name) == 0);
}

/* A name that somebody made point to this machine (DNS rebinding) is not ours. */
static bool host_is_ours(const char *host, const struct web_place *place)
{
    for (unsigned i = 0; i < place->count; i++) {
        if (host_is(host, place->names[i], place)) {
            return true;
        }
    }
    return false;
}

/* The page that asks is the one that was loaded from this very host. */
static bool origin_is_ours(const struct web_head *head, const struct web_place *place)
{
    const char *scheme = place->tls ? "https://" : "http://";
    size_t len = strlen(scheme);

    return strncmp(head->origin, scheme, len) == 0 && strcmp(head->origin + len, head->host) == 0;
}

/* Another site may lead somebody to the page, as any link does; it cannot see what comes. */
static bool is_visit(const struct web_head *head)
{
    return head->method == WEB_GET && head->document && !head->upgrade &&
           strcmp(head->mode, "navigate") == 0;
}

static bool type_is_json(const char *type)
{
    static const char json[] = "application/json";
    size_t len = sizeof(json) - 1;

    return strncasecmp(type, json, len) == 0 &&
           (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
}

unsigned web_door_check(
    const struct web_head *head, const struct web_place *place, const char **text)
{
    *text = "";
    if (!host_is_ours(head->host, place)) {
        *text = "this is not the address of this page";
        return MISDIRECTED;
    }
    if ((head->origin[0] != '\0' || head->upgrade) && !origin_is_ours(head, place)) {
        *text = "the request comes from another web page";
        return FORBIDDEN;
    }
    if (head->site[0] != '\0' && strcmp(head->site, "same-origin") != 0 &&
        strcmp(head->site, "none") != 0 && !is_visit(head)) {
        *text = "the request comes from another web page";
        return FORBIDDEN;
    }
    if (head->method == WEB_OTHER) {
        *text = "only GET and POST are understood";
        return METHOD_NOT_ALLOWED;
    }
    if (head->chunked) {
        *text = "a request's body needs a Content-Length";
        return BAD_REQUEST;
    }
    if (head->method == WEB_POST && !head->length) {
        *text = "a request's body needs a Content-Length";
        return LENGTH_REQUIRED;
    }
    if (head->method == WEB_POST && !type_is_json(head->type)) { /* no form can say so */
        *text = "a request's body must be application/json";
        return UNSUPPORTED_TYPE;
    }
    return 0;
}
