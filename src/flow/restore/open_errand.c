/* The worker's part of fetching: everything that computes. */
#include "flow/restore/open_errand.h"

#include <stdlib.h>

#include "codec/yenc/yenc.h"

struct open_errand {
    struct errand errand;
    struct openers *openers;
    struct volume_keys keys; /* a copy, wiped */
    struct seal_place place;
    enum seal_kind kind;
    enum { OPEN_FROM_WIRE, OPEN_FROM_SCRATCH } from;
    struct buf wire;
    struct disk_scratch *scratch;
    uint64_t offset;
    struct held *payload; /* out */
    enum err err;         /* out */
    open_errand_fn done;
    void *arg;
};

/* From the body to sealed bytes, as they were before the mask. */
static enum err unwrap(struct sealer *s, struct open_errand *o, uint8_t *out)
{
    size_t len = 0;
    enum err err = yenc_decode(buf_view(&o->wire), out, SEGMENT_LEN, &len);

    if (err == OK && len != SEGMENT_LEN) {
        err = ERR_BAD_SEAL;
    }
    if (err == OK && seal_needs_mask(o->kind, o->place.attempt)) {
        err = seal_mask(s, &o->keys, &o->place, out);
    }
    if (err == OK && o->kind == SEAL_KIND_PARITY) {
        err = seal_check_parity(s, &o->keys, &o->place, out);
    }
    return err;
}

/* Sealed bytes are opened where they lie, so they go to the scratch file before they are known to
 * be right: who looks there waits for the answer. */
static enum err open_sealed(struct sealer *s, struct open_errand *o, uint8_t *out)
{
    enum err err;

    if (o->from == OPEN_FROM_SCRATCH) {
        err = disk_scratch_read(o->scratch, o->offset, out, SEGMENT_LEN);
    } else {
        err = unwrap(s, o, out);
        if (err == OK && o->scratch != NULL) {
            err = disk_scratch_write(o->scratch, o->offset, bytes_at(out, SEGMENT_LEN));
        }
    }
    if (err == OK && o->kind == SEAL_KIND_DATA) {
        err = seal_open(s, &o->keys, &o->place, out, out);
    }
    return err;
}

static void open_run(struct errand *errand)
{
    struct open_errand *o = (struct open_errand *)(void *)errand;
    struct sealer *s = NULL;

    o->err = openers_borrow(o->openers, &s);
    if (o->err != OK) {
        return;
    }
    o->payload = held_new(SEGMENT_LEN);
    o->err = o->payload == NULL ? ERR_NO_MEMORY : open_sealed(s, o, o->payload->bytes);
    openers_return(o->openers, s);
    if (o->err == OK) {
        o->payload->len = PAYLOAD_LEN;
    }
    if (o->kind == SEAL_KIND_PARITY) {
        held_drop(o->payload);
        o->payload = NULL;
    }
    buf_clear(&o->wire);
}

static void open_clear(struct errand *errand)
{
    struct open_errand *o = (struct open_errand *)(void *)errand;

    buf_clear(&o->wire);
    held_drop(o->payload);
    disk_scratch_drop(o->scratch);
    openers_drop(o->openers);
    bytes_wipe(&o->keys, sizeof(o->keys));
}

static void open_done(struct errand *errand)
{
    struct open_errand *o = (struct open_errand *)(void *)errand;
    open_errand_fn done = o->done;
    void *arg = o->arg;
    enum err err = o->err;
    struct held *payload = NULL;

    if (err == OK) {
        payload = o->payload;
        o->payload = NULL;
    }
    errand_free(errand);
    done(arg, err, payload);
}

enum err open_errand_start(
    struct restore_ctx *ctx, const struct open_article *article, open_errand_fn done, void *arg)
{
    struct open_errand *o = calloc(1, sizeof(*o));

    if (o == NULL) {
        return ERR_NO_MEMORY;
    }
    o->errand = (struct errand){.run = open_run, .done = open_done, .clear = open_clear};
    o->openers = openers_keep(ctx->openers);
    o->keys = *article->keys;
    o->place = *article->place;
    o->kind = article->kind;
    o->from = OPEN_FROM_SCRATCH;
    if (article->wire != NULL) {
        o->from = OPEN_FROM_WIRE;
        o->wire = *article->wire;
        *article->wire = (struct buf){0};
    }
    if (article->scratch != NULL) {
        o->scratch = disk_scratch_keep(article->scratch);
        o->offset = article->offset;
    }
    o->done = done;
    o->arg = arg;
    errand_submit(&ctx->errands, &o->errand);
    return OK;
}
