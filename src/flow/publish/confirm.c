/* One volume at a time, many questions at once. Rounds: everything first; then, after a wait, again
 * what was missing. When more is missing than is kept in memory, the first round is broken off
 * until that is dealt with. */
#include "flow/publish/confirm.h"

#include <stdlib.h>

#include "base/crash_point.h"
#include "flow/publish/confirm_ask.h"
#include "flow/publish/replan.h"

enum {
    CONFIRM_BATCH =
        1 << 16,        /* missing articles that are dealt with together, up to a volume's end */
    SAMPLE_EVERY = 100, /* one article in so many is fetched */
};

static const uint64_t default_waits_ms[PUBLISH_CONFIRM_ROUNDS] = {2000, 5000, 15000, 60000};

struct confirm {
    struct publish_ctx *ctx;
    enum store_volume_kind kind;
    publish_step_fn done;
    void *arg;
    struct loop_timer *timer;
    struct confirm_ask *ask;
    struct out_volume *volume; /* being asked about */
    uint32_t next;             /* index to ask for next */
    uint32_t passed;           /* number of the last volume that this round is through with */
    uint64_t *missing;         /* volume << 32 | index, rising by volume: of this round */
    size_t missing_count, missing_cap;
    uint64_t *asked; /* rising: what this round asks for; NULL: everything */
    size_t asked_count;
    unsigned round;
    size_t lost;      /* in all */
    uint32_t full_at; /* the first round was broken off behind this volume; 0: it was not */
};

static void pump(struct confirm *c);

uint64_t confirm_wait_ms(const struct publish_ctx *ctx, unsigned round)
{
    const uint64_t *waits = ctx->o.confirm_ms[0] != 0 ? ctx->o.confirm_ms : default_waits_ms;

    return round < PUBLISH_CONFIRM_ROUNDS ? waits[round] : 0;
}

/* --- ending ----------------------------------------------------------------------------------- */

static void stop(struct confirm *c)
{
    loop_timer_free(c->timer);
    confirm_ask_cancel(c->ask);
    out_volume_free(c->volume);
    free(c->missing);
    free(c->asked);
    free(c);
}

static void finish(struct confirm *c, enum err err)
{
    publish_step_fn done = c->done;
    void *arg = c->arg;

    stop(c);
    done(arg, err);
}

void confirm_cancel(struct confirm *c)
{
    if (c != NULL) {
        stop(c);
    }
}

/* --- answers ---------------------------------------------------------------------------------- */

static enum err note_missing(struct confirm *c, uint32_t index)
{
    if (c->missing_count == c->missing_cap) {
        size_t cap = c->missing_cap == 0 ? 64 : c->missing_cap * 2;
        uint64_t *grown = realloc(c->missing, cap * sizeof(*grown));

        if (grown == NULL) {
            return ERR_NO_MEMORY;
        }
        c->missing = grown;
        c->missing_cap = cap;
    }
    c->missing[c->missing_count++] = (uint64_t)c->volume->number << 32 | index;
    return OK;
}

static void on_answer(void *arg, uint32_t index, enum err err)
{
    struct confirm *c = arg;

    if (err == OK) {
        c->ctx->progress.articles_confirmed +=
            out_volume_state_of(c->volume, index) != STORE_CONFIRMED;
        out_volume_set_state(c->volume, index, STORE_CONFIRMED);
        progress_changed(&c->ctx->progress, &c->ctx->o.sink);
    } else if (err == ERR_NO_ARTICLE || err_kind(err) == KIND_CORRUPT) {
        c->ctx->progress.retries++;
        log_warn("publish", "not there yet volume=%u index=%u round=%u why=%s", c->volume->number,
            index, c->round, err_name(err));
        out_volume_set_state(c->volume, index, STORE_ACCEPTED);
        err = note_missing(c, index);
    }
    if (err != OK) {
        finish(c, err);
    } else {
        pump(c);
    }
}

/* --- what is asked for ------------------------------------------------------------------------ */

struct load {
    struct confirm *c;
    uint32_t number; /* of the last row; 0: there was none */
    struct out_volume *found;
};

/* A meta volume that is not complete is one that an earlier listing lost articles of: the listing
 * was written anew, elsewhere. */
static enum err load_row(void *arg, const struct store_volume *row)
{
    struct load *l = arg;
    enum err err;

    l->number = row->number;
    if (row->kind != l->c->kind || row->state == STORE_VOLUME_LIVE || row->k == 0 ||
        row->version > l->c->ctx->version ||
        (row->kind == STORE_VOLUME_META && row->version != l->c->ctx->version)) {
        return OK;
    }
    err = out_volume_from_row(l->c->ctx, l->c->ctx->sealer, row, &l->found);
    if (err != OK || out_volume_complete(l->found)) {
        return err;
    }
    out_volume_free(l->found);
    l->found = NULL;
    return row->kind == STORE_VOLUME_META ? OK : ERR_BUG;
}

static enum err volume_over(struct confirm *c)
{
    size_t batch = c->ctx->o.lost_batch != 0 ? c->ctx->o.lost_batch : CONFIRM_BATCH;
    enum err err;

    crash_point("volume confirmed, not recorded");
    err = out_volume_store(c->ctx, c->volume);
    c->passed = c->volume->number;
    out_volume_free(c->volume);
    c->volume = NULL;
    if (c->asked == NULL && c->missing_count >= batch) {
        c->full_at = c->passed;
    }
    return err;
}

/* Set c->volume to the one behind those that this round is through with; NULL: none is left. */
static enum err next_volume(struct confirm *c)
{
    struct load load = {.c = c, .number = c->passed};
    uint32_t last = c->asked != NULL ? (uint32_t)(c->asked[c->asked_count - 1] >> 32) : UINT32_MAX;
    enum err err = OK;

    while (err == OK && load.found == NULL && load.number < last &&
           (c->asked != NULL || c->full_at == 0)) {
        uint32_t after = load.number;

        load.number = UINT32_MAX;
        err = store_volume_pending(c->ctx->o.store, c->ctx->share.id, after, 1, load_row, &load);
    }
    c->volume = load.found;
    c->next = 0;
    return err;
}

static int by_place(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* Is it one of the sample? */
static bool is_sample(const struct confirm *c, uint32_t index)
{
    uint32_t count = out_volume_count(c->volume);
    uint32_t every = count < SAMPLE_EVERY ? count : SAMPLE_EVERY;

    return index % every == c->ctx->sample % every;
}

/* What was seen early is not asked for again, but the sample is fetched. */
static bool is_open(const struct confirm *c, uint32_t index)
{
    switch (out_volume_state_of(c->volume, index)) {
    case STORE_ACCEPTED:
        return true;
    case STORE_CONFIRMED:
        return c->volume->state == STORE_VOLUME_CLOSED && c->asked == NULL && is_sample(c, index);
    default:
        return false;
    }
}

/* Is `index` of the present volume to be asked for in this round? */
static bool wanted(const struct confirm *c, uint32_t index)
{
    uint64_t place;

    if (!is_open(c, index)) {
        return false;
    }
    if (c->asked == NULL) {
        return true;
    }
    place = (uint64_t)c->volume->number << 32 | index;
    return bsearch(&place, c->asked, c->asked_count, sizeof(place), by_place) != NULL;
}

/* Move c->next on to an index that is to be asked for; false: the volume has none left. */
static bool find_next(struct confirm *c)
{
    uint32_t count = c->volume != NULL ? out_volume_count(c->volume) : 0;

    while (c->next < count && !wanted(c, c->next)) {
        c->next++;
    }
    return c->next < count;
}

static enum confirm_way way_for(const struct confirm *c, uint32_t index)
{
    return c->volume->attempts[index] != 0 || is_sample(c, index) ? CONFIRM_BY_BODY
                                                                  : CONFIRM_BY_STAT;
}

/* --- rounds ----------------------------------------------------------------------------------- */

/* What was missing is dealt with. */
static void batch_over(struct confirm *c)
{
    c->missing_count = 0;
    free(c->asked);
    c->asked = NULL;
    c->round = 0;
    if (c->full_at == 0) {
        finish(c, c->lost > 0 ? ERR_ARTICLES_LOST : OK);
        return;
    }
    c->passed = c->full_at;
    c->full_at = 0;
    loop_timer_set(c->timer, 0);
}

/* Missing in every round. */
static void lost(struct confirm *c)
{
    enum err err;

    progress_event(&c->ctx->o.sink, LOG_WARN,
        "the server lost %zu articles that it had accepted; %s", c->missing_count,
        c->kind == STORE_VOLUME_DATA ? "they are sent again" : "the listing is written anew");
    qsort(c->missing, c->missing_count, sizeof(*c->missing), by_place);
    c->lost += c->missing_count;
    err = replan_lost(c->ctx, c->missing, c->missing_count);
    crash_point("lost articles planned again");
    if (err != OK) {
        finish(c, err);
    } else {
        batch_over(c);
    }
}

/* Ask once more for what is missing, after a while. */
static void wait_and_ask(struct confirm *c, uint64_t ms)
{
    progress_event(&c->ctx->o.sink, LOG_INFO,
        "%zu articles are not visible yet; asking again in %llu s", c->missing_count,
        (unsigned long long)(ms / 1000));
    free(c->asked);
    c->asked = c->missing;
    c->asked_count = c->missing_count;
    qsort(c->asked, c->asked_count, sizeof(*c->asked), by_place);
    c->missing = NULL;
    c->missing_count = 0;
    c->missing_cap = 0;
    c->passed = (uint32_t)(c->asked[0] >> 32) - 1;
    c->round++;
    loop_timer_set(c->timer, ms);
}

static void round_over(struct confirm *c)
{
    uint64_t ms = confirm_wait_ms(c->ctx, c->round);

    if (c->missing_count == 0) {
        batch_over(c);
    } else if (ms == 0) {
        lost(c);
    } else {
        wait_and_ask(c, ms);
    }
}

/* ERR_NO_ROW: the round is over. */
static enum err ask_more(struct confirm *c)
{
    enum err err = OK;

    while (err == OK) {
        if (c->volume == NULL) {
            err = next_volume(c);
            err = err == OK && c->volume == NULL ? ERR_NO_ROW : err;
        } else if (find_next(c)) {
            enum confirm_way way = way_for(c, c->next);

            if (!confirm_ask_has_room(c->ask, way)) {
                return OK;
            }
            err = confirm_ask_start(c->ask, c->volume, c->next++, way);
        } else if (confirm_ask_busy(c->ask) > 0) {
            return OK; /* their answers belong to this volume */
        } else {
            err = volume_over(c);
        }
    }
    return err;
}

static void pump(struct confirm *c)
{
    enum err err = ask_more(c);

    if (err == ERR_NO_ROW) {
        round_over(c);
    } else if (err != OK) {
        finish(c, err);
    }
}

static void on_timer(void *arg)
{
    pump(arg);
}

enum err confirm_start(struct publish_ctx *ctx, enum store_volume_kind kind, publish_step_fn done,
    void *arg, struct confirm **confirm)
{
    struct confirm *c = calloc(1, sizeof(*c));
    enum err err;

    if (c == NULL) {
        return ERR_NO_MEMORY;
    }
    c->ctx = ctx;
    c->kind = kind;
    c->done = done;
    c->arg = arg;
    err = confirm_ask_new(ctx, on_answer, c, &c->ask);
    if (err == OK) {
        err = loop_timer_new(ctx->o.loop, on_timer, c, &c->timer);
    }
    if (err != OK) {
        stop(c);
        return err;
    }
    loop_timer_set(c->timer, 0);
    *confirm = c;
    return OK;
}
