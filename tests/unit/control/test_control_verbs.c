/* The table of verbs: which method and path leads where, and what its words become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "app/control/control_verbs.h"

static const struct {
    const char *method, *path;
    const char *verb;       /* NULL: none */
    const char *key, *word; /* NULL: no words */
} rows[] = {
    {"GET", "/api/version", "version", NULL, NULL},
    {"GET", "/api/version/", "version", NULL, NULL},
    {"POST", "/api/version", NULL, NULL, NULL},
    {"", "/api/version", NULL, NULL, NULL},
    {"GET", "/api/shares", "shares", NULL, NULL},
    {"POST", "/api/shares", "share", NULL, NULL},
    {"GET", "/api/jobs/17", "job", "job", "17"},
    {"GET", "/api/jobs/", "jobs", NULL, NULL},
    {"GET", "/api/jobs//events", NULL, NULL, NULL},
    {"GET", "/api/jobs/17/events", "logs", "job", "17"},
    {"POST", "/api/jobs/17/cancel", "cancel", "job", "17"},
    {"POST", "/api/jobs/17/cancel/now", NULL, NULL, NULL},
    {"POST", "/api/servers/my-news.1/test", "server test", "name", "my-news.1"},
    {"POST", "/api/servers//test", NULL, NULL, NULL},
    {"GET", "", NULL, NULL, NULL},
    {"GET", "/", NULL, NULL, NULL},
    {"GET", "/api", NULL, NULL, NULL},
    {"GET", "/API/version", NULL, NULL, NULL},
    {"GET", "/api/versionx", NULL, NULL, NULL},
    {"GET", "/../api/version", NULL, NULL, NULL},
};

static void test_find(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *args = json_object();
        const struct control_verb *verb = control_verb_find(rows[i].method, rows[i].path, args);

        print_message("%s %s\n", rows[i].method, rows[i].path);
        if (rows[i].verb == NULL) {
            assert_null(verb);
            assert_int_equal(json_object_size(args), 0);
        } else {
            assert_non_null(verb);
            assert_string_equal(verb->name, rows[i].verb);
        }
        if (rows[i].key != NULL) {
            assert_string_equal(
                json_string_value(json_object_get(args, rows[i].key)), rows[i].word);
        }
        json_decref(args);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_find)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
