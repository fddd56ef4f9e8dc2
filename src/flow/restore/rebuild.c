/* Items: zstd frames and plain pieces of packs. */
#include "flow/restore/rebuild.h"

#include <stdlib.h>
#include <string.h>

#include <zstd.h>

struct rebuild_errand {
    struct errand errand;
    struct openers *openers;
    struct rebuild in;
    struct rebuilt out;
    enum err err;
    rebuild_fn done;
    void *arg;
};

/* Put the parts behind one another; a single part is used where it lies. */
static enum err join(struct rebuild_errand *r, struct rebuilt *joined)
{
    size_t len = r->in.part[0].len + r->in.part[1].len;

    joined->len = len;
    if (r->in.part[1].data == NULL) {
        joined->data = held_keep(r->in.part[0].data);
        joined->from = r->in.part[0].from;
        return OK;
    }
    joined->data = held_new(len);
    if (joined->data == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0, at = 0; i < 2; at += r->in.part[i].len, i++) {
        memcpy(joined->data->bytes + at, r->in.part[i].data->bytes + r->in.part[i].from,
            r->in.part[i].len);
    }
    joined->own_bytes = true;
    return OK;
}

/* Replace *b by what the frame in it holds: exactly `plain_len` bytes. */
static enum err decompress(struct rebuilt *b, size_t plain_len)
{
    struct held *plain = held_new(plain_len);
    size_t len;

    if (plain == NULL) {
        return ERR_NO_MEMORY;
    }
    len = ZSTD_decompress(plain->bytes, plain_len, b->data->bytes + b->from, b->len);
    if (ZSTD_isError(len) || len != plain_len) {
        held_drop(plain);
        return ERR_BAD_FORMAT;
    }
    held_drop(b->data);
    *b = (struct rebuilt){.data = plain, .len = plain_len, .own_bytes = true};
    return OK;
}

static enum err check_item(struct rebuild_errand *r)
{
    struct sealer *s = NULL;
    struct cid cid;
    enum err err = openers_borrow(r->openers, &s);

    if (err != OK) {
        return err;
    }
    err = seal_cid(s, r->in.ck, bytes_at(r->out.data->bytes + r->out.from, r->out.len), &cid);
    openers_return(r->openers, s);
    if (err == OK && memcmp(cid.b, r->in.item, ITEM_ID_LEN) != 0) {
        err = ERR_BAD_SEAL;
    }
    return err;
}

static void rebuild_run(struct errand *errand)
{
    struct rebuild_errand *r = (struct rebuild_errand *)(void *)errand;

    r->err = join(r, &r->out);
    if (r->err == OK && r->in.coding == CODING_ZSTD) {
        r->err = decompress(&r->out, (size_t)r->in.plain_len);
    }
    if (r->err == OK && r->out.len != r->in.plain_len) {
        r->err = ERR_BAD_FORMAT;
    }
    if (r->err == OK) {
        r->err = check_item(r);
    }
}

static void rebuild_clear(struct errand *errand)
{
    struct rebuild_errand *r = (struct rebuild_errand *)(void *)errand;

    held_drop(r->in.part[0].data);
    held_drop(r->in.part[1].data);
    held_drop(r->out.data);
    openers_drop(r->openers);
    bytes_wipe(r->in.ck, sizeof(r->in.ck));
}

static void rebuild_done(struct errand *errand)
{
    struct rebuild_errand *r = (struct rebuild_errand *)(void *)errand;
    rebuild_fn done = r->done;
    void *arg = r->arg;
    enum err err = r->err;
    struct rebuilt out = {0};

    if (err == OK) {
        out = r->out;
        r->out.data = NULL;
    }
    errand_free(errand);
    done(arg, err, &out);
}

enum err rebuild_start(
    struct restore_ctx *ctx, const struct rebuild *rebuild, rebuild_fn done, void *arg)
{
    struct rebuild_errand *r = calloc(1, sizeof(*r));

    if (r == NULL) {
        held_drop(rebuild->part[0].data);
        held_drop(rebuild->part[1].data);
        return ERR_NO_MEMORY;
    }
    r->errand = (struct errand){.run = rebuild_run, .done = rebuild_done, .clear = rebuild_clear};
    r->openers = openers_keep(ctx->openers);
    r->in = *rebuild;
    r->done = done;
    r->arg = arg;
    errand_submit(&ctx->errands, &r->errand);
    return OK;
}
