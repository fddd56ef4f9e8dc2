/* A pool between two loops (or on one) with short waits, and requests that are waited for. */
#ifndef TESTS_UNIT_NEWS_RIG_H
#define TESTS_UNIT_NEWS_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/news/news.h"
#include "mini.h"

enum { RIG_GUARD_MS = 60000 };

enum rig_threads { RIG_TWO_THREADS, RIG_ONE_THREAD };

struct rig {
    struct loop *home, *net;
    struct news *news;
    struct loop_timer *guard;
    unsigned pending; /* requests whose done has not run */
    unsigned turns;   /* requests that came back */
    bool late;
};

struct outcome {
    struct rig *rig;
    struct news_op *op;
    int calls;
    unsigned turn; /* the how-manieth it came back */
    struct news_result result;
    char text[256];
    struct buf body;
};

/* Settings for a test: short pauses, long silences. */
struct news_settings rig_settings(void);

/* ... that takes 400 ms of silence for an end. */
void rig_hurry(struct news_settings *settings);

/* Make loops and a pool without providers. */
void rig_init(struct rig *rig, enum rig_threads threads, const struct news_settings *settings);

/* Free it all; the pool may be freed already (NULL). */
void rig_clear(struct rig *rig);

/* A provider that is `mini`. */
struct news_provider rig_provider(const struct mini *mini, unsigned connections);

/* Use `mini` alone from now on. */
void rig_use(struct rig *rig, const struct mini *mini, unsigned connections);

/* Run until every request has come back. */
void rig_run(struct rig *rig);

/* Run for `ms`, whatever comes back. */
void rig_pass(struct rig *rig, uint64_t ms);

/* A `done` that notes an outcome. */
void rig_done(void *arg, const struct news_result *result);

/* Start a request that is waited for by rig_run(). */
void rig_post(struct rig *rig, struct outcome *outcome, const char *id, struct bytes body);
void rig_stat(struct rig *rig, struct outcome *outcome, const char *id);
void rig_fetch(struct rig *rig, struct outcome *outcome, const char *id);
void rig_fetch_by(struct rig *rig, struct outcome *outcome, const struct news_question *question);

/* A server on the heap; stop checks that scripts went as they said. */
struct mini *rig_mini(const char *const *scripts, size_t count);
void rig_mini_stop(struct mini *mini);

/* The i-th of many ids. */
void rig_id_of(size_t i, char id[64]);

#endif
