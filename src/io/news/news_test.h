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
    NEWS_TEST_HEAD,       /* which lines it put into the article's head */
    NEWS_TEST_ROUND_TRIP, /* the median time of DATE, in ms, in the text */
    NEWS_TEST_STEPS,
};

enum { NEWS_FACTS_HEADERS = 512 };

enum news_test_verdict { NEWS_TEST_GOOD, NEWS_TEST_WARN, NEWS_TEST_BAD, NEWS_TEST_SKIPPED };

/* One finished step: `text` is a sentence for a person, dies with the call. */
typedef void (*news_test_row_fn)(
    void *arg, enum news_test_step step, enum news_test_verdict verdict, const char *text);

/* What the test found out about the server, for later. */
struct news_facts {
    bool posts;       /* it took an article of a segment's size */
    bool too_small;   /* it does not take one of that size */
    bool changes_ids; /* it gave the article another id */
    enum news_facts_stat {
        NEWS_STAT_UNKNOWN,
        NEWS_STAT_TRUE, /* it saw the article, and none that never was */
        NEWS_STAT_LATE, /* it did not see the article for a while */
        NEWS_STAT_LIES, /* it said yes to an id that never was */
    } stat;
    uint64_t round_trip_us;           /* 0: not known */
    char headers[NEWS_FACTS_HEADERS]; /* names of the lines it put into the head, spaces between */
};

/* `err` is OK when the provider can be used for sharing. */
typedef void (*news_test_done_fn)(void *arg, enum err err, const struct news_facts *facts);

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
