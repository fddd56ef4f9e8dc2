/* After a loss: the lost places are free again, each under its next attempt. */
#include "flow/publish/confirm.h"
#include "flow/publish/out_volume.h"
#include "io/store/store_known.h"

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

static void plan_again(struct out_volume *volume, uint32_t index)
{
    out_volume_lose(volume, index);
    out_volume_give_up(volume, index);
}

enum err confirm_replan(struct publish_ctx *ctx, const uint64_t *lost, size_t count)
{
    enum err err = OK;

    for (size_t i = 0; i < count && err == OK;) {
        uint32_t number = (uint32_t)(lost[i] >> 32);
        struct load load = {ctx, NULL};

        err = store_volume_get(ctx->o.store, ctx->share.id, number, load_row, &load);
        if (err != OK) {
            break;
        }
        /* Other bytes may come to these places: what was known to lie there is known no more. */
        err = store_item_forget(ctx->o.store, ctx->share.id, number);
        for (; i < count && (uint32_t)(lost[i] >> 32) == number; i++) {
            plan_again(load.found, (uint32_t)lost[i]);
        }
        if (err == OK) {
            err = out_volume_store(ctx, load.found);
        }
        out_volume_free(load.found);
    }
    return err;
}
