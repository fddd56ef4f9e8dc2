/* Who may come in: what a browser sends for our page, and what it sends for somebody else's. */
#include "app/web/web_door.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct web_place here = {
    .port = 8642,
    .count = 2,
    .names = {"127.0.0.1", "localhost"},
};

/* Reached from other machines. */
static const struct web_place nas = {
    .tls = true,
    .port = 443,
    .count = 2,
    .names = {"nas.home", "10.0.0.5"},
};

/* A head of our own page's request; each row says what is different. */
static const struct {
    const char *what;
    const struct web_place *place; /* NULL: here */
    unsigned status;
    const char *host, *origin, *site, *mode, *type;
    enum web_method method;
    bool upgrade, document, no_length, chunked;
} rows[] = {
    {.what = "our page asks", .site = "same-origin", .origin = "http://127.0.0.1:8642"},
    {.what = "by the other name", .host = "localhost:8642", .origin = "http://localhost:8642"},
    {.what = "curl asks"},
    {.what = "typed into the address bar", .site = "none", .mode = "navigate", .document = true},
    {.what = "a link of another site leads to the page",
        .site = "cross-site",
        .mode = "navigate",
        .document = true},
    {.what = "a GET with Origin, as for modules", .origin = "http://127.0.0.1:8642"},
    {.what = "our page posts", .method = WEB_POST, .type = "application/json"},
    {.what = "with a character set", .method = WEB_POST, .type = "application/json; charset=utf-8"},
    {.what = "our WebSocket", .upgrade = true, .origin = "http://127.0.0.1:8642"},

    {.what = "DNS rebinding", .status = 421, .host = "evil.example:8642"},
    {.what = "rebinding, same origin to the browser",
        .status = 421,
        .host = "evil.example:8642",
        .origin = "http://evil.example:8642",
        .site = "same-origin"},
    {.what = "no Host at all", .status = 421, .host = ""},
    {.what = "Host without port", .status = 421, .host = "127.0.0.1"},
    {.what = "Host with another port", .status = 421, .host = "127.0.0.1:80"},
    {.what = "Host that begins like ours", .status = 421, .host = "127.0.0.1:86421"},
    {.what = "Host with more behind", .status = 421, .host = "127.0.0.1:8642.evil.example"},
    {.what = "two Hosts", .status = 421, .host = "127.0.0.1:8642,evil.example"},
    {.what = "Host in capitals is not ours", .status = 421, .host = "LOCALHOST:8642"},
    {.what = "foreign Origin", .status = 403, .origin = "https://evil.example"},
    {.what = "Origin null", .status = 403, .origin = "null"},
    {.what = "Origin of another port", .status = 403, .origin = "http://127.0.0.1:8643"},
    {.what = "Origin with another name of ours", .status = 403, .origin = "http://localhost:8642"},
    {.what = "Origin by https", .status = 403, .origin = "https://127.0.0.1:8642"},
    {.what = "Origin that is too long", .status = 403, .origin = "?"},
    {.what = "a picture on another site", .status = 403, .site = "cross-site", .mode = "no-cors"},
    {.what = "a page of another port", .status = 403, .site = "same-site", .mode = "cors"},
    {.what = "a frame of another site that asks the API",
        .status = 403,
        .site = "cross-site",
        .mode = "navigate"},
    {.what = "a form of another site",
        .status = 403,
        .site = "cross-site",
        .mode = "navigate",
        .document = true,
        .method = WEB_POST,
        .type = "application/x-www-form-urlencoded"},
    {.what = "a form, and the browser is old",
        .status = 415,
        .method = WEB_POST,
        .type = "text/plain"},
    {.what = "no type", .status = 415, .method = WEB_POST, .type = ""},
    {.what = "a type that begins like ours",
        .status = 415,
        .method = WEB_POST,
        .type = "application/jsonp"},
    {.what = "no length",
        .status = 411,
        .method = WEB_POST,
        .type = "application/json",
        .no_length = true},
    {.what = "chunked",
        .status = 400,
        .method = WEB_POST,
        .type = "application/json",
        .chunked = true},
    {.what = "another method", .status = 405, .method = WEB_OTHER},
    {.what = "WebSocket without Origin", .status = 403, .upgrade = true},
    {.what = "foreign WebSocket", .status = 403, .upgrade = true, .origin = "https://evil.example"},
    {.what = "the page over TLS", .place = &nas, .host = "nas.home", .origin = "https://nas.home"},
    {.what = "with its port said", .place = &nas, .host = "10.0.0.5:443"},
    {.what = "TLS, but the origin is not",
        .place = &nas,
        .status = 403,
        .host = "nas.home",
        .origin = "http://nas.home"},
    {.what = "a name that was not told", .place = &nas, .status = 421, .host = "127.0.0.1:443"},
    {.what = "an address that was not told", .place = &nas, .status = 421, .host = "10.0.0.6"},
    {.what = "WebSocket of another port",
        .status = 403,
        .upgrade = true,
        .origin = "http://127.0.0.1:8642",
        .site = "same-site"},
};

static void set(char to[WEB_HEAD_TEXT], const char *text, const char *missing)
{
    (void)snprintf(to, WEB_HEAD_TEXT, "%s", text != NULL ? text : missing);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct web_head head = {
            .method = rows[i].method,
            .upgrade = rows[i].upgrade,
            .document = rows[i].document,
            .length = !rows[i].no_length,
            .chunked = rows[i].chunked,
        };
        const char *text = NULL;

        print_message("%s\n", rows[i].what);
        set(head.host, rows[i].host, "127.0.0.1:8642");
        set(head.origin, rows[i].origin, "");
        set(head.site, rows[i].site, "");
        set(head.mode, rows[i].mode, "");
        set(head.type, rows[i].type, "");
        assert_int_equal(
            web_door_check(&head, rows[i].place != NULL ? rows[i].place : &here, &text),
            rows[i].status);
        assert_int_equal(text[0] == '\0', rows[i].status == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
