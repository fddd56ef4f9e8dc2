/* Shares through control: what they are, what is in them, ours and by link; changed, published
 * again, forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* A share of dir/home, published; its number. */
static int64_t make_share(struct desk *d)
{
    const json_t *started;
    int64_t job, share;

    desk_file(d, "a/one", 10);
    desk_file(d, "a/two", 20);
    desk_file(d, "b", 30);
    desk_file(d, "c\xff", 40);
    desk_newsd(d);
    started =
        desk_post(d, "/api/shares", json_pack("{s:[s], s:i}", "paths", d->home, "priority", 7));
    assert_string_equal(word(started, "started"), "new");
    job = number(started, "job");
    share = number(started, "share");
    assert_int_equal(number(desk_job(d, job, "running|queued|done"), "priority"), 7);
    assert_string_equal(word(desk_job(d, job, "done|failed"), "state"), "done");
    return share;
}

static const json_t *share_path(struct desk *d, int64_t share, const char *what, json_t *args)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/api/shares/%lld%s", (long long)share, what);
    return desk_get(d, path, args);
}

static enum err share_post(struct desk *d, int64_t share, const char *what, json_t *args)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/api/shares/%lld%s", (long long)share, what);
    return desk_ask(d, "POST", path, args);
}

static void a_share_says_what_it_is(void **state)
{
    struct desk *d = *state;
    int64_t share = make_share(d);
    const json_t *row = json_array_get(desk_get(d, "/api/shares", NULL), 0);

    assert_int_equal(number(row, "id"), share);
    assert_int_equal(number(row, "version"), 1);
    assert_string_equal(word(row, "redundancy"), "normal");
    assert_string_equal(word(json_object_get(row, "health"), "state"), "unknown");
    assert_true(json_is_null(json_object_get(row, "job")));
    assert_true(json_is_false(json_object_get(row, "adopting")));
    row = share_path(d, share, "", NULL);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(row, "paths"), 0)), d->home);
    assert_string_equal(word(row, "ignore"), "");
    assert_true(json_is_false(json_object_get(row, "one_file_system")));
    assert_string_equal(word(share_path(d, share, "/health", NULL), "state"), "unknown");
    assert_int_equal(desk_ask(d, "GET", "/api/shares/99", NULL), ERR_NO_ROW);
    assert_int_equal(desk_ask(d, "GET", "/api/shares/home", NULL), ERR_NO_ROW);
}

static void settings_of_a_share_change(void **state)
{
    struct desk *d = *state;
    int64_t share = make_share(d);

    assert_int_equal(share_post(d, share, "",
                         json_pack("{s:s, s:s, s:b, s:s}", "title", "other", "ignore", "b\n",
                             "one_file_system", 1, "redundancy", "long-term")),
        OK);
    assert_string_equal(word(d->answer, "title"), "other");
    assert_string_equal(word(d->answer, "ignore"), "b\n");
    assert_string_equal(word(d->answer, "redundancy"), "long-term");
    assert_true(json_is_true(json_object_get(d->answer, "one_file_system")));
    assert_int_equal(share_post(d, share, "", json_pack("{s:s}", "title", "")), ERR_BAD_REQUEST);
    assert_int_equal(
        share_post(d, share, "", json_pack("{s:s}", "redundancy", "lots")), ERR_BAD_REQUEST);
    assert_int_equal(share_post(d, share, "", json_object()), OK); /* what is not given stays */
    assert_string_equal(word(d->answer, "redundancy"), "long-term");
    assert_string_equal(word(d->answer, "title"), "other");
    assert_int_equal(share_post(d, share, "/publish", NULL), OK);
    assert_int_equal(number(d->answer, "version"), 2);
    assert_string_equal(
        word(desk_job(d, number(d->answer, "job"), "done|failed"), "state"), "done");
    assert_int_equal(
        json_array_size(json_object_get(share_path(d, share, "/entries", NULL), "items")), 2);
}

/* The same pages of ours and of the link: "name:type,". */
static void expect_pages(
    struct desk *d, int64_t share, const char *link, const char *path, const char *want)
{
    for (int ours = 0; ours < 2; ours++) {
        for (int limit = 1; limit < 5; limit++) {
            json_t *args = json_pack("{s:s, s:i}", "path", path, "limit", limit);
            char got[512] = "";

            for (;;) {
                json_t *ask = json_deep_copy(args);
                const json_t *page, *item;
                size_t i;

                if (ours == 0) {
                    (void)json_object_set_new(ask, "link", json_string(link));
                }
                page = ours != 0 ? share_path(d, share, "/entries", ask)
                                 : desk_post(d, "/api/links/entries", ask);
                json_array_foreach(json_object_get(page, "items"), i, item)
                {
                    (void)strcat(
                        strcat(strcat(strcat(got, word(item, "name")), ":"), word(item, "type")),
                        ",");
                }
                if (ours == 0) {
                    assert_int_equal(number(json_object_get(page, "share"), "version"), 1);
                }
                if (json_is_null(json_object_get(page, "next"))) {
                    break;
                }
                (void)json_object_set(args, "after", json_object_get(page, "next"));
            }
            assert_string_equal(got, want);
            json_decref(args);
        }
    }
}

static void folders_of_a_share_come_in_pages(void **state)
{
    struct desk *d = *state;
    int64_t share = make_share(d);
    char link[128];
    const json_t *item;

    (void)snprintf(link, sizeof(link), "%s",
        word(desk_post(d, "/api/link", json_pack("{s:I}", "share", (json_int_t)share)), "link"));
    expect_pages(d, share, link, "", "a:directory,b:file,c\\xff:file,");
    expect_pages(d, share, link, "a", "one:file,two:file,");
    item = json_array_get(json_object_get(share_path(d, share, "/entries", NULL), "items"), 2);
    assert_string_equal(word(item, "name_base64"), "Y/8=");
    assert_int_equal(number(item, "size"), 40);
    assert_int_equal(desk_ask(d, "GET", "/api/shares/1/entries", json_pack("{s:s}", "path", "x")),
        ERR_PATH_NOT_IN_SHARE);
    assert_int_equal(desk_ask(d, "GET", "/api/shares/1/entries", json_pack("{s:s}", "path", "b")),
        ERR_NOT_DIRECTORY);
    assert_int_equal(desk_ask(d, "POST", "/api/links/entries",
                         json_pack("{s:s, s:s}", "link", link, "path", "x")),
        ERR_PATH_NOT_IN_SHARE);
    assert_int_equal(desk_ask(d, "POST", "/api/links/entries",
                         json_pack("{s:s, s:i}", "link", link, "version", 9)),
        ERR_NO_VERSION);
    assert_int_equal(
        desk_ask(d, "POST", "/api/links/entries", json_pack("{s:s}", "link", "usync1no")),
        ERR_LINK_TYPO);
}

static void a_share_is_forgotten(void **state)
{
    struct desk *d = *state;
    int64_t share = make_share(d);
    int64_t job;

    assert_int_equal(share_post(d, share, "/publish", NULL), OK);
    job = number(d->answer, "job");
    assert_int_equal(share_post(d, share, "/forget", NULL), ERR_JOB_STATE);
    (void)desk_job(d, job, "done|failed");
    assert_int_equal(share_post(d, share, "/forget", NULL), OK);
    assert_int_equal(number(d->answer, "share"), share);
    assert_int_equal(json_array_size(desk_get(d, "/api/shares", NULL)), 0);
    assert_int_equal(share_post(d, share, "/forget", NULL), ERR_NO_ROW);
}

static void new_shares_get_the_defaults(void **state)
{
    struct desk *d = *state;
    int64_t share;

    (void)desk_post(d, "/api/settings",
        json_pack("{s:{s:s, s:s, s:b}}", "defaults", "redundancy", "lean", "ignore", "*.tmp\n",
            "one_file_system", 1));
    share = make_share(d);
    assert_string_equal(word(share_path(d, share, "", NULL), "redundancy"), "lean");
    assert_string_equal(word(d->answer, "ignore"), "*.tmp\n");
    assert_true(json_is_true(json_object_get(d->answer, "one_file_system")));
    desk_file(d, "other/x", 1);
    (void)desk_post(d, "/api/shares",
        json_pack("{s:[s], s:s}", "paths", desk_path(d, "other"), "redundancy", "normal"));
    share = number(d->answer, "share");
    (void)desk_job(d, number(d->answer, "job"), "done|failed");
    assert_string_equal(word(share_path(d, share, "", NULL), "redundancy"), "normal");
    assert_string_equal(word(d->answer, "ignore"), "*.tmp\n");
}

static void the_page_shares_from_its_roots_alone(void **state)
{
    struct desk *d = *state;
    char outside[DESK_PATH_MAX + 16];

    desk_file(d, "a", 1);
    desk_newsd(d);
    (void)snprintf(outside, sizeof(outside), "%s/state", d->dir);
    d->confined = true;
    assert_int_equal(
        desk_ask(d, "POST", "/api/shares", json_pack("{s:[s]}", "paths", outside)), ERR_OUTSIDE);
    assert_int_equal(desk_ask(d, "POST", "/api/shares",
                         json_pack("{s:[s, s]}", "paths", desk_path(d, "a"), outside)),
        ERR_OUTSIDE);
    assert_int_equal(json_array_size(desk_get(d, "/api/shares", NULL)), 0);
    assert_int_equal(
        desk_ask(d, "POST", "/api/shares", json_pack("{s:[s]}", "paths", desk_path(d, "a"))), OK);
    (void)desk_job(d, number(d->answer, "job"), "done|failed");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_share_says_what_it_is),
        TEST(settings_of_a_share_change),
        TEST(folders_of_a_share_come_in_pages),
        TEST(a_share_is_forgotten),
        TEST(new_shares_get_the_defaults),
        TEST(the_page_shares_from_its_roots_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
