/* A server's words on their way to a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "io/news/news_text.h"

static void words_become_fit(void **state)
{
    static const struct {
        const char *in;
        size_t cap;
        const char *out;
    } rows[] = {
        {"", 10, ""},
        {"posting ok", 20, "posting ok"},
        {"  a \t b  ", 20, "a b"},
        {"\x1b[31mred\x07", 20, "?[31mred?"},
        {"caf\xc3\xa9\x7f", 20, "caf???"},
        {"0123456789", 11, "0123456789"},
        {"0123456789", 10, "012345..."},
        {"0123456789", 5, "0..."},
        {"0123456789", 3, "01"},
        {"0123456789", 1, ""},
        {"\r\n", 9, "??"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[64];

        memset(out, '#', sizeof out);
        news_text_clean(bytes_str(rows[i].in), out, rows[i].cap);
        assert_string_equal(out, rows[i].out);
        assert_int_equal(out[rows[i].cap], '#');
    }
    news_text_clean(bytes_str("x"), NULL, 0);
}

static void every_byte_comes_out_printable(void **state)
{
    uint8_t in[256 * 2];
    char out[NEWS_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof in; i++) {
        in[i] = (uint8_t)i;
    }
    for (size_t from = 0; from < sizeof in; from++) {
        news_text_clean(bytes_at(in + from, sizeof in - from), out, sizeof out);
        assert_true(strlen(out) < sizeof out);
        for (const char *p = out; *p != '\0'; p++) {
            assert_true(*p >= ' ' && *p <= '~');
        }
    }
}

static void a_reply_has_its_code(void **state)
{
    char out[NEWS_TEXT_MAX];

    (void)state;
    news_text_reply(441, bytes_str("Posting  failed\x07"), out);
    assert_string_equal(out, "441 Posting failed?");
    news_text_reply(240, bytes_str(""), out);
    assert_string_equal(out, "240");
    news_text_reply(0, bytes_str("nothing was said"), out);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_become_fit),
        cmocka_unit_test(every_byte_comes_out_printable),
        cmocka_unit_test(a_reply_has_its_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
