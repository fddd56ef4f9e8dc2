/* One volume. In a pass its data segments are got again, each given to whoever needs it: the poster
 * the lost ones, the parity object all of them when parity is to be made. What cannot be got is
 * solved out of the parity that the server has, or given up. */
#include <stdlib.h>
#include <string.h>

#include "base/crash_point.h"
#include "flow/publish/confirm.h"
#include "flow/publish/mend_room.h"
#include "flow/publish/out_volume_loss.h"

/* --- what is there ---------------------------------------------------------------------------- */

bool mend_is_planned(const struct mend *m, uint32_t index)
{
    return out_volume_state_of(m->volume, index) == STORE_PLANNED;
}

size_t mend_nowhere(const struct mend *m)
{
    size_t count = 0;

    for (uint32_t i = 0; i < m->volume->k; i++) {
        count += m->have[i] == HAVE_NOWHERE;
    }
    return count;
}

/* Has the server as much parity as data is to be had from nowhere? */
static bool solvable(const struct mend *m)
{
    size_t parity = 0;

    for (uint32_t i = m->volume->k; i < out_volume_count(m->volume); i++) {
        parity += !mend_is_planned(m, i);
    }
    return parity >= mend_nowhere(m);
}

/* Name the parity places that have none; a name that one has already is the same. */
static void name_places(struct mend *m)
{
    for (uint32_t j = 0; j < m->volume->m; j++) {
        if (mend_is_planned(m, m->volume->k + j)) {
            out_volume_set_cid(m->volume, m->volume->k + j, &m->solve.slice_cids[j]);
        }
    }
}

void mend_volume_post(struct mend *m)
{
    if (m->solve.m > 0) {
        name_places(m);
    }
    m->next = 0;
    m->phase = MEND_POSTING;
}

/* --- passes ----------------------------------------------------------------------------------- */

static enum err begin_pass(struct mend *m, enum mend_need need)
{
    for (uint32_t i = 0; i < m->volume->k; i++) {
        if (m->have[i] != HAVE_NOWHERE) {
            m->have[i] = need == MEND_PARITY || mend_is_planned(m, i) ? HAVE_WANTED : HAVE_NOT;
        }
    }
    m->next = 0;
    m->passes++;
    m->phase = MEND_GETTING;
    return need == MEND_PARITY ? mend_parity_begin(m) : OK;
}

/* What a published volume lost gets attempts that nobody can guess, which are kept before anything
 * goes out under them. It belongs to the version that is being made from now on. */
static enum err begin_healing(struct mend *m)
{
    struct out_volume *v = m->volume;
    uint32_t count = out_volume_count(v);
    enum err err = OK;

    m->listed = calloc(count, sizeof(*m->listed));
    if (m->listed == NULL) {
        return ERR_NO_MEMORY;
    }
    memcpy(m->listed, v->attempts, count * sizeof(*m->listed));
    for (uint32_t i = 0; i < count && err == OK && v->version == 0; i++) {
        if (out_volume_state_of(v, i) == STORE_LOST) {
            err = out_volume_lose(v, i);
        }
    }
    v->version = m->ctx->version;
    v->dirty = 1;
    if (err == OK) {
        err = out_volume_store(m->ctx, v);
    }
    crash_point("new attempts kept");
    return err;
}

enum err mend_volume_load(struct mend *m, const struct store_volume *row)
{
    m->need = mend_need_of(row);
    return m->need != MEND_NOTHING ? out_volume_from_row(m->ctx, m->ctx->sealer, row, &m->volume)
                                   : OK;
}

enum err mend_volume_begin(struct mend *m)
{
    enum err err = OK;

    m->have = calloc(m->volume->k, 1);
    m->posted = calloc(out_volume_count(m->volume), 1);
    if (m->have == NULL || m->posted == NULL) {
        return ERR_NO_MEMORY;
    }
    m->round = 0;
    if (m->volume->state == STORE_VOLUME_HEALING) {
        err = begin_healing(m);
    }
    return err == OK ? begin_pass(m, m->need) : err;
}

void mend_volume_end(struct mend *m)
{
    parity_cancel(m->parity);
    m->parity = NULL;
    mend_solve_clear(&m->solve);
    out_volume_free(m->volume);
    m->volume = NULL;
    free(m->have);
    m->have = NULL;
    free(m->posted);
    m->posted = NULL;
    free(m->listed);
    m->listed = NULL;
}

static void on_walked(void *arg, enum err err, struct reseal **reseal)
{
    struct mend *m = arg;

    m->walk = NULL;
    if (err != OK) {
        mend_failed(m, err);
        return;
    }
    mend_get_use(m->get, *reseal);
    *reseal = NULL;
    mend_pump(m);
}

/* Walk for what this pass still wants, and for the volumes that come next. */
static enum err walk(struct mend *m)
{
    struct mend_walk_want want = {
        .volumes = m->todo + m->at, .volume_count = m->todo_count - m->at};
    uint64_t *places = calloc(m->volume->k, sizeof(*places));
    enum err err;

    if (places == NULL) {
        return ERR_NO_MEMORY;
    }
    for (uint32_t i = m->next; i < m->volume->k; i++) {
        if (m->have[i] == HAVE_WANTED) {
            places[want.count++] = reseal_place(m->volume->number, i);
        }
    }
    want.places = places;
    err = mend_walk_start(m->ctx, &want, on_walked, m, &m->walk);
    free(places);
    return err;
}

/* Room for one more segment, also for posting it? */
static bool has_room(const struct mend *m)
{
    return mend_get_has_room(m->get) &&
           poster_busy(m->poster) + mend_get_busy(m->get) < poster_window(m->poster) &&
           (m->parity == NULL || parity_has_room(m->parity));
}

static enum err get_more(struct mend *m)
{
    enum err err = OK;

    while (err == OK && m->walk == NULL && has_room(m)) {
        while (m->next < m->volume->k && m->have[m->next] != HAVE_WANTED) {
            m->next++;
        }
        if (m->next == m->volume->k) {
            break;
        }
        if (!mend_get_covers(m->get, reseal_place(m->volume->number, m->next))) {
            return mend_get_busy(m->get) == 0 ? walk(m) : OK;
        }
        m->have[m->next] = HAVE_ASKED;
        err = mend_get_start(m->get, m->volume, m->next);
    }
    return err;
}

/* --- the end of a pass ------------------------------------------------------------------------ */

/* Of a published volume: what cannot be made again stays lost, recovery segments too. */
static void abandon(struct mend *m)
{
    for (uint32_t i = 0; i < out_volume_count(m->volume) && m->listed != NULL; i++) {
        bool nowhere = i >= m->volume->k || m->have[i] == HAVE_NOWHERE;

        if (nowhere && mend_is_planned(m, i) && !m->posted[i]) {
            out_volume_abandon(m->volume, i, m->listed[i]);
        }
    }
}

enum err mend_volume_give_up(struct mend *m)
{
    enum err err = OK;

    log_warn("publish", "to be had from nowhere volume=%u segments=%zu", m->volume->number,
        mend_nowhere(m));
    for (uint32_t i = 0; i < m->volume->k && err == OK; i++) {
        if (m->have[i] == HAVE_NOWHERE) {
            err = mend_give_up(m, i);
        }
    }
    parity_cancel(m->parity);
    m->parity = NULL;
    mend_solve_clear(&m->solve);
    abandon(m);
    mend_volume_post(m); /* nothing but what is under way */
    return err;
}

/* Articles that were accepted and are not there: some may only be late. False: nobody is waited
 * for. */
static bool wait_for_late(struct mend *m)
{
    uint64_t ms = confirm_wait_ms(m->ctx, m->round);
    bool late = false;

    for (uint32_t i = 0; i < m->volume->k && ms > 0; i++) {
        if (m->have[i] == HAVE_NOWHERE && !mend_is_planned(m, i)) {
            m->have[i] = HAVE_WANTED;
            late = true;
        }
    }
    if (late) {
        m->round++;
        m->next = 0;
        m->phase = MEND_WAITING;
        loop_timer_set(m->wait, ms);
    }
    return late;
}

/* What is to be had from nowhere is lost. The catalogue knows before it is posted again. */
static enum err lose(struct mend *m)
{
    enum err err = OK;

    for (uint32_t i = 0; i < m->volume->k && err == OK; i++) {
        if (m->have[i] == HAVE_NOWHERE && !mend_is_planned(m, i)) {
            err = out_volume_lose(m->volume, i);
            m->posted[i] = 0;
        }
    }
    return err == OK ? out_volume_store(m->ctx, m->volume) : err;
}

static enum err pass_over(struct mend *m)
{
    enum err err;

    if (mend_nowhere(m) == 0) {
        if (m->parity != NULL) {
            return mend_parity_finish(m);
        }
        mend_volume_post(m);
        return OK;
    }
    if (wait_for_late(m)) {
        return OK;
    }
    err = lose(m);
    if (err != OK) {
        return err;
    }
    if (!solvable(m)) {
        return mend_volume_give_up(m);
    }
    return m->parity != NULL ? mend_parity_finish(m) : begin_pass(m, MEND_PARITY);
}

/* --- posting ---------------------------------------------------------------------------------- */

static enum err post(struct mend *m, uint32_t index, struct buf *payload)
{
    struct cid cid = out_volume_cid(m->volume, index);

    m->posted[index] = 1;
    return poster_send(m->poster, &(struct poster_segment){.volume = m->volume,
                                      .index = index,
                                      .payload = payload,
                                      .cid = &cid,
                                      .kind = out_volume_kind_of(m->volume, index)});
}

/* What was made for place `index`; NULL: nothing. */
static struct buf *made_for(struct mend *m, uint32_t index)
{
    struct mend_solve *s = &m->solve;

    if (index >= m->volume->k) {
        return s->m > 0 ? &s->slices[index - m->volume->k] : NULL;
    }
    for (size_t i = 0; i < s->count; i++) {
        if (s->lost[i] == index) {
            return &s->payloads[i];
        }
    }
    return NULL;
}

/* *over: everything is out and accepted. */
static enum err post_more(struct mend *m, bool *over)
{
    uint32_t count = out_volume_count(m->volume);
    enum err err = OK;

    while (err == OK && m->next < count && poster_has_room(m->poster)) {
        uint32_t index = m->next++;
        struct buf *made =
            mend_is_planned(m, index) && !m->posted[index] ? made_for(m, index) : NULL;

        if (made != NULL) {
            err = post(m, index, made);
        }
    }
    *over = err == OK && m->next == count && poster_busy(m->poster) == 0;
    return *over ? out_volume_store(m->ctx, m->volume) : err;
}

/* --- events ----------------------------------------------------------------------------------- */

static enum err got_data(struct mend *m, uint32_t index, struct buf *raw, struct buf *payload)
{
    enum err err = OK;

    m->have[index] = HAVE_GOT;
    if (mend_is_planned(m, index) && !m->posted[index]) {
        err = post(m, index, payload);
    }
    return err == OK && m->parity != NULL ? parity_add(m->parity, index, raw) : err;
}

enum err mend_volume_got(struct mend *m, uint32_t index, struct buf *raw, struct buf *payload)
{
    enum err err = OK;

    if (index < m->volume->k) {
        err = got_data(m, index, raw, payload);
    } else {
        m->solve.exponents[m->fetched] = index - m->volume->k;
        m->solve.fetched[m->fetched++] = *raw;
        *raw = (struct buf){0};
    }
    poster_give_buffer(m->poster, raw);
    poster_give_buffer(m->poster, payload);
    return err;
}

/* Parity that is gone is in need of posting like any other: its slice is known by then. */
enum err mend_volume_missing(struct mend *m, uint32_t index)
{
    if (index < m->volume->k) {
        m->have[index] = HAVE_NOWHERE;
        return OK;
    }
    return out_volume_lose(m->volume, index);
}

enum err mend_volume_step(struct mend *m, bool *over)
{
    enum mend_phase before;
    unsigned passes;
    enum err err = OK;

    *over = false;
    do {
        before = m->phase;
        passes = m->passes;
        if (m->phase == MEND_GETTING) {
            err = get_more(m);
            if (err == OK && m->next == m->volume->k && mend_get_busy(m->get) == 0) {
                err = pass_over(m);
            }
        } else if (m->phase == MEND_FETCHING) {
            err = mend_parity_fetch(m);
        } else if (m->phase == MEND_POSTING) {
            err = post_more(m, over);
        }
    } while (err == OK && (m->phase != before || m->passes != passes));
    return err;
}
