/* The pool with one provider: many requests, pipelines, limits, idle connections. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVE "hello\nserve"

static const char *const serve[] = {SERVE};

static void a_thousand_posts_over_twenty_connections(void **state)
{
    enum { POSTS = 1000, CONNECTIONS = 20 };
    static const char body[] = "a small body\r\n";
    struct outcome *outcomes = calloc(POSTS, sizeof *outcomes);
    struct news_settings settings = rig_settings();
    struct mini *mini = rig_mini(serve, 1);
    struct news_counters counters;
    struct rig rig;
    char id[64];

    (void)state;
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_use(&rig, mini, CONNECTIONS);
    assert_true(news_post_width(rig.news) >= CONNECTIONS);
    assert_true(news_fetch_width(rig.news) >= CONNECTIONS);
    assert_true(news_stat_width(rig.news) >= CONNECTIONS);
    for (size_t i = 0; i < POSTS; i++) {
        rig_id_of(i, id);
        rig_post(&rig, &outcomes[i], id, bytes_at(body, sizeof body - 1));
    }
    rig_run(&rig);
    for (size_t i = 0; i < POSTS; i++) {
        assert_int_equal(outcomes[i].result.err, OK);
        assert_int_equal(outcomes[i].result.tries, 1);
        assert_int_equal(outcomes[i].calls, 1);
    }
    assert_int_equal(mini->posts_seen, POSTS);
    assert_true(mini->most_open <= CONNECTIONS);
    assert_true(mini->most_open > 1);
    news_counters_get(rig.news, 0, &counters);
    assert_int_equal(counters.posted, POSTS);
    assert_int_equal(counters.retries, 0);
    assert_int_equal(counters.connections_allowed, CONNECTIONS);
    assert_true(counters.bytes_out > POSTS * sizeof body);
    news_counters_get(rig.news, 1, &counters);
    assert_int_equal(counters.posted, 0);
    rig_clear(&rig);
    rig_mini_stop(mini);
    free(outcomes);
}

/* STAT and BODY in pipelines, some there and some not, answers in pieces of every kind. */
static void pipelines_keep_their_order(void **state)
{
    enum { ASKS = 120 };
    static const size_t pieces[] = {0, 1, 2, 3, 7, 61, 1000};
    struct outcome *outcomes = calloc(ASKS, sizeof *outcomes);
    struct news_settings settings = rig_settings();
    char id[64];
    char body[128];

    (void)state;
    settings.body_pipeline = 5;
    for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
        struct mini *mini = calloc(1, sizeof *mini);
        struct rig rig;

        mini->piece = pieces[p];
        mini_start(mini, serve, 1);
        for (size_t i = 0; i < ASKS; i += 3) {
            int len = snprintf(body, sizeof body, "body %zu\r\n..\r\n222 0 no status\r\n", i);

            rig_id_of(i, id);
            mini_put(mini, id, body, (size_t)len);
        }
        rig_init(&rig, p % 2 == 0 ? RIG_TWO_THREADS : RIG_ONE_THREAD, &settings);
        rig_use(&rig, mini, 2);
        for (size_t i = 0; i < ASKS; i++) {
            rig_id_of(i, id);
            if (i % 2 == 0) {
                rig_fetch(&rig, &outcomes[i], id);
            } else {
                rig_stat(&rig, &outcomes[i], id);
            }
        }
        rig_run(&rig);
        for (size_t i = 0; i < ASKS; i++) {
            int len = snprintf(body, sizeof body, "body %zu\r\n..\r\n222 0 no status\r\n", i);

            assert_int_equal(outcomes[i].result.err, i % 3 == 0 ? OK : ERR_NO_ARTICLE);
            if (i % 6 == 0) {
                assert_int_equal(outcomes[i].body.len, len);
                assert_memory_equal(outcomes[i].body.ptr, body, len);
            }
            buf_clear(&outcomes[i].body);
        }
        rig_clear(&rig);
        rig_mini_stop(mini);
    }
    free(outcomes);
}

static void posts_and_reads_share_one_connection(void **state)
{
    enum { EACH = 40 };
    static const char body[] = "b\r\n";
    struct outcome posts[EACH], stats[EACH];
    struct news_settings settings = rig_settings();
    struct mini *mini = rig_mini(serve, 1);
    struct rig rig;
    char id[64];

    (void)state;
    settings.stat_pipeline = 4;
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_use(&rig, mini, 1);
    for (size_t i = 0; i < EACH; i++) {
        rig_id_of(i, id);
        rig_post(&rig, &posts[i], id, bytes_at(body, 3));
    }
    for (size_t i = 0; i < EACH; i++) {
        rig_id_of(i, id);
        rig_stat(&rig, &stats[i], id);
    }
    rig_run(&rig);
    for (size_t i = 0; i < EACH; i++) {
        assert_int_equal(posts[i].result.err, OK);
    }
    assert_int_equal(mini->most_open, 1);
    /* neither waited for all of the other */
    assert_true(posts[0].turn < stats[EACH - 1].turn);
    assert_true(stats[0].turn < posts[EACH - 1].turn);
    assert_true(stats[EACH - 1].turn < posts[EACH - 1].turn); /* four for each post */
    rig_clear(&rig);
    rig_mini_stop(mini);
}

static void bad_requests_never_start(void **state)
{
    struct news_settings settings = rig_settings();
    struct article_id id = {"no brackets"};
    struct news_article article = {.id = {"<a@b.example>"}, .from = "a", .subject = "s"};
    struct outcome outcome = {0};
    struct news_op *op;
    struct rig rig;

    (void)state;
    rig_init(&rig, RIG_ONE_THREAD, &settings);
    assert_int_equal(news_stat_start(rig.news, &id, rig_done, &outcome, &op), ERR_BAD_REQUEST);
    assert_null(op);
    article.body = bytes_str("no line end");
    assert_int_equal(news_post_start(rig.news, &article, rig_done, &outcome, &op), ERR_BAD_REQUEST);
    article.body = bytes_str("");
    assert_int_equal(news_post_start(rig.news, &article, rig_done, &outcome, &op), ERR_BAD_REQUEST);
    rig_clear(&rig);
}

/* A head that may not go out ends the request and not the connection. */
static void a_bad_head_is_the_requests_fault(void **state)
{
    struct news_settings settings = rig_settings();
    struct mini *mini = rig_mini(serve, 1);
    struct outcome bad = {0}, good;
    struct news_article article = {.id = {"<a@b.example>"}, .from = "a\r\nX: y", .subject = "s"};
    struct rig rig;

    (void)state;
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_use(&rig, mini, 1);
    article.body = bytes_str("x\r\n");
    bad.rig = &rig;
    rig.pending++;
    assert_int_equal(news_post_start(rig.news, &article, rig_done, &bad, &bad.op), OK);
    rig_post(&rig, &good, "<good@x.example>", bytes_str("x\r\n"));
    rig_run(&rig);
    assert_int_equal(bad.result.err, ERR_BAD_REQUEST);
    assert_int_equal(bad.result.tries, 0);
    assert_int_equal(good.result.err, OK);
    assert_int_equal(mini_connected(mini), 1);
    rig_clear(&rig);
    rig_mini_stop(mini);
}

/* A server that lets in 3, refused with each code that means it; we would use 8. */
static void a_servers_limit_is_found(void **state)
{
    enum { POSTS = 60 };
    static const char *const codes[] = {"400 too many connections",
        "481 maximum connections exceeded", "482 too many connections", "502 connection limit"};
    struct outcome outcomes[POSTS];
    char id[64];

    (void)state;
    for (size_t c = 0; c < 4; c++) {
        struct mini *mini = calloc(1, sizeof *mini);
        struct news_settings settings = rig_settings();
        struct news_counters counters;
        struct rig rig;

        mini->refuse = codes[c];
        mini->limit = 3;
        mini_start(mini, serve, 1);
        settings.tries = 2;
        rig_init(&rig, RIG_TWO_THREADS, &settings);
        rig_use(&rig, mini, 8);
        for (size_t i = 0; i < POSTS; i++) {
            rig_id_of(i, id);
            rig_post(&rig, &outcomes[i], id, bytes_str("x\r\n"));
        }
        rig_run(&rig);
        for (size_t i = 0; i < POSTS; i++) {
            assert_string_equal(err_name(outcomes[i].result.err), "OK");
        }
        news_counters_get(rig.news, 0, &counters);
        assert_int_equal(counters.posted, POSTS);
        assert_true(mini->most_open <= 3);
        rig_clear(&rig);
        rig_mini_stop(mini);
    }
}

static void an_idle_connection_is_closed(void **state)
{
    struct news_settings settings = rig_settings();
    struct mini *mini = rig_mini(serve, 1);
    struct news_counters counters;
    struct outcome outcome;
    struct rig rig;

    (void)state;
    settings.idle_close_ms = 20;
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_use(&rig, mini, 2);
    rig_stat(&rig, &outcome, "<n@x.example>");
    rig_run(&rig);
    for (int i = 0; i < 100; i++) {
        rig_pass(&rig, 20);
        news_counters_get(rig.news, 0, &counters);
        if (counters.connections_open == 0) {
            break;
        }
    }
    assert_int_equal(counters.connections_open, 0);
    rig_stat(&rig, &outcome, "<n@x.example>");
    rig_run(&rig);
    assert_int_equal(outcome.result.err, ERR_NO_ARTICLE);
    assert_int_equal(mini_connected(mini), 2);
    rig_clear(&rig);
    rig_mini_stop(mini);
}

/* A server that goes while we rest: with a word, without, or just as we ask again. */
static void a_server_may_go_while_we_rest(void **state)
{
    static const char *const scripts[][2] = {
        {"hello\n< STAT\n> 430 no\npause 20\n> 400 idle for too long\nclose", SERVE},
        {"hello\n< STAT\n> 430 no\npause 20\nclose", SERVE},
        {"hello\n< STAT\n> 430 no\n< STAT\nclose", SERVE},
        {"hello\n< STAT\n> 430 no\n< STAT\n> 400 idle timeout\nclose", SERVE},
        {"hello\n< STAT\n> 430 no\n< STAT\nstall", SERVE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        struct news_settings settings = rig_settings();
        struct mini *mini = rig_mini(scripts[i], 2);
        struct outcome outcome;
        struct rig rig;

        rig_hurry(&settings);
        settings.tries = 1; /* it costs no try */
        rig_init(&rig, RIG_TWO_THREADS, &settings);
        rig_use(&rig, mini, 1);
        rig_stat(&rig, &outcome, "<n@x.example>");
        rig_run(&rig);
        rig_pass(&rig, 60);
        rig_stat(&rig, &outcome, "<n@x.example>");
        rig_run(&rig);
        assert_string_equal(err_name(outcome.result.err), "ERR_NO_ARTICLE");
        assert_int_equal(mini_connected(mini), 2);
        rig_clear(&rig);
        rig_mini_stop(mini);
    }
}

static void a_body_over_the_limit_is_no_body(void **state)
{
    struct news_settings settings = rig_settings();
    struct mini *mini = rig_mini(serve, 1);
    char *big = malloc(NEWS_BODY_MAX + 100);
    struct outcome outcome;
    struct rig rig;

    (void)state;
    memset(big, 'x', NEWS_BODY_MAX + 100);
    memcpy(big + NEWS_BODY_MAX + 98, "\r\n", 2);
    mini_put(mini, "<big@x.example>", big, NEWS_BODY_MAX + 100);
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_use(&rig, mini, 1);
    rig_fetch(&rig, &outcome, "<big@x.example>");
    rig_run(&rig);
    assert_int_equal(outcome.result.err, ERR_TOO_LONG);
    assert_int_equal(outcome.result.tries, 1);
    assert_int_equal(outcome.body.len, 0);
    rig_clear(&rig);
    rig_mini_stop(mini);
    free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_posts_over_twenty_connections),
        cmocka_unit_test(pipelines_keep_their_order),
        cmocka_unit_test(posts_and_reads_share_one_connection),
        cmocka_unit_test(bad_requests_never_start),
        cmocka_unit_test(a_bad_head_is_the_requests_fault),
        cmocka_unit_test(a_servers_limit_is_found),
        cmocka_unit_test(an_idle_connection_is_closed),
        cmocka_unit_test(a_server_may_go_while_we_rest),
        cmocka_unit_test(a_body_over_the_limit_is_no_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
