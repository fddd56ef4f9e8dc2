/* Settings within bounds, and copies of providers that share nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "io/news/news_provider_copy.h"
#include "io/news/news_wire.h"

static void settings_are_bounded(void **state)
{
    struct news_settings none = {.reconnect_min_ms = 10};
    struct news_settings usual, bounded;

    (void)state;
    news_settings_bound(&none);
    assert_int_equal(none.tries, 1);
    assert_int_equal(none.connect_failures, 1);
    assert_int_equal(none.stat_pipeline, 1);
    assert_int_equal(none.body_pipeline, 1);
    assert_int_equal(none.reconnect_max_ms, 10);
    none.stat_pipeline = none.body_pipeline = none.tries = 100000;
    news_settings_bound(&none);
    assert_int_equal(none.stat_pipeline, NEWS_PIPELINE_MAX);
    assert_int_equal(none.body_pipeline, NEWS_PIPELINE_MAX);
    assert_int_equal(none.tries, NEWS_TRIES_MAX);
    news_settings_default(&usual);
    bounded = usual;
    news_settings_bound(&bounded);
    assert_memory_equal(&usual, &bounded, sizeof usual);
}

static void a_copy_is_the_same_and_its_own(void **state)
{
    char host[] = "news.example.com";
    const struct news_provider from = {.name = "n",
        .host = host,
        .port = 563,
        .tls = NET_TLS,
        .user = "u",
        .password = "p",
        .group = "g",
        .connections = 7};
    struct news_provider copy;

    (void)state;
    assert_int_equal(news_provider_copy(&from, &copy), OK);
    assert_true(news_provider_same(&from, &copy));
    host[0] = 'X';
    assert_string_equal(copy.host, "news.example.com");
    assert_false(news_provider_same(&from, &copy));
    news_provider_clear(&copy);
    assert_null(copy.host);
}

static void each_field_makes_a_difference(void **state)
{
    const struct news_provider base = {.name = "n", .host = "h", .port = 1, .connections = 1};
    struct news_provider others[9];

    (void)state;
    for (size_t i = 0; i < 9; i++) {
        others[i] = base;
    }
    others[0].name = "x";
    others[1].host = "x";
    others[2].port = 2;
    others[3].tls = NET_TLS;
    others[4].ca_file = "x";
    others[5].user = "x";
    others[6].password = "x";
    others[7].group = "x";
    others[8].connections = 2;
    assert_true(news_provider_same(&base, &base));
    for (size_t i = 0; i < 9; i++) {
        assert_false(news_provider_same(&base, &others[i]));
        assert_false(news_provider_same(&others[i], &base));
    }
}

static void connections_are_bounded_and_a_host_is_needed(void **state)
{
    struct news_provider from = {.host = "h", .connections = 0};
    struct news_provider copy;

    (void)state;
    assert_int_equal(news_provider_copy(&from, &copy), OK);
    assert_int_equal(copy.connections, 1);
    news_provider_clear(&copy);
    from.connections = 100000;
    assert_int_equal(news_provider_copy(&from, &copy), OK);
    assert_int_equal(copy.connections, NEWS_CONNECTIONS_MAX);
    news_provider_clear(&copy);
    from.host = NULL;
    assert_int_equal(news_provider_copy(&from, &copy), ERR_BAD_REQUEST);
    news_provider_clear(&copy); /* harmless on an empty one */
}

static void a_slow_uplink_gets_its_time(void **state)
{
    struct news_settings settings = {.reply_ms = 60000, .slowest_rate = 4096};

    (void)state;
    assert_int_equal(news_wire_article_ms(&settings, 0), 60000);
    assert_int_equal(news_wire_article_ms(&settings, 819200), 260000);
    settings.slowest_rate = 0;
    assert_int_equal(news_wire_article_ms(&settings, 819200), 60000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_bounded),
        cmocka_unit_test(a_copy_is_the_same_and_its_own),
        cmocka_unit_test(each_field_makes_a_difference),
        cmocka_unit_test(a_slow_uplink_gets_its_time),
        cmocka_unit_test(connections_are_bounded_and_a_host_is_needed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
