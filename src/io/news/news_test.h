/* `server test`: try a provider step by step and say in plain words what works. */
#ifndef IO_NEWS_NEWS_TEST_H
#define IO_NEWS_NEWS_TEST_H

#include "io/news/news_provider.h"

enum news_test_step {
    NEWS_TEST_DNS,        /* the name has an address */
    NEWS_TEST_CONNECT,    /* the port answers */
    NEWS_TEST_TLS,        /* handshake, version, name */
    NEWS_TEST_GREETING,   /* it is a news server */
    NEWS_TEST_LOGIN,      /* user and password are taken */
    NEWS_TEST_GROUP,      /* the newsgroup exists */
    NEWS_TEST_POST,       /* a full-size article (SEGMENT_LEN raw bytes, yEnc-like random body) is
                             accepted */
    NEWS_TEST_ID,         /* ... under the Message-ID that we gave it */
    NEWS_TEST_STAT,       /* STAT sees it, and does not see an id that never was */
    NEWS_TEST_BODY,       /* BODY gives the same bytes back */
    NEWS_TEST_ROUND_TRIP, /* the median time of DATE, in ms, in the text */
    NEWS_TEST_STEPS,
};

enum news_test_verdict { NEWS_TEST_GOOD, NEWS_TEST_WARN, NEWS_TEST_BAD, NEWS_TEST_SKIPPED };

/* One finished step: `text` is a sentence for a person, dies with the call. */
typedef void (*news_test_row_fn)(
    void *arg, enum news_test_step step, enum news_test_verdict verdict, const char *text);

/* `err` is OK when the provider can be used for sharing. */
typedef void (*news_test_done_fn)(void *arg, enum err err);

/* The body of the article that is posted is `body` (lines with CRLF, ready for the wire), its id
 * and texts given by the caller, all of which must live until done. Runs on the loop it is given.
 */
struct news_article;
struct news_test;
MUST_USE enum err news_test_start(struct loop *loop, const struct news_provider *provider,
    const struct news_article *article, const struct news_settings *settings, news_test_row_fn row,
    news_test_done_fn done, void *arg, struct news_test **test);
void news_test_cancel(struct news_test *test);

/* The step's short name: "DNS", "connect", "TLS" ... Lives for ever. */
const char *news_test_step_name(enum news_test_step step);

#endif
