/* Several providers, none, and others than before. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const serve[] = {"hello\nserve"};

/* What two providers say, and what that makes. */

static const char *const down[] = {"close"};
static const char *const login[] = {"hello\n< AUTHINFO USER\n> 481 no\nclose"};
static const char *const no_posts[] = {
    "hello\n< POST\n> 440 no posting\n< POST\n> 440 no posting\nserve"};

struct fill_row {
    const char *name;
    const char *const *scripts[2];
    const char *there[2]; /* an article that the provider has, or NULL */
    enum err read, post;
    size_t read_by, post_by;
};

static const struct fill_row fill_rows[] = {
    {"first has it", {serve, serve}, {"<n@x.example>", NULL}, OK, OK, 0, 0},
    {"second has it", {serve, serve}, {NULL, "<n@x.example>"}, OK, OK, 1, 0},
    {"nobody has it", {serve, serve}, {NULL, NULL}, ERR_NO_ARTICLE, OK, 1, 0},
    {"first is down, second has it", {down, serve}, {NULL, "<n@x.example>"}, OK, OK, 1, 1},
    {"first is down, second has it not", {down, serve}, {NULL, NULL}, ERR_CONNECTION_LOST, OK, 1,
        1},
    {"second is down, first has it not", {serve, down}, {NULL, NULL}, ERR_CONNECTION_LOST, OK, 0,
        0},
    {"both are down", {down, down}, {NULL, NULL}, ERR_CONNECTION_LOST, ERR_CONNECTION_LOST, 0, 0},
    {"first refuses the login", {login, serve}, {NULL, "<n@x.example>"}, OK, OK, 1, 1},
    {"both refuse the login", {login, login}, {NULL, NULL}, ERR_LOGIN, ERR_LOGIN, 0, 0},
    {"first takes no posts", {no_posts, serve}, {"<n@x.example>", NULL}, OK, OK, 0, 1},
};

static void check_fill(const struct fill_row *row, struct rig *rig)
{
    struct outcome stat, body, post;

    rig_post(rig, &post, "<p@x.example>", bytes_str("p\r\n"));
    rig_run(rig);
    assert_string_equal(err_name(post.result.err), err_name(row->post));
    rig_stat(rig, &stat, "<n@x.example>");
    rig_fetch(rig, &body, "<n@x.example>");
    rig_run(rig);
    assert_string_equal(err_name(stat.result.err), err_name(row->read));
    assert_string_equal(err_name(body.result.err), err_name(row->read));
    if (row->post == OK) {
        assert_int_equal(post.result.provider, row->post_by);
    }
    if (row->read == OK) {
        assert_int_equal(stat.result.provider, row->read_by);
        assert_int_equal(body.result.provider, row->read_by);
    }
    buf_clear(&body.body);
}

static void providers_fill_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fill_rows / sizeof fill_rows[0]; i++) {
        const struct fill_row *row = &fill_rows[i];
        struct news_settings settings = rig_settings();
        struct news_provider providers[2];
        struct mini *minis[2];
        struct rig rig;

        print_message("%s\n", row->name);
        settings.reconnect_max_ms = 2000; /* what is out stays out for the row */
        for (size_t p = 0; p < 2; p++) {
            minis[p] = rig_mini(row->scripts[p], 1);
            providers[p] = rig_provider(minis[p], 1);
            if (row->scripts[0] == login) {
                providers[p].user = "joe";
                providers[p].password = "x";
            }
            if (row->there[p] != NULL) {
                mini_put(minis[p], row->there[p], "b\r\n", 3);
            }
        }
        rig_init(&rig, RIG_TWO_THREADS, &settings);
        assert_int_equal(news_set_providers(rig.news, providers, 2), OK);
        assert_int_equal(news_provider_count(rig.news), 2);
        check_fill(row, &rig);
        rig_clear(&rig);
        rig_mini_stop(minis[0]);
        rig_mini_stop(minis[1]);
    }
}

static void nobody_to_ask(void **state)
{
    struct news_settings settings = rig_settings();
    struct outcome stat, post;
    struct news_provider nowhere = {.host = "", .connections = 1};
    struct rig rig;

    (void)state;
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_stat(&rig, &stat, "<n@x.example>");
    rig_post(&rig, &post, "<n@x.example>", bytes_str("x\r\n"));
    rig_run(&rig);
    assert_int_equal(stat.result.err, ERR_NO_PROVIDER);
    assert_int_equal(post.result.err, ERR_NO_PROVIDER);
    assert_int_equal(news_set_providers(rig.news, &nowhere, 1), ERR_BAD_REQUEST);
    assert_int_equal(news_provider_count(rig.news), 0);
    rig_clear(&rig);
}

/* Work moves to the new provider, from the queue and from a connection that stalls. */
static void work_moves_over(void **state)
{
    static const char *const stall[] = {"hello\nstall"};
    struct news_settings settings = rig_settings();
    struct mini *old = rig_mini(stall, 1);
    struct mini *fresh = rig_mini(serve, 1);
    struct outcome outcomes[10];
    struct rig rig;
    char id[64];

    (void)state;
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_use(&rig, old, 2);
    for (size_t i = 0; i < 10; i++) {
        rig_id_of(i, id);
        if (i % 2 == 0) {
            rig_post(&rig, &outcomes[i], id, bytes_str("x\r\n"));
        } else {
            rig_stat(&rig, &outcomes[i], id);
        }
    }
    rig_pass(&rig, 30);
    rig_use(&rig, fresh, 2);
    rig_run(&rig);
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(outcomes[i].result.err, i % 2 == 0 ? OK : ERR_NO_ARTICLE);
    }
    rig_clear(&rig);
    rig_mini_stop(old);
    rig_mini_stop(fresh);
}

/* The same provider again, in another place: its connection and its counters stay. */
static void a_provider_that_stays_is_left_alone(void **state)
{
    struct news_settings settings = rig_settings();
    struct mini *old = rig_mini(serve, 1);
    struct mini *fresh = rig_mini(serve, 1);
    struct news_provider providers[2] = {rig_provider(fresh, 1), rig_provider(old, 1)};
    struct news_provider too_many[40];
    struct news_counters counters;
    struct outcome outcome;
    struct rig rig;

    (void)state;
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_use(&rig, old, 1);
    rig_stat(&rig, &outcome, "<n@x.example>");
    rig_run(&rig);
    assert_int_equal(news_set_providers(rig.news, providers, 2), OK);
    mini_put(old, "<n@x.example>", "b\r\n", 3);
    rig_stat(&rig, &outcome, "<n@x.example>");
    rig_run(&rig);
    assert_int_equal(outcome.result.err, OK);
    assert_int_equal(outcome.result.provider, 1);
    assert_int_equal(mini_connected(old), 1);
    news_counters_get(rig.news, 1, &counters);
    assert_int_equal(counters.missing, 1);
    assert_int_equal(counters.stats, 1);
    news_counters_get(rig.news, 0, &counters);
    assert_int_equal(counters.missing, 1);
    for (size_t i = 0; i < 40; i++) {
        too_many[i] = providers[0];
    }
    assert_int_equal(news_set_providers(rig.news, too_many, 40), ERR_BAD_REQUEST);
    assert_int_equal(news_provider_count(rig.news), 2);
    rig_clear(&rig);
    rig_mini_stop(old);
    rig_mini_stop(fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(providers_fill_in),
        cmocka_unit_test(nobody_to_ask),
        cmocka_unit_test(work_moves_over),
        cmocka_unit_test(a_provider_that_stays_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
