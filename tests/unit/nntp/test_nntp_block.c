/* The lone dot in every shape and every split, against a twin that looks at whole lines. */
#include "codec/nntp/nntp_block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { CAP = 4096 };

/* What follows a status line, and how much of it is data; -1: no end yet. */
static const struct {
    const char *what;
    const char *wire;
    int data;
} rows[] = {
    {"an empty block", ".\r\n", 0},
    {"one line", "a\r\n.\r\n", 3},
    {"an empty line", "\r\n.\r\n", 2},
    {"a doubled dot", "..\r\n.\r\n", 4},
    {"dots in lines", "a.b.\r\n.\r\n", 6},
    {"a dot and text (nobody should send it)", ".a\r\n.\r\n", 4},
    {"a dot, CR and text", ".\ra\r\n.\r\n", 5},
    {"a dot, CR, CR LF", ".\r\r\n.\r\n", 4},
    {"bare LFs around a dot", "a\n.\n.\r\n", -1},
    {"bare LF before the dot", "a\n.\r\nb\r\n.\r\n", 8},
    {"bare CR before the dot", "a\r.\r\nb\r\n.\r\n", 8},
    {"CR CR LF", "a\r\r\n.\r\n", 4},
    {"a dot behind CR LF CR", "\r\n\r.\r\n.\r\n", 6},
    {"lines of dots", "..\r\n...\r\n....\r\n.\r\n", 15},
    {"what follows is left", "a\r\n.\r\n223 0 <a@b>\r\n", 3},
    {"a second lone dot is left", ".\r\n.\r\n", 0},
    {"no end", "a\r\n.", -1},
    {"no end, CR", "a\r\n.\r", -1},
    {"a lone dot without its LF, then another", "a\r\n.\r.\r\n.\r\n", 8},
    {"nothing", "", -1},
};

/* Feed pieces of `size` bytes until the end. Returns how many bytes were used, data in out. */
static size_t run(struct bytes wire, size_t first, size_t size, uint8_t out[CAP], int *data)
{
    struct nntp_block block = {NNTP_BLOCK_LINE_START};
    size_t used = 0;
    size_t made = 0;

    while (used < wire.len) {
        size_t want = used == 0 && first > 0 ? first : size;
        size_t len = want < wire.len - used ? want : wire.len - used;
        struct bytes in = bytes_at(wire.ptr + used, len);
        struct bytes piece;
        enum nntp_block_event event;

        while ((event = nntp_block_step(&block, &in, &piece)) == NNTP_BLOCK_DATA) {
            assert_true(piece.len > 0);
            assert_true(made + piece.len <= CAP);
            memcpy(out + made, piece.ptr, piece.len);
            made += piece.len;
        }
        used += len - in.len;
        if (event == NNTP_BLOCK_END) {
            assert_int_equal(block.state, NNTP_BLOCK_LINE_START);
            *data = (int)made;
            return used;
        }
        assert_int_equal(in.len, 0);
    }
    *data = -1;
    return used;
}

static void check_once(const char *what, struct bytes wire, int expected, size_t first, size_t size)
{
    uint8_t out[CAP];
    int data = 0;
    size_t used = run(wire, first, size, out, &data);

    if (data != expected) {
        fail_msg("%s: %d bytes of data, split at %zu by %zu", what, data, first, size);
    }
    if (data >= 0) {
        assert_int_equal(used, (size_t)data + 3);
        assert_memory_equal(out, wire.ptr, (size_t)data);
    }
}

/* A first piece of every size, the others small or whole. */
static void check(const char *what, struct bytes wire, int expected)
{
    for (size_t first = 0; first <= wire.len; first++) {
        for (size_t size = 1; size < 5; size++) {
            check_once(what, wire, expected, first, size);
        }
        check_once(what, wire, expected, first, CAP);
    }
}

static void test_rows_in_every_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check(rows[i].what, bytes_str(rows[i].wire), rows[i].data);
    }
}

/* The twin: CR LF . CR LF, or . CR LF at the very start. */
static int slow_end(struct bytes wire)
{
    for (size_t i = 0; i + 3 <= wire.len; i++) {
        if (memcmp(wire.ptr + i, ".\r\n", 3) == 0 &&
            (i == 0 || (i >= 2 && memcmp(wire.ptr + i - 2, "\r\n", 2) == 0))) {
            return (int)i;
        }
    }
    return -1;
}

static void test_random_dots_and_line_ends(void **state)
{
    static const uint8_t letters[] = {'.', '\r', '\n', 'a', '.', '\r', '\n', '\0'};
    uint32_t seed = 99;

    (void)state;
    for (size_t round = 0; round < 20000; round++) {
        uint8_t wire[24];

        for (size_t i = 0; i < sizeof wire; i++) {
            seed = seed * 1664525 + 1013904223;
            wire[i] = letters[(seed >> 20) % sizeof letters];
        }
        check("random", bytes_at(wire, sizeof wire), slow_end(bytes_at(wire, sizeof wire)));
    }
}

static void test_lines(void **state)
{
    static const char *const expected[] = {"one", "", ".two", "..", "three"};
    struct bytes block = bytes_str("one\r\n\r\n..two\r\n...\r\nthree");
    struct bytes line;

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_true(nntp_block_next_line(&block, &line));
        assert_true(bytes_equal(line, bytes_str(expected[i])));
    }
    assert_false(nntp_block_next_line(&block, &line));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_in_every_split),
        cmocka_unit_test(test_random_dots_and_line_ends),
        cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
