/* The worker's part of fetching: everything that computes. */
#include "flow/restore/open_errand.h"

#include <stdlib.h>

#include "codec/yenc/yenc.h"

/* One segment. */
struct opening {
    struct list node;        /* in openings->waiting, or in its errand */
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

/* Those that go to a worker together. */
struct open_errand {
    struct errand errand;
    struct restore_ctx *ctx; /* the loop's */
    struct openers *openers;
    struct list list;
};

static void opening_free(struct opening *o)
{
    list_remove(&o->node);
    buf_clear(&o->wire);
    held_drop(o->payload);
    disk_scratch_drop(o->scratch);
    bytes_wipe(&o->keys, sizeof(o->keys));
    free(o);
}

static void free_all(struct list *list)
{
    LIST_EACH(node, after, list)
    {
        opening_free(LIST_ITEM(node, struct opening, node));
    }
}

void openings_init(struct openings *openings)
{
    list_init(&openings->waiting);
}

void openings_clear(struct openings *openings)
{
    if (openings->waiting.next != NULL) {
        free_all(&openings->waiting);
    }
}

/* --- on a worker ---------------------------------------------------------------------------- */

/* From the body to sealed bytes, as they were before the mask. */
static enum err unwrap(struct sealer *s, struct opening *o, uint8_t *out)
{
    size_t len = 0;
    enum err err = yenc_decode(buf_view(&o->wire), out, SEGMENT_LEN, &len);

    if (err == OK && len != SEGMENT_LEN) {
        err = ERR_BAD_SEAL;
    }
    if (err == OK && seal_needs_mask(o->kind, o->place.attempt)) {
        err = seal_mask(s, &o->keys, &o->place, out);
    }
    return err;
}

/* Sealed bytes are opened where they lie, so they go to the scratch file before they are known to
 * be right: who looks there waits for the answer. */
static enum err get_sealed(struct sealer *s, struct opening *o)
{
    enum err err;

    o->payload = held_new(SEGMENT_LEN);
    if (o->payload == NULL) {
        return ERR_NO_MEMORY;
    }
    if (o->from == OPEN_FROM_SCRATCH) {
        return disk_scratch_read(o->scratch, o->offset, o->payload->bytes, SEGMENT_LEN);
    }
    err = unwrap(s, o, o->payload->bytes);
    buf_clear(&o->wire);
    if (err == OK && o->scratch != NULL) {
        err = disk_scratch_write(o->scratch, o->offset, bytes_at(o->payload->bytes, SEGMENT_LEN));
    }
    return err;
}

/* Fill `each` with those that could be had. */
static size_t get_all(struct sealer *s, struct list *list, struct seal_opening *each)
{
    size_t count = 0;

    LIST_EACH(node, after, list)
    {
        struct opening *o = LIST_ITEM(node, struct opening, node);

        o->err = get_sealed(s, o);
        if (o->err == OK) {
            each[count++] = (struct seal_opening){
                .keys = &o->keys, .place = &o->place, .kind = o->kind, .bytes = o->payload->bytes};
        }
    }
    return count;
}

/* The answers, in the order of get_all(). */
static void settle_all(struct list *list, enum err all, const struct seal_opening *each)
{
    LIST_EACH(node, after, list)
    {
        struct opening *o = LIST_ITEM(node, struct opening, node);

        if (o->err == OK) {
            o->err = all != OK ? all : each->err;
            each++;
        }
        if (o->err == OK && o->kind == SEAL_KIND_DATA) {
            o->payload->len = PAYLOAD_LEN;
        } else {
            held_drop(o->payload);
            o->payload = NULL;
        }
    }
}

static void open_run(struct errand *errand)
{
    struct open_errand *e = (struct open_errand *)(void *)errand;
    struct seal_opening each[SEAL_OPEN_MAX];
    struct sealer *s = NULL;
    enum err err = openers_borrow(e->openers, &s);

    if (err != OK) {
        LIST_EACH(node, after, &e->list)
        {
            LIST_ITEM(node, struct opening, node)->err = err;
        }
        return;
    }
    err = seal_open_many(s, each, get_all(s, &e->list, each));
    openers_return(e->openers, s);
    settle_all(&e->list, err, each);
}

static void open_clear(struct errand *errand)
{
    struct open_errand *e = (struct open_errand *)(void *)errand;

    free_all(&e->list);
    openers_drop(e->openers);
}

/* --- on the loop ------------------------------------------------------------------------------ */

static void open_more(struct restore_ctx *ctx);

static void tell(struct opening *o)
{
    open_errand_fn done = o->done;
    void *arg = o->arg;
    enum err err = o->err;
    struct held *payload = o->payload;

    o->payload = NULL;
    opening_free(o);
    done(arg, err, payload);
}

static void open_done(struct errand *errand)
{
    struct open_errand *e = (struct open_errand *)(void *)errand;
    struct list *node;

    e->ctx->openings.out--;
    open_more(e->ctx);
    while ((node = list_take(&e->list)) != NULL) {
        tell(LIST_ITEM(node, struct opening, node));
    }
    errand_free(errand);
}

/* With all that gathered; NULL: no memory. */
static struct open_errand *errand_of(struct restore_ctx *ctx)
{
    struct open_errand *e = calloc(1, sizeof(*e));
    struct list *node;

    if (e == NULL) {
        return NULL;
    }
    e->errand = (struct errand){.run = open_run, .done = open_done, .clear = open_clear};
    e->ctx = ctx;
    e->openers = openers_keep(ctx->openers);
    list_init(&e->list);
    for (size_t i = 0; i < SEAL_OPEN_MAX && (node = list_take(&ctx->openings.waiting)) != NULL;
         i++) {
        list_push(&e->list, node);
    }
    return e;
}

static void open_more(struct restore_ctx *ctx)
{
    while (
        !list_empty(&ctx->openings.waiting) && ctx->openings.out < workers_used(ctx->env.workers)) {
        struct open_errand *e = errand_of(ctx);

        if (e == NULL) {
            restore_ctx_fail(ctx, ERR_NO_MEMORY, NULL);
            return;
        }
        ctx->openings.out++;
        errand_submit(&ctx->errands, &e->errand);
    }
}

enum err open_errand_start(
    struct restore_ctx *ctx, const struct open_article *article, open_errand_fn done, void *arg)
{
    struct opening *o = calloc(1, sizeof(*o));

    if (o == NULL) {
        return ERR_NO_MEMORY;
    }
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
    list_push(&ctx->openings.waiting, &o->node);
    open_more(ctx);
    return OK;
}
