/* Message-IDs: which are valid, and which one a reply names. */
#include "codec/nntp/nntp_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *id;
    bool valid;
} rows[] = {
    {"<a@b>", true},
    {"<abcdefghijklmnopqrstuvwxyz@abcdefghi.com>", true},
    {"<a!#$%&'*+/=?^_`{|}~-.b@c.d>", true},
    {"<a@[127.0.0.1]>", true},
    {"", false},
    {"<>", false},
    {"<@>", false},
    {"<a@>", false},
    {"<@b>", false},
    {"<ab>", false},
    {"<a@b@c>", false},
    {"a@b", false},
    {"<a@b", false},
    {"a@b>", false},
    {"<a@b>>", false},
    {"<<a@b>", false},
    {"<a>@b>", false},
    {"<a @b>", false},
    {"<a\t@b>", false},
    {"<a@b\r\n>", false},
    {"<a@b>\r\nQUIT", false},
    {"<a\x7f@b>", false},
    {"<\xc3\xa4@b>", false},
    {" <a@b>", false},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (nntp_id_valid(bytes_str(rows[i].id)) != rows[i].valid) {
            fail_msg("%s", rows[i].id);
        }
    }
    assert_false(nntp_id_valid(bytes_at("<a\0@b>", 6)));
    assert_false(nntp_id_valid(bytes_at(NULL, 0)));
}

static void test_lengths(void **state)
{
    char id[300];

    (void)state;
    for (size_t len = 5; len < sizeof id; len++) {
        memset(id, 'x', sizeof id);
        id[0] = '<';
        id[2] = '@';
        id[len - 1] = '>';
        assert_int_equal(nntp_id_valid(bytes_at(id, len)), len <= ARTICLE_ID_MAX);
    }
}

static const struct {
    const char *text;
    const char *id; /* "": none */
} found[] = {
    {"<a@b>", "<a@b>"},
    {"0 <a@b> status", "<a@b>"},
    {"recommended Message-ID <x@y>", "<x@y>"},
    {"<x> <a@b> <c@d>", "<a@b>"},
    {"<<a@b>>", "<a@b>"},
    {"< <a@b>", "<a@b>"},
    {"<a@b", ""},
    {"a@b>", ""},
    {"><", ""},
    {"", ""},
};

static void test_take(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof found / sizeof found[0]; i++) {
        struct article_id id;

        assert_int_equal(nntp_id_take(bytes_str(found[i].text), &id), found[i].id[0] != '\0');
        assert_string_equal(id.text, found[i].id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
