/* Cancel and free at any moment: in each state of a connection, on one thread and on two. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const serve[] = {"hello\nserve"};

/* Scripts that stop in each state of a connection, for cancel and free. */
static const char *const states[] = {
    "stall",
    "> 200 hi\nstall",
    "hello\nstall",
    "hello\n< AUTHINFO USER\n> 381 more\nstall",
    "hello\n< AUTHINFO USER\n> 281 in\nstall",
    "hello\n< AUTHINFO USER\n> 281 in\n< POST\n> 340 go\npause 30\nstall",
    "hello\n< AUTHINFO USER\n> 281 in\n< POST\n> 340 go\nsome 1000\npause 40\nstall",
    "hello\n< AUTHINFO USER\n> 281 in\n< POST\n> 340 go\narticle\npause 10\nstall",
    "hello\n< AUTHINFO USER\n> 281 in\n< STAT\n> 480 again\nstall",
    "hello\n< AUTHINFO USER\n> 281 in\n< BODY\n> 222 0 <n@x.example>\n! abc\nstall",
    "hello\n< AUTHINFO USER\n> 281 in\nserve",
    "> 400 later\nclose",
    "hello\n< AUTHINFO USER\n> 481 no\nclose",
};

enum way { WAY_CANCEL, WAY_FREE, WAY_CANCEL_LATE, WAYS };

static void leave_in_state(const char *const *script, enum rig_threads threads, enum way way)
{
    enum { BODY = 600000 };
    struct news_settings settings = rig_settings();
    struct mini *mini = rig_mini(script, 1);
    struct news_provider provider = rig_provider(mini, 1);
    struct outcome post, stat, body;
    char *article = malloc(BODY);
    struct rig rig;

    memset(article, 'a', BODY);
    memcpy(article + BODY - 2, "\r\n", 2);
    provider.user = "joe";
    provider.password = "x";
    settings.retry_ms = settings.reconnect_min_ms = 20;
    rig_init(&rig, threads, &settings);
    assert_int_equal(news_set_providers(rig.news, &provider, 1), OK);
    if (strstr(*script, "BODY") != NULL || strstr(*script, "STAT") != NULL) {
        rig_fetch(&rig, &body, "<n@x.example>");
        rig_stat(&rig, &stat, "<n@x.example>");
        rig_post(&rig, &post, "<p@x.example>", bytes_at(article, BODY));
    } else {
        rig_post(&rig, &post, "<p@x.example>", bytes_at(article, BODY));
        rig_stat(&rig, &stat, "<n@x.example>");
        rig_fetch(&rig, &body, "<n@x.example>");
    }
    rig_pass(&rig, way == WAY_CANCEL_LATE ? 60 : 15);
    if (way != WAY_FREE) {
        struct outcome *all[] = {&post, &stat, &body};

        for (size_t i = 0; i < 3; i++) {
            if (all[i]->calls == 0) {
                news_cancel(all[i]->op);
                all[i]->calls = -1;
            }
        }
        memset(article, 'z', BODY); /* the views are ours again */
        rig_pass(&rig, 20);
        assert_true(post.calls != 0 && stat.calls != 0 && body.calls != 0);
        assert_true(post.calls <= 1 && stat.calls <= 1 && body.calls <= 1);
    }
    buf_clear(&body.body);
    rig_clear(&rig);
    free(article);
    mini_stop(mini);
    free(mini);
}

static void cancel_and_free_in_each_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        for (enum way way = 0; way < WAYS; way++) {
            leave_in_state(&states[i], RIG_ONE_THREAD, way);
            leave_in_state(&states[i], RIG_TWO_THREADS, way);
        }
    }
}

/* A cancelled read leaves its connection in step: the next answers are right. */
static void others_live_on_after_a_cancel(void **state)
{
    struct news_settings settings = rig_settings();
    struct mini *mini = rig_mini(serve, 1);
    struct outcome outcomes[30];
    struct rig rig;
    char id[64];

    (void)state;
    for (size_t i = 0; i < 30; i++) {
        rig_id_of(i, id);
        mini_put(mini, id, id, strlen(id));
        mini_put(mini, id, "\r\n", 2);
    }
    rig_init(&rig, RIG_TWO_THREADS, &settings);
    rig_use(&rig, mini, 1);
    for (size_t i = 0; i < 30; i++) {
        rig_id_of(i, id);
        rig_stat(&rig, &outcomes[i], id);
    }
    rig_pass(&rig, 1);
    for (size_t i = 0; i < 30; i += 2) {
        if (outcomes[i].calls == 0) {
            news_cancel(outcomes[i].op);
            rig.pending--;
        }
    }
    rig_run(&rig);
    for (size_t i = 1; i < 30; i += 2) {
        assert_int_equal(outcomes[i].result.err, OK);
    }
    rig_clear(&rig);
    rig_mini_stop(mini);
}

static void free_inside_done(void *arg, const struct news_result *result)
{
    struct outcome *outcome = arg;

    (void)result;
    news_free(outcome->rig->news);
    outcome->rig->news = NULL;
    loop_stop(outcome->rig->home);
}

static void free_in_done(enum rig_threads threads)
{
    struct news_settings settings = rig_settings();
    struct mini *mini = rig_mini(serve, 1);
    struct article_id id = {"<n@x.example>"};
    struct rig rig;
    struct outcome first = {.rig = &rig};

    rig_init(&rig, threads, &settings);
    rig_use(&rig, mini, 1);
    assert_int_equal(news_stat_start(rig.news, &id, free_inside_done, &first, &first.op), OK);
    for (int i = 0; i < 5; i++) {
        struct outcome never = {0};

        assert_int_equal(news_stat_start(rig.news, &id, rig_done, &never, &never.op), OK);
    }
    loop_timer_set(rig.guard, RIG_GUARD_MS);
    loop_run(rig.home);
    assert_null(rig.news);
    assert_false(rig.late);
    rig_clear(&rig);
    rig_mini_stop(mini);
}

static void free_is_allowed_inside_done(void **state)
{
    (void)state;
    free_in_done(RIG_ONE_THREAD);
    free_in_done(RIG_TWO_THREADS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cancel_and_free_in_each_state),
        cmocka_unit_test(others_live_on_after_a_cancel),
        cmocka_unit_test(free_is_allowed_inside_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
