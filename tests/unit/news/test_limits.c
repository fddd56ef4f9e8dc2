/* The pool's rates and connections: what they hold back, what not, and a change while requests
 * wait. */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { LEN = 1000, ARTICLES = 30, FLOW = 20000 };

static const char *const serve[] = {"hello\nserve"};

static struct bytes body_of(char body[LEN])
{
    memset(body, 'x', LEN);
    memcpy(body + LEN - 2, "\r\n", 2);
    return bytes_at(body, LEN);
}

/* However slow the machine is: no more was let through than the bucket, what flowed in meanwhile,
 * and an article. */
static void assert_kept(uint64_t since_ns, uint64_t passed, size_t grain)
{
    uint64_t ms = (clock_mono_ns() - since_ns) / 1000000 + 1;

    assert_true(passed <= (uint64_t)FLOW * (ms + 250) / 1000 + grain);
}

static void posts_keep_to_the_rate(void **state)
{
    struct outcome outcomes[ARTICLES];
    struct news_settings settings = rig_settings();
    struct mini *mini = rig_mini(serve, 1);
    uint64_t since;
    struct rig rig;
    char body[LEN];
    char id[64];

    (void)state;
    memset(outcomes, 0, sizeof outcomes);
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_use(&rig, mini, 5);
    since = clock_mono_ns();
    news_set_rates(rig.news, FLOW, 0);
    for (size_t i = 0; i < ARTICLES; i++) {
        rig_id_of(i, id);
        rig_post(&rig, &outcomes[i], id, body_of(body));
    }
    rig_run(&rig);
    assert_int_equal(mini->posts_seen, ARTICLES);
    assert_kept(since, ARTICLES * LEN, LEN);
    rig_clear(&rig);
    rig_mini_stop(mini);
}

/* The first body's length is guessed and paid back; the others are known by it. */
static void bodies_keep_to_the_rate(void **state)
{
    struct outcome outcomes[ARTICLES];
    struct news_settings settings = rig_settings();
    struct mini *mini = calloc(1, sizeof *mini);
    uint64_t since;
    struct rig rig;
    char body[LEN];
    char id[64];

    (void)state;
    memset(outcomes, 0, sizeof outcomes);
    mini_start(mini, serve, 1);
    (void)body_of(body);
    for (size_t i = 0; i < ARTICLES; i += 2) {
        rig_id_of(i, id);
        mini_put(mini, id, body, LEN);
    }
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_use(&rig, mini, 2);
    since = clock_mono_ns();
    news_set_rates(rig.news, 0, FLOW);
    for (size_t i = 0; i < ARTICLES; i++) {
        rig_id_of(i, id);
        rig_fetch(&rig, &outcomes[i], id); /* every other one is missing: it costs nothing */
    }
    rig_run(&rig);
    for (size_t i = 0; i < ARTICLES; i++) {
        assert_int_equal(outcomes[i].result.err, i % 2 == 0 ? OK : ERR_NO_ARTICLE);
        assert_true(i % 2 != 0 || outcomes[i].body.len == LEN);
        buf_clear(&outcomes[i].body);
    }
    assert_kept(since, ARTICLES / 2 * LEN, 2 * settings.body_pipeline * LEN);
    rig_clear(&rig);
    rig_mini_stop(mini);
}

/* Nothing goes out or comes in, but questions pass, also those asked later; then all goes on. */
static void nothing_is_nothing_until_it_changes(void **state)
{
    struct outcome post = {0}, fetch = {0}, stat = {0};
    struct news_settings settings = rig_settings();
    struct mini *mini = calloc(1, sizeof *mini);
    struct rig rig;
    char body[LEN];

    (void)state;
    mini_start(mini, serve, 1);
    (void)body_of(body);
    mini_put(mini, "<there@x>", body, LEN);
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_use(&rig, mini, 1);
    news_set_rates(rig.news, NEWS_RATE_NOTHING, NEWS_RATE_NOTHING);
    rig_post(&rig, &post, "<new@x>", bytes_at(body, LEN));
    rig_fetch(&rig, &fetch, "<there@x>");
    rig_stat(&rig, &stat, "<there@x>");
    while (stat.calls == 0) {
        rig_pass(&rig, 20);
    }
    rig_pass(&rig, 100);
    assert_int_equal(stat.result.err, OK);
    assert_int_equal(post.calls + fetch.calls, 0);
    assert_int_equal(mini->posts_seen, 0);
    news_set_rates(rig.news, 0, NEWS_RATE_NOTHING);
    while (post.calls == 0) {
        rig_pass(&rig, 20);
    }
    assert_int_equal(post.result.err, OK);
    assert_int_equal(fetch.calls, 0);
    news_set_rates(rig.news, 0, 0);
    rig_run(&rig);
    assert_int_equal(fetch.result.err, OK);
    assert_int_equal(fetch.body.len, LEN);
    buf_clear(&fetch.body);
    rig_clear(&rig);
    rig_mini_stop(mini);
}

/* The limit holds while requests wait, from the first connection on and after it was raised; many
 * bodies in pipelines run dry when it is lowered. */
static void connections_keep_to_the_limit(void **state)
{
    enum { ASKS = 200, CAP = 2 };
    struct outcome *outcomes = calloc(ASKS, sizeof *outcomes);
    struct news_settings settings = rig_settings();
    struct mini *mini = rig_mini(serve, 1);
    struct news_counters counters;
    struct rig rig;
    char body[LEN];
    char id[64];

    (void)state;
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    news_set_connections(rig.news, CAP);
    rig_use(&rig, mini, 6);
    for (size_t i = 0; i < ASKS; i++) {
        rig_id_of(i, id);
        rig_post(&rig, &outcomes[i], id, body_of(body));
    }
    rig_run(&rig);
    assert_int_equal(mini->most_open, CAP);
    news_set_connections(rig.news, 0);
    for (size_t i = 0; i < ASKS; i++) {
        rig_id_of(ASKS + i, id);
        rig_post(&rig, &outcomes[i], id, body_of(body));
    }
    news_set_connections(rig.news, 1);
    rig_run(&rig);
    do {
        rig_pass(&rig, 20);
        news_counters_get(rig.news, 0, &counters);
    } while (counters.connections_open > 1);
    assert_int_equal(mini->posts_seen, 2 * ASKS);
    rig_clear(&rig);
    rig_mini_stop(mini);
    free(outcomes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_keep_to_the_rate),
        cmocka_unit_test(bodies_keep_to_the_rate),
        cmocka_unit_test(connections_keep_to_the_limit),
        cmocka_unit_test(nothing_is_nothing_until_it_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
