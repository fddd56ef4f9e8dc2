/* The volume's parity: reckoned from every data segment that was got. Where some are to be had from
 * nowhere, parity that the server has makes up for them. */
#include <stdlib.h>
#include <string.h>

#include "flow/publish/mend_room.h"

static void on_room(void *arg)
{
    mend_pump(arg);
}

/* Nothing of the volume was got, so there was nothing to reckon. */
static enum err zero_slices(struct mend_solve *s)
{
    enum err err = OK;

    for (uint32_t j = 0; j < s->m && err == OK; j++) {
        err = buf_resize(&s->slices[j], SEGMENT_LEN);
        if (err == OK) {
            memset(s->slices[j].ptr, 0, SEGMENT_LEN);
        }
    }
    return err;
}

static void take_slices(struct mend_solve *s, struct parity *parity)
{
    memcpy(s->slice_cids, parity_cids(parity), s->m * sizeof(*s->slice_cids));
    for (uint32_t j = 0; j < s->m; j++) {
        struct buf *slice = parity_slice(parity, j);

        s->slices[j] = *slice;
        *slice = (struct buf){0};
    }
}

/* What is reckoned is ours now. */
static enum err take_parity(struct mend *m)
{
    struct mend_solve *s = &m->solve;
    enum err err = mend_solve_init(s, mend_nowhere(m), m->volume->m);
    size_t lost = 0;

    if (err == OK && s->count == m->volume->k) {
        err = zero_slices(s);
    } else if (err == OK) {
        take_slices(s, m->parity);
    }
    if (err != OK) {
        return err;
    }
    s->keys = m->volume->keys;
    for (uint32_t i = 0; i < m->volume->k; i++) {
        if (m->have[i] == HAVE_NOWHERE) {
            poster_take_buffer(m->poster, &s->payloads[lost]);
            s->lost[lost] = i;
            s->lost_cids[lost++] = out_volume_cid(m->volume, i);
        }
    }
    parity_cancel(m->parity);
    m->parity = NULL;
    return OK;
}

/* All of the volume that was got is in the slices. */
static enum err reckoned(struct mend *m)
{
    enum err err = take_parity(m);

    if (err != OK) {
        return err;
    }
    if (m->solve.count == 0) {
        mend_volume_post(m);
    } else {
        m->next = m->volume->k;
        m->fetched = 0;
        m->phase = MEND_FETCHING;
    }
    return OK;
}

static void on_ready(void *arg)
{
    struct mend *m = arg;
    enum err err = reckoned(m);

    if (err != OK) {
        mend_failed(m, err);
    } else {
        mend_pump(m);
    }
}

static void on_parity_failed(void *arg, enum err err)
{
    mend_failed(arg, err);
}

static void take_buffer(void *arg, struct buf *buffer)
{
    struct mend *m = arg;

    poster_take_buffer(m->poster, buffer);
}

static void give_buffer(void *arg, struct buf *buffer)
{
    struct mend *m = arg;

    poster_give_buffer(m->poster, buffer);
}

enum err mend_parity_begin(struct mend *m)
{
    static const struct parity_events events = {
        .room = on_room,
        .ready = on_ready,
        .failed = on_parity_failed,
        .take_buffer = take_buffer,
        .give_buffer = give_buffer,
    };
    struct parity_options options = {
        .workers = m->ctx->o.workers,
        .ck = m->ctx->keys.ck,
        .m_max = m->volume->m,
    };

    return parity_new(&options, &events, m, &m->parity);
}

enum err mend_parity_finish(struct mend *m)
{
    if (mend_nowhere(m) == m->volume->k) {
        return reckoned(m);
    }
    m->phase = MEND_RECKONING;
    return parity_finish(m->parity, m->volume->m);
}

/* --- out of the parity ------------------------------------------------------------------------ */

static void run_solve(void *arg)
{
    struct mend *m = arg;

    m->job_err = mend_solve_run(&m->solve);
}

enum err mend_parity_solved(struct mend *m)
{
    if (m->job_err == OK) {
        log_info("publish", "reckoned from parity volume=%u segments=%zu", m->volume->number,
            m->solve.count);
        mend_volume_post(m);
        return OK;
    }
    if (err_kind(m->job_err) == KIND_MISSING || err_kind(m->job_err) == KIND_CORRUPT) {
        log_warn("publish", "not solved volume=%u err=%s", m->volume->number, err_name(m->job_err));
        return mend_volume_give_up(m);
    }
    return m->job_err;
}

enum err mend_parity_fetch(struct mend *m)
{
    uint32_t count = out_volume_count(m->volume);
    enum err err = OK;

    while (err == OK && m->next < count && mend_get_has_room(m->get) &&
           m->fetched + mend_get_busy(m->get) < m->solve.count) {
        if (!mend_is_planned(m, m->next)) {
            err = mend_get_start(m->get, m->volume, m->next);
        }
        m->next++;
    }
    if (err != OK || mend_get_busy(m->get) > 0) {
        return err;
    }
    if (m->fetched < m->solve.count) {
        return mend_volume_give_up(m);
    }
    m->phase = MEND_SOLVING;
    mend_work(m, run_solve);
    return OK;
}
