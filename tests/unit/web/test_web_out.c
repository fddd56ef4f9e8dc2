/* The queue for slow readers: order and bytes survive memory, file, and both in turn. */
#include "app/web/web_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PIECE = 1000 };

/* Byte `i` of the stream: no short period, so that a shift shows. */
static uint8_t byte_at(uint64_t i)
{
    return (uint8_t)((i * UINT64_C(2654435761)) >> 13);
}

static void put(struct web_out *out, uint64_t *at, size_t len)
{
    uint8_t piece[PIECE];

    while (len > 0) {
        size_t n = len < PIECE ? len : PIECE;

        for (size_t i = 0; i < n; i++) {
            piece[i] = byte_at(*at + i);
        }
        assert_int_equal(web_out_put(out, bytes_at(piece, n)), OK);
        *at += n;
        len -= n;
    }
}

static void take(struct web_out *out, uint64_t *at, uint64_t len)
{
    uint8_t room[777];

    while (len > 0) {
        size_t n = 0;

        assert_int_equal(
            web_out_take(out, room, len < sizeof(room) ? (size_t)len : sizeof(room), &n), OK);
        assert_true(n > 0);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(room[i], byte_at(*at + i));
        }
        *at += n;
        len -= n;
    }
}

/* How much is put and then taken, again and again until everything is through. */
static const struct {
    const char *what;
    size_t put, take, rounds;
} rows[] = {
    {"reader as fast as writer", 5000, 5000, 300},
    {"never more than memory", 300000, 300000, 20},
    {"slow reader: into the file", 300000, 100000, 30},
    {"one big answer, read at the end", 20000000, 1, 1},
    {"file emptied and filled again", 3000000, 3000000, 5},
    {"byte by byte", 7, 3, 2000},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct web_out out = {.folder = "/tmp", .file = -1};
        uint64_t in = 0, gone = 0;

        print_message("%s\n", rows[i].what);
        for (size_t r = 0; r < rows[i].rounds; r++) {
            put(&out, &in, rows[i].put);
            take(&out, &gone, rows[i].take);
            assert_int_equal(web_out_waiting(&out), in - gone);
            assert_true(out.memory.len - out.gone <= WEB_OUT_MEMORY);
            assert_true(out.memory.len <= WEB_OUT_MEMORY + WEB_OUT_MEMORY / 2);
            assert_true(out.memory.cap <= 4UL * WEB_OUT_MEMORY);
        }
        take(&out, &gone, in - gone);
        assert_int_equal(web_out_waiting(&out), 0);
        web_out_clear(&out);
    }
}

static void test_nothing_waits(void **state)
{
    struct web_out out = {.folder = "/tmp", .file = -1};
    uint8_t room[10];
    size_t len = 5;

    (void)state;
    assert_int_equal(web_out_take(&out, room, sizeof(room), &len), OK);
    assert_int_equal(len, 0);
    web_out_clear(&out);
}

static void test_no_room_for_the_file(void **state)
{
    struct web_out out = {.folder = "/nonexistent", .file = -1};
    uint8_t *big = calloc(1, WEB_OUT_MEMORY + 1);

    (void)state;
    assert_non_null(big);
    assert_int_equal(web_out_put(&out, bytes_at(big, WEB_OUT_MEMORY)), OK);
    assert_int_equal(web_out_put(&out, bytes_at(big, 1)), ERR_NOT_FOUND);
    free(big);
    web_out_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_nothing_waits),
        cmocka_unit_test(test_no_room_for_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
