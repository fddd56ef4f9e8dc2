/* Arguments, from queries and from bodies. */
#include "app/control/control_args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *args;
    enum err err;
    int64_t value;
} integers[] = {
    {"{}", OK, 77},
    {"{\"n\":null}", OK, 77},
    {"{\"n\":5}", OK, 5},
    {"{\"n\":\"5\"}", OK, 5},
    {"{\"n\":\"10\"}", OK, 10},
    {"{\"n\":\"-3\"}", OK, -3},
    {"{\"n\":11}", ERR_BAD_REQUEST, 0},
    {"{\"n\":\"-4\"}", ERR_BAD_REQUEST, 0},
    {"{\"n\":\"\"}", ERR_BAD_REQUEST, 0},
    {"{\"n\":\" 5\"}", ERR_BAD_REQUEST, 0},
    {"{\"n\":\"5x\"}", ERR_BAD_REQUEST, 0},
    {"{\"n\":\"99999999999999999999\"}", ERR_BAD_REQUEST, 0},
    {"{\"n\":5.0}", ERR_BAD_REQUEST, 0},
    {"{\"n\":true}", ERR_BAD_REQUEST, 0},
    {"{\"n\":[]}", ERR_BAD_REQUEST, 0},
};

static void test_integers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++) {
        json_t *args = json_loads(integers[i].args, 0, NULL);
        int64_t value = 77;

        print_message("%s\n", integers[i].args);
        assert_int_equal(control_args_int(args, "n", -3, 10, &value), integers[i].err);
        assert_int_equal(value, integers[i].err == OK ? integers[i].value : 77);
        json_decref(args);
    }
}

static const struct {
    const char *args;
    enum err err;
    bool value;
} booleans[] = {
    {"{}", OK, false},
    {"{\"b\":true}", OK, true},
    {"{\"b\":false}", OK, false},
    {"{\"b\":\"1\"}", OK, true},
    {"{\"b\":\"0\"}", OK, false},
    {"{\"b\":\"true\"}", ERR_BAD_REQUEST, false},
    {"{\"b\":2}", ERR_BAD_REQUEST, false},
};

static void test_booleans(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(booleans) / sizeof(booleans[0]); i++) {
        json_t *args = json_loads(booleans[i].args, 0, NULL);
        bool value = false;

        assert_int_equal(control_args_bool(args, "b", &value), booleans[i].err);
        assert_int_equal(value, booleans[i].value);
        json_decref(args);
    }
}

static const struct {
    const char *args;
    enum err err;
    const char *name;
} names[] = {
    {"{}", ERR_NO_ROW, ""},
    {"{\"p\":\"/a\"}", OK, "/a"},
    {"{\"p\":{\"base64\":\"L2H/\"}}", OK, "/a\xff"},
    {"{\"p_base64\":\"L2H/\"}", OK, "/a\xff"},
    {"{\"p\":\"shown\",\"p_base64\":\"L2H/\"}", OK, "/a\xff"},
    {"{\"p\":5}", ERR_BAD_REQUEST, ""},
    {"{\"p_base64\":\"*\"}", ERR_BAD_REQUEST, ""},
    {"{\"p_base64\":5}", ERR_BAD_REQUEST, ""},
};

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        json_t *args = json_loads(names[i].args, 0, NULL);
        struct buf name = {0};

        assert_int_equal(control_args_name(args, "p", &name), names[i].err);
        assert_true(names[i].err != OK || bytes_equal(buf_view(&name), bytes_str(names[i].name)));
        buf_clear(&name);
        json_decref(args);
    }
}

static void test_words(void **state)
{
    static const char *const words[] = {"up", "down", NULL};
    json_t *args = json_pack("{s:s, s:s, s:i}", "a", "down", "b", "left", "c", 1);
    size_t place = 0;

    (void)state;
    assert_int_equal(control_args_word(args, "a", words, &place), OK);
    assert_int_equal(place, 1);
    assert_int_equal(control_args_word(args, "missing", words, &place), OK);
    assert_int_equal(place, 1);
    assert_int_equal(control_args_word(args, "b", words, &place), ERR_BAD_REQUEST);
    assert_int_equal(control_args_word(args, "c", words, &place), ERR_BAD_REQUEST);
    json_decref(args);
}

/* Any bytes come back, and need no escaping in a URL. */
static void test_cursors(void **state)
{
    uint8_t key[255];

    (void)state;
    for (size_t len = 1; len <= sizeof(key); len++) {
        struct buf back = {0};
        json_t *args;
        const char *word;

        for (size_t i = 0; i < len; i++) {
            key[i] = (uint8_t)(255 - i * 7 - len);
        }
        args = json_pack("{s:o}", "after", control_cursor_json(bytes_at(key, len)));
        word = json_string_value(json_object_get(args, "after"));
        assert_int_equal(strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789-_"),
            strlen(word));
        assert_int_equal(control_args_cursor(args, &back), OK);
        assert_true(bytes_equal(buf_view(&back), bytes_at(key, len)));
        buf_clear(&back);
        json_decref(args);
    }
}

static const char *const bad_cursors[] = {"!", "a", "ab=c", "a b", "\xc3\xbc"};

static void test_bad_cursors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_cursors) / sizeof(bad_cursors[0]); i++) {
        json_t *args = json_pack("{s:s}", "after", bad_cursors[i]);
        struct buf back = {0};

        print_message("%s\n", bad_cursors[i]);
        assert_int_equal(control_args_cursor(args, &back), ERR_BAD_REQUEST);
        buf_clear(&back);
        json_decref(args);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_booleans),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_cursors),
        cmocka_unit_test(test_bad_cursors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
