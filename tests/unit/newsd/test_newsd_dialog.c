/* What newsd answers, as dialogs. */
#include "client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../net/certs.h"

struct turn {
    const char *say; /* NULL: nothing */
    const char *expect;
};

#define HEAD "From: a@b.c\r\nNewsgroups: alt.test\r\nSubject: s\r\n"

static const struct turn reading[] = {
    {NULL, "200 *"},
    {"CAPABILITIES", "101 *\nVERSION 2\nREADER\nPOST\nOVER MSGID\nLIST ACTIVE *\n."},
    {"mode reader", "200 *"},
    {"MODE STREAM", "501 *"},
    {"DATE", "111 20????????????"},
    {"HELP", "100 *\n*\n*\n*\n*\n*\n*\n*\n."},
    {"LIST", "215 *\nalt.binaries.test 0 1 y\nalt.test 0 1 y\n."},
    {"LIST ACTIVE alt.*,!*.binaries.*", "215 *\nalt.test 0 1 y\n."},
    {"LIST NEWSGROUPS alt.test", "215 *\nalt.test\t\n."},
    {"LIST OVERVIEW.FMT",
        "215 *\nSubject:\nFrom:\nDate:\nMessage-ID:\nReferences:\n:bytes\n:lines\n."},
    {"LIST HEADERS", "503 *"},
    {"STAT", "412 *"},
    {"STAT 1", "412 *"},
    {"NEXT", "412 *"},
    {"OVER 1-", "412 *"},
    {"LISTGROUP", "412 *"},
    {"GROUP no.such.group", "411 *"},
    {"GROUP", "501 *"},
    {"GROUP a b", "501 *"},
    {"GROUP alt.test", "211 0 0 0 alt.test"},
    {"STAT", "420 *"},
    {"NEXT", "420 *"},
    {"POST", "340 * <*@*>"},
    {HEAD "Message-ID: <one@x.y>\r\nReferences: <r@x.y>\r\n\r\n..dot\r\n.", "240 * <one@x.y>"},
    {"POST", "340 *"},
    {HEAD "Message-ID: <two@x.y>\r\nSubject2: a\r\n folded\r\n\r\n2\r\n.", "240 * <two@x.y>"},
    {"GROUP alt.test", "211 2 1 2 alt.test"},
    {"STAT", "223 1 <one@x.y>"},
    {"LAST", "422 *"},
    {"NEXT", "223 2 <two@x.y>"},
    {"NEXT", "421 *"},
    {"STAT 1", "223 1 <one@x.y>"},
    {"STAT 3", "423 *"},
    {"STAT 0", "423 *"},
    {"STAT 99999999999", "501 *"},
    {"STAT x", "501 *"},
    {"STAT <two@x.y>", "223 0 <two@x.y>"},
    {"STAT", "223 1 <one@x.y>"}, /* an id does not move the pointer */
    {"STAT <none@x.y>", "430 *"},
    {"BODY <", "430 *"},
    {"BODY 1", "222 1 <one@x.y>\n..dot\n."},
    {"HEAD <one@x.y>", "221 0 <one@x.y>\nPath: *\nDate: *\nFrom: a@b.c\nNewsgroups: alt.test\n"
                       "Subject: s\nMessage-ID: <one@x.y>\nReferences: <r@x.y>\n."},
    {"ARTICLE 2", "220 2 <two@x.y>\nPath: *\nDate: * +0000\nFrom: a@b.c\nNewsgroups: alt.test\n"
                  "Subject: s\nMessage-ID: <two@x.y>\nSubject2: a\n folded\n\n2\n."},
    {"STAT", "223 2 <two@x.y>"}, /* a number does */
    {"LAST", "223 1 <one@x.y>"},
    {"LISTGROUP", "211 2 1 2 alt.test\n1\n2\n."},
    {"LISTGROUP alt.test 2-", "211 2 1 2 alt.test\n2\n."},
    {"LISTGROUP alt.test 5-7", "211 2 1 2 alt.test\n."},
    {"LISTGROUP no.such", "411 *"},
    {"OVER 1-2",
        "224 *\n1\ts\ta@b.c\t* +0000\t<one@x.y>\t<r@x.y>\t*\t\n2\ts\t*\t<two@x.y>\t\t*\t\n."},
    {"XOVER 2", "224 *\n2\ts\t*\n."},
    {"OVER <one@x.y>", "224 *\n0\ts\t*\n."},
    {"OVER", "224 *\n1\ts\t*\n."},
    {"OVER 3-", "423 *"},
    {"OVER 1-x", "501 *"},
    {"NONSENSE", "500 *"},
    {"", "501 *"},
    {"ARTICLE a b c", "501 *"},
    {"AUTHINFO USER any", "281 *"},
    {"AUTHINFO SASL PLAIN", "501 *"},
    {"QUIT", "205 *"},
};

static const struct turn posting[] = {
    {NULL, "200 *"},
    {"POST", "340 *"},
    {HEAD "Message-ID: <a@x.y>\r\n\r\nb\r\n.", "240 *<a@x.y>"},
    {"POST", "340 *"},
    {HEAD "Message-ID: <a@x.y>\r\n\r\nb\r\n.", "441 435 Duplicate"},
    {"POST", "340 *"},
    {"From: a@b.c\r\nNewsgroups: no.such.group\r\nSubject: s\r\n\r\nb\r\n.",
        "441 No valid newsgroups in \"no.such.group\""},
    {"POST", "340 *"},
    {"From: a@b.c\r\nNewsgroups: no.such, alt.test ,alt.test\r\nSubject: s\r\n"
     "Message-ID: <cross@x.y>\r\n\r\nb\r\n.",
        "240 *"},
    {"GROUP alt.test", "211 2 1 2 alt.test"},
    {"POST", "340 *"},
    {HEAD "Message-ID: <noat>\r\n\r\nb\r\n.", "441 435 Bad Message-ID"},
    {"POST", "340 *"},
    {HEAD "Message-ID: <a@x.y>\r\nMessage-ID: <b@x.y>\r\n\r\nb\r\n.", "441 435 Bad Message-ID"},
    {"POST", "340 *"},
    {"Newsgroups: alt.test\r\nSubject: s\r\n\r\nb\r\n.", "441 Missing required From *"},
    {"POST", "340 *"},
    {"From: nobody\r\nNewsgroups: alt.test\r\nSubject: s\r\n\r\nb\r\n.", "441 Address in From *"},
    {"POST", "340 *"},
    {"From: a@b.c\r\nSubject: s\r\n\r\nb\r\n.", "441 Missing required Newsgroups *"},
    {"POST", "340 *"},
    {"From: a@b.c\r\nNewsgroups: alt.test\r\n\r\nb\r\n.", "441 Missing required Subject *"},
    {"POST", "340 *"},
    {"From: a@b.c\r\nNewsgroups: alt.test\r\nSubject:\r\n\r\nb\r\n.", "441 *Subject*"},
    {"POST", "340 *"},
    {HEAD "Message-ID: <e@x.y>\r\n\r\n.", "441 Article is empty"},
    {"POST", "340 *"},
    {HEAD ".", "441 *no empty line"},
    {"POST", "340 *"},
    {".", "441 *no empty line"},
    {"POST", "340 *"},
    {"no header\r\n\r\nb\r\n.", "441 Article header field *"},
    {"STAT <e@x.y>", "430 *"}, /* a refused id is still free */
    {"POST", "340 *"},
    {HEAD "Message-ID: <e@x.y>\r\n\r\nb\r\n.", "240 *"},
    {"POST now", "501 *"},
    {"GROUP alt.test", "211 3 1 3 alt.test"},
};

static const struct turn login[] = {
    {NULL, "200 *"},
    {"CAPABILITIES", "101 *\nVERSION 2\nREADER\nPOST\nOVER MSGID\nLIST*\nAUTHINFO USER\n."},
    {"MODE READER", "200 *"},
    {"GROUP alt.test", "480 *"},
    {"STAT <a@b.c>", "480 *"},
    {"POST", "480 *"},
    {"AUTHINFO PASS secret", "482 *"},
    {"AUTHINFO USER", "501 *"},
    {"AUTHINFO USER tester", "381 *"},
    {"AUTHINFO PASS wrong", "481 *"},
    {"AUTHINFO USER teste", "381 *"},
    {"AUTHINFO PASS se cret", "481 *"},
    {"AUTHINFO USER tester", "381 *"},
    {"AUTHINFO PASS se cretse cret", "481 *"},
    {"LIST", "480 *"},
    {"AUTHINFO USER tester", "381 *"},
    {"AUTHINFO PASS se cret", "281 *"},
    {"AUTHINFO USER tester", "502 *"},
    {"GROUP alt.test", "211 *"},
    {"CAPABILITIES", "101 *\nVERSION 2\nREADER\nPOST\nOVER MSGID\nLIST*\n."},
};

static void talk(struct client *c, const struct turn *turns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        client_expect(c, turns[i].say, turns[i].expect);
    }
}

static void run(
    const struct newsd_options *options, const struct turn *turns, size_t count, int with_tls)
{
    struct server s;
    static struct client c;

    server_start(&s, options);
    if (with_tls) {
        client_open_tls(&c, newsd_port(s.newsd));
    } else {
        client_open(&c, newsd_port(s.newsd));
    }
    talk(&c, turns, count);
    client_close(&c);
    server_end(&s);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void test_reading(void **state)
{
    (void)state;
    run(&(struct newsd_options){.port = 0}, reading, COUNT(reading), 0);
}

static void test_posting(void **state)
{
    (void)state;
    run(&(struct newsd_options){.port = 0}, posting, COUNT(posting), 0);
}

static void test_login(void **state)
{
    (void)state;
    run(&(struct newsd_options){.user = "tester", .password = "se cret"}, login, COUNT(login), 0);
}

static void test_over_tls(void **state)
{
    static const char cert[] = "/tmp/newsd-test-cert.pem", key[] = "/tmp/newsd-test-key.pem";

    (void)state;
    assert_int_equal(certs_make(cert, key, "DNS:localhost"), 0);
    run(&(struct newsd_options){.cert_file = cert, .key_file = key}, reading, COUNT(reading), 1);
    remove(cert);
    remove(key);
}

/* The same dialog, a byte at a time. */
static void test_split_everywhere(void **state)
{
    static struct client c;
    struct server s;

    (void)state;
    server_start(&s, &(struct newsd_options){.port = 0});
    client_open(&c, newsd_port(s.newsd));
    for (size_t i = 0; i < COUNT(posting); i++) {
        for (const char *at = posting[i].say; at != NULL && *at != '\0'; at++) {
            client_send(&c, at, 1);
        }
        if (posting[i].say != NULL) {
            client_send(&c, "\r", 1);
            client_send(&c, "\n", 1);
        }
        client_expect(&c, NULL, posting[i].expect);
    }
    client_close(&c);
    server_end(&s);
}

static void test_password_guessing_ends(void **state)
{
    static struct client c;
    struct server s;

    (void)state;
    server_start(&s, &(struct newsd_options){.user = "u", .password = "p"});
    client_open(&c, newsd_port(s.newsd));
    client_expect(&c, NULL, "200 *");
    for (int i = 0; i < 5; i++) {
        client_expect(&c, "AUTHINFO USER u", "381 *");
        client_expect(&c, "AUTHINFO PASS x", "481 *");
    }
    assert_null(client_line(&c));
    client_close(&c);
    server_end(&s);
}

static void test_line_too_long(void **state)
{
    static struct client c;
    struct server s;
    char line[5001];

    (void)state;
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    server_start(&s, &(struct newsd_options){.port = 0});
    client_open(&c, newsd_port(s.newsd));
    client_expect(&c, NULL, "200 *");
    client_expect(&c, line, "501 *");
    client_expect(&c, "DATE", "111 *");
    client_close(&c);
    server_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading),
        cmocka_unit_test(test_posting),
        cmocka_unit_test(test_login),
        cmocka_unit_test(test_over_tls),
        cmocka_unit_test(test_split_everywhere),
        cmocka_unit_test(test_password_guessing_ends),
        cmocka_unit_test(test_line_too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
