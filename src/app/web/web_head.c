/* What libwebsockets read of a head, as the door and the login want it. */
#include <string.h>

#include "app/web/web_own.h"
#include "app/web/web_routes.h"

enum { COOKIES_MAX = 4096, HTTP_FORBIDDEN = 403, HTTP_TOO_MANY = 429 };

/* What fits nothing stands for a header that is too long. */
static void copy(struct lws *wsi, enum lws_token_indexes token, char *to, size_t cap)
{
    to[0] = '\0';
    if (lws_hdr_total_length(wsi, token) > 0 && lws_hdr_copy(wsi, to, (int)cap, token) < 0) {
        to[0] = '?';
        to[1] = '\0';
    }
}

/* `name` in lower case, with its colon. */
static void copy_named(struct lws *wsi, const char *name, char *to, size_t cap)
{
    int len = (int)strlen(name);

    to[0] = '\0';
    if (lws_hdr_custom_length(wsi, name, len) > 0 &&
        lws_hdr_custom_copy(wsi, to, (int)cap, name, len) < 0) {
        to[0] = '?';
        to[1] = '\0';
    }
}

void web_head_read(struct lws *wsi, const char *path, struct web_head *head)
{
    char *uri = NULL;
    int len = 0;
    int method = lws_http_get_uri_and_method(wsi, &uri, &len);

    *head = (struct web_head){
        .method = method == LWSHUMETH_GET    ? WEB_GET
                  : method == LWSHUMETH_POST ? WEB_POST
                                             : WEB_OTHER,
        .upgrade = lws_hdr_total_length(wsi, WSI_TOKEN_UPGRADE) > 0,
        .document = web_routes_is_page(path),
        .length = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0,
        .chunked = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0,
    };
    copy(wsi, WSI_TOKEN_HOST, head->host, sizeof(head->host));
    copy(wsi, WSI_TOKEN_ORIGIN, head->origin, sizeof(head->origin));
    copy(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, head->type, sizeof(head->type));
    copy_named(wsi, "sec-fetch-site:", head->site, sizeof(head->site));
    copy_named(wsi, "sec-fetch-mode:", head->mode, sizeof(head->mode));
}

/* "a=1; usenetsync_8642=HEX; b=2": the HEX. */
static void find_cookie(const char *cookies, const char *name, struct web_secret *to)
{
    size_t len = strlen(name);

    for (const char *at = cookies; *at != '\0'; at += strcspn(at, ";")) {
        at += strspn(at, "; ");
        if (strncmp(at, name, len) == 0 && at[len] == '=') {
            size_t value = strcspn(at + len + 1, "; ");

            if (value == WEB_SECRET_TEXT) {
                memcpy(to->text, at + len + 1, value);
                to->text[value] = '\0';
            }
            return;
        }
    }
}

/* The second subprotocol of an upgrade: a script can set no header there. */
static void find_protocol_key(struct lws *wsi, struct web_secret *to)
{
    char list[WEB_HEAD_TEXT] = "";
    const char *key;

    copy(wsi, WSI_TOKEN_PROTOCOL, list, sizeof(list));
    key = strstr(list, WEB_LIVE_KEY);
    if (key != NULL) {
        key += sizeof(WEB_LIVE_KEY) - 1;
        if (strspn(key, "0123456789abcdef") == WEB_SECRET_TEXT) {
            memcpy(to->text, key, WEB_SECRET_TEXT);
        }
    }
    bytes_wipe(list, sizeof(list));
}

void web_credentials_read(
    const struct web *web, struct lws *wsi, struct web_credentials *credentials)
{
    char cookies[COOKIES_MAX] = "";

    memset(credentials, 0, sizeof(*credentials));
    copy(wsi, WSI_TOKEN_HTTP_COOKIE, cookies, sizeof(cookies));
    find_cookie(cookies, web->cookie_name, &credentials->cookie);
    bytes_wipe(cookies, sizeof(cookies));
    if (lws_hdr_total_length(wsi, WSI_TOKEN_UPGRADE) > 0) {
        find_protocol_key(wsi, &credentials->key);
    } else {
        copy_named(wsi, "x-usenetsync-key:", credentials->key.text, sizeof(credentials->key.text));
    }
}

/* The subprotocol must be named: without one libwebsockets would take its first. */
static bool asks_for_live(struct lws *wsi, const char *path)
{
    static const char name[] = WEB_LIVE_PROTOCOL;
    size_t len = sizeof(name) - 1;
    char list[WEB_HEAD_TEXT] = "", upgrade[16] = "";

    copy(wsi, WSI_TOKEN_PROTOCOL, list, sizeof(list));
    copy(wsi, WSI_TOKEN_UPGRADE, upgrade, sizeof(upgrade));
    return strcmp(path, "/api/live") == 0 && strcasecmp(upgrade, "websocket") == 0 &&
           strncmp(list, name, len) == 0 && (list[len] == '\0' || list[len] == ',');
}

enum err web_upgrade_check(struct lws *wsi, const char *path, unsigned *status, const char **text)
{
    struct web_gate *gate = web_gate_of(wsi);
    struct web *web = gate->web;
    struct web_credentials who;
    struct web_session session;
    struct web_head head;
    enum err err = OK;

    web_head_read(wsi, path, &head);
    if (gate->kind == WEB_GATE_PAGE) {
        *status = web_door_check(&head, &web->place, text);
        if (*status != 0) {
            return ERR_FOREIGN;
        }
        web_credentials_read(web, wsi, &who);
        err = web_login_check(web->login, &who, time(NULL), &session);
        bytes_wipe(&who, sizeof(who));
        if (err != OK) {
            *status = HTTP_STATUS_UNAUTHORIZED;
            *text = err_text(err);
            return err;
        }
    }
    if (!asks_for_live(wsi, path)) {
        *status = HTTP_STATUS_BAD_REQUEST;
        *text = "/api/live with the subprotocol " WEB_LIVE_PROTOCOL " is all that can be asked for";
        return ERR_BAD_REQUEST;
    }
    if (web_live_count(web->live) >= WEB_LISTENERS_MAX) {
        *status = HTTP_TOO_MANY;
        *text = "too many pages are open";
        return ERR_LIMIT;
    }
    return OK;
}
