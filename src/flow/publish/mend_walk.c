/* One job on a worker. */
#include "flow/publish/mend_walk.h"

#include <stdlib.h>
#include <string.h>

enum { AHEAD_MAX = 2048 }; /* volumes looked into for more places */

struct mend_walk {
    struct publish_ctx *ctx;
    mend_walk_fn done;
    void *arg;
    struct work_job job;
    atomic_int stop;
    uint64_t *places; /* room for RESEAL_PLACES_MAX, or more if more are wanted */
    size_t count;
    uint32_t *volumes;
    size_t volume_count;
    struct reseal *made;
    enum err err;
};

static void walk_free(struct mend_walk *w)
{
    reseal_free(w->made);
    free(w->places);
    free(w->volumes);
    publish_ctx_unpin(w->ctx);
    free(w);
}

/* Is it to be posted? So are the lost places of a published volume that nobody has begun with. */
static bool planned(const struct store_volume *row, uint32_t index)
{
    unsigned state = row->states.ptr[index / 4] >> (2 * (index % 4)) & 3;

    return state == STORE_PLANNED ||
           (state == STORE_LOST && row->state == STORE_VOLUME_HEALING && row->version == 0);
}

enum mend_need mend_need_of(const struct store_volume *row)
{
    enum mend_need need = MEND_NOTHING;

    bool whole = row->state == STORE_VOLUME_CLOSED || row->state == STORE_VOLUME_HEALING;

    if (!whole || row->states.len < (row->k + row->m + 3) / 4) {
        return MEND_NOTHING;
    }
    for (uint32_t i = 0; i < row->k + row->m; i++) {
        if (planned(row, i)) {
            need = i < row->k ? MEND_LOST_DATA : MEND_PARITY;
        }
    }
    return need;
}

static enum err add_places(void *arg, const struct store_volume *row)
{
    struct mend_walk *w = arg;
    enum mend_need need = mend_need_of(row);

    for (uint32_t i = 0; need != MEND_NOTHING && i < row->k && w->count < RESEAL_PLACES_MAX; i++) {
        if (need == MEND_PARITY || planned(row, i)) {
            w->places[w->count++] = reseal_place(row->number, i);
        }
    }
    return OK;
}

static void run_walk(void *arg)
{
    struct mend_walk *w = arg;
    struct reseal_want want = {.places = w->places, .stop = &w->stop};

    w->err = OK;
    for (size_t i = 0; i < w->volume_count && w->count < RESEAL_PLACES_MAX && w->err == OK; i++) {
        w->err = store_volume_get(w->ctx->o.store, w->ctx->share.id, w->volumes[i], add_places, w);
    }
    if (w->err == OK) {
        want.count = w->count;
        w->err = reseal_new(w->ctx, &want, &w->made);
    }
}

static void on_walked(void *arg)
{
    struct mend_walk *w = arg;

    if (atomic_load(&w->stop) == 0) {
        w->done(w->arg, w->err, &w->made);
    }
    walk_free(w);
}

enum err mend_walk_start(struct publish_ctx *ctx, const struct mend_walk_want *want,
    mend_walk_fn done, void *arg, struct mend_walk **walk)
{
    size_t room = want->count > RESEAL_PLACES_MAX ? want->count : RESEAL_PLACES_MAX;
    struct mend_walk *w = calloc(1, sizeof(*w));

    if (w == NULL) {
        return ERR_NO_MEMORY;
    }
    w->ctx = ctx;
    publish_ctx_pin(ctx); /* a worker reads it, also for a while after a cancel */
    w->done = done;
    w->arg = arg;
    w->volume_count = want->volume_count < AHEAD_MAX ? want->volume_count : AHEAD_MAX;
    w->places = malloc(room * sizeof(*w->places));
    w->volumes = malloc((w->volume_count + 1) * sizeof(*w->volumes));
    if (w->places == NULL || w->volumes == NULL) {
        walk_free(w);
        return ERR_NO_MEMORY;
    }
    memcpy(w->places, want->places, want->count * sizeof(*w->places));
    w->count = want->count;
    if (w->volume_count > 0) {
        memcpy(w->volumes, want->volumes, w->volume_count * sizeof(*w->volumes));
    }
    w->job = (struct work_job){.run = run_walk, .done = on_walked, .arg = w};
    workers_submit(ctx->o.workers, &w->job);
    *walk = w;
    return OK;
}

void mend_walk_cancel(struct mend_walk *w)
{
    if (w == NULL) {
        return;
    }
    atomic_store(&w->stop, 1);
    if (workers_recall(&w->job)) {
        walk_free(w);
    }
}
