/* A person picks a folder of this machine: roots, pages of a folder, a new one, what rules leave
 * out, and what it would come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "desk.h"

static const char *word(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static long long number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* The names of all pages, joined: "a,b,c,". */
static void all_pages(struct desk *d, json_t *args, int limit, char out[1024])
{
    out[0] = '\0';
    (void)json_object_set_new(args, "limit", json_integer(limit));
    for (;;) {
        const json_t *page = desk_get(d, "/api/folders", json_deep_copy(args));
        const json_t *next = json_object_get(page, "next");
        const json_t *item;
        size_t i;

        assert_true(json_array_size(json_object_get(page, "items")) <= (size_t)limit);
        json_array_foreach(json_object_get(page, "items"), i, item)
        {
            (void)strcat(strcat(out, word(item, "name")), ",");
        }
        if (json_is_null(next)) {
            break;
        }
        assert_true(json_is_string(next));
        (void)json_object_set(args, "after", (json_t *)(uintptr_t)next);
    }
    json_decref(args);
}

static const struct {
    const char *what, *order, *only, *find;
    int hidden;
    const char *names;
} wishes[] = {
    {"folders first, letters of either case side by side", "folders", "all", "", 0,
        "b,D,a,C,e.txt,link,"},
    {"by name", "name", "all", "", 0, "a,b,C,D,e.txt,link,"},
    {"hidden ones, too", "name", "all", "", 1, ".h,a,b,C,D,e.txt,link,"},
    {"folders only", "folders", "folders", "", 0, "b,D,"},
    {"found", "name", "all", "E", 0, "e.txt,"},
    {"nothing found", "name", "all", "zzz", 0, ""},
};

static void folders_come_in_pages(void **state)
{
    struct desk *d = *state;
    char names[1024];

    desk_file(d, "b/x", 1);
    desk_file(d, "D", -1);
    desk_file(d, "a", 3);
    desk_file(d, "C", 3);
    desk_file(d, "e.txt", 3);
    desk_file(d, ".h", 3);
    assert_int_equal(symlink("a", desk_path(d, "link")), 0);
    for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
        for (int limit = 1; limit <= 8; limit++) {
            print_message("%s, %d at a time\n", wishes[i].what, limit);
            all_pages(d,
                json_pack("{s:s, s:s, s:s, s:s, s:i}", "path", d->home, "order", wishes[i].order,
                    "only", wishes[i].only, "find", wishes[i].find, "hidden", wishes[i].hidden),
                limit, names);
            assert_string_equal(names, wishes[i].names);
        }
    }
}

static void an_item_says_what_it_is(void **state)
{
    struct desk *d = *state;
    const json_t *page, *items;

    desk_file(d, "a\xff", 5);
    desk_file(d, "b", -1);
    assert_int_equal(mkfifo(desk_path(d, "c"), 0600), 0);
    page = desk_get(d, "/api/folders", json_pack("{s:s, s:s}", "path", d->home, "order", "name"));
    items = json_object_get(page, "items");
    assert_int_equal(number(page, "total"), 3);
    assert_true(json_is_true(json_object_get(page, "writable")));
    assert_string_equal(word(page, "path"), d->home);
    assert_string_equal(word(page, "parent"), d->dir);
    assert_string_equal(word(json_array_get(items, 0), "type"), "file");
    assert_string_equal(word(json_array_get(items, 0), "name"), "a\\xff");
    assert_string_equal(word(json_array_get(items, 0), "name_base64"), "Yf8=");
    assert_int_equal(number(json_array_get(items, 0), "size"), 5);
    assert_string_equal(word(json_array_get(items, 1), "type"), "directory");
    assert_string_equal(word(json_array_get(items, 2), "type"), "other");
}

/* The pages of a folder that changes: what was there all the time comes exactly once. */
static void a_folder_changes_between_pages(void **state)
{
    struct desk *d = *state;
    const json_t *page;
    json_t *next;

    desk_file(d, "a", 1);
    desk_file(d, "b", 1);
    desk_file(d, "d", 1);
    page = desk_get(d, "/api/folders", json_pack("{s:s, s:i}", "path", d->home, "limit", 2));
    next = json_deep_copy(json_object_get(page, "next"));
    desk_file(d, "aa", 1);
    desk_file(d, "c", 1);
    assert_int_equal(unlink(desk_path(d, "b")), 0);
    page = desk_get(d, "/api/folders",
        json_pack("{s:s, s:i, s:o}", "path", d->home, "limit", 9, "after", next));
    assert_int_equal(json_array_size(json_object_get(page, "items")), 2);
    assert_string_equal(word(json_array_get(json_object_get(page, "items"), 0), "name"), "c");
    assert_true(json_is_null(json_object_get(page, "next")));
}

/* What the page must not reach: paths below %s = home. */
static const struct {
    const char *path;
    enum err page, line; /* over the page; from the command line */
} places[] = {
    {"", OK, OK},
    {"/in", OK, OK},
    {"/in/..", OK, OK},
    {"/..", ERR_OUTSIDE, OK},
    {"/in/../../state", ERR_OUTSIDE, OK},
    {"/out", ERR_OUTSIDE, OK}, /* a symlink that leads out */
    {"/out/deeper", ERR_OUTSIDE, OK},
    {"/back", OK, OK}, /* a symlink that stays inside */
    {"/none", ERR_NOT_FOUND, ERR_NOT_FOUND},
    {"/file", ERR_NOT_DIRECTORY, ERR_NOT_DIRECTORY},
};

static void the_page_stays_within_its_roots(void **state)
{
    struct desk *d = *state;
    char out[DESK_PATH_MAX + 16];

    desk_file(d, "in", -1);
    desk_file(d, "file", 1);
    (void)snprintf(out, sizeof(out), "%s/other", d->dir);
    assert_int_equal(mkdir(out, 0755), 0);
    assert_int_equal(symlink(out, desk_path(d, "out")), 0);
    (void)strcat(out, "/deeper");
    assert_int_equal(mkdir(out, 0755), 0);
    assert_int_equal(symlink("in", desk_path(d, "back")), 0);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        for (int page = 0; page < 2; page++) {
            json_t *args = json_object();

            (void)json_object_set_new(args, "path", json_sprintf("%s%s", d->home, places[i].path));
            d->confined = page != 0;
            print_message("%s\n", places[i].path);
            assert_int_equal(desk_ask(d, "GET", "/api/folders", args),
                page != 0 ? places[i].page : places[i].line);
        }
    }
    d->confined = true;
    assert_int_equal(desk_ask(d, "GET", "/api/folders", json_pack("{s:s}", "path", "relative")),
        ERR_BAD_REQUEST);
    assert_int_equal(desk_ask(d, "GET", "/api/folders", NULL), ERR_BAD_REQUEST);
    assert_int_equal(
        desk_ask(d, "GET", "/api/folders", json_pack("{s:s, s:s}", "path", d->home, "after", "!")),
        ERR_BAD_REQUEST);
}

static void roots_can_be_set(void **state)
{
    struct desk *d = *state;
    const json_t *items;

    desk_file(d, "in/deep", -1);
    d->confined = true;
    items = json_object_get(desk_get(d, "/api/roots", NULL), "items");
    assert_string_equal(word(json_array_get(items, 0), "path"), d->home);
    assert_true(json_is_true(json_object_get(json_array_get(items, 0), "home")));
    assert_true(number(json_array_get(items, 0), "total") > 0);
    (void)desk_post(d, "/api/settings", json_pack("{s:[s]}", "roots", desk_path(d, "in")));
    items = json_object_get(desk_get(d, "/api/roots", NULL), "items");
    assert_int_equal(json_array_size(items), 1);
    assert_int_equal(
        desk_ask(d, "GET", "/api/folders", json_pack("{s:s}", "path", d->home)), ERR_OUTSIDE);
    assert_true(json_is_null(json_object_get(
        desk_get(d, "/api/folders", json_pack("{s:s}", "path", desk_path(d, "in"))), "parent")));
    assert_string_equal(
        word(desk_get(d, "/api/folders", json_pack("{s:s}", "path", desk_path(d, "in/deep"))),
            "parent"),
        desk_path(d, "in"));
}

static void a_folder_is_made(void **state)
{
    struct desk *d = *state;
    struct stat st;

    d->confined = true;
    assert_string_equal(
        word(desk_post(d, "/api/folders/create", json_pack("{s:s}", "path", desk_path(d, "new"))),
            "path"),
        desk_path(d, "new"));
    assert_int_equal(stat(desk_path(d, "new"), &st), 0);
    assert_int_equal(
        desk_ask(d, "POST", "/api/folders/create", json_pack("{s:s}", "path", desk_path(d, "new"))),
        ERR_EXISTS);
    assert_int_equal(desk_ask(d, "POST", "/api/folders/create",
                         json_pack("{s:s}", "path", desk_path(d, "none/new"))),
        ERR_NOT_FOUND);
    assert_int_equal(desk_ask(d, "POST", "/api/folders/create",
                         json_pack("{s:s}", "path", desk_path(d, "../new"))),
        ERR_OUTSIDE);
    assert_int_equal(desk_ask(d, "POST", "/api/folders/create",
                         json_pack("{s:s}", "path", desk_path(d, "new/.."))),
        ERR_BAD_REQUEST);
    assert_int_equal(desk_ask(d, "POST", "/api/folders/create", json_pack("{s:s}", "path", "/")),
        ERR_BAD_REQUEST);
}

static json_t *preview_args(struct desk *d, const char *folder)
{
    return json_pack("{s:[s], s:s, s:s, s:i}", "paths", d->home, "ignore", "*.tmp\n/a/x\n",
        "folder", desk_path(d, folder), "limit", 3);
}

/* "name:reason," of the whole folder; reason is empty for what is taken. */
static void preview(struct desk *d, const char *folder, char out[1024])
{
    json_t *args = preview_args(d, folder);

    out[0] = '\0';
    for (;;) {
        const json_t *page = desk_post(d, "/api/folders/preview", json_deep_copy(args));
        const json_t *item;
        size_t i;

        json_array_foreach(json_object_get(page, "items"), i, item)
        {
            assert_int_equal(
                json_is_true(json_object_get(item, "ignored")), word(item, "reason")[0] != '\0');
            (void)strcat(
                strcat(strcat(strcat(out, word(item, "name")), ":"), word(item, "reason")), ",");
        }
        if (json_is_null(json_object_get(page, "next"))) {
            break;
        }
        (void)json_object_set(args, "after", json_object_get(page, "next"));
    }
    json_decref(args);
}

static void make_tree(struct desk *d)
{
    FILE *file;

    desk_file(d, "a/x", 1);
    desk_file(d, "a/y", 10);
    desk_file(d, "a/z.tmp", 1);
    desk_file(d, "b/x", 100);
    desk_file(d, "b/keep.tmp", 1000);
    desk_file(d, "c.tmp/inside", 5);
    assert_int_equal(mkfifo(desk_path(d, "pipe"), 0600), 0);
    file = fopen(desk_path(d, "b/.usenetsyncignore"), "w");
    assert_non_null(file);
    (void)fputs("!keep.tmp\n", file);
    (void)fclose(file);
}

static void rules_are_shown_before_they_hold(void **state)
{
    struct desk *d = *state;
    char out[1024];

    make_tree(d);
    preview(d, "", out);
    assert_string_equal(out, "a:,b:,c.tmp:rule,pipe:type,");
    preview(d, "a", out);
    assert_string_equal(out, "x:rule,y:,z.tmp:rule,");
    preview(d, "b", out);
    assert_string_equal(out, ".usenetsyncignore:,keep.tmp:,x:,");
    assert_int_equal(
        desk_ask(d, "POST", "/api/folders/preview", preview_args(d, "..")), ERR_PATH_NOT_IN_SHARE);
}

static void an_estimate_counts_what_would_go(void **state)
{
    struct desk *d = *state;
    const json_t *row;

    make_tree(d);
    (void)desk_post(
        d, "/api/estimate", json_pack("{s:[s], s:s}", "paths", d->home, "ignore", "*.tmp\n/a/x\n"));
    row = json_array_get(d->rows, json_array_size(d->rows) - 1);
    assert_true(json_is_true(json_object_get(row, "done")));
    assert_int_equal(number(row, "files"), 4); /* a/y b/x b/keep.tmp and the rule file */
    assert_int_equal(number(row, "directories"), 2);
    assert_int_equal(number(row, "bytes"), 10 + 100 + 1000 + 10);
    assert_int_equal(number(row, "ignored"), 3);
    assert_int_equal(number(row, "skipped"), 1);
    assert_int_equal(number(row, "articles"), 6); /* it all fits into the head */
    assert_true(json_is_null(json_object_get(row, "rate")));
    assert_true(json_is_null(json_object_get(row, "seconds")));
    assert_int_equal(desk_ask(d, "POST", "/api/estimate", json_pack("{s:[s]}", "paths", "/none")),
        ERR_NOT_FOUND);
    d->confined = true;
    assert_int_equal(
        desk_ask(d, "POST", "/api/estimate", json_pack("{s:[s]}", "paths", "/")), ERR_OUTSIDE);
    assert_int_equal(desk_ask(d, "POST", "/api/estimate",
                         json_pack("{s:[s], s:s}", "paths", d->home, "redundancy", "much")),
        ERR_BAD_REQUEST);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(folders_come_in_pages),
        TEST(an_item_says_what_it_is),
        TEST(a_folder_changes_between_pages),
        TEST(the_page_stays_within_its_roots),
        TEST(roots_can_be_set),
        TEST(a_folder_is_made),
        TEST(rules_are_shown_before_they_hold),
        TEST(an_estimate_counts_what_would_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
