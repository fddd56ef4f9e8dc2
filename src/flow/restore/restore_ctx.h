/* What every step of one restore or listing shares: its surroundings, its errands, its counters,
 * and the one reason why it must stop. Loop thread only.
 *
 * Steps are asked, not told: a step that cannot answer yet says ANSWER_WAIT, and when anything has
 * happened that may change an answer, the flow is woken and asks again. */
#ifndef FLOW_RESTORE_RESTORE_CTX_H
#define FLOW_RESTORE_RESTORE_CTX_H

#include <stdbool.h>

#include "flow/restore/errand.h"
#include "flow/restore/openers.h"
#include "flow/restore/restore.h"

enum answer {
    ANSWER_READY,  /* here it is */
    ANSWER_WAIT,   /* it is on its way; ask again when woken */
    ANSWER_FAILED, /* it will not come; *err says why */
};

enum {
    RESTORE_TEXT_MAX = 256,
    RESTORE_SCRATCH_FOLDERS = 2,
};

struct fetcher;
struct repairs;

/* Segments that came and are to be opened (open_errand.h). */
struct openings {
    struct list waiting;
    unsigned out; /* errands that have some */
};

struct restore_ctx {
    struct restore_env env;
    struct errands errands;
    struct openings openings;
    struct openers *openers;                     /* for errands */
    struct sealer *sealer;                       /* the loop thread's own: addresses and keys */
    struct fetcher *fetcher;                     /* of all segments (fetch.h) */
    struct repairs *repairs;                     /* of volumes that lost some (repairs.h) */
    struct buf scratch[RESTORE_SCRATCH_FOLDERS]; /* where repairs have room, the best first */
    uint64_t claim; /* bytes that will be written in scratch[0] all in all; 0: not known */
    struct progress progress;
    enum err err; /* the first thing that went wrong with the flow as a whole */
    char text[RESTORE_TEXT_MAX];
    enum err unsure; /* the first time somebody said "no such article" while another server could
                        not be asked: why not; OK: that never was */
    char unsure_text[RESTORE_TEXT_MAX];
    loop_fn wake; /* the flow's pump */
    void *arg;
    struct loop_task task;
};

/* Prepare *ctx (zeroed); wake(arg) will run on the loop whenever restore_ctx_wake() was called. */
MUST_USE enum err restore_ctx_init(
    struct restore_ctx *ctx, const struct restore_env *env, loop_fn wake, void *arg);

/* Put a folder where repairs have room before the one of the surroundings. */
MUST_USE enum err restore_ctx_prefer(struct restore_ctx *ctx, struct bytes folder);

/* Forget all errands and free. Zeroed is allowed. */
void restore_ctx_clear(struct restore_ctx *ctx);

/* Something happened: run the pump soon, once. */
void restore_ctx_wake(struct restore_ctx *ctx);

/* The flow cannot go on. The first reason counts; `text` (may be NULL) is copied. Wakes it. */
void restore_ctx_fail(struct restore_ctx *ctx, enum err err, const char *text);

/* An article is missing: note whether everybody was asked. */
void restore_ctx_missing(struct restore_ctx *ctx, const struct news_result *result);

/* Something is lost, as far as is known. True: for good. False: a server that could not be asked
 * may have it, and the flow has failed for that reason. */
bool restore_ctx_lost(struct restore_ctx *ctx);

#endif
