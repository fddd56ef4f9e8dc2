/* Every kernel against the plain twin: random bytes, bytes made of escapes, every byte in every
 * column, every length, and decoding from every place with every cut. */
#include "codec/yenc/yenc_kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"

enum { IN_MAX = 20000, OUT_MAX = 2 * IN_MAX + 4096, COLUMN_LEN = 700 };

static uint32_t seed = 12345;

static uint32_t next_random(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

/* Encoding these, less 42, needs an escape somewhere; the last ones only look as if. */
static const uint8_t spicy[] = {'\0', '\n', '\r', '=', '.', '\t', ' ', 'y', '}', 'n', 0x80, 0xff};

enum { SPICY = sizeof spicy };

static void fill_random(uint8_t *in, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        in[i] = (uint8_t)next_random();
    }
}

/* One byte in `odds` is spicy. */
static void fill_spicy(uint8_t *in, size_t len, uint32_t odds)
{
    fill_random(in, len);
    for (size_t i = 0; i < len; i++) {
        if (next_random() % odds == 0) {
            in[i] = (uint8_t)(spicy[next_random() % sizeof spicy] - YENC_SHIFT);
        }
    }
}

/* A second opinion on the plain twin: the bitwise CRC of zip. */
static uint32_t slow_crc(const uint8_t *in, size_t len)
{
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < len; i++) {
        crc ^= in[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0xedb88320 & (0U - (crc & 1)));
        }
    }
    return ~crc;
}

/* A kernel works on copies that end where the memory ends, so that a sanitizer sees every slip. */
static size_t encode(
    const struct yenc_kernel *k, const uint8_t *in, size_t len, size_t line, uint8_t *out)
{
    uint8_t *copy = malloc(len + 1);
    struct yenc_span span;
    uint32_t crc;

    assert_non_null(copy);
    memcpy(copy + 1, in, len);
    span = (struct yenc_span){copy + 1, len, out};
    crc = yenc_kernel_encode(k, &span, line);
    assert_int_equal(crc, slow_crc(in, len));
    assert_int_equal(span.left, 0);
    free(copy);
    return (size_t)(span.out - out);
}

static void same_encoding(const uint8_t *in, size_t len, size_t line)
{
    static uint8_t expected[OUT_MAX];
    static uint8_t got[OUT_MAX];
    size_t expected_len = encode(yenc_kernel_get(0), in, len, line, expected);

    for (size_t i = 1; yenc_kernel_get(i) != NULL; i++) {
        size_t got_len;

        if (!yenc_kernel_get(i)->usable()) {
            continue;
        }
        got_len = encode(yenc_kernel_get(i), in, len, line, got);
        if (got_len != expected_len || memcmp(got, expected, got_len) != 0) {
            fail_msg("%s: %zu bytes encode to others", yenc_kernel_get(i)->name, len);
        }
    }
}

struct outcome {
    enum yenc_body_event event;
    enum yenc_place place;
    size_t used;
    size_t made;
    uint8_t out[OUT_MAX];
};

static void decode(const struct yenc_kernel *k, enum yenc_place place, struct bytes in, size_t room,
    struct outcome *o)
{
    size_t len = in.len;
    uint8_t *copy = malloc(len + 1);
    uint8_t *out = malloc(room + 1);
    struct yenc_body body;

    assert_non_null(copy);
    assert_non_null(out);
    memcpy(copy + 1, in.ptr, len);
    body = (struct yenc_body){place, copy + 1, len, out + 1, room};
    o->event = k->decode(&body);
    o->place = body.place;
    o->used = len - body.left;
    o->made = room - body.room;
    assert_ptr_equal(body.in, copy + 1 + o->used);
    assert_ptr_equal(body.out, out + 1 + o->made);
    memcpy(o->out, out + 1, o->made);
    free(copy);
    free(out);
}

static void same_decoding(enum yenc_place place, const uint8_t *in, size_t len, size_t room)
{
    static struct outcome expected;
    static struct outcome got;

    decode(yenc_kernel_get(0), place, bytes_at(in, len), room, &expected);
    for (size_t i = 1; yenc_kernel_get(i) != NULL; i++) {
        if (!yenc_kernel_get(i)->usable()) {
            continue;
        }
        decode(yenc_kernel_get(i), place, bytes_at(in, len), room, &got);
        if (got.event != expected.event || got.place != expected.place ||
            got.used != expected.used || got.made != expected.made ||
            memcmp(got.out, expected.out, got.made) != 0) {
            fail_msg("%s: %zu bytes from place %d decode to others", yenc_kernel_get(i)->name, len,
                (int)place);
        }
    }
}

static void test_encode_every_length(void **state)
{
    static uint8_t in[IN_MAX];

    (void)state;
    fill_spicy(in, sizeof in, 30);
    for (size_t len = 0; len <= 600; len++) {
        same_encoding(in + len, len, YENC_FAST_LINE);
        same_encoding(in + len, len, 1 + len % 200);
    }
}

static void test_encode_every_byte_in_every_column(void **state)
{
    static uint8_t in[COLUMN_LEN];

    (void)state;
    for (unsigned value = 0; value < 256; value++) {
        memset(in, 'x', sizeof in);
        for (size_t column = 0; column < 300; column++) {
            in[column] = (uint8_t)value;
            same_encoding(in, 330, YENC_FAST_LINE);
            in[column] = 'x';
        }
    }
}

static void test_encode_pairs_at_the_line_end(void **state)
{
    static uint8_t in[COLUMN_LEN];

    (void)state;
    for (size_t pair = 0; pair < (size_t)SPICY * SPICY; pair++) {
        for (size_t column = 90; column < 131; column++) {
            fill_random(in, sizeof in);
            in[0] = (uint8_t)(spicy[pair % 7] - YENC_SHIFT);
            in[column] = (uint8_t)(spicy[pair / SPICY] - YENC_SHIFT);
            in[column + 1] = (uint8_t)(spicy[pair % SPICY] - YENC_SHIFT);
            same_encoding(in, 400, YENC_FAST_LINE);
        }
    }
}

static void test_encode_random(void **state)
{
    static uint8_t in[IN_MAX];

    (void)state;
    for (uint32_t odds = 1; odds <= 64; odds++) {
        fill_spicy(in, sizeof in, odds);
        same_encoding(in, sizeof in - odds, YENC_FAST_LINE);
    }
    for (size_t i = 0; i < 200; i++) {
        fill_random(in, sizeof in);
        same_encoding(in, 1 + next_random() % sizeof in, YENC_FAST_LINE);
    }
    for (size_t i = 0; i < sizeof spicy; i++) {
        memset(in, spicy[i] - YENC_SHIFT, sizeof in);
        same_encoding(in, sizeof in, YENC_FAST_LINE);
    }
}

/* What the wire may hold: encoded lines, or bytes that make line ends, dots and escapes of each
 * other. */
static void test_decode_random(void **state)
{
    static const uint8_t wire[] = {'\r', '\n', '.', '=', 'y', '\r', '\n', 'A', '}', 0};
    static uint8_t in[IN_MAX];

    (void)state;
    for (size_t round = 0; round < 4000; round++) {
        size_t len = 1 + next_random() % 600;
        uint32_t odds = 1 + (uint32_t)(round % 60);
        uint32_t kinds = 1 + next_random() % sizeof wire;

        fill_random(in, len);
        for (size_t i = 0; i < len; i++) {
            if (next_random() % odds == 0) {
                in[i] = wire[next_random() % kinds];
            }
            if (in[i] == 'y' && round % 2 == 0) {
                in[i] = 'z';
            }
        }
        for (int place = YENC_AT_START; place <= YENC_AT_START_EQ; place++) {
            same_decoding((enum yenc_place)place, in, len, OUT_MAX);
            same_decoding((enum yenc_place)place, in, len, next_random() % (len + 1));
        }
    }
}

/* Short sequences that matter, at every offset from a block's start. */
static void test_decode_sequences_at_every_offset(void **state)
{
    static const char *const rows[] = {"\r\n", "\r\n.", "\r\n..", "\r\n.=", "\r\n=y", "\r\n=}",
        "\r\n==", "=\r\n.", "=\r", "==", "===", "=y", "\n.", "\r.", "\r\r\n.", "\r\n\r\n.",
        "=}=M=J", "\r\n=\r\n.", "\r\n.\r\n", "\r\n.\r\n.", "\r\n=\r\n=y", "=", "\r", "\n", "."};
    static uint8_t in[COLUMN_LEN];

    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        for (size_t at = 0; at < 200; at++) {
            memset(in, 'x', sizeof in);
            memcpy(in + at, rows[row], strlen(rows[row]));
            for (int place = YENC_AT_START; place <= YENC_AT_START_EQ; place++) {
                same_decoding((enum yenc_place)place, in, 300, OUT_MAX);
                same_decoding((enum yenc_place)place, in, at + strlen(rows[row]), OUT_MAX);
            }
        }
    }
}

static void test_decode_every_byte_in_every_column(void **state)
{
    static uint8_t in[COLUMN_LEN];

    (void)state;
    for (unsigned value = 0; value < 256; value++) {
        for (size_t column = 0; column < 140; column++) {
            memset(in, 'x', sizeof in);
            in[column] = (uint8_t)value;
            same_decoding(YENC_AT_START, in, 260, OUT_MAX);
        }
    }
}

/* Every kernel undoes what it did, dots doubled or not. */
static void test_round_trip(void **state)
{
    static uint8_t in[IN_MAX];
    static uint8_t encoded[OUT_MAX];
    static struct outcome o;

    (void)state;
    for (size_t i = 0; yenc_kernel_get(i) != NULL; i++) {
        if (!yenc_kernel_get(i)->usable()) {
            continue;
        }
        for (size_t len = 1; len <= 600; len++) {
            size_t encoded_len;

            fill_spicy(in, len, 1 + (uint32_t)(len % 40));
            encoded_len = encode(yenc_kernel_get(i), in, len, YENC_FAST_LINE, encoded);
            decode(yenc_kernel_get(i), YENC_AT_START, bytes_at(encoded, encoded_len), len, &o);
            assert_int_equal(o.event, YENC_BODY_MORE);
            assert_int_equal(o.made, len);
            assert_memory_equal(o.out, in, len);
        }
    }
}

static void test_crc(void **state)
{
    static uint8_t in[1000];

    (void)state;
    fill_random(in, sizeof in);
    assert_int_equal(yenc_crc(0, (const uint8_t *)"123456789", 9), 0xcbf43926);
    assert_int_equal(yenc_crc(0, in, 0), 0);
    for (size_t cut = 0; cut <= sizeof in; cut += 13) {
        uint32_t crc = yenc_crc(0, in, cut);

        assert_int_equal(yenc_crc(crc, in + cut, sizeof in - cut), slow_crc(in, sizeof in));
    }
}

static void test_the_table(void **state)
{
    (void)state;
    assert_string_equal(yenc_kernel_get(0)->name, "plain");
    assert_true(yenc_kernel_get(0)->usable());
    assert_true(yenc_kernel_best()->usable());
    assert_null(yenc_kernel_get(99));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode_every_length),
        cmocka_unit_test(test_encode_every_byte_in_every_column),
        cmocka_unit_test(test_encode_pairs_at_the_line_end),
        cmocka_unit_test(test_encode_random),
        cmocka_unit_test(test_decode_random),
        cmocka_unit_test(test_decode_sequences_at_every_offset),
        cmocka_unit_test(test_decode_every_byte_in_every_column),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_crc),
        cmocka_unit_test(test_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
