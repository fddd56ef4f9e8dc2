/* What the user names, as the top of a share. */
#include "app/control/share_paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char top[] = "/tmp/usenetsync-paths.XXXXXX";

static void make_file(const char *name)
{
    char path[256];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", top, name);
    file = fopen(path, "w");
    assert_non_null(file);
    (void)fclose(file);
}

static int set_up(void **state)
{
    static const char *const folders[] = {"a", "b", "a/x", "b/x"};
    char path[256], to[256];

    (void)state;
    assert_non_null(mkdtemp(top));
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", top, folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    make_file("a/f");
    make_file("b/f");
    (void)snprintf(path, sizeof(path), "%s/link", top);
    (void)snprintf(to, sizeof(to), "%s/a", top);
    assert_int_equal(symlink(to, path), 0);
    (void)snprintf(path, sizeof(path), "%s/pipe", top);
    assert_int_equal(mkfifo(path, 0600), 0);
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"link", "pipe", "a/f", "b/f", "a/x", "b/x", "a", "b", "."};
    char path[256];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", top, names[i]);
        (void)remove(path);
    }
    return rmdir(top);
}

static const struct {
    const char *given; /* names below the top, separated by spaces */
    enum err err;
    const char *names; /* at the top of the share, separated by '|' */
    const char *title;
} rows[] = {
    {"a", OK, "", "a"},
    {"a/", OK, "", "a"},
    {"link", OK, "", "a"},
    {"a/../b", OK, "", "b"},
    {"a/f", OK, "f", "f"},
    {"a b", OK, "a|b", "a and 1 more"},
    {"a/f b/f a/x b/x", OK, "f|f (2)|x|x (2)", "f and 3 more"},
    {"a a a", OK, "a|a (2)|a (3)", "a and 2 more"},
    {"missing", ERR_NOT_FOUND, NULL, NULL},
    {"a missing", ERR_NOT_FOUND, NULL, NULL},
    {"a/f/deeper", ERR_NOT_DIRECTORY, NULL, NULL},
    {"pipe", ERR_NOTHING_TO_SHARE, NULL, NULL},
};

static json_t *given_of(const char *words)
{
    json_t *list = json_array();
    char copy[256];
    char *rest = copy;
    const char *word;

    (void)snprintf(copy, sizeof(copy), "%s", words);
    while ((word = strsep(&rest, " ")) != NULL) {
        (void)json_array_append_new(list, json_sprintf("%s/%s", top, word));
    }
    return list;
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct share_paths paths;
        char text[SHARE_PATHS_TEXT_MAX], title[STORE_TITLE_MAX + 1];
        struct buf names = {0};
        json_t *given = given_of(rows[i].given);

        print_message("%s\n", rows[i].given);
        assert_int_equal(share_paths_init(&paths, given, text), rows[i].err);
        if (rows[i].err != OK) {
            assert_non_null(strstr(text, err_text(rows[i].err)));
        } else {
            for (size_t n = 0; n < paths.count; n++) {
                assert_int_equal(buf_append_str(&names, n > 0 ? "|" : ""), OK);
                assert_int_equal(buf_append(&names, paths.list[n].name), OK);
                assert_int_equal(paths.list[n].path.ptr[0], '/');
            }
            assert_true(bytes_equal(buf_view(&names), bytes_str(rows[i].names)));
            share_paths_title(&paths, title);
            assert_string_equal(title, rows[i].title);
        }
        buf_clear(&names);
        share_paths_clear(&paths);
        json_decref(given);
    }
}

static const char *const wrong[] = {"[]", "[5]", "[\"relative\"]", "[\"\"]", "null"};

static void test_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct share_paths paths;
        char text[SHARE_PATHS_TEXT_MAX];
        json_t *given = json_loads(wrong[i], JSON_DECODE_ANY, NULL);

        assert_int_equal(share_paths_init(&paths, given, text), ERR_BAD_REQUEST);
        assert_true(text[0] != '\0');
        share_paths_clear(&paths);
        json_decref(given);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_wrong),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
