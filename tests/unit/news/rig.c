/* The pool between its loops, for tests. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct news_settings rig_settings(void)
{
    struct news_settings settings;

    news_settings_default(&settings);
    settings.greeting_ms = 20000; /* a busy machine is not a silent server */
    settings.reply_ms = 20000;
    settings.progress_ms = 20000;
    settings.slowest_rate = 0;
    settings.connect_ms = 1000;
    settings.reconnect_min_ms = 5;
    settings.reconnect_max_ms = 40;
    settings.limit_probe_ms = 30;
    settings.retry_ms = 5;
    settings.tries = 4;
    settings.connect_failures = 3;
    return settings;
}

void rig_hurry(struct news_settings *settings)
{
    settings->greeting_ms = 400;
    settings->reply_ms = 400;
    settings->progress_ms = 400;
    settings->slowest_rate = 100000000;
}

static void on_late(void *arg)
{
    struct rig *rig = arg;

    rig->late = true;
    loop_stop(rig->home);
}

void rig_init(struct rig *rig, enum rig_threads threads, const struct news_settings *settings)
{
    *rig = (struct rig){0};
    assert_int_equal(loop_new(&rig->home), OK);
    rig->net = rig->home;
    if (threads == RIG_TWO_THREADS) {
        assert_int_equal(loop_new(&rig->net), OK);
        assert_int_equal(loop_thread_start(rig->net, "net"), OK);
    }
    assert_int_equal(loop_timer_new(rig->home, on_late, rig, &rig->guard), OK);
    assert_int_equal(news_new(rig->home, rig->net, settings, &rig->news), OK);
}

void rig_clear(struct rig *rig)
{
    news_free(rig->news);
    loop_timer_free(rig->guard);
    if (rig->net != rig->home) {
        loop_thread_join(rig->net);
        loop_free(rig->net);
    }
    loop_free(rig->home);
}

struct news_provider rig_provider(const struct mini *mini, unsigned connections)
{
    return (struct news_provider){
        .name = "mini",
        .host = "127.0.0.1",
        .port = mini->port,
        .group = "alt.binaries.test",
        .connections = connections,
    };
}

void rig_use(struct rig *rig, const struct mini *mini, unsigned connections)
{
    struct news_provider provider = rig_provider(mini, connections);

    assert_int_equal(news_set_providers(rig->news, &provider, 1), OK);
}

void rig_run(struct rig *rig)
{
    if (rig->pending == 0) {
        return;
    }
    loop_timer_set(rig->guard, RIG_GUARD_MS);
    loop_run(rig->home);
    loop_timer_stop(rig->guard);
    assert_false(rig->late);
}

void rig_pass(struct rig *rig, uint64_t ms)
{
    loop_timer_set(rig->guard, ms);
    rig->pending++; /* so that no done stops the loop */
    loop_run(rig->home);
    rig->pending--;
    rig->late = false;
}

void rig_done(void *arg, const struct news_result *result)
{
    struct outcome *outcome = arg;

    outcome->calls++;
    outcome->turn = ++outcome->rig->turns;
    outcome->result = *result;
    snprintf(outcome->text, sizeof outcome->text, "%s", result->text);
    if (--outcome->rig->pending == 0) {
        loop_stop(outcome->rig->home);
    }
}

static void on_body(void *arg, const struct news_result *result, struct buf *body)
{
    struct outcome *outcome = arg;

    outcome->body = *body;
    *body = (struct buf){0};
    rig_done(arg, result);
}

static struct article_id id_at(const char *text)
{
    struct article_id id = {0};

    snprintf(id.text, sizeof id.text, "%s", text);
    return id;
}

void rig_post(struct rig *rig, struct outcome *outcome, const char *id, struct bytes body)
{
    struct news_article article = {
        .id = id_at(id),
        .from = "a <a@b.example>",
        .subject = "subject",
        .body = body,
    };

    *outcome = (struct outcome){.rig = rig};
    rig->pending++;
    assert_int_equal(news_post_start(rig->news, &article, rig_done, outcome, &outcome->op), OK);
    assert_int_equal(outcome->calls, 0);
}

void rig_stat(struct rig *rig, struct outcome *outcome, const char *id)
{
    struct article_id article = id_at(id);

    *outcome = (struct outcome){.rig = rig};
    rig->pending++;
    assert_int_equal(news_stat_start(rig->news, &article, rig_done, outcome, &outcome->op), OK);
}

void rig_fetch(struct rig *rig, struct outcome *outcome, const char *id)
{
    struct article_id article = id_at(id);

    *outcome = (struct outcome){.rig = rig};
    rig->pending++;
    assert_int_equal(news_fetch_start(rig->news, &article, on_body, outcome, &outcome->op), OK);
}

void rig_fetch_by(struct rig *rig, struct outcome *outcome, const struct news_question *question)
{
    *outcome = (struct outcome){.rig = rig};
    rig->pending++;
    assert_int_equal(news_fetch_by(rig->news, question, on_body, outcome, &outcome->op), OK);
}

struct mini *rig_mini(const char *const *scripts, size_t count)
{
    struct mini *mini = calloc(1, sizeof *mini);

    mini_start(mini, scripts, count);
    return mini;
}

void rig_mini_stop(struct mini *mini)
{
    assert_string_equal(mini->wrong, "");
    mini_stop(mini);
    free(mini);
}

void rig_id_of(size_t i, char id[64])
{
    snprintf(id, 64, "<n%zu@x.example>", i);
}
