/* Octets, pipelines, limits, and many clients at once. */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cmocka.h>

enum { ARTICLE_LEN = 800000 };

static struct client c; /* one at a time; it is large */

/* Whole lines of octets from a small generator: no NUL, CR or LF, many dots. */
static uint8_t *make_body(size_t len, unsigned seed)
{
    uint8_t *body = malloc(len);
    uint32_t x = seed * 2654435761u + 1;

    assert_non_null(body);
    for (size_t i = 0; i < len; i++) {
        x = x * 1664525 + 1013904223;
        body[i] = (uint8_t)(x >> 24);
        if (body[i] == '\0' || body[i] == '\r' || body[i] == '\n' || body[i] < 40) {
            body[i] = '.';
        }
        if (i % 130 == 128 || i == len - 2) {
            body[i++] = '\r';
            if (i < len) {
                body[i] = '\n';
            }
        }
    }
    memcpy(body + len - 2, "\r\n", 2);
    return body;
}

static void open_client(struct server *s)
{
    client_open(&c, newsd_port(s->newsd));
    client_expect(&c, NULL, "200 *");
}

static void expect_body(struct client *from, const char *id, const uint8_t *body, size_t len)
{
    char line[300];
    uint8_t *got;
    size_t got_len;

    snprintf(line, sizeof(line), "BODY %s", id);
    client_expect(from, line, "222 *");
    got = client_block(from, &got_len);
    assert_int_equal(got_len, len);
    assert_memory_equal(got, body, len);
    free(got);
}

static void test_octet_for_octet(void **state)
{
    static const char lines[] = ".\r\n..\r\n...x\r\n\r\n.\r\n";
    uint8_t all[5000];
    struct server s;
    char id[40];

    (void)state;
    server_start(&s, &(struct newsd_options){.port = 0});
    open_client(&s);
    client_post(&c, "<dots@x.y>", (const uint8_t *)lines, strlen(lines), "240 *");
    expect_body(&c, "<dots@x.y>", (const uint8_t *)lines, strlen(lines));

    for (size_t i = 0; i < sizeof(all); i++) { /* one line of every octet but NUL, CR, LF */
        all[i] = (uint8_t)(i % 256);
        if (all[i] == '\0' || all[i] == '\r' || all[i] == '\n') {
            all[i] = '.';
        }
    }
    memcpy(all + sizeof(all) - 2, "\r\n", 2);
    client_post(&c, "<all@x.y>", all, sizeof(all), "240 *");
    expect_body(&c, "<all@x.y>", all, sizeof(all));

    for (unsigned i = 0; i < 8; i++) {
        uint8_t *body = make_body(ARTICLE_LEN + i, i);

        snprintf(id, sizeof(id), "<%u@x.y>", i);
        client_post(&c, id, body, ARTICLE_LEN + i, "240 *");
        expect_body(&c, id, body, ARTICLE_LEN + i);
        free(body);
    }
    client_close(&c);
    server_end(&s);
}

static void test_nul_octet(void **state)
{
    struct server s;

    (void)state;
    server_start(&s, &(struct newsd_options){.port = 0});
    open_client(&s);
    client_post(&c, "<nul@x.y>", (const uint8_t *)"a\0b\r\n", 5, "441 *NUL*");
    client_expect(&c, "STAT <nul@x.y>", "430 *");
    client_close(&c);
    server_end(&s);
}

static void test_size_limit(void **state)
{
    uint8_t *body = make_body(200000, 1);
    struct server s;

    (void)state;
    server_start(&s, &(struct newsd_options){.max_article = 100000});
    open_client(&s);
    client_post(&c, "<big@x.y>", body, 200000, "441 *bigger than local limit of 100000 bytes");
    client_expect(&c, "STAT <big@x.y>", "430 *"); /* it was read to its end */
    client_post(&c, "<big@x.y>", body, 90090, "240 *");
    client_close(&c);
    server_end(&s);
    free(body);
}

/* Commands for megabytes of answers in one go; the answers in order. */
static void test_pipeline(void **state)
{
    enum { BODIES = 40, STATS = 3000 };
    uint8_t *body = make_body(ARTICLE_LEN, 5);
    char *commands = malloc((size_t)(BODIES + STATS) * 32);
    size_t len = 0;
    struct server s;

    (void)state;
    server_start(&s, &(struct newsd_options){.port = 0});
    open_client(&s);
    client_post(&c, "<p@x.y>", body, ARTICLE_LEN, "240 *");
    for (int i = 0; i < STATS; i++) {
        len += (size_t)sprintf(commands + len, "STAT <%s@x.y>\r\n", i % 3 == 0 ? "p" : "q");
    }
    for (int i = 0; i < BODIES; i++) {
        len += (size_t)sprintf(commands + len, "BODY <p@x.y>\r\n");
    }
    client_send(&c, commands, len);
    for (int i = 0; i < STATS; i++) {
        client_expect(&c, NULL, i % 3 == 0 ? "223 0 <p@x.y>" : "430 *");
    }
    for (int i = 0; i < BODIES; i++) {
        size_t got_len;
        uint8_t *got;

        client_expect(&c, NULL, "222 0 <p@x.y>");
        got = client_block(&c, &got_len);
        assert_int_equal(got_len, ARTICLE_LEN);
        assert_memory_equal(got, body, got_len);
        free(got);
    }
    client_expect(&c, "QUIT", "205 *");
    assert_null(client_line(&c));
    client_close(&c);
    server_end(&s);
    free(commands);
    free(body);
}

/* Last words and a closed half: the answers still come, to the last octet. */
static void test_half_closed_client(void **state)
{
    uint8_t *body = make_body(ARTICLE_LEN, 6);
    struct server s;
    uint8_t *got;
    size_t got_len;

    (void)state;
    server_start(&s, &(struct newsd_options){.port = 0});
    open_client(&s);
    client_post(&c, "<h@x.y>", body, ARTICLE_LEN, "240 *");
    client_say(&c, "BODY <h@x.y>\r\nDATE\r\nQUIT");
    shutdown(c.fd, SHUT_WR);
    client_expect(&c, NULL, "222 *");
    got = client_block(&c, &got_len);
    assert_int_equal(got_len, ARTICLE_LEN);
    client_expect(&c, NULL, "111 *\n205 *");
    assert_null(client_line(&c));
    free(got);
    client_close(&c);
    server_end(&s);
    free(body);
}

static long rss_kib(void)
{
    FILE *f = fopen("/proc/self/statm", "re");
    char line[100] = {0};
    char *second;

    assert_non_null(f);
    assert_non_null(fgets(line, sizeof(line), f));
    fclose(f);
    second = strchr(line, ' ');
    assert_non_null(second);
    return strtol(second, NULL, 10) * 4;
}

/* A client that asks for gigabytes and reads nothing is not listened to; others do not notice. */
static void test_client_that_never_reads(void **state)
{
    enum { COMMANDS_MAX = 64 << 20 };
    uint8_t *body = make_body(ARTICLE_LEN, 7);
    static struct client deaf;
    size_t sent = 0;
    struct server s;
    long before;
    char many[16 * 1024];

    (void)state;
    for (size_t i = 0; i < sizeof(many); i += 16) {
        memcpy(many + i, "BODY <d.d@x.y>\r\n", 16);
    }
    server_start(&s, &(struct newsd_options){.port = 0});
    open_client(&s);
    client_post(&c, "<d.d@x.y>", body, ARTICLE_LEN, "240 *");
    before = rss_kib();
    client_open(&deaf, newsd_port(s.newsd));
    for (int idle = 0; idle < 10 && sent < COMMANDS_MAX;) {
        ssize_t n = send(deaf.fd, many, sizeof(many), MSG_DONTWAIT | MSG_NOSIGNAL);

        sent += n > 0 ? (size_t)n : 0;
        idle = n > 0 ? 0 : idle + 1;
        if (n < 0) {
            assert_true(errno == EAGAIN);
            client_expect(&c, "STAT <d.d@x.y>", "223 *"); /* and time passes */
            expect_body(&c, "<d.d@x.y>", body, ARTICLE_LEN);
        }
    }
    assert_true(sent < COMMANDS_MAX);
    assert_true(rss_kib() - before < 32L * 1024);
    client_close(&deaf);
    client_expect(&c, "DATE", "111 *");
    client_close(&c);
    server_end(&s);
    free(body);
}

static void test_two_hundred_clients(void **state)
{
    enum { CLIENTS = 200, LEN = 130000 };
    struct client *all = calloc(CLIENTS, sizeof(*all));
    uint8_t *body = make_body(LEN, 8);
    struct server s;
    char id[40];

    (void)state;
    assert_non_null(all);
    server_start(&s, &(struct newsd_options){.port = 0});
    for (int i = 0; i < CLIENTS; i++) {
        client_open(&all[i], newsd_port(s.newsd));
    }
    for (int i = 0; i < CLIENTS; i++) {
        client_expect(&all[i], NULL, "200 *");
        snprintf(id, sizeof(id), "<%d@many.x.y>", i);
        client_post(&all[i], id, body, LEN, "240 *");
    }
    for (int i = 0; i < CLIENTS; i++) { /* all are asked before anybody reads */
        char line[64];

        snprintf(line, sizeof(line), "BODY <%d@many.x.y>", (i + 77) % CLIENTS);
        client_say(&all[i], line);
    }
    for (int i = 0; i < CLIENTS; i++) {
        size_t len;
        uint8_t *got;

        client_expect(&all[i], NULL, "222 *");
        got = client_block(&all[i], &len);
        assert_int_equal(len, LEN);
        assert_memory_equal(got, body, len);
        free(got);
    }
    client_expect(&all[0], "GROUP alt.binaries.test", "211 200 1 200 *");
    for (int i = 0; i < CLIENTS; i++) {
        client_close(&all[i]);
    }
    server_end(&s);
    free(all);
    free(body);
}

static void test_too_many_clients(void **state)
{
    static struct client a, b, third;
    struct server s;

    (void)state;
    server_start(&s, &(struct newsd_options){.max_clients = 2});
    client_open(&a, newsd_port(s.newsd));
    client_expect(&a, NULL, "200 *");
    client_open(&b, newsd_port(s.newsd));
    client_expect(&b, NULL, "200 *");
    client_open(&third, newsd_port(s.newsd));
    client_expect(&third, NULL, "400 *oo many connections*");
    assert_null(client_line(&third));
    client_close(&third);
    client_expect(&a, "QUIT", "205 *");
    assert_null(client_line(&a));
    client_close(&a);
    client_open(&third, newsd_port(s.newsd));
    client_expect(&third, NULL, "200 *");
    client_close(&third);
    client_close(&b);
    server_end(&s);
}

/* Cut in the middle of an article: nothing of it is left, and its id is free. */
static void test_client_dies_while_posting(void **state)
{
    static const char head[] = "From: a@b.c\r\nNewsgroups: alt.binaries.test\r\nSubject: s\r\n"
                               "Message-ID: <cut@x.y>\r\n\r\n";
    uint8_t *body = make_body(ARTICLE_LEN, 9);
    struct server s;

    (void)state;
    server_start(&s, &(struct newsd_options){.port = 0});
    open_client(&s);
    client_expect(&c, "POST", "340 *");
    client_send(&c, head, strlen(head));
    client_send(&c, body, ARTICLE_LEN / 2);
    client_close(&c);
    open_client(&s);
    client_expect(&c, "STAT <cut@x.y>", "430 *");
    client_post(&c, "<cut@x.y>", body, ARTICLE_LEN, "240 *");
    expect_body(&c, "<cut@x.y>", body, ARTICLE_LEN);
    client_close(&c);
    server_end(&s);
    free(body);
}

/* Two clients post the same id at the same time: one of them gets it. */
static void test_race_for_an_id(void **state)
{
    static const char article[] =
        "From: a@b.c\r\nNewsgroups: alt.test\r\nSubject: s\r\nMessage-ID: <r@x.y>\r\n\r\nb\r\n";
    static struct client a, b;
    struct server s;

    (void)state;
    server_start(&s, &(struct newsd_options){.port = 0});
    client_open(&a, newsd_port(s.newsd));
    client_open(&b, newsd_port(s.newsd));
    client_expect(&a, "POST", "200 *\n340 *");
    client_expect(&b, "POST", "200 *\n340 *");
    client_send(&a, article, strlen(article));
    client_send(&b, article, strlen(article));
    client_expect(&a, ".", "240 *");
    client_expect(&b, ".", "441 435 Duplicate");
    client_expect(&b, "GROUP alt.test", "211 1 1 1 *");
    client_close(&a);
    client_close(&b);
    server_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_octet_for_octet),
        cmocka_unit_test(test_nul_octet),
        cmocka_unit_test(test_size_limit),
        cmocka_unit_test(test_pipeline),
        cmocka_unit_test(test_half_closed_client),
        cmocka_unit_test(test_client_that_never_reads),
        cmocka_unit_test(test_two_hundred_clients),
        cmocka_unit_test(test_too_many_clients),
        cmocka_unit_test(test_client_dies_while_posting),
        cmocka_unit_test(test_race_for_an_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
