/* The doors in the wall: the Unix socket, and the page's port with or without TLS. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/web/web_own.h"
#include "app/web/web_port.h"
#include "base/log.h"

enum {
    KEEP_ALIVE_S = 60,
    NO_TLS_1_0 = 1 << 26, /* OpenSSL's SSL_OP_NO_TLSv1 ... */
    NO_TLS_1_1 = 1 << 28, /* ... and SSL_OP_NO_TLSv1_1: its headers are io/net's alone */
};

/* On every answer of the page's gate; libwebsockets wants a list from the last to the first. */
static const struct lws_protocol_vhost_options page_headers[] = {
    {NULL, NULL, "content-security-policy:",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src "
        "'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'"},
    {&page_headers[0], NULL, "x-content-type-options:", "nosniff"},
    {&page_headers[1], NULL, "referrer-policy:", "no-referrer"},
    {&page_headers[2], NULL, "x-frame-options:", "DENY"},
    {&page_headers[3], NULL, "cross-origin-opener-policy:", "same-origin"},
    {&page_headers[4], NULL, "cross-origin-resource-policy:", "same-origin"},
};

enum err web_open_socket(struct web *web)
{
    struct stat st;
    struct lws_context_creation_info info = {
        .port = 0,
        .iface = web->socket,
        .vhost_name = "socket",
        .protocols = web_protocols,
        .options = LWS_SERVER_OPTION_UNIX_SOCK | LWS_SERVER_OPTION_VALIDATE_UTF8,
        .keepalive_timeout = KEEP_ALIVE_S,
        .user = &web->by_socket,
    };

    return lws_create_vhost(web->context, &info) != NULL && chmod(web->socket, 0600) == 0 &&
                   stat(web->socket, &st) == 0 && S_ISSOCK(st.st_mode)
               ? OK
               : ERR_SYSTEM;
}

static void add_name(struct web_place *place, const char *name)
{
    if (place->count < WEB_NAMES_MAX) {
        (void)snprintf(place->names[place->count++], WEB_NAME_MAX, "%s", name);
    }
}

/* What browsers may call us; the first is the one that links have. */
static void fill_place(struct web_place *place, const struct web_reach *reach)
{
    *place = (struct web_place){.tls = reach->certificate[0] != '\0'};
    for (unsigned i = 0; i < reach->names; i++) {
        add_name(place, reach->name[i]);
    }
    if (strcmp(reach->listen, WEB_LOOPBACK) == 0) {
        add_name(place, WEB_LOOPBACK);
        add_name(place, "localhost");
    }
}

/* The page's own words for where it is and what its cookie is called. A cookie whose name begins
 * with
 * "__Host-" is taken by browsers only over TLS and for this one host. */
static void name_things(struct web *web)
{
    const struct web_place *place = &web->place;

    (void)snprintf(web->address, sizeof(web->address), "%s://%s:%u/", place->tls ? "https" : "http",
        place->names[0], (unsigned)place->port);
    (void)snprintf(web->cookie_name, sizeof(web->cookie_name), "%susenetsync_%u",
        place->tls ? "__Host-" : "", (unsigned)place->port);
}

/* Other machines come in only over TLS, and only where a password was set. */
static enum err check_reach(const struct web *web, const struct web_reach *reach)
{
    bool tls = reach->certificate[0] != '\0';

    if (tls && (access(reach->certificate, R_OK) != 0 || access(reach->key, R_OK) != 0)) {
        return ERR_PAGE_CERTIFICATE;
    }
    if (strcmp(reach->listen, WEB_LOOPBACK) == 0) {
        return OK;
    }
    return !tls || reach->names == 0             ? ERR_PAGE_CERTIFICATE
           : !web_password_is_set(web->password) ? ERR_PAGE_PASSWORD
                                                 : OK;
}

static struct lws_vhost *open_port(struct web *web, const struct web_reach *reach, uint16_t port)
{
    struct lws_context_creation_info info = {
        .port = port,
        .iface = web->listen,
        .vhost_name = "page",
        .protocols = web_protocols,
        .options = LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_DISABLE_IPV6,
        .headers = &page_headers[sizeof(page_headers) / sizeof(page_headers[0]) - 1],
        .keepalive_timeout = KEEP_ALIVE_S,
        .user = &web->by_page,
    };

    if (web->place.tls) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.ssl_cert_filepath = reach->certificate;
        info.ssl_private_key_filepath = reach->key;
        info.ssl_options_set = NO_TLS_1_0 | NO_TLS_1_1;
        info.alpn = "http/1.1";
    }
    return lws_create_vhost(web->context, &info);
}

enum err web_open_page(struct web *web, const char *state, const struct web_reach *reach)
{
    struct lws_vhost *vhost;
    enum err err = check_reach(web, reach);

    if (err != OK) {
        return err;
    }
    fill_place(&web->place, reach);
    (void)snprintf(web->listen, sizeof(web->listen), "%s", reach->listen);
    vhost = open_port(web, reach, web_port_choose(state, web->listen, reach->port));
    if (vhost == NULL) {
        return web->place.tls ? ERR_PAGE_CERTIFICATE : ERR_SYSTEM;
    }
    web->place.port = (uint16_t)lws_get_vhost_listen_port(vhost);
    web_port_remember(state, reach->port, web->place.port);
    name_things(web);
    log_info("web", "the page is at %s", web->address);
    return OK;
}
