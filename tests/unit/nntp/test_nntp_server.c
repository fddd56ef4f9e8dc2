/* What a server hears: command lines and articles in every split, and how a line comes apart. */
#include "codec/nntp/nntp_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LOG_CAP = 8192, ARTICLE_MAX = 20 };

/* A POST line is answered with 340 at once. */
static const struct {
    const char *what;
    const char *wire;
    const char *events;
} rows[] = {
    {"a command", "DATE\r\n", "[DATE]"},
    {"three at once", "DATE\r\nSTAT <a@b>\r\nQUIT\r\n", "[DATE][STAT <a@b>][QUIT]"},
    {"an empty line", "\r\n", "[]"},
    {"half a line", "DAT", ""},
    {"a bare LF stays in its line", "DATE\nQUIT\r\n", "[DATE\nQUIT]"},
    {"a bare CR stays in its line", "DA\rTE\r\n", "[DA\rTE]"},
    {"an article", "POST\r\nFrom: x\r\n\r\nhi\r\n.\r\nQUIT\r\n",
        "[POST]{From: x\r\n\r\nhi\r\n}end[QUIT]"},
    {"doubled dots stay", "POST\r\n..a\r\n.\r\nDATE\r\n", "[POST]{..a\r\n}end[DATE]"},
    {"an empty article", "POST\r\n.\r\nDATE\r\n", "[POST]{}end[DATE]"},
    {"an article cut short", "POST\r\nab", "[POST]{ab"},
    {"commands inside an article are text", "POST\r\nQUIT\r\n.\r\n", "[POST]{QUIT\r\n}end"},
    {"an article of just the limit", "POST\r\n123456789012345678\r\n.\r\nDATE\r\n",
        "[POST]{123456789012345678\r\n}end[DATE]"},
};

struct listener {
    struct nntp_server server;
    char log[LOG_CAP];
};

static void note(struct listener *l, const char *before, struct bytes text, const char *after)
{
    size_t len = strlen(l->log);
    size_t room = LOG_CAP - len;

    assert_true(text.len + 16 < room);
    snprintf(l->log + len, room, "%s%.*s%s", before, (int)text.len,
        text.len > 0 ? (const char *)text.ptr : "", after);
}

static void feed(struct listener *l, struct bytes in)
{
    struct bytes text;

    for (;;) {
        switch (nntp_server_step(&l->server, &in, &text)) {
        case NNTP_SERVER_MORE:
            assert_int_equal(in.len, 0);
            return;
        case NNTP_SERVER_COMMAND:
            note(l, "[", text, "]");
            if (bytes_equal(text, bytes_str("POST"))) {
                nntp_server_take_article(&l->server, ARTICLE_MAX);
                note(l, "{", bytes_at(NULL, 0), "");
            }
            break;
        case NNTP_SERVER_TOO_LONG:
            note(l, "long", text, "");
            break;
        case NNTP_SERVER_DATA:
            note(l, "", text, "");
            break;
        case NNTP_SERVER_END:
            note(l, "}end", text, "");
            break;
        case NNTP_SERVER_TOO_BIG:
            note(l, "}big", text, "");
            break;
        }
    }
}

static void start(struct listener *l)
{
    memset(l, 0, sizeof *l);
    nntp_server_init(&l->server);
}

static void test_rows_in_every_split(void **state)
{
    static struct listener l;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes wire = bytes_str(rows[i].wire);

        for (size_t cut = 0; cut <= wire.len; cut++) {
            start(&l);
            feed(&l, bytes_at(wire.ptr, cut));
            feed(&l, bytes_at(wire.ptr + cut, wire.len - cut));
            assert_string_equal(l.log, rows[i].events);
        }
        start(&l);
        for (size_t at = 0; at < wire.len; at++) {
            feed(&l, bytes_at(wire.ptr + at, 1));
        }
        assert_string_equal(l.log, rows[i].events);
    }
}

/* An article over its limit is taken to its end, cut, and the next command is heard. */
static void test_article_too_big(void **state)
{
    static struct listener l;
    struct bytes wire =
        bytes_str("POST\r\n12345678901234567890123\r\nmore\r\n.\r\nDATE\r\nPOST\r\na\r\n.\r\n");

    (void)state;
    for (size_t size = 1; size <= wire.len; size++) {
        start(&l);
        for (size_t at = 0; at < wire.len; at += size) {
            feed(&l, bytes_at(wire.ptr + at, size < wire.len - at ? size : wire.len - at));
        }
        assert_non_null(strstr(l.log, "}big[DATE][POST]{a\r\n}end"));
        assert_true(strlen(l.log) <= ARTICLE_MAX + strlen("[POST]{}big[DATE][POST]{a\r\n}end"));
    }
}

/* A line of `len` octets with its CR LF, then DATE. */
static void check_long_line(size_t len, size_t size, const char *end)
{
    static struct listener l;
    uint8_t wire[2 * NNTP_COMMAND_MAX];
    size_t total = len + 6;

    memset(wire, 'x', len);
    memcpy(wire + len - 2, "\r\nDATE\r\n", 8);
    start(&l);
    for (size_t at = 0; at < total; at += size) {
        feed(&l, bytes_at(wire + at, size < total - at ? size : total - at));
    }
    assert_string_equal(l.log + strlen(l.log) - strlen(end), end);
    assert_int_equal(strncmp(l.log, "long", 4) == 0, len > NNTP_COMMAND_MAX);
}

static void test_line_limit(void **state)
{
    (void)state;
    for (size_t size = 1; size < NNTP_COMMAND_MAX + 20; size++) {
        check_long_line(NNTP_COMMAND_MAX, size, "x][DATE]");
        check_long_line(NNTP_COMMAND_MAX + 1, size, "long[DATE]");
        check_long_line(NNTP_COMMAND_MAX + 2, size, "long[DATE]");
        check_long_line(NNTP_COMMAND_MAX + 300, size, "long[DATE]");
    }
}

static const struct {
    const char *line;
    enum nntp_verb verb;
    size_t count;
    const char *first; /* first word, if any */
    const char *rest;
} commands[] = {
    {"DATE", NNTP_VERB_DATE, 0, "", ""},
    {"date", NNTP_VERB_DATE, 0, "", ""},
    {" Date ", NNTP_VERB_DATE, 0, "", ""},
    {"STAT <a@b>", NNTP_VERB_STAT, 1, "<a@b>", "<a@b>"},
    {"stat\t<a@b>", NNTP_VERB_STAT, 1, "<a@b>", "<a@b>"},
    {"STAT", NNTP_VERB_STAT, 0, "", ""},
    {"STAT 1 2", NNTP_VERB_STAT, 2, "1", "1 2"},
    {"MODE READER", NNTP_VERB_MODE_READER, 0, "", ""},
    {"mode reader x", NNTP_VERB_MODE_READER, 1, "x", "x"},
    {"MODE STREAM", NNTP_VERB_MODE, 1, "STREAM", "STREAM"},
    {"MODE", NNTP_VERB_MODE, 0, "", ""},
    {"AUTHINFO USER me", NNTP_VERB_AUTHINFO_USER, 0, "", "me"},
    {"authinfo pass a b  c", NNTP_VERB_AUTHINFO_PASS, 0, "", "a b  c"},
    {"AUTHINFO PASS  lead", NNTP_VERB_AUTHINFO_PASS, 0, "", " lead"},
    {"AUTHINFO PASS a b c d e f", NNTP_VERB_AUTHINFO_PASS, 0, "", "a b c d e f"},
    {"AUTHINFO USER", NNTP_VERB_AUTHINFO_USER, 0, "", ""},
    {"AUTHINFO SASL PLAIN", NNTP_VERB_AUTHINFO, 2, "SASL", "SASL PLAIN"},
    {"LIST", NNTP_VERB_LIST, 0, "", ""},
    {"LIST ACTIVE alt.*", NNTP_VERB_LIST, 2, "ACTIVE", "ACTIVE alt.*"},
    {"LISTGROUP alt.test 1-", NNTP_VERB_LISTGROUP, 2, "alt.test", "alt.test 1-"},
    {"XOVER 1-2", NNTP_VERB_OVER, 1, "1-2", "1-2"},
    {"POST", NNTP_VERB_POST, 0, "", ""},
    {"POSTS", NNTP_VERB_UNKNOWN, 0, "", ""},
    {"POS", NNTP_VERB_UNKNOWN, 0, "", ""},
    {"IHAVE <a@b>", NNTP_VERB_UNKNOWN, 1, "<a@b>", "<a@b>"},
    {"GET / HTTP/1.1", NNTP_VERB_UNKNOWN, 2, "/", "/ HTTP/1.1"},
    {"", NNTP_VERB_BAD, 0, "", ""},
    {"  \t ", NNTP_VERB_BAD, 0, "", ""},
    {"DATE\nQUIT", NNTP_VERB_BAD, 0, "", ""},
    {"DATE\r", NNTP_VERB_BAD, 0, "", ""},
};

static void test_commands(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        struct nntp_command c;

        nntp_command_parse(bytes_str(commands[i].line), &c);
        if (c.verb != commands[i].verb || c.count != commands[i].count ||
            !bytes_equal(c.rest, bytes_str(commands[i].rest)) ||
            !bytes_equal(c.words[0], bytes_str(commands[i].first))) {
            fail_msg("%s: verb %d, %zu words", commands[i].line, (int)c.verb, c.count);
        }
    }
}

static void test_hostile_lines(void **state)
{
    struct nntp_command c;

    (void)state;
    nntp_command_parse(bytes_at("DATE\0", 5), &c);
    assert_int_equal(c.verb, NNTP_VERB_BAD);
    nntp_command_parse(bytes_str("LIST 1 2 3 4 5"), &c);
    assert_int_equal(c.verb, NNTP_VERB_BAD);
    nntp_command_parse(bytes_at(NULL, 0), &c);
    assert_int_equal(c.verb, NNTP_VERB_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_in_every_split),
        cmocka_unit_test(test_article_too_big),
        cmocka_unit_test(test_line_limit),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_hostile_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
