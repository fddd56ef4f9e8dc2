/* News servers in the user's hands: changed, paused, tried, watched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/control/control_live.h"
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

static void add(struct desk *d)
{
    (void)desk_post(d, "/api/servers",
        json_pack("{s:s, s:s, s:i, s:b, s:s, s:s, s:i}", "name", "one", "host", "news.invalid",
            "port", 563, "tls", 1, "user", "joe", "password", "hunter2", "connections", 5));
}

static void what_is_given_changes(void **state)
{
    struct desk *d = *state;
    const json_t *server;

    add(d);
    (void)desk_post(d, "/api/servers/one",
        json_pack("{s:i, s:n, s:s}", "connections", 9, "port", "group", "alt.test"));
    server = desk_get(d, "/api/servers/one", NULL);
    assert_int_equal(number(server, "connections"), 9);
    assert_int_equal(number(server, "port"), 563); /* null: the usual one */
    assert_string_equal(word(server, "group"), "alt.test");
    assert_string_equal(word(server, "host"), "news.invalid");
    assert_string_equal(word(server, "user"), "joe");
    assert_true(json_is_true(json_object_get(server, "has_password")));
    assert_true(json_object_get(server, "password") == NULL);
    assert_true(json_is_false(json_object_get(server, "paused")));
    assert_non_null(json_object_get(server, "counters"));
    (void)desk_post(d, "/api/servers/one", json_pack("{s:s}", "password", ""));
    assert_true(
        json_is_false(json_object_get(desk_get(d, "/api/servers/one", NULL), "has_password")));
}

static const struct {
    const char *path;
    const char *args;
    enum err err;
} wrong[] = {
    {"/api/servers/two", "{}", ERR_NO_ROW},
    {"/api/servers/two/pause", "{}", ERR_NO_ROW},
    {"/api/servers/one", "{\"port\":0}", ERR_BAD_REQUEST},
    {"/api/servers/one", "{\"connections\":201}", ERR_BAD_REQUEST},
    {"/api/servers/one", "{\"host\":\"\"}", ERR_BAD_REQUEST},
    {"/api/servers/one", "{\"password\":\"a\\nb\"}", ERR_BAD_REQUEST},
    {"/api/servers/one", "{\"tls\":false}", ERR_PLAIN_PASSWORD},
    {"/api/servers/try", "{\"host\":\"h\",\"user\":\"u\",\"password\":\"p\"}", ERR_PLAIN_PASSWORD},
    {"/api/servers/try", "{}", ERR_BAD_REQUEST},
    {"/api/servers/one", "{\"roles\":[]}", ERR_BAD_REQUEST},
    {"/api/servers/one", "{\"roles\":[\"post\",\"write\"]}", ERR_BAD_REQUEST},
    {"/api/servers/one", "{\"roles\":[1]}", ERR_BAD_REQUEST},
    {"/api/servers/one", "{\"order\":1001}", ERR_BAD_REQUEST},
    {"/api/servers/one", "{\"order\":-1}", ERR_BAD_REQUEST},
    {"/api/servers/one", "{\"quota\":-1}", ERR_BAD_REQUEST},
    {"/api/servers/one", "{\"quota\":\"much\"}", ERR_BAD_REQUEST},
};

static void what_is_wrong_changes_nothing(void **state)
{
    struct desk *d = *state;
    json_t *before;

    add(d);
    before = json_deep_copy(desk_get(d, "/api/servers/one", NULL));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        print_message("%s %s\n", wrong[i].path, wrong[i].args);
        assert_int_equal(
            desk_ask(d, "POST", wrong[i].path, json_loads(wrong[i].args, 0, NULL)), wrong[i].err);
        assert_true(json_equal(before, desk_get(d, "/api/servers/one", NULL)));
    }
    json_decref(before);
}

/* A job waits while its only server is paused, over a restart too, and goes on after it. */
static void work_waits_for_a_paused_server(void **state)
{
    struct desk *d = *state;
    json_t *live;

    desk_file(d, "a/x", 10);
    desk_newsd(d);
    (void)desk_post(d, "/api/servers/test/pause", NULL);
    (void)desk_post(d, "/api/shares", json_pack("{s:[s]}", "paths", desk_path(d, "a")));
    (void)desk_job(d, 1, "running");
    desk_restart(d, DESK_KILLED);
    (void)desk_job(d, 1, "running");
    assert_true(json_is_true(json_object_get(desk_get(d, "/api/servers/test", NULL), "paused")));
    live = control_live(d->control);
    assert_string_equal(
        word(json_object_get(json_object_get(live, "attention"), "paused-test"), "code"), "paused");
    assert_true(json_is_true(
        json_object_get(json_object_get(json_object_get(live, "servers"), "test"), "paused")));
    assert_int_equal(json_array_size(json_object_get(
                         json_object_get(json_object_get(live, "servers"), "test"), "live")),
        0);
    json_decref(live);
    (void)desk_job(d, 1, "running");
    (void)desk_post(d, "/api/servers/test/resume", NULL);
    (void)desk_job(d, 1, "done");
}

static void connections_are_shown(void **state)
{
    struct desk *d = *state;
    const json_t *links, *link;

    desk_file(d, "a/x", 10);
    desk_newsd(d);
    (void)desk_post(d, "/api/shares", json_pack("{s:[s]}", "paths", desk_path(d, "a")));
    (void)desk_job(d, 1, "done");
    links = json_object_get(desk_get(d, "/api/servers/test", NULL), "live");
    assert_true(json_array_size(links) >= 1);
    link = json_array_get(links, 0);
    assert_string_equal(word(link, "state"), "idle");
    assert_true(number(link, "bytes_out") > 0);
    assert_true(number(link, "bytes_in") > 0);
}

static void settings_are_tried_before_they_are_kept(void **state)
{
    struct desk *d = *state;
    const json_t *steps, *step;
    size_t i;
    json_t *args;

    desk_newsd(d);
    args = json_pack("{s:s, s:i}", "host", "127.0.0.1", "port", (int)newsd_port(d->newsd));
    steps = desk_post(d, "/api/servers/try", args);
    assert_true(json_array_size(steps) > 3);
    json_array_foreach(steps, i, step)
    {
        assert_string_not_equal(word(step, "verdict"), "bad");
    }
    assert_int_equal(json_array_size(desk_get(d, "/api/servers", NULL)), 1);
}

/* What a test finds out stays with the server until it becomes another one. */
static void facts_are_kept(void **state)
{
    struct desk *d = *state;
    const json_t *facts;
    int port;

    desk_newsd(d);
    assert_true(json_is_null(json_object_get(desk_get(d, "/api/servers/test", NULL), "facts")));
    (void)desk_post(d, "/api/servers/test/test", NULL);
    desk_restart(d, DESK_KILLED);
    facts = json_object_get(desk_get(d, "/api/servers/test", NULL), "facts");
    assert_true(json_is_true(json_object_get(facts, "posts")));
    assert_true(json_is_false(json_object_get(facts, "changes_ids")));
    assert_true(json_is_false(json_object_get(facts, "too_small")));
    assert_string_equal(word(facts, "stat"), "true");
    assert_true(number(facts, "tested") > 0);
    assert_true(number(facts, "round_trip_us") > 0);
    port = (int)number(desk_get(d, "/api/servers/test", NULL), "port");
    (void)desk_post(d, "/api/servers/test", json_pack("{s:i}", "connections", 3));
    assert_true(json_is_object(json_object_get(desk_get(d, "/api/servers/test", NULL), "facts")));
    (void)desk_post(d, "/api/servers/test", json_pack("{s:i}", "port", port ^ 1));
    assert_true(json_is_null(json_object_get(desk_get(d, "/api/servers/test", NULL), "facts")));
}

/* What it carried counts, over a restart too; when nothing is left a job says so, and goes on when
 * there is more. */
static void a_quota_is_kept(void **state)
{
    enum { SEGMENT = 786432, QUOTA = 100 << 20 };
    struct desk *d = *state;
    const json_t *server;
    long long spent;

    desk_file(d, "a/x", 10);
    desk_newsd(d);
    (void)desk_post(d, "/api/servers/test",
        json_pack("{s:[s,s,s], s:i, s:i}", "roles", "read", "confirm", "post", "order", 3, "quota",
            QUOTA));
    (void)desk_post(d, "/api/shares", json_pack("{s:[s]}", "paths", desk_path(d, "a")));
    (void)desk_job(d, 1, "done");
    desk_restart(d, DESK_KILLED);
    server = desk_get(d, "/api/servers/test", NULL);
    spent = number(server, "spent");
    assert_true(spent > (long long)6 * SEGMENT); /* a head in its copies */
    assert_int_equal(number(server, "quota"), QUOTA);
    assert_int_equal(number(server, "order"), 3);
    assert_int_equal(json_array_size(json_object_get(server, "roles")), 3);
    (void)desk_post(d, "/api/servers/test", json_pack("{s:I}", "quota", (json_int_t)spent));
    desk_file(d, "a/y", 10);
    (void)desk_post(d, "/api/shares", json_pack("{s:[s]}", "paths", desk_path(d, "a")));
    server = json_object_get(json_object_get(desk_job(d, 2, "failed"), "result"), "error");
    assert_string_equal(word(server, "code"), "ERR_QUOTA");
    (void)desk_post(d, "/api/servers/test", json_pack("{s:I}", "spent", (json_int_t)0));
    assert_int_equal(number(desk_get(d, "/api/servers/test", NULL), "spent"), 0);
    (void)desk_post(d, "/api/jobs/2/retry", NULL);
    (void)desk_job(d, 2, "done");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_given_changes),
        TEST(what_is_wrong_changes_nothing),
        TEST(work_waits_for_a_paused_server),
        TEST(connections_are_shown),
        TEST(settings_are_tried_before_they_are_kept),
        TEST(facts_are_kept),
        TEST(a_quota_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
