/* The reply reader: streams and the events they make, in every split. */
#include "codec/nntp/nntp_rx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LOG_CAP = 8192, BLOCK_MAX = 100 };

/* Replies are read as answers to: M a multi-line command, S a single one, in turn. */
static const struct {
    const char *what;
    const char *asks;
    const char *wire;
    const char *events;
} rows[] = {
    {"a greeting", "S", "200 hello\r\n", "200[hello]"},
    {"no text", "S", "205\r\n", "205[]"},
    {"a space and no text", "S", "205 \r\n", "205[]"},
    {"two spaces", "S", "205  x\r\n", "205[ x]"},
    {"a body", "M", "222 x\r\nabc\r\n.\r\n", "222[x]+{abc\r\n}end"},
    {"a body line that starts with a dot", "M", "222 x\r\n..a\r\n.\r\n", "222[x]+{..a\r\n}end"},
    {"an empty body", "M", "222 x\r\n.\r\n", "222[x]+{}end"},
    {"no body for a missing article", "M", "430 no\r\n", "430[no]"},
    {"a body, then a status", "MS", "222 x\r\na\r\n.\r\n223 y\r\n", "222[x]+{a\r\n}end223[y]"},
    {"three bodies in a row", "MMM", "222\r\na\r\n.\r\n430 x\r\n222\r\nb\r\n.\r\n",
        "222[]+{a\r\n}end430[x]222[]+{b\r\n}end"},
    {"222 to a command without a body", "SS", "222 x\r\n205 y\r\n", "222[x]205[y]"},
    {"the expectation lasts for one reply", "M", "430 x\r\n222 y\r\n205 z\r\n",
        "430[x]222[y]205[z]"},
    {"capabilities", "M", "101 caps\r\nVERSION 2\r\n.\r\n", "101[caps]+{VERSION 2\r\n}end"},
    {"nothing", "S", "", ""},
    {"half a status", "S", "200 hel", ""},
    {"half a body", "M", "222 x\r\nab", "222[x]+{ab"},
    {"a byte above 127", "S", "200 \xff\xfe\r\n", "200[\xff\xfe]"},
    {"the code is not a number", "S", "2x0 ok\r\n", "bad"},
    {"the code starts with 0", "S", "020 ok\r\n", "bad"},
    {"the code starts with 6", "S", "600 ok\r\n", "bad"},
    {"two digits", "S", "20\r\n", "bad"},
    {"four digits", "S", "2000 ok\r\n", "bad"},
    {"text glued to the code", "S", "200-ok\r\n", "bad"},
    {"an empty line", "S", "\r\n", "bad"},
    {"a bare LF ends nothing", "S", "200 ok\n", "bad"},
    {"a bare CR inside", "S", "200 o\rk\r\n", "bad"},
    {"CR CR LF", "S", "200 ok\r\r\n", "bad"},
    {"another protocol", "S", "HTTP/1.1 400 Bad Request\r\n", "bad"},
    {"bad stays bad", "S", "x\r\n200 ok\r\n", "bad"},
};

static void note(char log[LOG_CAP], const char *what, struct bytes text)
{
    size_t len = strlen(log);

    assert_true(len + strlen(what) + text.len < LOG_CAP);
    memcpy(log + len, what, strlen(what));
    len += strlen(what);
    if (text.len > 0) {
        memcpy(log + len, text.ptr, text.len);
    }
    log[len + text.len] = '\0';
}

struct reader {
    struct nntp_rx rx;
    const char *asks; /* what is still to be asked */
    char log[LOG_CAP];
};

static void ask(struct reader *r)
{
    if (*r->asks != '\0') {
        nntp_rx_expect(&r->rx, *r->asks == 'M' ? NNTP_MULTI : NNTP_SINGLE);
        r->asks++;
    }
}

static void note_status(struct reader *r, const struct nntp_item *item)
{
    char code[16];

    snprintf(code, sizeof code, "%d[", item->code);
    note(r->log, code, item->text);
    note(r->log, item->block ? "]+{" : "]", bytes_at(NULL, 0));
    if (!item->block) {
        ask(r);
    }
}

/* Feed one piece; false when the connection is lost. */
static bool feed(struct reader *r, struct bytes in)
{
    struct nntp_item item;

    for (;;) {
        enum nntp_event event = nntp_rx_step(&r->rx, &in, &item);

        switch (event) {
        case NNTP_MORE:
            assert_int_equal(in.len, 0);
            return true;
        case NNTP_STATUS:
            note_status(r, &item);
            break;
        case NNTP_DATA:
            assert_true(item.text.len > 0);
            note(r->log, "", item.text);
            break;
        case NNTP_END:
            note(r->log, "}end", bytes_at(NULL, 0));
            ask(r);
            break;
        case NNTP_TOO_LONG:
        case NNTP_BAD:
            note(r->log, event == NNTP_BAD ? "bad" : "too long", bytes_at(NULL, 0));
            assert_int_equal(nntp_rx_step(&r->rx, &in, &item), NNTP_BAD);
            return false;
        }
    }
}

static void start(struct reader *r, const char *asks)
{
    memset(r, 0, sizeof *r);
    nntp_rx_init(&r->rx, BLOCK_MAX);
    r->asks = asks;
    ask(r);
}

/* Row `i` in two pieces. */
static void check_cut(size_t i, size_t cut)
{
    static struct reader r;
    struct bytes wire = bytes_str(rows[i].wire);

    start(&r, rows[i].asks);
    if (feed(&r, bytes_at(wire.ptr, cut))) {
        (void)feed(&r, bytes_at(wire.ptr + cut, wire.len - cut));
    }
    if (strcmp(r.log, rows[i].events) != 0) {
        fail_msg("%s, cut at %zu: %s", rows[i].what, cut, r.log);
    }
}

static void test_rows_in_every_split(void **state)
{
    static struct reader r;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes wire = bytes_str(rows[i].wire);

        for (size_t cut = 0; cut <= wire.len; cut++) {
            check_cut(i, cut);
        }
        start(&r, rows[i].asks);
        for (size_t at = 0; at < wire.len && feed(&r, bytes_at(wire.ptr + at, 1)); at++) {
        }
        assert_string_equal(r.log, rows[i].events);
    }
}

static void test_nul_in_a_status(void **state)
{
    struct nntp_rx rx;
    struct nntp_item item;
    struct bytes in = bytes_at("200 a\0b\r\n", 9);

    (void)state;
    nntp_rx_init(&rx, BLOCK_MAX);
    assert_int_equal(nntp_rx_step(&rx, &in, &item), NNTP_STATUS);
    assert_int_equal(item.text.len, 3);
    assert_memory_equal(item.text.ptr, "a\0b", 3);
}

/* A whole status line is a view into the input; nothing is copied. */
static void test_zero_copy(void **state)
{
    struct nntp_rx rx;
    struct nntp_item item;
    struct bytes in = bytes_str("222 x\r\nabc\r\n.\r\n");
    const uint8_t *start_of = in.ptr;

    (void)state;
    nntp_rx_init(&rx, BLOCK_MAX);
    nntp_rx_expect(&rx, NNTP_MULTI);
    assert_int_equal(nntp_rx_step(&rx, &in, &item), NNTP_STATUS);
    assert_ptr_equal(item.text.ptr, start_of + 4);
    assert_int_equal(nntp_rx_step(&rx, &in, &item), NNTP_DATA);
    assert_ptr_equal(item.text.ptr, start_of + 7);
    assert_int_equal(item.text.len, 5);
    assert_int_equal(nntp_rx_step(&rx, &in, &item), NNTP_END);
    assert_int_equal(nntp_rx_step(&rx, &in, &item), NNTP_MORE);
}

/* A status line of `len` octets, its CR LF included, fed in pieces of `size`. */
static enum nntp_event long_status(size_t len, size_t size)
{
    static uint8_t line[2 * NNTP_STATUS_MAX];
    struct nntp_rx rx;
    struct nntp_item item;
    enum nntp_event event = NNTP_MORE;

    memset(line, 'x', sizeof line);
    memcpy(line, "200 ", 4);
    memcpy(line + len - 2, "\r\n", 2);
    nntp_rx_init(&rx, BLOCK_MAX);
    for (size_t at = 0; at < len && event == NNTP_MORE; at += size) {
        struct bytes in = bytes_at(line + at, size < len - at ? size : len - at);

        event = nntp_rx_step(&rx, &in, &item);
    }
    return event;
}

static void test_status_limit(void **state)
{
    (void)state;
    for (size_t size = 1; size <= NNTP_STATUS_MAX + 1; size += 455) {
        assert_int_equal(long_status(NNTP_STATUS_MAX, size), NNTP_STATUS);
        assert_int_equal(long_status(NNTP_STATUS_MAX + 1, size), NNTP_BAD);
    }
}

static void test_endless_status(void **state)
{
    static uint8_t line[NNTP_STATUS_MAX];
    struct nntp_rx rx;
    struct nntp_item item;
    struct bytes in = bytes_at(line, sizeof line);

    (void)state;
    memset(line, '2', sizeof line);
    nntp_rx_init(&rx, BLOCK_MAX);
    assert_int_equal(nntp_rx_step(&rx, &in, &item), NNTP_BAD);
}

/* A block of `len` bytes of data, byte by byte or at once. */
static void check_block_limit(size_t len, size_t size, const char *end)
{
    static struct reader r;
    uint8_t wire[BLOCK_MAX + 64];
    size_t total = len + 10;

    memcpy(wire, "222 x\r\n", 7);
    memset(wire + 7, 'd', len);
    memcpy(wire + 7 + len - 2, "\r\n.\r\n", 5);
    start(&r, "M");
    for (size_t at = 0; at < total; at += size) {
        if (!feed(&r, bytes_at(wire + at, size < total - at ? size : total - at))) {
            break;
        }
    }
    assert_string_equal(r.log + strlen(r.log) - strlen(end), end);
}

static void test_block_limit(void **state)
{
    (void)state;
    for (size_t size = 1; size < BLOCK_MAX + 32; size += 13) {
        check_block_limit(BLOCK_MAX, size, "}end");
        check_block_limit(BLOCK_MAX + 1, size, "too long");
    }
}

/* Whatever arrives, the reader survives and uses it all up or is bad. */
static void test_bit_flips(void **state)
{
    static struct reader r;
    const char wire[] = "200 hi\r\n222 x\r\n..a\r\nb\r\n.\r\n430 no\r\n222 y\r\n.\r\n205 bye\r\n";

    (void)state;
    for (size_t bit = 0; bit < (sizeof wire - 1) * 8; bit++) {
        char bent[sizeof wire];

        memcpy(bent, wire, sizeof wire);
        bent[bit / 8] = (char)(bent[bit / 8] ^ 1 << bit % 8);
        start(&r, "SMMMS");
        (void)feed(&r, bytes_at(bent, sizeof wire - 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_in_every_split),
        cmocka_unit_test(test_nul_in_a_status),
        cmocka_unit_test(test_zero_copy),
        cmocka_unit_test(test_status_limit),
        cmocka_unit_test(test_endless_status),
        cmocka_unit_test(test_block_limit),
        cmocka_unit_test(test_bit_flips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
