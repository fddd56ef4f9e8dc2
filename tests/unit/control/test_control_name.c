/* Names that are not UTF-8 survive JSON. */
#include "app/control/control_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *bytes;
    const char *shown;
    const char *base64; /* NULL: it is UTF-8 */
} names[] = {
    {"plain", "plain", NULL}, {"", "", NULL}, {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", NULL},
    {"tab\there", "tab\there", NULL}, {"a\xff", "a\\xff", "Yf8="},
    {"\xc0\xaf", "\\xc0\\xaf", "wK8="},                       /* overlong */
    {"\xed\xa0\x80", "\\xed\\xa0\\x80", "7aCA"},              /* a surrogate */
    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "9JCAgA=="}, /* beyond U+10FFFF */
    {"\xe2\x82", "\\xe2\\x82", "4oI="},                       /* cut short */
};

static void test_there_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        json_t *object = json_object();
        json_t *value = control_name_json(bytes_str(names[i].bytes));
        struct buf back = {0};

        assert_int_equal(control_name_put(object, "path", bytes_str(names[i].bytes)), OK);
        assert_string_equal(json_string_value(json_object_get(object, "path")), names[i].shown);
        if (names[i].base64 == NULL) {
            assert_null(json_object_get(object, "path_base64"));
        } else {
            assert_string_equal(
                json_string_value(json_object_get(object, "path_base64")), names[i].base64);
        }
        assert_int_equal(control_name_get(value, &back), OK);
        assert_true(bytes_equal(buf_view(&back), bytes_str(names[i].bytes)));
        buf_clear(&back);
        json_decref(value);
        json_decref(object);
    }
}

static void test_nothing(void **state)
{
    struct buf none = {0};
    json_t *value = control_name_json(buf_view(&none));

    (void)state;
    assert_string_equal(json_string_value(value), "");
    json_decref(value);
}

static const char *const bad[] = {"5", "null", "[]", "{}", "true", "{\"base64\":5}",
    "{\"base64\":\"Yf8\"}", "{\"base64\":\"Y*8=\"}", "{\"base64\":\"=f8=\"}", "\"a\\u0000b\"",
    "{\"base64\":\"YQBi\"}"};

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        json_t *value = json_loads(bad[i], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        struct buf name = {0};

        print_message("%s\n", bad[i]);
        assert_non_null(value);
        assert_int_equal(control_name_get(value, &name), ERR_BAD_REQUEST);
        buf_clear(&name);
        json_decref(value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
