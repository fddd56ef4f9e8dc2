/* One request against a server that plays a script: what goes wrong, and what must come of it. Each
 * row runs with home and net on one thread and on two. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum ask { ASK_POST, ASK_STAT, ASK_BODY };

static const char yes[] = "a yes";

struct row {
    const char *name;
    enum ask ask;
    const char *scripts[4]; /* for the connections in turn; the last one again and again */
    enum err err;
    unsigned tries;        /* how often it was asked; 0: not checked */
    const char *duplicate; /* yes, or NULL */
    const char *changed;   /* the id it became, or NULL */
    const char *text;      /* stands in the server's last words */
    const char *user;      /* log in as this */
};

#define ARTICLE "hello\n< POST\n> 340 go\narticle\n"
#define LOGIN "hello\n< AUTHINFO USER joe\n> 381 more\n< AUTHINFO PASS secret\n"
#define SERVE "hello\nserve"

static const struct row rows[] = {
    /* all is well */
    {"post", ASK_POST, {SERVE}, OK, 1, NULL, NULL, "240", NULL},
    {"stat", ASK_STAT, {SERVE}, OK, 1, NULL, NULL, "", NULL},
    {"body", ASK_BODY, {SERVE}, OK, 1, NULL, NULL, "", NULL},
    {"login", ASK_POST, {LOGIN "> 281 in\nserve"}, OK, 1, NULL, NULL, "240", "joe"},
    {"login without a password", ASK_POST, {"hello\n< AUTHINFO USER joe\n> 281 in\nserve"}, OK, 1,
        NULL, NULL, "240", "joe"},
    {"the greeting says no posting", ASK_POST,
        {"> 201 no posting\n< MODE READER\n> 201 no posting\nserve"}, OK, 1, NULL, NULL, "240",
        NULL},
    {"MODE READER is not known", ASK_POST, {"> 200 hi\n< MODE READER\n> 500 what\nserve"}, OK, 1,
        NULL, NULL, "240", NULL},
    {"MODE READER wants a login first", ASK_POST,
        {"> 200 hi\n< MODE READER\n> 480 login\n< AUTHINFO USER joe\n> 381 more\n"
         "< AUTHINFO PASS secret\n> 281 in\n< MODE READER\n> 200 ok\nserve"},
        OK, 1, NULL, NULL, "240", "joe"},

    /* the connection breaks */
    {"lost before the greeting", ASK_POST, {"close", SERVE}, OK, 1, NULL, NULL, "240", NULL},
    {"lost before 340", ASK_POST, {"hello\n< POST\nclose", SERVE}, OK, 2, NULL, NULL, "240", NULL},
    {"reset before 340", ASK_POST, {"hello\n< POST\nreset", SERVE}, OK, 2, NULL, NULL, "240", NULL},
    {"lost inside the article", ASK_POST, {"hello\n< POST\n> 340 go\nsome 90000\nreset", SERVE}, OK,
        2, NULL, NULL, "240", NULL},
    {"lost after the article, which is there", ASK_POST, {ARTICLE "store\nclose", SERVE}, OK, 2,
        yes, NULL, "441 435", NULL},
    {"lost after the article, which is not there", ASK_POST, {ARTICLE "close", SERVE}, OK, 2, NULL,
        NULL, "240", NULL},
    {"lost each time", ASK_POST, {ARTICLE "close"}, ERR_CONNECTION_LOST, 4, NULL, NULL, NULL, NULL},
    {"lost at each stat", ASK_STAT, {"hello\n< STAT\nclose"}, ERR_CONNECTION_LOST, 4, NULL, NULL,
        NULL, NULL},
    {"lost inside a body", ASK_BODY,
        {"hello\n< BODY\n> 222 0 <there@x.example>\n! abc\nclose", SERVE}, OK, 2, NULL, NULL, "",
        NULL},

    /* silence at each state */
    {"silence: greeting", ASK_POST, {"stall", SERVE}, OK, 1, NULL, NULL, "240", NULL},
    {"silence: MODE READER", ASK_POST, {"> 200 hi\n< MODE READER\nstall", SERVE}, OK, 1, NULL, NULL,
        "240", NULL},
    {"silence: user", ASK_POST, {"hello\n< AUTHINFO USER\nstall", LOGIN "> 281 in\nserve"}, OK, 1,
        NULL, NULL, "240", "joe"},
    {"silence: password", ASK_POST, {LOGIN "stall", LOGIN "> 281 in\nserve"}, OK, 1, NULL, NULL,
        "240", "joe"},
    {"silence: 340", ASK_POST, {"hello\n< POST\nstall", SERVE}, OK, 2, NULL, NULL, "240", NULL},
    {"silence: 240", ASK_POST, {ARTICLE "store\nstall", SERVE}, OK, 2, yes, NULL, "441", NULL},
    {"silence: stat", ASK_STAT, {"hello\n< STAT\nstall", SERVE}, OK, 2, NULL, NULL, "", NULL},
    {"silence inside a body", ASK_BODY,
        {"hello\n< BODY\n> 222 0 <there@x.example>\n! abc\nstall", SERVE}, OK, 2, NULL, NULL, "",
        NULL},
    {"silence but for some octets of a body", ASK_BODY,
        {"hello\n< BODY\n> 222 0 <there@x.example>\n! l\npause 250\n! i\npause 250\n! n\npause "
         "250\n"
         "> e\n> ..dots\n> .",
            SERVE},
        OK, 2, NULL, NULL, "", NULL},
    {"silence for ever: greeting", ASK_POST, {"stall"}, ERR_TIMEOUT, 0, NULL, NULL, NULL, NULL},
    {"silence for ever: 240", ASK_POST, {ARTICLE "stall"}, ERR_TIMEOUT, 4, NULL, NULL, NULL, NULL},

    /* what the server says to an article */
    {"240 with our id", ASK_POST, {ARTICLE "> 240 <new@x.example>\nserve"}, OK, 1, NULL, NULL,
        "240", NULL},
    {"240 with another id", ASK_POST, {ARTICLE "> 240 <other@y.example> ok\nserve"}, OK, 1, NULL,
        "<other@y.example>", "240", NULL},
    {"441 duplicate at once", ASK_POST, {ARTICLE "> 441 435 already exists\nserve"}, OK, 1, yes,
        NULL, "441", NULL},
    {"441 opaque, then taken", ASK_POST, {ARTICLE "> 441 refused E3\nstall", SERVE}, OK, 2, NULL,
        NULL, "240", NULL},
    {"441 opaque twice", ASK_POST, {ARTICLE "> 441 refused E3\nstall"}, ERR_REJECTED, 2, NULL, NULL,
        "441 refused E3", NULL},
    {"441 too big", ASK_POST, {ARTICLE "> 441 437 too big\nstall"}, ERR_TOO_BIG, 2, NULL, NULL,
        "too big", NULL},
    {"440 later, then taken", ASK_POST, {"hello\n< POST\n> 440 Retry later\nserve"}, OK, 2, NULL,
        NULL, "240", NULL},
    {"440 later for ever", ASK_POST,
        {"hello\n< POST\n> 440 Retry later\n< POST\n> 440 Retry later\n< POST\n> 440 Retry later\n"
         "< POST\n> 440 Retry later\nstall"},
        ERR_POSTING_DENIED, 4, NULL, NULL, "Retry later", NULL},
    {"440 posting not permitted", ASK_POST,
        {"hello\n< POST\n> 440 Posting not permitted\n< POST\n> 440 Posting not permitted\nserve"},
        ERR_POSTING_DENIED, 2, NULL, NULL, "440 Posting not permitted", NULL},
    {"441 while the article is coming", ASK_POST,
        {"hello\n< POST\n> 340 go\nsome 100\n> 441 437 too big\nstall"}, ERR_TOO_BIG, 2, NULL, NULL,
        "too big", NULL},
    {"400 instead of 240", ASK_POST, {ARTICLE "store\n> 400 going down\nclose", SERVE}, OK, 2, yes,
        NULL, "441", NULL},
    {"a word that is none", ASK_POST, {ARTICLE "> 299 what\nstall", SERVE}, OK, 2, NULL, NULL,
        "240", NULL},

    /* logins */
    {"480 to POST", ASK_POST,
        {"hello\n< AUTHINFO USER\n> 281 in\n< POST\n> 480 again\n< AUTHINFO USER joe\n> 281 "
         "in\nserve"},
        OK, 2, NULL, NULL, "240", "joe"},
    {"480 to STAT", ASK_STAT,
        {"hello\n< AUTHINFO USER\n> 281 in\n< STAT\n> 480 again\n< AUTHINFO USER joe\n> 381 more\n"
         "< AUTHINFO PASS secret\n> 281 in\nserve"},
        OK, 2, NULL, NULL, "", "joe"},
    {"480 for ever", ASK_STAT,
        {"hello\n< AUTHINFO USER\n> 281 in\n< STAT\n> 480 a\n< AUTHINFO USER\n> 281 in\n< STAT\n> "
         "480 a\n"
         "< AUTHINFO USER\n> 281 in\n< STAT\n> 480 a\n< AUTHINFO USER\n> 281 in\n< STAT\n> 480 "
         "a\nstall"},
        ERR_LOGIN_NEEDED, 0, NULL, NULL, NULL, "joe"},
    {"480 and we have no name", ASK_POST, {"hello\n< POST\n> 480 login\nstall"}, ERR_LOGIN_NEEDED,
        1, NULL, NULL, NULL, NULL},
    {"bad password", ASK_POST, {LOGIN "> 481 wrong password, joe\nclose"}, ERR_LOGIN, 0, NULL, NULL,
        "481 wrong password, joe", "joe"},
    {"bad name", ASK_STAT, {"hello\n< AUTHINFO USER\n> 481 who\nclose"}, ERR_LOGIN, 0, NULL, NULL,
        "481 who", "joe"},
    {"account expired", ASK_BODY, {LOGIN "> 502 account expired\nclose"}, ERR_ACCOUNT, 0, NULL,
        NULL, "expired", "joe"},
    {"no AUTHINFO", ASK_BODY, {"hello\n< AUTHINFO USER\n> 500 what\nclose"}, ERR_LOGIN, 0, NULL,
        NULL, "500 what", "joe"},

    /* the session */
    {"400 to the greeting, then up", ASK_POST, {"> 400 busy\nclose", SERVE}, OK, 1, NULL, NULL,
        "240", NULL},
    {"400 for ever", ASK_POST, {"> 400 busy\nclose"}, ERR_SERVER_BUSY, 0, NULL, NULL, "400 busy",
        NULL},
    {"too many in the greeting", ASK_POST, {"> 502 too many connections\nclose", SERVE}, OK, 1,
        NULL, NULL, "240", NULL},
    {"too many for ever", ASK_STAT, {"> 400 connection limit (3) reached\nclose"},
        ERR_TOO_MANY_CONNECTIONS, 0, NULL, NULL, "limit (3)", NULL},
    {"too many at the login", ASK_POST,
        {LOGIN "> 482 connection limit exceeded\nclose", LOGIN "> 281 in\nserve"}, OK, 1, NULL,
        NULL, "240", "joe"},
    {"too many at the login as 481", ASK_POST,
        {LOGIN "> 481 too many connections\nclose", LOGIN "> 281 in\nserve"}, OK, 1, NULL, NULL,
        "240", "joe"},
    {"too many to a command", ASK_STAT, {"hello\n< STAT\n> 502 too many connections\nclose", SERVE},
        OK, 2, NULL, NULL, "", NULL},
    {"max connect time", ASK_STAT, {"hello\n< STAT\n> 500 Max connect time exceeded\nclose", SERVE},
        OK, 2, NULL, NULL, "", NULL},
    {"an unasked line", ASK_POST, {"> 200 hi\n< MODE READER\n> 200 ok\n> 299 hey\nstall", SERVE},
        OK, 0, NULL, NULL, "240", NULL},
    {"an answer to something else", ASK_STAT,
        {"hello\n< STAT\n> 221 0 <there@x.example>\nstall", SERVE}, OK, 2, NULL, NULL, "", NULL},
    {"an answer about another id", ASK_STAT,
        {"hello\n< STAT\n> 223 0 <else@x.example>\nstall", SERVE}, OK, 2, NULL, NULL, "", NULL},
    {"an answer in capitals", ASK_STAT, {"hello\n< STAT\n> 223 0 <THERE@X.EXAMPLE>\nstall"}, OK, 1,
        NULL, NULL, "", NULL},
    {"a body that never ends", ASK_BODY, {"hello\n< BODY\n> 222 0 <there@x.example>\nlong 4000000"},
        ERR_TOO_LONG, 1, NULL, NULL, "", NULL},
    {"an overlong line", ASK_STAT, {"hello\n< STAT\nlong 9000\nstall", SERVE}, OK, 2, NULL, NULL,
        "", NULL},
    {"not NNTP", ASK_STAT, {"> SSH-2.0-OpenSSH_9\nstall"}, ERR_PROTOCOL, 0, NULL, NULL, NULL, NULL},
    {"a server that talks terminal", ASK_POST, {ARTICLE "> 441 \x1b[31mno\x07\xff\nstall"},
        ERR_REJECTED, 2, NULL, NULL, "441 ?[31mno??", NULL},

    /* not there */
    {"stat 430", ASK_STAT, {"hello\n< STAT\n> 430 no\nserve"}, ERR_NO_ARTICLE, 1, NULL, NULL,
        "430 no", NULL},
    {"stat 423", ASK_STAT, {"hello\n< STAT\n> 423 no\nserve"}, ERR_NO_ARTICLE, 1, NULL, NULL, "423",
        NULL},
    {"body 420", ASK_BODY, {"hello\n< BODY\n> 420 no\nserve"}, ERR_NO_ARTICLE, 1, NULL, NULL, "420",
        NULL},
    {"body 451", ASK_BODY, {"hello\n< BODY\n> 451 removed\nserve"}, ERR_NO_ARTICLE, 1, NULL, NULL,
        "451", NULL},
    {"stat 412: group first", ASK_STAT,
        {"hello\n< STAT\n> 412 no group\n< GROUP alt.binaries.test\n> 211 0 0 0 x\nserve"}, OK, 2,
        NULL, NULL, "", NULL},
    {"stat 503 is unknown, not missing", ASK_STAT, {"hello\n< STAT\n> 503 later\nserve"}, OK, 2,
        NULL, NULL, "", NULL},
};

static const char there[] = "line\r\n..dots\r\n";

static void ask(struct rig *rig, const struct row *row, struct outcome *outcome, struct bytes body)
{
    if (row->ask == ASK_POST) {
        rig_post(rig, outcome, "<new@x.example>", body);
    } else if (row->ask == ASK_STAT) {
        rig_stat(rig, outcome, "<there@x.example>");
    } else {
        rig_fetch(rig, outcome, "<there@x.example>");
    }
}

static void check(const struct row *row, const struct outcome *outcome)
{
    const struct news_result *result = &outcome->result;

    assert_int_equal(outcome->calls, 1);
    assert_string_equal(err_name(result->err), err_name(row->err));
    if (row->tries != 0) {
        assert_int_equal(result->tries, row->tries);
    }
    assert_int_equal(result->duplicate, row->duplicate != NULL);
    assert_int_equal(result->id_changed, row->changed != NULL);
    if (row->changed != NULL) {
        assert_string_equal(result->id.text, row->changed);
    }
    if (row->text != NULL && strstr(outcome->text, row->text) == NULL) {
        fail_msg("\"%s\" is not in the words \"%s\"", row->text, outcome->text);
    }
    if (row->ask == ASK_BODY && row->err == OK) {
        assert_int_equal(outcome->body.len, sizeof there - 1);
        assert_memory_equal(outcome->body.ptr, there, sizeof there - 1);
    }
}

static void play(const struct row *row, enum rig_threads threads, struct bytes body)
{
    struct mini *mini = calloc(1, sizeof *mini);
    struct news_settings settings = rig_settings();
    struct news_provider provider;
    struct outcome outcome;
    struct rig rig;
    size_t scripts = 0;

    while (scripts < 4 && row->scripts[scripts] != NULL) {
        scripts++;
    }
    mini_start(mini, row->scripts, scripts);
    mini_put(mini, "<there@x.example>", there, sizeof there - 1);
    if (strncmp(row->name, "silence", 7) == 0) {
        rig_hurry(&settings);
        body = bytes_at(body.ptr + body.len - 2600, 2600); /* must be gone before 400 ms are */
    }
    rig_init(&rig, threads, &settings);
    provider = rig_provider(mini, 2);
    provider.user = row->user;
    provider.password = "secret";
    assert_int_equal(news_set_providers(rig.news, &provider, 1), OK);
    ask(&rig, row, &outcome, body);
    rig_run(&rig);
    check(row, &outcome);
    buf_clear(&outcome.body);
    rig_clear(&rig);
    assert_string_equal(mini->wrong, "");
    mini_stop(mini);
    free(mini);
}

static void rows_hold(void **state)
{
    enum { BODY = 800000 };
    uint8_t *body = malloc(BODY);

    (void)state;
    memset(body, 'b', BODY);
    for (size_t i = 128; i + 1 < BODY; i += 130) {
        memcpy(body + i, "\r\n", 2);
    }
    memcpy(body + BODY - 2, "\r\n", 2);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s\n", rows[i].name);
        play(&rows[i], RIG_ONE_THREAD, bytes_at(body, BODY));
        play(&rows[i], RIG_TWO_THREADS, bytes_at(body, BODY));
    }
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_hold)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
