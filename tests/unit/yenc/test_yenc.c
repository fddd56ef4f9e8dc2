/* Whole articles: golden files, round trips, every split, every truncation, hostile headers. */
#include "codec/yenc/yenc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/ids.h"

enum { FILE_CAP = 8192, OUT_CAP = 8192 };

static size_t read_file(const char *name, const char *kind, uint8_t buf[FILE_CAP])
{
    char path[512];
    FILE *f;
    size_t len;

    snprintf(path, sizeof path, "%s/golden/yenc/%s.%s", TEST_DATA_DIR, name, kind);
    f = fopen(path, "rb");
    if (f == NULL) {
        fail_msg("%s is not there", path);
    }
    len = fread(buf, 1, FILE_CAP, f);
    fclose(f);
    return len;
}

static const struct {
    const char *name;
    size_t line;
} golden[] = {{"all-bytes", 0}, {"random", 128}, {"critical", 0}, {"one", 0}, {"short-lines", 10}};

/* The files were made by another program, from the draft. */
static void test_golden(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof golden / sizeof golden[0]; i++) {
        uint8_t plain[FILE_CAP];
        uint8_t expected[FILE_CAP];
        uint8_t out[OUT_CAP];
        char name[64];
        struct buf buf = {0};
        size_t plain_len = read_file(golden[i].name, "in", plain);
        size_t expected_len = read_file(golden[i].name, "yenc", expected);
        size_t len;
        struct yenc_options options = {{NULL, 0}, golden[i].line};

        snprintf(name, sizeof name, "%s.bin", golden[i].name);
        options.name = bytes_str(name);
        assert_int_equal(yenc_encode(bytes_at(plain, plain_len), &options, &buf), OK);
        assert_int_equal(buf.len, expected_len);
        assert_memory_equal(buf.ptr, expected, expected_len);
        assert_true(buf.len <= yenc_encoded_max(plain_len, golden[i].line));
        assert_int_equal(yenc_decode(buf_view(&buf), out, sizeof out, &len), OK);
        assert_int_equal(len, plain_len);
        assert_memory_equal(out, plain, len);
        buf_clear(&buf);
    }
}

/* A body as another program may write it, and what comes of it. */
static const struct {
    const char *what;
    const char *body;
    enum err err;
    const char *plain; /* of OK */
} articles[] = {
    {"a plain one",
        "=ybegin line=128 size=3 name=a b.txt\r\n\x8b\x8c\x8d\r\n=yend size=3 crc32=352441c2\r\n",
        OK, "abc"},
    {"a preamble and a signature",
        "Hello\r\n\r\n=ybegin line=128 size=3 name=a\r\n\x8b\x8c\x8d\r\n=yend size=3 "
        "crc32=352441C2\r\n\r\n-- \r\nme\r\n",
        OK, "abc"},
    {"a doubled dot at a line's start",
        "=ybegin line=2 size=3 name=a\r\n..\x8c\r\n\x8d\r\n=yend size=3 crc32=7b384809\r\n", OK,
        "\x04"
        "bc"},
    {"an escaped byte at a line's start",
        "=ybegin line=128 size=3 name=a\r\n=\xcb\x8c\x8d\r\n=yend size=3 crc32=352441c2\r\n", OK,
        "abc"},
    {"leading zeros of the CRC left out",
        "=ybegin line=128 size=3 name=a\r\nKK\x8e\r\n=yend size=3 crc32=8e4567\r\n", OK, "!!d"},
    {"line ends without CR in headers",
        "=ybegin line=128 size=3 name=a\n\x8b\x8c\x8d\r\n=yend size=3 crc32=352441c2\n", OK, "abc"},
    {"one part of two",
        "=ybegin part=2 total=2 line=128 size=9 name=a\r\n=ypart begin=7 end=9\r\n\x8b\x8c\x8d\r\n"
        "=yend size=3 part=2 pcrc32=352441c2 crc32=12345678\r\n",
        OK, "abc"},
    {"a part that ends behind its file",
        "=ybegin part=2 total=2 line=128 size=8 name=a\r\n=ypart begin=7 end=9\r\n\x8b\x8c\x8d\r\n"
        "=yend size=3 part=2 pcrc32=352441c2\r\n",
        ERR_BAD_YENC, NULL},
    {"a part that starts at 0",
        "=ybegin part=1 line=128 size=3 name=a\r\n=ypart begin=0 end=3\r\n\x8b\x8c\x8d\r\n"
        "=yend size=3 part=1 pcrc32=352441c2\r\n",
        ERR_BAD_YENC, NULL},
    {"a part without =ypart",
        "=ybegin part=1 line=128 size=3 name=a\r\n\x8b\x8c\x8d\r\n=yend size=3 pcrc32=352441c2\r\n",
        ERR_BAD_YENC, NULL},
    {"another part at the end",
        "=ybegin part=2 total=2 line=128 size=9 name=a\r\n=ypart begin=7 end=9\r\n\x8b\x8c\x8d\r\n"
        "=yend size=3 part=1 pcrc32=352441c2\r\n",
        ERR_BAD_YENC, NULL},
    {"part 3 of 2", "=ybegin part=3 total=2 line=128 size=9 name=a\r\n", ERR_BAD_YENC, NULL},
    {"a part with the file's CRC only",
        "=ybegin part=2 total=2 line=128 size=9 name=a\r\n=ypart begin=7 end=9\r\n\x8b\x8c\x8d\r\n"
        "=yend size=3 part=2 crc32=12345678\r\n",
        ERR_BAD_YENC, NULL},
    {"no CRC", "=ybegin line=128 size=3 name=a\r\n\x8b\x8c\x8d\r\n=yend size=3\r\n", ERR_BAD_YENC,
        NULL},
    {"a wrong CRC",
        "=ybegin line=128 size=3 name=a\r\n\x8b\x8c\x8d\r\n=yend size=3 crc32=352441c3\r\n",
        ERR_BAD_CRC, NULL},
    {"a CRC of nine digits",
        "=ybegin line=128 size=3 name=a\r\n\x8b\x8c\x8d\r\n=yend size=3 crc32=0352441c2\r\n",
        ERR_BAD_YENC, NULL},
    {"two CRCs",
        "=ybegin line=128 size=3 name=a\r\n\x8b\x8c\x8d\r\n=yend size=3 crc32=352441c2 "
        "crc32=352441c2\r\n",
        ERR_BAD_YENC, NULL},
    {"one byte too few",
        "=ybegin line=128 size=4 name=a\r\n\x8b\x8c\x8d\r\n=yend size=4 crc32=352441c2\r\n",
        ERR_BAD_YENC, NULL},
    {"the sizes disagree",
        "=ybegin line=128 size=4 name=a\r\n\x8b\x8c\x8d\r\n=yend size=3 crc32=352441c2\r\n",
        ERR_BAD_YENC, NULL},
    {"size 0", "=ybegin line=128 size=0 name=a\r\n=yend size=0 crc32=00000000\r\n", ERR_BAD_YENC,
        NULL},
    {"no size", "=ybegin line=128 name=a\r\n", ERR_BAD_YENC, NULL},
    {"no name", "=ybegin line=128 size=3\r\n", ERR_BAD_YENC, NULL},
    {"an empty name", "=ybegin line=128 size=3 name=  \r\n", ERR_BAD_YENC, NULL},
    {"no line", "=ybegin size=3 name=a\r\n", ERR_BAD_YENC, NULL},
    {"a size over 64 bits, 3 without its top",
        "=ybegin line=128 size=18446744073709551619 name=a\r\n\x8b\x8c\x8d\r\n"
        "=yend size=3 crc32=352441c2\r\n",
        ERR_BAD_YENC, NULL},
    {"a size that is no number", "=ybegin line=128 size=3x name=a\r\n", ERR_BAD_YENC, NULL},
    {"a negative size", "=ybegin line=128 size=-3 name=a\r\n", ERR_BAD_YENC, NULL},
    {"a size over the room", "=ybegin line=128 size=18446744073709551615 name=a\r\n", ERR_LIMIT,
        NULL},
    {"a second =ybegin inside",
        "=ybegin line=128 size=3 name=a\r\n\x8b\r\n=ybegin line=128 size=3 "
        "name=a\r\n\x8b\x8c\x8d\r\n"
        "=yend size=3 crc32=352441c2\r\n",
        ERR_BAD_YENC, NULL},
    {"the end has no line end",
        "=ybegin line=128 size=3 name=a\r\n\x8b\x8c\x8d\r\n=yend size=3 crc32=352441c2",
        ERR_BAD_YENC, NULL},
    {"nothing", "", ERR_BAD_YENC, NULL},
    {"no yEnc at all", "Hello\r\nworld\r\n", ERR_BAD_YENC, NULL},
};

static void test_articles(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof articles / sizeof articles[0]; i++) {
        struct bytes in = bytes_str(articles[i].body);
        uint8_t out[64];
        size_t len = 99;
        enum err err = yenc_decode(in, out, sizeof out, &len);

        if (err != articles[i].err) {
            fail_msg("%s: %s", articles[i].what, err_name(err));
        }
        if (err == OK) {
            assert_int_equal(len, strlen(articles[i].plain));
            assert_memory_equal(out, articles[i].plain, len);
        } else {
            assert_int_equal(len, 0);
        }
    }
}

/* All bytes at once or one by one: the same end. */
static void test_articles_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof articles / sizeof articles[0]; i++) {
        struct yenc_decoder d;
        uint8_t out[64];
        size_t len = 0;
        enum err err = OK;

        yenc_decode_init(&d, out, sizeof out);
        for (const char *p = articles[i].body; *p != '\0'; p++) {
            err = yenc_decode_step(&d, bytes_at(p, 1));
        }
        if (err == OK) {
            err = yenc_decode_finish(&d, &len);
        }
        if (err == OK && !d.facts.has_crc) {
            err = ERR_BAD_YENC;
        }
        if (err != articles[i].err) {
            fail_msg("%s: %s", articles[i].what, err_name(err));
        }
    }
}

static void test_facts(void **state)
{
    const char *body = "=ybegin part=2 total=3 line=128 size=9 name= my file.bin \r\n"
                       "=ypart begin=4 end=6\r\n\x8b\x8c\x8d\r\n=yend size=3 part=2\r\n";
    struct yenc_decoder d;
    uint8_t out[64];
    size_t len;

    (void)state;
    yenc_decode_init(&d, out, sizeof out);
    assert_int_equal(yenc_decode_step(&d, bytes_str(body)), OK);
    assert_int_equal(yenc_decode_finish(&d, &len), OK);
    assert_int_equal(len, 3);
    assert_string_equal(d.facts.name, "my file.bin");
    assert_int_equal(d.facts.size, 9);
    assert_int_equal(d.facts.part, 2);
    assert_int_equal(d.facts.total, 3);
    assert_int_equal(d.facts.begin, 3);
    assert_int_equal(d.facts.end, 6);
    assert_false(d.facts.has_crc);
}

/* A segment-sized article for the tests below. */
static void make_article(uint8_t *plain, size_t len, struct buf *article)
{
    const struct yenc_options options = {bytes_str("x"), 0};
    uint32_t seed = 7;

    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525 + 1013904223;
        plain[i] = (uint8_t)(seed >> 16);
    }
    assert_int_equal(yenc_encode(bytes_at(plain, len), &options, article), OK);
}

static void test_every_split(void **state)
{
    static uint8_t plain[700];
    static uint8_t out[700];
    struct buf article = {0};

    (void)state;
    make_article(plain, sizeof plain, &article);
    for (size_t cut = 0; cut <= article.len; cut++) {
        struct yenc_decoder d;
        size_t len;

        memset(out, 0, sizeof out);
        yenc_decode_init(&d, out, sizeof out);
        assert_int_equal(yenc_decode_step(&d, bytes_at(article.ptr, cut)), OK);
        assert_int_equal(yenc_decode_step(&d, bytes_at(article.ptr + cut, article.len - cut)), OK);
        assert_int_equal(yenc_decode_finish(&d, &len), OK);
        assert_int_equal(len, sizeof plain);
        assert_memory_equal(out, plain, len);
    }
    buf_clear(&article);
}

static void test_every_truncation_fails(void **state)
{
    static uint8_t plain[700];
    static uint8_t out[700];
    struct buf article = {0};

    (void)state;
    make_article(plain, sizeof plain, &article);
    for (size_t len = 0; len < article.len; len++) {
        size_t made;

        assert_int_equal(
            yenc_decode(bytes_at(article.ptr, len), out, sizeof out, &made), ERR_BAD_YENC);
    }
    buf_clear(&article);
}

/* Flipping a bit of the data is found; flipping one anywhere never breaks us. */
static void test_every_bit_flip(void **state)
{
    static uint8_t plain[700];
    static uint8_t out[700];
    struct buf article = {0};

    (void)state;
    make_article(plain, sizeof plain, &article);
    for (size_t bit = 0; bit < article.len * 8; bit++) {
        size_t made = 0;
        enum err err;

        article.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
        err = yenc_decode(buf_view(&article), out, sizeof out, &made);
        if (err == OK) { /* a header's letter, or a line end: never the data */
            assert_int_equal(made, sizeof plain);
            assert_memory_equal(out, plain, made);
        }
        article.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    buf_clear(&article);
}

static void test_whole_segment(void **state)
{
    uint8_t *plain = malloc(SEGMENT_LEN);
    uint8_t *out = malloc(SEGMENT_LEN);
    struct buf article = {0};
    size_t len;

    (void)state;
    assert_non_null(plain);
    assert_non_null(out);
    make_article(plain, SEGMENT_LEN, &article);
    assert_true(article.len < 830000);
    assert_null(memmem(article.ptr, article.len, "\n.", 2));
    assert_int_equal(yenc_decode(buf_view(&article), out, SEGMENT_LEN, &len), OK);
    assert_int_equal(len, SEGMENT_LEN);
    assert_memory_equal(out, plain, len);
    assert_int_equal(yenc_decode(buf_view(&article), out, SEGMENT_LEN - 1, &len), ERR_LIMIT);
    assert_int_equal(len, 0);
    buf_clear(&article);
    free(plain);
    free(out);
}

/* The data is longer than the header says, and than the room. */
static void test_more_data_than_room(void **state)
{
    struct buf body = {0};
    uint8_t out[100];
    size_t len;

    (void)state;
    assert_int_equal(buf_append_str(&body, "=ybegin line=128 size=100 name=a\r\n"), OK);
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(buf_append_byte(&body, 'x'), OK);
    }
    assert_int_equal(yenc_decode(buf_view(&body), out, sizeof out, &len), ERR_LIMIT);
    buf_clear(&body);
}

static void repeat(struct buf *body, const char *text, size_t len)
{
    while (body->len < len) {
        assert_int_equal(buf_append_str(body, text), OK);
    }
}

static void test_limits_outside_the_data(void **state)
{
    struct buf body = {0};
    uint8_t out[64];
    size_t len;

    (void)state;
    repeat(&body, "a line of no interest\r\n", YENC_SKIP_MAX + 1);
    assert_int_equal(yenc_decode(buf_view(&body), out, sizeof out, &len), ERR_LIMIT);
    buf_clear(&body);
    repeat(&body, "one long line", (size_t)YENC_HEADER_MAX * 3);
    assert_int_equal(buf_append_str(&body, "\r\n"), OK);
    assert_int_equal(buf_append_str(&body, articles[0].body), OK);
    assert_int_equal(yenc_decode(buf_view(&body), out, sizeof out, &len), OK);
    repeat(&body, "and a long signature\r\n", body.len + YENC_SKIP_MAX);
    assert_int_equal(yenc_decode(buf_view(&body), out, sizeof out, &len), ERR_LIMIT);
    buf_clear(&body);
    repeat(&body, "=ybegin line=128 size=3 x=1 ", 27);
    repeat(&body, "name", YENC_HEADER_MAX);
    assert_int_equal(buf_append_str(&body, "\r\n"), OK);
    assert_int_equal(yenc_decode(buf_view(&body), out, sizeof out, &len), ERR_LIMIT);
    buf_clear(&body);
    repeat(&body, "=ybegin line=128 size=3 name=", 28);
    repeat(&body, "n", body.len + YENC_NAME_MAX + 1);
    assert_int_equal(buf_append_str(&body, "\r\n"), OK);
    assert_int_equal(yenc_decode(buf_view(&body), out, sizeof out, &len), ERR_LIMIT);
    buf_clear(&body);
}

/* What stands before and what stands behind the data have the limit each for itself. */
static void test_long_preamble_and_signature(void **state)
{
    struct buf body = {0};
    uint8_t out[64];
    size_t len;

    (void)state;
    repeat(&body, "a line of no interest\r\n", YENC_SKIP_MAX - 1000);
    assert_int_equal(buf_append_str(&body, articles[0].body), OK);
    repeat(&body, "and a long signature\r\n", body.len + YENC_SKIP_MAX - 1000);
    assert_int_equal(yenc_decode(buf_view(&body), out, sizeof out, &len), OK);
    assert_int_equal(len, 3);
    buf_clear(&body);
}

static void test_errors_stay(void **state)
{
    struct yenc_decoder d;
    uint8_t out[8];
    size_t len;

    (void)state;
    yenc_decode_init(&d, out, sizeof out);
    assert_int_equal(yenc_decode_step(&d, bytes_str("=ybegin size=x\r\n")), ERR_BAD_YENC);
    assert_int_equal(yenc_decode_step(&d, bytes_str("=ybegin")), ERR_BAD_YENC);
    assert_int_equal(yenc_decode_finish(&d, &len), ERR_BAD_YENC);
}

static void test_bad_requests(void **state)
{
    static const char long_name[YENC_NAME_MAX + 2] = {[0 ... YENC_NAME_MAX] = 'n'};
    const struct {
        struct bytes in;
        struct bytes name;
        size_t line;
    } rows[] = {
        {bytes_at("", 0), bytes_str("a"), 0},
        {bytes_str("x"), bytes_str(""), 0},
        {bytes_str("x"), bytes_str(long_name), 0},
        {bytes_str("x"), bytes_str("a\nb"), 0},
        {bytes_str("x"), bytes_str("a\rb"), 0},
        {bytes_str("x"), bytes_at("a\0b", 3), 0},
        {bytes_str("x"), bytes_str(" a"), 0},
        {bytes_str("x"), bytes_str("a "), 0},
        {bytes_str("x"), bytes_str("a"), YENC_LINE_MAX + 1},
    };
    struct buf out = {0};

    (void)state;
    assert_int_equal(buf_append_str(&out, "kept"), OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct yenc_options options = {rows[i].name, rows[i].line};

        assert_int_equal(yenc_encode(rows[i].in, &options, &out), ERR_BAD_REQUEST);
        assert_int_equal(out.len, 4);
    }
    buf_clear(&out);
}

/* All escapes, in every line length: the promised maximum holds. */
static void test_encoded_max(void **state)
{
    static uint8_t plain[300];
    struct buf out = {0};

    (void)state;
    memset(plain, 0xd6, sizeof plain); /* encodes to NUL */
    for (size_t line = 1; line <= YENC_LINE_MAX; line++) {
        const struct yenc_options options = {bytes_str("x"), line};

        out.len = 0;
        assert_int_equal(yenc_encode(bytes_at(plain, sizeof plain), &options, &out), OK);
        assert_true(out.len <= yenc_encoded_max(sizeof plain, line));
    }
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_articles),
        cmocka_unit_test(test_articles_byte_by_byte),
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_every_split),
        cmocka_unit_test(test_every_truncation_fails),
        cmocka_unit_test(test_every_bit_flip),
        cmocka_unit_test(test_whole_segment),
        cmocka_unit_test(test_more_data_than_room),
        cmocka_unit_test(test_limits_outside_the_data),
        cmocka_unit_test(test_long_preamble_and_signature),
        cmocka_unit_test(test_errors_stay),
        cmocka_unit_test(test_bad_requests),
        cmocka_unit_test(test_encoded_max),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
