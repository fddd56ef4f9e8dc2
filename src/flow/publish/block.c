/* What happens to a block before it is packed. */
#include "flow/publish/block.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "io/store/store_known.h"

enum {
    ZSTD_LEVEL = 3,
    ZSTD_PROBE_LEVEL = 1,   /* its tables are small: a probe is cheap */
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

static enum err compress_at(void *zstd, int level, struct bytes in, struct buf *out)
{
    enum err err = buf_resize(out, ZSTD_compressBound(in.len));
    size_t got;

    if (err != OK) {
        return err;
    }
    got = ZSTD_compressCCtx(zstd, out->ptr, out->len, in.ptr, in.len, level);
    if (ZSTD_isError(got)) {
        return ERR_NO_MEMORY; /* nothing else can go wrong with so much room */
    }
    out->len = got;
    return OK;
}

enum err block_compress(void *zstd, struct bytes plain, struct buf *out)
{
    return compress_at(zstd, ZSTD_LEVEL, plain, out);
}

/* Compress `in` into b->small. False: it does not shrink enough. */
static bool shrinks(struct block *b, struct bytes in, int level)
{
    return compress_at(b->zstd, level, in, &b->small) == OK && worth(b->small.len, in.len);
}

/* Is any of three short pieces of the block compressible? */
static bool probe(struct block *b)
{
    size_t last = b->plain.len - PROBE_LEN;

    for (size_t i = 0; i < 3; i++) {
        if (shrinks(b, bytes_at(b->plain.ptr + last / 2 * i, PROBE_LEN), ZSTD_PROBE_LEVEL)) {
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
    return shrinks(b, buf_view(&b->plain), ZSTD_LEVEL);
}

/* The one extent of an item that the share has; it must be of as many bytes. */
static enum err read_known(struct block *b, struct bytes encoded)
{
    struct extent_reader reader = {0};
    bool more = false;
    enum err err;

    extent_reader_feed(&reader, encoded);
    err = extent_reader_next(&reader, &b->known, &more);
    if (err != OK || !more) {
        return ERR_STORE_CORRUPT;
    }
    return b->known.kind == EXTENT_PACKED && b->known.plain_len == b->plain.len ? OK : ERR_NO_ROW;
}

/* Does the share have these bytes, in segments that are confirmed? ERR_NO_ROW: no. */
static enum err look_up(struct block *b)
{
    struct buf extent = {0};
    enum err err = ERR_NO_ROW;

    if (b->store == NULL) {
        return ERR_NO_ROW;
    }
    b->known = (struct extent){.kind = EXTENT_RAW, .plain_len = PAYLOAD_LEN, .blocks = 1};
    if (b->plain.len == PAYLOAD_LEN) {
        err = store_block_find(b->store, b->share, &b->cid, &b->known.volume, &b->known.index);
    }
    if (err == ERR_NO_ROW) {
        err = store_item_find(b->store, b->share, b->cid.b, &extent);
        if (err == OK) {
            err = read_known(b, buf_view(&extent));
        }
    }
    buf_clear(&extent);
    return err;
}

static enum err work(struct block *b)
{
    enum source_found found;
    enum err err = source_read(b->open, b->source, b->number, &b->plain, &found);

    if (err != OK) {
        return err;
    }
    if (found == SOURCE_HOLE || all_zero(buf_view(&b->plain))) {
        b->kind = BLOCK_HOLE;
        return OK;
    }
    err = seal_cid(b->sealer, b->ck, buf_view(&b->plain), &b->cid);
    if (err == OK) {
        err = look_up(b);
    }
    if (err != ERR_NO_ROW) {
        b->kind = BLOCK_KNOWN;
        return err;
    }
    b->coding = compress(b) ? CODING_ZSTD : CODING_RAW;
    b->kind = b->coding == CODING_RAW && b->plain.len == PAYLOAD_LEN ? BLOCK_RAW : BLOCK_ITEM;
    return OK;
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
