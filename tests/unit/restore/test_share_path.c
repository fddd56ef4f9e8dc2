/* Paths as people write them. */
#include "flow/restore/share_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct clean_row {
    const char *in;
    enum err err;
    const char *out;
};

static const struct clean_row cleans[] = {
    {"", OK, ""},
    {"/", OK, ""},
    {".", OK, ""},
    {"./", OK, ""},
    {"a", OK, "a"},
    {"/a", OK, "a"},
    {"a/", OK, "a"},
    {"//a///b//", OK, "a/b"},
    {"./a/./b/.", OK, "a/b"},
    {"a b/\xff", OK, "a b/\xff"},
    {"...", OK, "..."},
    {"..", ERR_PATH_NOT_IN_SHARE, ""},
    {"a/../b", ERR_PATH_NOT_IN_SHARE, ""},
    {"a/..", ERR_PATH_NOT_IN_SHARE, ""},
};

static void cleaning(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cleans) / sizeof(cleans[0]); i++) {
        struct buf out = {0};

        assert_int_equal(share_path_clean(bytes_str(cleans[i].in), &out), cleans[i].err);
        if (cleans[i].err == OK) {
            assert_true(bytes_equal(buf_view(&out), bytes_str(cleans[i].out)));
        }
        buf_clear(&out);
    }
}

static void too_long(void **state)
{
    char path[PATH_MAX_LEN + 64];
    struct buf out = {0};

    (void)state;
    memset(path, 'a', sizeof(path));
    for (size_t i = 200; i < sizeof(path); i += 200) {
        path[i] = '/';
    }
    assert_int_equal(share_path_clean(bytes_at(path, sizeof(path)), &out), ERR_PATH_NOT_IN_SHARE);
    out.len = 0;
    assert_int_equal(share_path_clean(bytes_at(path, 4000), &out), OK);
    out.len = 0;
    memset(path, 'a', 256);
    assert_int_equal(share_path_clean(bytes_at(path, 256), &out), ERR_PATH_NOT_IN_SHARE);
    buf_clear(&out);
}

static const struct {
    const char *path;
    const char *folder;
    bool inside;
} insides[] = {
    {"a", "", true},
    {"", "", true},
    {"a", "a", true},
    {"a/b", "a", true},
    {"ab", "a", false},
    {"a", "a/b", false},
    {"", "a", false},
    {"b/a", "a", false},
};

static void inside(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(insides) / sizeof(insides[0]); i++) {
        assert_int_equal(
            share_path_inside(bytes_str(insides[i].path), bytes_str(insides[i].folder)),
            insides[i].inside);
    }
}

static const struct {
    const char *path;
    const char *parent;
} parents[] = {{"a", ""}, {"a/b", "a"}, {"a/b/cc", "a/b"}, {"", ""}};

static void parent(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
        assert_true(bytes_equal(
            share_path_parent(bytes_str(parents[i].path)), bytes_str(parents[i].parent)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cleaning),
        cmocka_unit_test(too_long),
        cmocka_unit_test(inside),
        cmocka_unit_test(parent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
