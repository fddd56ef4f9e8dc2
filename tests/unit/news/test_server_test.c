/* `server test` against servers that play scripts: the verdict of every step, and its sentence. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/news/news_test.h"

#define LOGIN "hello\n< AUTHINFO USER joe\n> 381 more\n< AUTHINFO PASS secret\n"
#define GROUP "hello\n< GROUP alt.binaries.test\n> 211 0 0 0 x\n"
#define POSTED GROUP "< POST\n> 340 go\narticle\nstore\n> 240 <new@x.example>\n"

struct row {
    const char *name;
    const char *script;
    const char *verdicts; /* a letter a step: Good Warn Bad Skipped */
    enum err err;
    const char *says; /* stands in some sentence */
    const char *user;
};

/* steps: DNS connect TLS greeting login group post id STAT BODY head trip */
static const struct row rows[] = {
    {"all is well", "hello\nserve", "GGSGSGGGGGGG", OK, "accepted in", NULL},
    {"all is well, with a login", "hello\nserve", "GGWGGGGGGGGG", OK, "password are right", "joe"},
    {"no hello", "stall", "GGSBSSSSSSSS", ERR_TIMEOUT, "does not speak like a news server", NULL},
    {"something else", "> HTTP/1.1 400 no", "GGSBSSSSSSSS", ERR_PROTOCOL, "does not speak", NULL},
    {"closed at once", "close", "GGSBSSSSSSSS", ERR_CONNECTION_LOST, "connection was lost", NULL},
    {"full", "> 400 too many users\nclose", "GGSBSSSSSSSS", ERR_TOO_MANY_CONNECTIONS,
        "let us in now: 400 too many users", NULL},
    {"wrong password", LOGIN "> 481 no, joe\nclose", "GGWGBSSSSSSS", ERR_LOGIN,
        "refused the user name or password: 481 no, joe", "joe"},
    {"account expired", LOGIN "> 502 account expired\nclose", "GGWGBSSSSSSS", ERR_ACCOUNT,
        "502 account expired", "joe"},
    {"login needed", "hello\n< GROUP\n> 480 login first\nclose", "GGSGSBSSSSSS", ERR_LOGIN_NEEDED,
        "asks for a user name and password", NULL},
    {"no such group", "hello\n< GROUP\n> 411 no\nclose", "GGSGSBSSSSSS", ERR_NO_GROUP,
        "has no newsgroup alt.binaries.test", NULL},
    {"no posting", GROUP "< POST\n> 440 no posting\nclose", "GGSGSGBSSSSS", ERR_POSTING_DENIED,
        "may not post: 440 no posting", NULL},
    {"too big", GROUP "< POST\n> 340 go\narticle\n> 441 437 too big\nclose", "GGSGSGBSSSSS",
        ERR_TOO_BIG, "takes only smaller articles", NULL},
    {"refused", GROUP "< POST\n> 340 go\narticle\n> 441 spam\nclose", "GGSGSGBSSSSS", ERR_REJECTED,
        "refused an article: 441 spam", NULL},
    {"gone while posting", GROUP "< POST\n> 340 go\nsome 1000\nreset", "GGSGSGBSSSSS",
        ERR_CONNECTION_LOST, "The test stopped here", NULL},
    {"another id",
        GROUP
        "< POST\n> 340 go\narticle\nstore\n> 240 <o@y.example>\n< STAT <o@y.example>\n> 223 0 "
        "<o@y.example>\n< STAT\n> 430 no\n< BODY\n> 222 0 <o@y.example>\n! body\n> \n> .\nserve",
        "GGSGSGGBGBSG", ERR_ID_CHANGED, "under another Message-ID", NULL},
    {"STAT says yes to all", POSTED "< STAT\n> 223 0 x\n< STAT\n> 223 0 x\nserve", "GGSGSGGGWGGG",
        OK, "never was", NULL},
    {"STAT needs a while", POSTED "< STAT\n> 430 no\n< STAT\n> 430 no\nserve", "GGSGSGGGGGGG", OK,
        "STAT sees the article", NULL},
    {"STAT never sees it",
        POSTED "< STAT\n> 430 no\n< STAT\n> 430 no\n< STAT\n> 430 no\n< STAT\n> 430 no\nserve",
        "GGSGSGGGWGGG", OK, "does not see the article yet", NULL},
    {"BODY needs a while", POSTED "< STAT\n> 223 0 x\n< STAT\n> 430 no\n< BODY\n> 430 no\nserve",
        "GGSGSGGGGGGG", OK, "the same bytes back", NULL},
    {"no BODY",
        POSTED "< STAT\n> 223 0 x\n< STAT\n> 430 no\n< BODY\n> 430 no\n< BODY\n> 430 no\n"
               "< BODY\n> 430 no\n< BODY\n> 430 no\nserve",
        "GGSGSGGGGBSS", ERR_NO_ARTICLE, "does not give it back", NULL},
    {"another BODY",
        POSTED "< STAT\n> 223 0 x\n< STAT\n> 430 no\n< BODY\n> 222 0 x\n> other\n> .\nserve",
        "GGSGSGGGGBGG", ERR_BAD_CRC, "other bytes back", NULL},
    {"a short BODY",
        POSTED "< STAT\n> 223 0 x\n< STAT\n> 430 no\n< BODY\n> 222 0 x\n> bbbb\n> .\nserve",
        "GGSGSGGGGBGG", ERR_BAD_CRC, "other bytes back", NULL},
    {"tells on us",
        POSTED "< STAT\n> 223 0 x\n< STAT\n> 430 no\n< BODY\n> 222 0 x\n> other\n> .\n"
               "< HEAD\n> 221 0 x\n> Path: a\n> Date: b\n> nntp-posting-HOST: me\n>  Folded: no\n"
               "> no colon\n> .\nserve",
        "GGSGSGGGGBWG", ERR_BAD_CRC, "may tell who posted it: Path nntp-posting-HOST.", NULL},
    {"no DATE",
        POSTED "< STAT\n> 223 0 x\n< STAT\n> 430 no\n< BODY\n> 222 0 x\n> other\n> .\n"
               "< HEAD\n> 430 no\n< DATE\n> 500 what\nstall",
        "GGSGSGGGGBSS", ERR_BAD_CRC, "does not answer DATE", NULL},
};

struct seen {
    struct loop *loop;
    struct loop_timer *guard;
    char verdicts[NEWS_TEST_STEPS + 1];
    unsigned count;
    char text[8192];
    int ends;
    enum err err;
    struct news_facts facts;
    struct news_test *test;
    unsigned cancel_at; /* cancel when so many rows came; 0: never */
    enum { PATIENT, HASTY } patience;
};

static void on_row(
    void *arg, enum news_test_step step, enum news_test_verdict verdict, const char *text)
{
    struct seen *seen = arg;
    size_t len = strlen(seen->text);

    assert_int_equal(step, seen->count);
    assert_true(strlen(news_test_step_name(step)) > 0);
    assert_true(strlen(text) > 0);
    seen->verdicts[seen->count++] = "GWBS"[verdict];
    snprintf(seen->text + len, sizeof seen->text - len, "%s\n", text);
    if (seen->count == seen->cancel_at) {
        news_test_cancel(seen->test);
        loop_stop(seen->loop);
    }
}

static void on_done(void *arg, enum err err, const struct news_facts *facts)
{
    struct seen *seen = arg;

    seen->facts = *facts;
    seen->ends++;
    seen->err = err;
    loop_stop(seen->loop);
}

static void on_late(void *arg)
{
    struct seen *seen = arg;

    seen->ends = -1;
    loop_stop(seen->loop);
}

static void run(struct seen *seen, const struct news_provider *provider)
{
    struct news_settings settings = rig_settings();
    char body[40000];
    struct news_article article = {
        .id = {"<new@x.example>"}, .from = "a <a@b.example>", .subject = "s"};

    if (seen->patience == HASTY) {
        rig_hurry(&settings);
    }
    memset(body, 'b', sizeof body);
    memcpy(body + sizeof body - 2, "\r\n", 2);
    article.body = bytes_at(body, sizeof body);
    assert_int_equal(loop_new(&seen->loop), OK);
    assert_int_equal(loop_timer_new(seen->loop, on_late, seen, &seen->guard), OK);
    loop_timer_set(seen->guard, RIG_GUARD_MS);
    assert_int_equal(news_test_start(seen->loop, provider, &article, &settings, on_row, on_done,
                         seen, &seen->test),
        OK);
    assert_int_equal(seen->count, 0);
    loop_run(seen->loop);
    loop_timer_free(seen->guard);
    loop_free(seen->loop);
}

static void rows_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mini *mini = calloc(1, sizeof *mini);
        struct news_provider provider;
        struct seen seen = {0};

        print_message("%s\n", rows[i].name);
        mini_start(mini, &rows[i].script, 1);
        provider = rig_provider(mini, 1);
        provider.user = rows[i].user;
        provider.password = "secret";
        seen.patience = strcmp(rows[i].script, "stall") == 0 ? HASTY : PATIENT;
        run(&seen, &provider);
        assert_int_equal(seen.ends, 1);
        assert_string_equal(seen.verdicts, rows[i].verdicts);
        assert_string_equal(err_name(seen.err), err_name(rows[i].err));
        if (strstr(seen.text, rows[i].says) == NULL) {
            fail_msg("\"%s\" is not in:\n%s", rows[i].says, seen.text);
        }
        assert_string_equal(mini->wrong, "");
        mini_stop(mini);
        free(mini);
    }
}

/* What is kept of a test. */
static const struct {
    const char *script;
    struct news_facts facts;
} fact_rows[] = {
    {"hello\nserve",
        {.posts = true, .stat = NEWS_STAT_TRUE, .headers = "Path X-Number", .round_trip_us = 1}},
    {POSTED "< STAT\n> 223 0 x\n< STAT\n> 223 0 x\nserve",
        {.posts = true, .stat = NEWS_STAT_LIES, .headers = "Path X-Number", .round_trip_us = 1}},
    {POSTED "< STAT\n> 430 no\n< STAT\n> 430 no\n< STAT\n> 430 no\n< STAT\n> 430 no\nserve",
        {.posts = true, .stat = NEWS_STAT_LATE, .headers = "Path X-Number", .round_trip_us = 1}},
    {GROUP "< POST\n> 340 go\narticle\n> 441 437 too big\nclose", {.too_small = true}},
    {GROUP "< POST\n> 340 go\narticle\nstore\n> 240 <o@y.example>\nclose",
        {.posts = true, .changes_ids = true}},
    {"close", {.posts = false}},
};

static void facts_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fact_rows / sizeof fact_rows[0]; i++) {
        const struct news_facts *want = &fact_rows[i].facts;
        struct mini *mini = calloc(1, sizeof *mini);
        struct news_provider provider;
        struct seen seen = {0};

        mini_start(mini, &fact_rows[i].script, 1);
        provider = rig_provider(mini, 1);
        run(&seen, &provider);
        assert_int_equal(seen.facts.posts, want->posts);
        assert_int_equal(seen.facts.too_small, want->too_small);
        assert_int_equal(seen.facts.changes_ids, want->changes_ids);
        assert_int_equal(seen.facts.stat, want->stat);
        assert_string_equal(seen.facts.headers, want->headers);
        assert_int_equal(seen.facts.round_trip_us > 0, want->round_trip_us > 0);
        mini_stop(mini);
        free(mini);
    }
}

static void the_way_there_is_judged(void **state)
{
    static const char *const script[] = {"hello\nserve"};
    struct mini *mini = calloc(1, sizeof *mini);
    struct news_provider provider;
    struct seen seen = {0};

    (void)state;
    mini_start(mini, script, 1);
    provider = rig_provider(mini, 1);
    provider.tls = NET_TLS; /* the server speaks none */
    run(&seen, &provider);
    assert_string_equal(seen.verdicts, "GGBSSSSSSSSS");
    assert_non_null(strstr(seen.text, "is this the port for TLS"));
    mini_stop(mini);

    provider.tls = NET_PLAIN; /* nobody listens there any more */
    seen = (struct seen){0};
    run(&seen, &provider);
    assert_string_equal(seen.verdicts, "GBSSSSSSSSSS");
    assert_int_equal(seen.err, ERR_CONNECT);
    assert_non_null(strstr(seen.text, "Nothing answers on port"));

    provider.host = "no-such-name.invalid";
    seen = (struct seen){0};
    run(&seen, &provider);
    assert_string_equal(seen.verdicts, "BSSSSSSSSSSS");
    assert_int_equal(seen.err, ERR_DNS);
    assert_non_null(
        strstr(seen.text, "The name no-such-name.invalid has no address: check the spelling"));
    free(mini);
}

static void cancel_at_each_row(void **state)
{
    static const char *const script[] = {"hello\nserve"};

    (void)state;
    for (unsigned at = 1; at <= NEWS_TEST_STEPS; at++) {
        struct mini *mini = calloc(1, sizeof *mini);
        struct news_provider provider;
        struct seen seen = {.cancel_at = at};

        mini_start(mini, script, 1);
        provider = rig_provider(mini, 1);
        run(&seen, &provider);
        assert_int_equal(seen.count, at);
        assert_int_equal(seen.ends, 0);
        mini_stop(mini);
        free(mini);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_hold),
        cmocka_unit_test(facts_are_told),
        cmocka_unit_test(the_way_there_is_judged),
        cmocka_unit_test(cancel_at_each_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
