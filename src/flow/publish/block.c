/* What happens to a block before it is packed. */
#include "flow/publish/block.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum {
    ZSTD_LEVEL = 3,
    ZSTD_KEEP_PERCENT = 92, /* DESIGN.md section 4: kept if it is no longer than this */
    ZSTD_MIN = 64,          /* shorter items are not worth a try */
    PROBE_LEN =
        16384, /* a full block is probed at three places before it is compressed as a whole */
};

enum err block_new(struct block **block)
{
    struct block *b = calloc(1, sizeof(*b));
    enum err err;

    if (b == NULL) {
        return ERR_NO_MEMORY;
    }
    list_init(&b->node);
    b->zstd = ZSTD_createCCtx();
    err = b->zstd == NULL ? ERR_NO_MEMORY : sealer_new(&b->sealer);
    if (err != OK) {
        block_free(b);
        return err;
    }
    *block = b;
    return OK;
}

void block_free(struct block *b)
{
    if (b == NULL) {
        return;
    }
    list_remove(&b->node);
    buf_clear(&b->plain);
    buf_clear(&b->small);
    sealer_free(b->sealer);
    ZSTD_freeCCtx(b->zstd);
    free(b);
}

static bool all_zero(struct bytes b)
{
    return b.len > 0 && b.ptr[0] == 0 && memcmp(b.ptr, b.ptr + 1, b.len - 1) == 0;
}

static bool worth(size_t small, size_t plain)
{
    return small * 100 <= plain * ZSTD_KEEP_PERCENT;
}

/* Compress `in` into b->small. False: it does not shrink enough. */
static bool shrinks(struct block *b, struct bytes in)
{
    size_t got;

    if (buf_resize(&b->small, ZSTD_compressBound(in.len)) != OK) {
        return false;
    }
    got = ZSTD_compressCCtx(b->zstd, b->small.ptr, b->small.len, in.ptr, in.len, ZSTD_LEVEL);
    if (ZSTD_isError(got) || !worth(got, in.len)) {
        return false;
    }
    b->small.len = got;
    return true;
}

/* Is any of three short pieces of the block compressible? */
static bool probe(struct block *b)
{
    size_t last = b->plain.len - PROBE_LEN;

    for (size_t i = 0; i < 3; i++) {
        if (shrinks(b, bytes_at(b->plain.ptr + last / 2 * i, PROBE_LEN))) {
            return true;
        }
    }
    return false;
}

static bool compress(struct block *b)
{
    if (b->plain.len < ZSTD_MIN || (b->plain.len == PAYLOAD_LEN && !probe(b))) {
        return false;
    }
    return shrinks(b, buf_view(&b->plain));
}

static enum err make_item(struct block *b)
{
    struct cid cid;
    enum err err = seal_cid(b->sealer, b->ck, buf_view(&b->plain), &cid);

    if (err != OK) {
        return err;
    }
    memcpy(b->item, cid.b, sizeof(b->item));
    b->kind = BLOCK_ITEM;
    return OK;
}

static enum err work(struct block *b)
{
    enum err err = source_read(b->open, b->source, b->number, &b->plain);

    if (err != OK) {
        return err;
    }
    if (all_zero(buf_view(&b->plain))) {
        b->kind = BLOCK_HOLE;
        return OK;
    }
    b->coding = compress(b) ? CODING_ZSTD : CODING_RAW;
    if (b->coding == CODING_RAW && b->plain.len == PAYLOAD_LEN) {
        b->kind = BLOCK_RAW;
        return OK;
    }
    return make_item(b);
}

void block_run(void *arg)
{
    struct block *b = arg;

    b->err = work(b);
}

struct bytes block_stored(const struct block *b)
{
    return buf_view(b->coding == CODING_ZSTD ? &b->small : &b->plain);
}
