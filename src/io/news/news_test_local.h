/* Between news_test.c (life, rows, the connection) and news_test_talk.c (the conversation). */
#ifndef IO_NEWS_NEWS_TEST_LOCAL_H
#define IO_NEWS_NEWS_TEST_LOCAL_H

#include "io/news/news.h"
#include "io/news/news_test.h"
#include "io/news/news_text.h"
#include "io/news/news_wire.h"

enum {
    ROW_TEXT_MAX = 512,
    ROUND_TRIPS = 5,
};

/* What we said last and wait to be answered. */
enum talk {
    TALK_GREETING,
    TALK_MODE,
    TALK_USER,
    TALK_PASS,
    TALK_GROUP,
    TALK_POST,
    TALK_ARTICLE,
    TALK_STAT,
    TALK_STAT_NEVER, /* an id that never was */
    TALK_BODY,
    TALK_HEAD,
    TALK_DATE,
    TALKS,
};

struct test_row {
    enum news_test_verdict verdict;
    char text[ROW_TEXT_MAX];
};

struct news_test {
    struct loop *loop;
    struct news_provider provider; /* own copy */
    struct news_settings settings;
    const struct news_article *article;
    news_test_row_fn row;
    news_test_done_fn done;
    void *arg;
    struct loop_task task; /* delivers rows and the end: the only place that calls out */
    enum { TEST_RUNS, TEST_ENDED, TEST_CANCELLED } state;
    bool delivering;
    struct test_row rows[NEWS_TEST_STEPS];
    unsigned known, shown; /* rows[0..known) are filled in, rows[0..shown) were delivered */
    enum err err;          /* the first thing that keeps us from using it */
    struct news_facts facts;

    struct news_wire *wire;
    struct news_provider plain; /* borrows from provider: the probe without TLS */
    enum { TEST_REAL, TEST_PROBE } connecting;
    enum err tls_err; /* what the real connection came to, while the probe runs */
    char tls_detail[NEWS_TEXT_MAX];

    enum talk talk;
    struct article_id id;    /* what the server calls the article */
    struct article_id never; /* an id that nobody posted */
    struct buf head;
    struct loop_timer *timer; /* before STAT or BODY is tried again */
    unsigned tries;
    uint64_t wait;
    size_t body_at; /* so many bytes of the body came back right */
    bool body_differs;
    bool stat_saw;        /* STAT found the article */
    struct buf seen_head; /* of the article, as the server shows it */
    uint64_t asked_ns;
    uint64_t trips_ns[ROUND_TRIPS];
    unsigned trips;
};

/* Row `step` is known; steps come in order. */
void news_test_say(struct news_test *test, enum news_test_step step, enum news_test_verdict verdict,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* All that is left is skipped; this is the end. */
void news_test_end(struct news_test *test);

/* As news_test_say(BAD), then the end: nothing after this step can work. */
void news_test_fail(struct news_test *test, enum news_test_step step, enum err err,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The conversation: a status, a piece of a body, its end, everything sent, the connection lost. */
void news_test_talk_status(struct news_test *test, const struct nntp_item *item);
void news_test_talk_data(struct news_test *test, struct bytes piece);
void news_test_talk_end(struct news_test *test);
void news_test_talk_drain(struct news_test *test);
void news_test_talk_lost(struct news_test *test, enum err err);

/* The timer before another try has run down. */
void news_test_talk_again(void *arg);

#endif
