/* One volume's row after the other. */
#include "flow/publish/replan.h"

#include "flow/publish/out_volume_loss.h"
#include "io/store/store_known.h"

typedef enum err (*change_fn)(struct out_volume *volume, uint32_t index);

struct load {
    struct publish_ctx *ctx;
    struct out_volume *found;
};

static enum err load_row(void *arg, const struct store_volume *row)
{
    struct load *l = arg;

    if (row->state == STORE_VOLUME_LIVE) {
        return ERR_BUG; /* nothing joins it any more */
    }
    return out_volume_from_row(l->ctx, l->ctx->sealer, row, &l->found);
}

/* Change the places of the first volume among `places`; *done: how many those are. */
static enum err change_volume(
    struct publish_ctx *ctx, const uint64_t *places, size_t count, change_fn change, size_t *done)
{
    uint32_t number = (uint32_t)(places[0] >> 32);
    struct load load = {ctx, NULL};
    enum err err = store_volume_get(ctx->o.store, ctx->share.id, number, load_row, &load);

    for (*done = 0; err == OK && *done < count && places[*done] >> 32 == number; (*done)++) {
        err = change(load.found, (uint32_t)places[*done]);
    }
    if (err == OK) {
        err = out_volume_store(ctx, load.found);
    }
    out_volume_free(load.found);
    return err;
}

static enum err change_all(
    struct publish_ctx *ctx, const uint64_t *places, size_t count, change_fn change)
{
    size_t done;
    enum err err = OK;

    for (; count > 0 && err == OK; places += done, count -= done) {
        err = change_volume(ctx, places, count, change, &done);
    }
    return err;
}

enum err replan_lost(struct publish_ctx *ctx, const uint64_t *places, size_t count)
{
    return change_all(ctx, places, count, out_volume_lose);
}

static enum err see(struct out_volume *volume, uint32_t index)
{
    if (index < out_volume_count(volume) && out_volume_state_of(volume, index) == STORE_ACCEPTED) {
        out_volume_set_state(volume, index, STORE_CONFIRMED);
    }
    return OK;
}

enum err replan_seen(struct publish_ctx *ctx, const uint64_t *places, size_t count)
{
    return change_all(ctx, places, count, see);
}

/* What a published volume lost stays lost there, and nobody else may have its place. */
static enum err give_up(struct out_volume *volume, uint32_t index)
{
    if (volume->state != STORE_VOLUME_HEALING) {
        out_volume_give_up(volume, index);
    }
    return OK;
}

enum err replan_given_up(struct publish_ctx *ctx, const uint64_t *places, size_t count)
{
    size_t done = 0;
    enum err err = OK;

    for (; count > 0 && err == OK; places += done, count -= done) {
        /* Other bytes may come to these places: what was known to lie there is known no more. */
        err = store_item_forget(ctx->o.store, ctx->share.id, (uint32_t)(places[0] >> 32));
        if (err == OK) {
            err = change_volume(ctx, places, count, give_up, &done);
        }
    }
    return err;
}
