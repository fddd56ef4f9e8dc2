/* Numbers and hostile names as people see them. */
#include "app/cli/cli_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void expect(enum err err, struct buf *got, const char *wanted)
{
    assert_int_equal(err, OK);
    assert_int_equal(buf_append_byte(got, '\0'), OK);
    assert_string_equal((const char *)got->ptr, wanted);
    buf_clear(got);
}

static const struct {
    uint64_t value;
    const char *bytes, *seconds, *count;
} numbers[] = {
    {0, "0 B", "0 s", "0"},
    {59, "59 B", "59 s", "59"},
    {61, "61 B", "1:01", "61"},
    {1023, "1023 B", "17:03", "1,023"},
    {1024, "1.0 KiB", "17:04", "1,024"},
    {3661, "3.6 KiB", "1:01:01", "3,661"},
    {172799, "168.7 KiB", "47:59:59", "172,799"},
    {172800, "168.8 KiB", "2 d 0 h", "172,800"},
    {1048575, "1.0 MiB", "12 d 3 h", "1,048,575"},
    {UINT64_C(22000000000000), "20.0 TiB", "254629629 d 15 h", "22,000,000,000,000"},
    {UINT64_MAX, "16.0 EiB", "213503982334601 d 7 h", "18,446,744,073,709,551,615"},
};

static void test_numbers(void **state)
{
    struct buf out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        expect(cli_text_bytes(numbers[i].value, &out), &out, numbers[i].bytes);
        expect(cli_text_seconds(numbers[i].value, &out), &out, numbers[i].seconds);
        expect(cli_text_count(numbers[i].value, &out), &out, numbers[i].count);
    }
}

static const struct {
    const char *raw, *shown;
} escapes[] = {
    {"plain name.txt", "plain name.txt"},
    {"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80"},
    {"line\nbreak\rtab\t", "line\\x0abreak\\x0dtab\\x09"},
    {"\x1b[31mred\x1b]0;title\x07", "\\x1b[31mred\\x1b]0;title\\x07"},
    {"del\x7f", "del\\x7f"},
    {"c1 \xc2\x9b"
     "31m",
        "c1 \\xc2\\x9b"
        "31m"},
    {"bidi \xe2\x80\xae"
     "gnp.exe",
        "bidi \\xe2\\x80\\xae"
        "gnp.exe"},
    {"isolate \xe2\x81\xa6", "isolate \\xe2\\x81\\xa6"},
    {"zero\xe2\x80\x8bwidth", "zero\\xe2\\x80\\x8bwidth"},
    {"bom\xef\xbb\xbf", "bom\\xef\\xbb\\xbf"},
    {"tag\xf3\xa0\x80\x81", "tag\\xf3\\xa0\\x80\\x81"},
    {"bad\xff\xfe", "bad\\xff\\xfe"},
    {"cut\xe2\x80", "cut\\xe2\\x80"},
    {"overlong\xc0\xaf", "overlong\\xc0\\xaf"},
};

static void test_escapes(void **state)
{
    struct buf out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        expect(text_escape(bytes_str(escapes[i].raw), &out), &out, escapes[i].shown);
    }
}

/* Whatever bytes a name has, the terminal gets printable text only. */
static void test_every_byte_pair(void **state)
{
    struct buf out = {0};

    (void)state;
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            uint8_t pair[2] = {(uint8_t)a, (uint8_t)b};

            out.len = 0;
            assert_int_equal(text_escape(bytes_at(pair, 2), &out), OK);
            assert_true(text_is_utf8(buf_view(&out)));
            for (size_t i = 0; i < out.len; i++) {
                assert_true(out.ptr[i] >= 0x20 && out.ptr[i] != 0x7f);
                assert_false(out.ptr[i] == 0xc2 && out.ptr[i + 1] < 0xa0);
            }
        }
    }
    buf_clear(&out);
}

static void test_names_of_json(void **state)
{
    json_t *row = json_pack("{s:s, s:s, s:s, s:i}", "path", "shown", "path_base64", "YfAb", "plain",
        "p\x1b", "number", 5);
    struct buf out = {0};

    (void)state;
    expect(cli_text_name(row, "path", &out), &out, "a\\xf0\\x1b");
    expect(cli_text_name(row, "plain", &out), &out, "p\\x1b");
    expect(cli_text_name(row, "number", &out), &out, "");
    expect(cli_text_name(row, "missing", &out), &out, "");
    json_decref(row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_every_byte_pair),
        cmocka_unit_test(test_names_of_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
