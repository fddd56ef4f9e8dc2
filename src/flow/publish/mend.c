/* A worker finds the volumes in need, then one is completed after the other. What has to be given
 * up is collected and undone together, since that walks over the whole catalogue. */
#include "flow/publish/mend.h"

#include <malloc.h>
#include <stdlib.h>

#include "flow/publish/mend_room.h"
#include "flow/publish/replan.h"
#include "flow/publish/unsend.h"

enum {
    MEND_FLUSH_MS = 250,
    MEND_FIND_BATCH = 64,      /* rows looked at in one call of the catalogue */
    MEND_GONE_BATCH = 1 << 16, /* places given up together */
};

/* --- ending ----------------------------------------------------------------------------------- */

static void mend_free(struct mend *m)
{
    mend_volume_end(m);
    free(m->todo);
    free(m->gone);
    publish_ctx_unpin(m->ctx);
    free(m);
}

static void store_now(struct mend *m)
{
    enum err err = m->volume != NULL ? out_volume_store(m->ctx, m->volume) : OK;

    if (err != OK) {
        log_warn(
            "publish", "the last flush failed volume=%u why=%s", m->volume->number, err_name(err));
    }
}

static void stop(struct mend *m)
{
    m->cancelled = 1;
    atomic_store(&m->stop, 1);
    loop_timer_free(m->flush);
    loop_timer_free(m->wait);
    m->flush = NULL;
    m->wait = NULL;
    parity_cancel(m->parity); /* before the poster, whose buffers it uses */
    m->parity = NULL;
    mend_walk_cancel(m->walk);
    m->walk = NULL;
    mend_get_cancel(m->get);
    m->get = NULL;
    poster_cancel(m->poster);
    m->poster = NULL;
    store_now(m);
    if (m->working && workers_recall(&m->job)) {
        m->working = 0;
    }
    if (!m->working) {
        mend_free(m);
    }
}

static void finish(struct mend *m, enum err err)
{
    publish_step_fn done = m->done;
    void *arg = m->arg;

    if (!m->cancelled) {
        stop(m);
        done(arg, err);
    }
}

void mend_cancel(struct mend *m)
{
    if (m != NULL && !m->cancelled) {
        stop(m);
    }
}

void mend_failed(struct mend *m, enum err err)
{
    finish(m, err);
}

/* --- giving up -------------------------------------------------------------------------------- */

enum err mend_give_up(struct mend *m, uint32_t index)
{
    if (m->gone_count == m->gone_cap) {
        size_t cap = m->gone_cap == 0 ? 64 : m->gone_cap * 2;
        uint64_t *grown = realloc(m->gone, cap * sizeof(*grown));

        if (grown == NULL) {
            return ERR_NO_MEMORY;
        }
        m->gone = grown;
        m->gone_cap = cap;
    }
    m->gone[m->gone_count++] = reseal_place(m->volume->number, index);
    return OK;
}

static void run_unsend(void *arg)
{
    struct mend *m = arg;

    m->job_err = unsend_files(m->ctx, m->gone, m->gone_count, &m->stop);
}

/* First the files, then the places: whoever dies in between asks again. The other way round the
 * places would be filled with other bytes while files still count on them. */
static void begin_giving_up(struct mend *m)
{
    progress_event(&m->ctx->o.sink, LOG_WARN,
        "the contents of %zu lost articles are to be had from nowhere, since files have changed;"
        " what was in them is sent anew",
        m->gone_count);
    m->phase = MEND_GIVING_UP;
    mend_work(m, run_unsend);
}

static enum err given_up(struct mend *m)
{
    enum err err = m->job_err;

    if (err == OK) {
        err = replan_given_up(m->ctx, m->gone, m->gone_count);
    }
    m->gone_count = 0;
    m->gave_up = 1;
    return err;
}

/* --- from volume to volume -------------------------------------------------------------------- */

static enum err load_row(void *arg, const struct store_volume *row)
{
    return mend_volume_load(arg, row);
}

/* Set m->volume to the next one in need; NULL: there is none, or something else comes first. */
static enum err next_volume(struct mend *m)
{
    enum err err = OK;

    while (err == OK && m->volume == NULL && m->at < m->todo_count &&
           m->gone_count < MEND_GONE_BATCH) {
        err = store_volume_get(m->ctx->o.store, m->ctx->share.id, m->todo[m->at++], load_row, m);
    }
    return err == OK && m->volume != NULL ? mend_volume_begin(m) : err;
}

void mend_pump(struct mend *m)
{
    bool over = true;
    enum err err = OK;

    while (err == OK && over && !m->working) {
        if (m->volume == NULL) {
            err = next_volume(m);
        }
        if (err != OK || m->volume == NULL) {
            break;
        }
        err = mend_volume_step(m, &over);
        if (err == OK && over) {
            mend_volume_end(m);
        }
    }
    progress_changed(&m->ctx->progress, &m->ctx->o.sink);
    if (err != OK) {
        finish(m, err);
    } else if (m->volume == NULL && m->gone_count > 0) {
        begin_giving_up(m);
    } else if (m->volume == NULL) {
        finish(m, m->gave_up ? ERR_ARTICLES_LOST : OK);
    }
}

/* --- workers ---------------------------------------------------------------------------------- */

static enum err keep_number(struct mend *m, uint32_t number)
{
    if (m->todo_count == m->todo_cap) {
        size_t cap = m->todo_cap == 0 ? 64 : m->todo_cap * 2;
        uint32_t *grown = realloc(m->todo, cap * sizeof(*grown));

        if (grown == NULL) {
            return ERR_NO_MEMORY;
        }
        m->todo = grown;
        m->todo_cap = cap;
    }
    m->todo[m->todo_count++] = number;
    return OK;
}

struct finding {
    struct mend *m;
    uint32_t last;
    size_t seen;
};

static enum err look_at_row(void *arg, const struct store_volume *row)
{
    struct finding *f = arg;

    f->last = row->number;
    f->seen++;
    if (row->kind != STORE_VOLUME_DATA || row->version > f->m->ctx->version ||
        mend_need_of(row) == MEND_NOTHING) {
        return OK;
    }
    return keep_number(f->m, row->number);
}

static void run_find(void *arg)
{
    struct mend *m = arg;
    struct finding f = {.m = m};

    do {
        f.seen = 0;
        m->job_err = store_volume_pending(
            m->ctx->o.store, m->ctx->share.id, f.last, MEND_FIND_BATCH, look_at_row, &f);
    } while (m->job_err == OK && f.seen == MEND_FIND_BATCH && atomic_load(&m->stop) == 0);
}

static void found(struct mend *m)
{
    if (m->todo_count == 0) {
        return;
    }
    /* The sender's buffers lie free in arenas where not every thread finds them. */
    (void)malloc_trim(0);
    log_info("publish", "volumes to complete share=%lld count=%zu", (long long)m->ctx->share.id,
        m->todo_count);
    if (m->reason == MEND_LEFT_OVER) {
        progress_event(&m->ctx->o.sink, LOG_INFO,
            "an earlier run left %zu volumes to complete; their segments are made once more",
            m->todo_count);
        poster_ask_first(m->poster, SIZE_MAX);
    }
}

static void on_worked(void *arg)
{
    struct mend *m = arg;
    enum err err = OK;

    m->working = 0;
    if (m->cancelled) {
        mend_free(m);
        return;
    }
    if (m->phase == MEND_SOLVING) {
        err = mend_parity_solved(m);
    } else if (m->phase == MEND_GIVING_UP) {
        err = given_up(m);
    } else {
        err = m->job_err;
        found(m);
    }
    if (err != OK) {
        finish(m, err);
    } else {
        mend_pump(m);
    }
}

void mend_work(struct mend *m, loop_fn run)
{
    m->working = 1;
    m->job = (struct work_job){.run = run, .done = on_worked, .arg = m};
    workers_submit(m->ctx->o.workers, &m->job);
}

/* --- events ----------------------------------------------------------------------------------- */

static void on_accepted(void *arg, struct out_volume *volume, uint32_t index, void *tag)
{
    (void)volume;
    (void)index;
    (void)tag;
    mend_pump(arg);
}

static void on_failed(void *arg, enum err err)
{
    finish(arg, err);
}

static void on_dropped(void *arg, void *tag)
{
    (void)arg;
    (void)tag;
}

static void on_got(void *arg, uint32_t index, struct buf *raw, struct buf *payload)
{
    struct mend *m = arg;
    enum err err = mend_volume_got(m, index, raw, payload);

    if (err != OK) {
        finish(m, err);
    } else {
        mend_pump(m);
    }
}

static void on_missing(void *arg, uint32_t index)
{
    enum err err = mend_volume_missing(arg, index);

    if (err != OK) {
        finish(arg, err);
    } else {
        mend_pump(arg);
    }
}

static void on_flush(void *arg)
{
    struct mend *m = arg;
    enum err err = m->volume != NULL ? out_volume_store(m->ctx, m->volume) : OK;

    if (err != OK) {
        finish(m, err);
    } else {
        loop_timer_set(m->flush, MEND_FLUSH_MS);
    }
}

/* Late articles have had their time. */
static void on_wait(void *arg)
{
    struct mend *m = arg;

    m->phase = MEND_GETTING;
    mend_pump(m);
}

static enum err make_tools(struct mend *m)
{
    static const struct poster_events posting = {
        .accepted = on_accepted, .failed = on_failed, .dropped = on_dropped};
    static const struct mend_get_events getting = {on_got, on_missing, on_failed};
    enum err err = loop_timer_new(m->ctx->o.loop, on_flush, m, &m->flush);

    if (err == OK) {
        err = loop_timer_new(m->ctx->o.loop, on_wait, m, &m->wait);
    }
    if (err == OK) {
        err = poster_new(m->ctx, &posting, m, &m->poster);
    }
    if (err == OK) {
        err = mend_get_new(m->ctx, m->poster, &getting, m, &m->get);
    }
    return err;
}

enum err mend_start(struct publish_ctx *ctx, enum mend_reason reason, publish_step_fn done,
    void *arg, struct mend **mend)
{
    struct mend *m = calloc(1, sizeof(*m));
    enum err err;

    if (m == NULL) {
        return ERR_NO_MEMORY;
    }
    m->ctx = ctx;
    publish_ctx_pin(ctx); /* workers read it, also for a while after a cancel */
    m->reason = reason;
    m->done = done;
    m->arg = arg;
    err = make_tools(m);
    if (err != OK) {
        stop(m);
        return err;
    }
    loop_timer_set(m->flush, MEND_FLUSH_MS);
    mend_work(m, run_find);
    *mend = m;
    return OK;
}
