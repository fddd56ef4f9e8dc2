/* `server test`: what is said to the server in turn, and what each answer tells a person. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "codec/nntp/nntp_article.h"
#include "codec/nntp/nntp_reply.h"
#include "io/news/news_backoff.h"
#include "io/news/news_headers.h"
#include "io/news/news_test_local.h"

enum { HEAD_MAX = 16 << 10 }; /* more of a head is not looked at */

/* What a server said, judged, and as words for a person. */
struct heard {
    int code;
    struct nntp_reply reply;
    char words[NEWS_TEXT_MAX];
};

struct talk_row {
    enum nntp_cmd cmd;
    enum news_test_step step;
    void (*heard)(struct news_test *test, const struct heard *heard);
};

static const struct talk_row *row_of(enum talk talk);

/* Saying */

static const char *argument(const struct news_test *test, enum talk talk)
{
    switch (talk) {
    case TALK_USER:
        return test->provider.user;
    case TALK_PASS:
        return test->provider.password;
    case TALK_GROUP:
        return test->provider.group != NULL ? test->provider.group : "";
    case TALK_STAT:
    case TALK_BODY:
    case TALK_HEAD:
        return test->id.text;
    case TALK_STAT_NEVER:
        return test->never.text;
    default:
        return "";
    }
}

static void ask(struct news_test *test, enum talk talk)
{
    const struct talk_row *row = row_of(talk);
    bool no_group = talk == TALK_GROUP && argument(test, talk)[0] == '\0';
    enum err err = news_wire_command(test->wire, row->cmd, bytes_str(argument(test, talk)));

    if (no_group) {
        news_test_fail(test, row->step, ERR_NO_GROUP, "No newsgroup is set to post to.");
        return;
    }
    if (err == ERR_BAD_REQUEST) {
        news_test_fail(test, row->step, err, "\"%.100s\" cannot be sent to a news server.",
            talk == TALK_PASS ? "the password" : argument(test, talk));
        return;
    }
    if (err != OK) {
        news_test_talk_lost(test, err);
        return;
    }
    test->talk = talk;
    test->asked_ns = clock_mono_ns();
    news_wire_expect(test->wire, row->cmd);
    news_wire_wait(test->wire, test->settings.reply_ms);
}

/* The same again after a pause, while there are tries. False: there are none. */
static bool ask_later(struct news_test *test)
{
    if (++test->tries >= test->settings.tries) {
        return false;
    }
    test->wait = backoff_next(test->wait, test->settings.retry_ms, test->settings.reconnect_max_ms);
    news_wire_wait(test->wire, 0);
    loop_timer_set(test->timer, test->wait);
    return true;
}

static void ask_anew(struct news_test *test, enum talk talk)
{
    test->tries = 0;
    test->wait = 0;
    ask(test, talk);
}

void news_test_talk_again(void *arg)
{
    struct news_test *test = arg;

    ask(test, test->talk);
}

/* Greeting and login */

static void say_greeting(struct news_test *test, const struct heard *heard)
{
    news_test_say(test, NEWS_TEST_GREETING, NEWS_TEST_GOOD, "It is a news server%s: %s",
        heard->reply.posting == NNTP_POSTING_NO ? " (no posting before the login)" : "",
        heard->words);
}

static void heard_greeting(struct news_test *test, const struct heard *heard)
{
    if (heard->reply.verdict != NNTP_DO_NEXT) {
        news_test_fail(test, NEWS_TEST_GREETING, heard->reply.err, "It does not let us in now: %s",
            heard->words);
        return;
    }
    say_greeting(test, heard);
    ask(test, TALK_MODE);
}

static void heard_mode(struct news_test *test, const struct heard *heard)
{
    enum nntp_verdict verdict = heard->reply.verdict;

    if (verdict != NNTP_DO_NEXT && verdict != NNTP_DO_REFUSE && verdict != NNTP_DO_LOGIN) {
        news_test_fail(test, NEWS_TEST_LOGIN, heard->reply.err,
            "It does not let us read or post: %s", heard->words);
    } else if (test->provider.user != NULL && test->provider.password != NULL) {
        ask(test, TALK_USER);
    } else {
        news_test_say(test, NEWS_TEST_LOGIN, NEWS_TEST_SKIPPED, "No user name is set.");
        ask(test, TALK_GROUP);
    }
}

static void heard_login(struct news_test *test, const struct heard *heard)
{
    if (heard->reply.verdict == NNTP_DO_NEXT) {
        news_test_say(
            test, NEWS_TEST_LOGIN, NEWS_TEST_GOOD, "The user name and password are right.");
        ask(test, TALK_GROUP);
    } else if (heard->reply.verdict == NNTP_DO_GO_ON && test->talk == TALK_USER) {
        ask(test, TALK_PASS);
    } else if (heard->reply.err == ERR_LOGIN) {
        news_test_fail(test, NEWS_TEST_LOGIN, ERR_LOGIN,
            "The server refused the user name or password: %s", heard->words);
    } else {
        news_test_fail(test, NEWS_TEST_LOGIN, heard->reply.err, "The login failed, because %s: %s",
            err_text(heard->reply.err), heard->words);
    }
}

static void heard_group(struct news_test *test, const struct heard *heard)
{
    if (heard->reply.verdict == NNTP_DO_NEXT) {
        news_test_say(test, NEWS_TEST_GROUP, NEWS_TEST_GOOD, "The newsgroup %s exists.",
            test->provider.group);
        ask(test, TALK_POST);
    } else if (heard->reply.err == ERR_NO_GROUP) {
        news_test_fail(test, NEWS_TEST_GROUP, ERR_NO_GROUP,
            "The server has no newsgroup %s: choose another one (%s).", test->provider.group,
            heard->words);
    } else if (heard->reply.verdict == NNTP_DO_LOGIN) {
        news_test_fail(test, NEWS_TEST_GROUP, ERR_LOGIN_NEEDED,
            "The server asks for a user name and password: %s", heard->words);
    } else {
        news_test_fail(test, NEWS_TEST_GROUP, heard->reply.err,
            "The newsgroup could not be opened, because %s: %s", err_text(heard->reply.err),
            heard->words);
    }
}

/* Posting */

static void fail_post(struct news_test *test, const struct heard *heard)
{
    switch (heard->reply.err) {
    case ERR_POSTING_DENIED:
    case ERR_LOGIN_NEEDED:
        news_test_fail(
            test, NEWS_TEST_POST, heard->reply.err, "This account may not post: %s", heard->words);
        break;
    case ERR_TOO_BIG:
        test->facts.too_small = true;
        news_test_fail(test, NEWS_TEST_POST, ERR_TOO_BIG,
            "The server takes only smaller articles than %zu bytes: %s", test->article->body.len,
            heard->words);
        break;
    default:
        news_test_fail(test, NEWS_TEST_POST, heard->reply.err, "The server refused an article: %s",
            heard->words);
    }
}

static void heard_post(struct news_test *test, const struct heard *heard)
{
    const struct news_article *article = test->article;
    struct nntp_head_fields fields = {
        .from = bytes_str(article->from),
        .newsgroups = bytes_str(test->provider.group),
        .subject = bytes_str(article->subject),
        .id = bytes_str(article->id.text),
        .date = clock_wall_ns() / 1000000000,
    };
    enum err err;

    if (heard->reply.verdict != NNTP_DO_GO_ON) {
        fail_post(test, heard);
        return;
    }
    err = nntp_article_head(&fields, &test->head);
    if (err == OK) {
        test->talk = TALK_ARTICLE;
        news_wire_expect(test->wire, NNTP_CMD_POST_DATA);
        news_wire_wait(test->wire, 0);
        news_wire_progress(test->wire, test->settings.progress_ms);
        err = news_wire_article(test->wire, buf_view(&test->head), article->body);
    }
    if (err != OK) {
        news_test_fail(
            test, NEWS_TEST_POST, err, "The article could not be sent: %s.", err_text(err));
    }
}

void news_test_talk_drain(struct news_test *test)
{
    if (test->talk == TALK_ARTICLE) {
        news_wire_progress(test->wire, 0);
        news_wire_wait(test->wire, news_wire_article_ms(&test->settings, test->article->body.len));
    }
}

static void say_id(struct news_test *test, const struct heard *heard)
{
    const char *ours = test->article->id.text;
    const char *theirs = heard->reply.id.text;

    test->id = test->article->id;
    if (theirs[0] == '\0' || strcmp(ours, theirs) == 0) {
        news_test_say(
            test, NEWS_TEST_ID, NEWS_TEST_GOOD, "The article kept the Message-ID that we gave it.");
        return;
    }
    test->id = heard->reply.id;
    test->facts.changes_ids = true;
    test->err = ERR_ID_CHANGED;
    news_test_say(test, NEWS_TEST_ID, NEWS_TEST_BAD,
        "The server took the article under another Message-ID; shares posted here could be found "
        "only by somebody who knows those, not by a link.");
}

static void heard_article(struct news_test *test, const struct heard *heard)
{
    uint64_t ms = (clock_mono_ns() - test->asked_ns) / 1000000;

    if (heard->reply.verdict != NNTP_DO_NEXT && heard->reply.verdict != NNTP_DO_DUPLICATE) {
        fail_post(test, heard);
        return;
    }
    test->facts.posts = true;
    news_test_say(test, NEWS_TEST_POST, NEWS_TEST_GOOD,
        "An article of %zu bytes was accepted in %llu ms.", test->article->body.len,
        (unsigned long long)ms);
    say_id(test, heard);
    test->never = test->id;
    test->never.text[1] = test->id.text[1] == 'x' ? 'y' : 'x';
    ask_anew(test, TALK_STAT);
}

/* Reading back */

static void heard_stat(struct news_test *test, const struct heard *heard)
{
    test->stat_saw = heard->reply.verdict == NNTP_DO_NEXT;
    if (test->stat_saw || !ask_later(test)) {
        ask_anew(test, TALK_STAT_NEVER);
    }
}

static void heard_stat_never(struct news_test *test, const struct heard *heard)
{
    test->facts.stat = heard->reply.verdict == NNTP_DO_NEXT ? NEWS_STAT_LIES
                       : test->stat_saw                     ? NEWS_STAT_TRUE
                                                            : NEWS_STAT_LATE;
    if (heard->reply.verdict == NNTP_DO_NEXT) {
        news_test_say(test, NEWS_TEST_STAT, NEWS_TEST_WARN,
            "STAT says yes to an article that never was: losses here are only seen by reading.");
    } else if (!test->stat_saw) {
        news_test_say(test, NEWS_TEST_STAT, NEWS_TEST_WARN,
            "STAT does not see the article yet: checking after a publish will take longer.");
    } else {
        news_test_say(test, NEWS_TEST_STAT, NEWS_TEST_GOOD,
            "STAT sees the article, and none that never was.");
    }
    ask_anew(test, TALK_BODY);
}

/* BODY was answered by no body, even after a while. */
static void heard_body(struct news_test *test, const struct heard *heard)
{
    if (heard->reply.verdict == NNTP_DO_NEXT || ask_later(test)) {
        return; /* the body comes, or it is asked for again */
    }
    news_test_fail(test, NEWS_TEST_BODY, ERR_NO_ARTICLE,
        "The server took the article but does not give it back: %s", heard->words);
}

void news_test_talk_data(struct news_test *test, struct bytes piece)
{
    struct bytes body = test->article->body;

    if (test->talk == TALK_HEAD) {
        if (test->seen_head.len + piece.len > HEAD_MAX ||
            buf_append(&test->seen_head, piece) != OK) {
            buf_clear(&test->seen_head);
        }
        return;
    }
    if (piece.len > body.len - test->body_at ||
        memcmp(body.ptr + test->body_at, piece.ptr, piece.len) != 0) {
        test->body_differs = true;
        return;
    }
    test->body_at += piece.len;
}

/* The head */

static void head_is_over(struct news_test *test)
{
    if (news_headers_note(buf_view(&test->seen_head), test->facts.headers)) {
        news_test_say(test, NEWS_TEST_HEAD, NEWS_TEST_WARN,
            "Into the head of an article it writes lines that may tell who posted it: %s.",
            test->facts.headers);
    } else {
        news_test_say(test, NEWS_TEST_HEAD, NEWS_TEST_GOOD,
            "Into the head of an article it writes: %s.",
            test->facts.headers[0] != '\0' ? test->facts.headers : "nothing");
    }
    ask(test, TALK_DATE);
}

/* HEAD was answered by no head: that is all there is to say. */
static void heard_head(struct news_test *test, const struct heard *heard)
{
    if (heard->reply.verdict != NNTP_DO_NEXT) {
        news_test_say(test, NEWS_TEST_HEAD, NEWS_TEST_SKIPPED,
            "Not looked at: the server does not answer HEAD (%s).", heard->words);
        ask(test, TALK_DATE);
    }
}

void news_test_talk_end(struct news_test *test)
{
    news_wire_progress(test->wire, 0);
    if (test->talk == TALK_HEAD) {
        head_is_over(test);
        return;
    }
    if (test->body_differs || test->body_at != test->article->body.len) {
        test->err = test->err == OK ? ERR_BAD_CRC : test->err;
        news_test_say(test, NEWS_TEST_BODY, NEWS_TEST_BAD,
            "BODY gives other bytes back than were posted: nothing posted here could be restored.");
    } else {
        news_test_say(test, NEWS_TEST_BODY, NEWS_TEST_GOOD, "BODY gives the same bytes back.");
    }
    ask(test, TALK_HEAD);
}

/* The round trip */

static int compare_trips(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void heard_date(struct news_test *test, const struct heard *heard)
{
    const size_t middle = ROUND_TRIPS / 2;

    if (heard->reply.verdict != NNTP_DO_NEXT) {
        news_test_say(test, NEWS_TEST_ROUND_TRIP, NEWS_TEST_SKIPPED,
            "Not measured: the server does not answer DATE (%s).", heard->words);
        news_test_end(test);
        return;
    }
    test->trips_ns[test->trips++] = clock_mono_ns() - test->asked_ns;
    if (test->trips < ROUND_TRIPS) {
        ask(test, TALK_DATE);
        return;
    }
    qsort(test->trips_ns, ROUND_TRIPS, sizeof test->trips_ns[0], compare_trips);
    test->facts.round_trip_us = test->trips_ns[middle] / 1000;
    news_test_say(test, NEWS_TEST_ROUND_TRIP, NEWS_TEST_GOOD, "An answer takes %.2f ms.",
        (double)test->trips_ns[middle] / 1e6);
    news_test_end(test);
}

/* Hearing */

static const struct talk_row talk_rows[TALKS] = {
    [TALK_GREETING] = {NNTP_CMD_GREETING, NEWS_TEST_GREETING, heard_greeting},
    [TALK_MODE] = {NNTP_CMD_MODE_READER, NEWS_TEST_LOGIN, heard_mode},
    [TALK_USER] = {NNTP_CMD_AUTH_USER, NEWS_TEST_LOGIN, heard_login},
    [TALK_PASS] = {NNTP_CMD_AUTH_PASS, NEWS_TEST_LOGIN, heard_login},
    [TALK_GROUP] = {NNTP_CMD_GROUP, NEWS_TEST_GROUP, heard_group},
    [TALK_POST] = {NNTP_CMD_POST, NEWS_TEST_POST, heard_post},
    [TALK_ARTICLE] = {NNTP_CMD_POST_DATA, NEWS_TEST_POST, heard_article},
    [TALK_STAT] = {NNTP_CMD_STAT, NEWS_TEST_STAT, heard_stat},
    [TALK_STAT_NEVER] = {NNTP_CMD_STAT, NEWS_TEST_STAT, heard_stat_never},
    [TALK_BODY] = {NNTP_CMD_BODY, NEWS_TEST_BODY, heard_body},
    [TALK_HEAD] = {NNTP_CMD_HEAD, NEWS_TEST_HEAD, heard_head},
    [TALK_DATE] = {NNTP_CMD_DATE, NEWS_TEST_ROUND_TRIP, heard_date},
};

static const struct talk_row *row_of(enum talk talk)
{
    return &talk_rows[talk];
}

void news_test_talk_status(struct news_test *test, const struct nntp_item *item)
{
    const struct talk_row *row = row_of(test->talk);
    struct heard heard = {.code = item->code};

    nntp_reply_judge(row->cmd, item->code, item->text, &heard.reply);
    news_text_reply(item->code, item->text, heard.words);
    news_wire_wait(test->wire, 0);
    if (heard.reply.verdict == NNTP_DO_CLOSE) {
        news_test_fail(test, row->step, ERR_PROTOCOL,
            "The server gave an answer that belongs to nothing we asked: %s", heard.words);
        return;
    }
    if (item->block) {
        test->body_at = 0;
        test->body_differs = false;
        news_wire_progress(test->wire, test->settings.progress_ms);
    }
    row->heard(test, &heard);
}

void news_test_talk_lost(struct news_test *test, enum err err)
{
    enum news_test_step step = row_of(test->talk)->step;

    if (test->talk == TALK_GREETING && (err == ERR_PROTOCOL || err == ERR_TIMEOUT)) {
        news_test_fail(test, step, err,
            "What answers on port %u does not speak like a news server: check the port, and "
            "whether it wants TLS.",
            (unsigned)test->provider.port);
    } else {
        news_test_fail(test, step, err, "The test stopped here: %s.", err_text(err));
    }
}
