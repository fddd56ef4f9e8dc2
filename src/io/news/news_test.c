/* `server test`: its life, its rows, and how the connection comes up. */
#include "io/news/news_test.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/news/news_provider_copy.h"
#include "io/news/news_test_local.h"

const char *news_test_step_name(enum news_test_step step)
{
    static const char *const names[NEWS_TEST_STEPS] = {
        [NEWS_TEST_DNS] = "DNS",
        [NEWS_TEST_CONNECT] = "connect",
        [NEWS_TEST_TLS] = "TLS",
        [NEWS_TEST_GREETING] = "greeting",
        [NEWS_TEST_LOGIN] = "login",
        [NEWS_TEST_GROUP] = "newsgroup",
        [NEWS_TEST_POST] = "post",
        [NEWS_TEST_ID] = "Message-ID",
        [NEWS_TEST_STAT] = "STAT",
        [NEWS_TEST_BODY] = "BODY",
        [NEWS_TEST_HEAD] = "head",
        [NEWS_TEST_ROUND_TRIP] = "round trip",
    };

    return (unsigned)step < NEWS_TEST_STEPS ? names[step] : "";
}

/* Rows, delivered from the loop */

static void let_go(struct news_test *test)
{
    news_wire_free(test->wire);
    test->wire = NULL;
    loop_timer_free(test->timer);
    test->timer = NULL;
    loop_unpost(test->loop, &test->task);
}

static void destroy(struct news_test *test)
{
    let_go(test);
    news_provider_clear(&test->provider);
    buf_clear(&test->head);
    buf_clear(&test->seen_head);
    free(test);
}

static void deliver(void *arg)
{
    struct news_test *test = arg;

    test->delivering = true;
    while (test->state != TEST_CANCELLED && test->shown < test->known) {
        const struct test_row *row = &test->rows[test->shown];

        test->row(test->arg, (enum news_test_step)test->shown++, row->verdict, row->text);
    }
    test->delivering = false;
    if (test->state == TEST_CANCELLED) {
        destroy(test);
    } else if (test->state == TEST_ENDED) {
        news_test_done_fn done = test->done;
        void *done_arg = test->arg;
        enum err err = test->err;
        struct news_facts facts = test->facts;

        destroy(test);
        done(done_arg, err, &facts);
    }
}

static void deliver_soon(struct news_test *test)
{
    loop_unpost(test->loop, &test->task); /* it may be queued for the row before */
    loop_post(test->loop, &test->task, deliver, test);
}

static void say(struct news_test *test, enum news_test_step step, enum news_test_verdict verdict,
    const char *format, va_list args) __attribute__((format(printf, 4, 0)));

static void say(struct news_test *test, enum news_test_step step, enum news_test_verdict verdict,
    const char *format, va_list args)
{
    struct test_row *row = &test->rows[step];

    row->verdict = verdict;
    vsnprintf(row->text, sizeof row->text, format, args);
    test->known = (unsigned)step + 1;
    deliver_soon(test);
}

void news_test_say(struct news_test *test, enum news_test_step step, enum news_test_verdict verdict,
    const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(test, step, verdict, format, args);
    va_end(args);
}

void news_test_end(struct news_test *test)
{
    while (test->known < NEWS_TEST_STEPS) {
        news_test_say(test, (enum news_test_step)test->known, NEWS_TEST_SKIPPED, "Not tried.");
    }
    test->state = TEST_ENDED;
    news_wire_free(test->wire);
    test->wire = NULL;
    loop_timer_stop(test->timer);
    deliver_soon(test);
}

void news_test_fail(
    struct news_test *test, enum news_test_step step, enum err err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(test, step, NEWS_TEST_BAD, format, args);
    va_end(args);
    test->err = test->err == OK ? err : test->err;
    news_test_end(test);
}

/* Coming up */

/* ": words", or nothing. */
static const char *colon(const char *words, char out[NEWS_TEXT_MAX + 2])
{
    snprintf(out, NEWS_TEXT_MAX + 2, "%s%s", words[0] != '\0' ? ": " : "", words);
    return out;
}

static void say_reached(struct news_test *test)
{
    news_test_say(
        test, NEWS_TEST_DNS, NEWS_TEST_GOOD, "The name %s has an address.", test->provider.host);
    news_test_say(
        test, NEWS_TEST_CONNECT, NEWS_TEST_GOOD, "Port %u answers.", (unsigned)test->provider.port);
}

static void say_tls(struct news_test *test)
{
    if (test->provider.tls == NET_TLS) {
        news_test_say(test, NEWS_TEST_TLS, NEWS_TEST_GOOD,
            "The connection is encrypted (%s) and the certificate is valid for %s.",
            news_wire_describe(test->wire), test->provider.host);
    } else if (test->provider.user != NULL) {
        news_test_say(test, NEWS_TEST_TLS, NEWS_TEST_WARN,
            "Not encrypted: anybody on the way can read your user name and password.");
    } else {
        news_test_say(test, NEWS_TEST_TLS, NEWS_TEST_SKIPPED,
            "Not asked for: anybody on the way can see what you post and when.");
    }
}

static void fail_tls(struct news_test *test, enum err err, const char *words)
{
    char detail[NEWS_TEXT_MAX + 2];

    say_reached(test);
    if (err == ERR_TLS_CERTIFICATE) {
        news_test_fail(test, NEWS_TEST_TLS, err,
            "The server's certificate is not valid for %s: check the name, or give the authority "
            "that signed it%s.",
            test->provider.host, colon(words, detail));
    } else {
        news_test_fail(test, NEWS_TEST_TLS, err,
            "No encrypted connection on port %u: is this the port for TLS (mostly 563)%s?",
            (unsigned)test->provider.port, colon(words, detail));
    }
}

static void fail_connect(struct news_test *test, enum err err, const char *words)
{
    char detail[NEWS_TEXT_MAX + 2];

    if (err == ERR_DNS) {
        news_test_fail(test, NEWS_TEST_DNS, err,
            "The name %s has no address: check the spelling%s.", test->provider.host,
            colon(words, detail));
        return;
    }
    news_test_say(
        test, NEWS_TEST_DNS, NEWS_TEST_GOOD, "The name %s has an address.", test->provider.host);
    news_test_fail(test, NEWS_TEST_CONNECT, err,
        "Nothing answers on port %u: check the port, and whether a firewall stands between%s.",
        (unsigned)test->provider.port, colon(words, detail));
}

static enum err open_wire(struct news_test *test);

/* Did TCP or TLS fail? The error alone may not tell; a connection without TLS does. */
static void probe(struct news_test *test, enum err err, const char *words)
{
    test->connecting = TEST_PROBE;
    test->tls_err = err;
    memcpy(test->tls_detail, words, strlen(words) + 1);
    news_wire_free(test->wire);
    test->wire = NULL;
    if (open_wire(test) != OK) {
        fail_connect(test, err, words);
    }
}

static void on_connect(void *arg, enum err err, const char *detail)
{
    struct news_test *test = arg;
    char words[NEWS_TEXT_MAX];

    news_text_clean(bytes_str(detail), words, sizeof words);
    if (test->connecting == TEST_PROBE) {
        if (err == OK) {
            fail_tls(test, test->tls_err, test->tls_detail);
        } else {
            fail_connect(test, err, words);
        }
    } else if (err == OK) {
        say_reached(test);
        say_tls(test);
    } else if (err == ERR_TLS || err == ERR_TLS_CERTIFICATE) {
        fail_tls(test, err, words);
    } else if (err != ERR_DNS && test->provider.tls == NET_TLS) {
        probe(test, err, words);
    } else {
        fail_connect(test, err, words);
    }
}

static void on_status(void *arg, const struct nntp_item *item)
{
    news_test_talk_status(arg, item);
}

static void on_data(void *arg, struct bytes piece)
{
    news_test_talk_data(arg, piece);
}

static void on_end(void *arg)
{
    news_test_talk_end(arg);
}

static void on_drain(void *arg)
{
    news_test_talk_drain(arg);
}

static void on_lost(void *arg, enum err err)
{
    news_test_talk_lost(arg, err);
}

static enum err open_wire(struct news_test *test)
{
    static const struct news_wire_events events = {
        on_connect, on_status, on_data, on_end, on_drain, on_lost};
    struct news_wire_options options = {test->loop, &test->provider, &test->settings};

    if (test->connecting == TEST_PROBE) {
        options.provider = &test->plain;
    }
    test->plain = test->provider;
    test->plain.tls = NET_PLAIN;
    return news_wire_open(&options, &events, test, &test->wire);
}

/* Life */

/* NOLINTNEXTLINE(readability-function-size): what a test needs to be told */
enum err news_test_start(struct loop *loop, const struct news_provider *provider,
    const struct news_article *article, const struct news_settings *settings, news_test_row_fn row,
    news_test_done_fn done, void *arg, struct news_test **out)
{
    struct news_test *test = calloc(1, sizeof *test);
    enum err err;

    *out = NULL;
    if (test == NULL) {
        return ERR_NO_MEMORY;
    }
    test->loop = loop;
    test->article = article;
    test->settings = *settings;
    news_settings_bound(&test->settings);
    test->row = row;
    test->done = done;
    test->arg = arg;
    err = news_provider_copy(provider, &test->provider);
    if (err == OK) {
        err = loop_timer_new(loop, news_test_talk_again, test, &test->timer);
    }
    if (err == OK) {
        err = open_wire(test);
    }
    if (err != OK) {
        destroy(test);
        return err;
    }
    *out = test;
    return OK;
}

void news_test_cancel(struct news_test *test)
{
    let_go(test);
    test->state = TEST_CANCELLED;
    if (!test->delivering) {
        destroy(test);
    }
}
