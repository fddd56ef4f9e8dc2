/* The worker's part of looking at articles. */
#include "flow/check/slice_errand.h"

#include <stdlib.h>

#include "codec/yenc/yenc.h"

struct slice_errand {
    struct errand errand;
    struct openers *openers;
    struct volume_keys keys; /* a copy, wiped */
    struct seal_place place;
    enum seal_kind kind;
    struct buf wire;
    struct slice_keeper *keeper;
    enum err err; /* out */
    slice_errand_fn done;
    void *arg;
};

enum err slice_check(struct sealer *sealer, const struct volume_keys *keys,
    const struct seal_place *place, enum seal_kind kind, const uint8_t *slice, uint8_t *scratch)
{
    return kind == SEAL_KIND_PARITY ? seal_check_parity(sealer, keys, place, slice)
                                    : seal_open(sealer, keys, place, slice, scratch);
}

/* `room` is two slices: the one that arrives, and what it opens to. */
static enum err look(struct slice_errand *o, struct sealer *sealer, uint8_t *room)
{
    size_t len = 0;
    enum err err = yenc_decode(buf_view(&o->wire), room, SEGMENT_LEN, &len);

    if (err == OK && len != SEGMENT_LEN) {
        err = ERR_BAD_SEAL;
    }
    if (err == OK && seal_needs_mask(o->kind, o->place.attempt)) {
        err = seal_mask(sealer, &o->keys, &o->place, room);
    }
    if (err == OK) {
        err = slice_check(sealer, &o->keys, &o->place, o->kind, room, room + SEGMENT_LEN);
    }
    if (err == OK && o->keeper != NULL) {
        err = o->keeper->keep(o->keeper, o->place.index, room);
    }
    return err;
}

static void slice_run(struct errand *errand)
{
    struct slice_errand *o = (struct slice_errand *)(void *)errand;
    struct sealer *sealer = NULL;
    uint8_t *room = malloc(2 * (size_t)SEGMENT_LEN);

    o->err = room == NULL ? ERR_NO_MEMORY : openers_borrow(o->openers, &sealer);
    if (o->err == OK) {
        o->err = look(o, sealer, room);
        openers_return(o->openers, sealer);
    }
    free(room);
    buf_clear(&o->wire);
}

static void slice_clear(struct errand *errand)
{
    struct slice_errand *o = (struct slice_errand *)(void *)errand;

    buf_clear(&o->wire);
    openers_drop(o->openers);
    if (o->keeper != NULL) {
        o->keeper->drop(o->keeper);
    }
    bytes_wipe(&o->keys, sizeof(o->keys));
}

static void slice_done(struct errand *errand)
{
    struct slice_errand *o = (struct slice_errand *)(void *)errand;
    slice_errand_fn done = o->done;
    void *arg = o->arg;
    enum err err = o->err;

    errand_free(errand);
    done(arg, err);
}

enum err slice_errand_start(
    struct restore_ctx *ctx, const struct slice_article *article, slice_errand_fn done, void *arg)
{
    struct slice_errand *o = calloc(1, sizeof(*o));

    if (o == NULL) {
        return ERR_NO_MEMORY;
    }
    o->errand = (struct errand){.run = slice_run, .done = slice_done, .clear = slice_clear};
    o->openers = openers_keep(ctx->openers);
    o->keys = *article->keys;
    o->place = article->place;
    o->kind = article->kind;
    o->wire = *article->wire;
    *article->wire = (struct buf){0};
    o->keeper = article->keeper;
    if (o->keeper != NULL) {
        o->keeper->hold(o->keeper);
    }
    o->done = done;
    o->arg = arg;
    errand_submit(&ctx->errands, &o->errand);
    return OK;
}
