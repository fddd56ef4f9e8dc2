/* The shape of errors: {"error":{"code","kind","text","hint"}}. */
#include "app/control/control_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    enum err err;
    const char *text, *hint;
    const char *json;
} rows[] = {
    {ERR_NO_JOB, NULL, NULL,
        "{\"error\":{\"code\":\"ERR_NO_JOB\",\"kind\":\"user\",\"text\":\"there is no such "
        "job\",\"hint\":\"`usenetsync jobs` lists them\"}}"},
    {ERR_LOGIN, "", "",
        "{\"error\":{\"code\":\"ERR_LOGIN\",\"kind\":\"refused\",\"text\":\"the server refused the "
        "user name or password\",\"hint\":\"\"}}"},
    {ERR_TIMEOUT, "own \"words\"\n", "do this",
        "{\"error\":{\"code\":\"ERR_TIMEOUT\",\"kind\":\"retry\",\"text\":\"own "
        "\\\"words\\\"\\n\",\"hint\":\"do this\"}}"},
};

static void test_shape(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *json = control_error_json(rows[i].err, rows[i].text, rows[i].hint);
        char *text = json_dumps(json, JSON_COMPACT);

        assert_non_null(text);
        assert_string_equal(text, rows[i].json);
        free(text);
        json_decref(json);
    }
}

/* Every error has all four members, as strings, and a kind of its own name. */
static void test_every_error(void **state)
{
    static const char *const members[] = {"code", "kind", "text", "hint"};

    (void)state;
    for (int err = OK; err < ERR_COUNT; err++) {
        json_t *json = control_error_json((enum err)err, NULL, NULL);
        const json_t *inner = json_object_get(json, "error");

        assert_int_equal(json_object_size(inner), 4);
        for (size_t i = 0; i < 4; i++) {
            assert_true(json_is_string(json_object_get(inner, members[i])));
        }
        assert_string_equal(
            json_string_value(json_object_get(inner, "code")), err_name((enum err)err));
        assert_true(strlen(json_string_value(json_object_get(inner, "text"))) > 0);
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape),
        cmocka_unit_test(test_every_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
