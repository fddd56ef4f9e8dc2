/* What happens to a block before it is packed. */
#include "flow/publish/block.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "codec/seal/sealer.h"
#include "io/store/store_known.h"

enum {
    ZSTD_LEVEL = 3,
    ZSTD_PROBE_LEVEL = 1,   /* its tables are small: a probe is cheap */
    ZSTD_KEEP_PERCENT = 92, /* DESIGN.md section 4: kept if it is no longer than this */
    ZSTD_MIN = 64,          /* shorter items are not worth a try */
    PROBE_LEN =
        16384, /* a full block is probed at three places before it is compressed as a whole */
    SMALL_KEPT = 131072, /* bytes that a block keeps for what becomes of the next one */
    SQUEEZE_LEN = 65536, /* from here on compressing is worth a hand-over to whoever is free */
};

enum err block_new(struct block **block)
{
    struct block *b = calloc(1, sizeof(*b));

    if (b == NULL) {
        return ERR_NO_MEMORY;
    }
    list_init(&b->node);
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
    free(b);
}

void block_rest(struct block *b)
{
    if (b->small.cap > SMALL_KEPT) {
        buf_clear(&b->small);
    }
}

enum err block_batch_new(struct block_batch **batch)
{
    struct block_batch *b = calloc(1, sizeof(*b));

    if (b == NULL) {
        return ERR_NO_MEMORY;
    }
    list_init(&b->node);
    b->zstd = ZSTD_createCCtx();
    if (b->zstd == NULL) {
        block_batch_free(b);
        return ERR_NO_MEMORY;
    }
    *batch = b;
    return OK;
}

void block_batch_free(struct block_batch *b)
{
    if (b == NULL) {
        return;
    }
    list_remove(&b->node);
    ZSTD_freeCCtx(b->zstd);
    bytes_wipe(b->ck, sizeof(b->ck));
    free(b);
}

/* --- rooms ------------------------------------------------------------------------------------ */

struct squeezer {
    struct list node;
    ZSTD_CCtx *zstd;
    struct buf out;
};

struct squeezers {
    pthread_mutex_t lock;
    struct list idle;
};

enum err squeezers_new(struct squeezers **squeezers)
{
    struct squeezers *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        return ERR_NO_MEMORY;
    }
    pthread_mutex_init(&s->lock, NULL);
    list_init(&s->idle);
    *squeezers = s;
    return OK;
}

static void squeezer_free(struct squeezer *s)
{
    list_remove(&s->node);
    ZSTD_freeCCtx(s->zstd);
    buf_clear(&s->out);
    free(s);
}

void squeezers_free(struct squeezers *s)
{
    if (s == NULL) {
        return;
    }
    LIST_EACH(node, after, &s->idle)
    {
        squeezer_free(LIST_ITEM(node, struct squeezer, node));
    }
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static struct squeezer *squeezer_make(void)
{
    struct squeezer *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        return NULL;
    }
    list_init(&s->node);
    s->zstd = ZSTD_createCCtx();
    if (s->zstd == NULL) {
        squeezer_free(s);
        return NULL;
    }
    return s;
}

/* NULL: no memory. */
static struct squeezer *squeezers_take(struct squeezers *s)
{
    struct list *node;

    pthread_mutex_lock(&s->lock);
    node = list_take(&s->idle);
    pthread_mutex_unlock(&s->lock);
    return node != NULL ? LIST_ITEM(node, struct squeezer, node) : squeezer_make();
}

static void squeezers_give(struct squeezers *s, struct squeezer *room)
{
    pthread_mutex_lock(&s->lock);
    list_push_front(&s->idle, &room->node);
    pthread_mutex_unlock(&s->lock);
}

/* --- compressing ------------------------------------------------------------------------------ */

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
static bool shrinks(struct block *b, void *zstd, struct bytes in, int level)
{
    return compress_at(zstd, level, in, &b->small) == OK && worth(b->small.len, in.len);
}

/* Is any of three short pieces of the block compressible? */
static bool probe(struct block *b, void *zstd)
{
    size_t last = b->plain.len - PROBE_LEN;

    for (size_t i = 0; i < 3; i++) {
        struct bytes piece = bytes_at(b->plain.ptr + last / 2 * i, PROBE_LEN);

        if (shrinks(b, zstd, piece, ZSTD_PROBE_LEVEL)) {
            return true;
        }
    }
    return false;
}

/* If compressing pays it is an item, as a short block is in any case. */
static void judge_squeezed(struct block *b, bool small)
{
    b->coding = small ? CODING_ZSTD : CODING_RAW;
    b->kind = small || b->plain.len < PAYLOAD_LEN ? BLOCK_ITEM : BLOCK_RAW;
}

/* Compress the whole block if that pays. */
static void squeeze(struct block *b, void *zstd)
{
    judge_squeezed(
        b, b->plain.len >= ZSTD_MIN && shrinks(b, zstd, buf_view(&b->plain), ZSTD_LEVEL));
}

/* Compressed where there is room for the worst; kept in no more than it needs. */
static enum err squeeze_in(struct squeezer *room, struct block *b)
{
    enum err err = compress_at(room->zstd, ZSTD_LEVEL, buf_view(&b->plain), &room->out);
    bool small = err == OK && worth(room->out.len, b->plain.len);

    b->small.len = 0;
    if (small) {
        err = buf_append(&b->small, buf_view(&room->out));
    }
    judge_squeezed(b, small);
    return err;
}

void block_squeeze_run(void *arg)
{
    struct block *b = arg;
    struct squeezer *room = squeezers_take(b->squeezers);

    if (room == NULL) {
        b->err = ERR_NO_MEMORY;
        return;
    }
    b->err = squeeze_in(room, b);
    squeezers_give(b->squeezers, room);
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
static enum err look_up(const struct block_batch *batch, struct block *b)
{
    struct buf extent = {0};
    enum err err = ERR_NO_ROW;

    if (batch->store == NULL) {
        return ERR_NO_ROW;
    }
    b->known = (struct extent){.kind = EXTENT_RAW, .plain_len = PAYLOAD_LEN, .blocks = 1};
    if (b->plain.len == PAYLOAD_LEN) {
        err = store_block_find(
            batch->store, batch->share, &b->cid, &b->known.volume, &b->known.index);
    }
    if (err == ERR_NO_ROW) {
        err = store_item_find(batch->store, batch->share, b->cid.b, &extent);
        if (err == OK) {
            err = read_known(b, buf_view(&extent));
        }
    }
    buf_clear(&extent);
    return err;
}

/* Read a block. False: there is nothing to name. */
static bool read_bytes(struct block *b)
{
    enum source_found found;

    b->err = source_read(b->open, b->source, b->number, &b->plain, &found);
    b->kind = BLOCK_HOLE;
    return b->err == OK && found != SOURCE_HOLE && !all_zero(buf_view(&b->plain));
}

/* What becomes of a block that has a name. */
static enum err judge(const struct block_batch *batch, struct block *b)
{
    enum err err = look_up(batch, b);

    if (err != ERR_NO_ROW) {
        b->kind = BLOCK_KNOWN;
        return err;
    }
    if (b->plain.len < SQUEEZE_LEN) {
        squeeze(b, batch->zstd);
    } else if (b->plain.len == PAYLOAD_LEN && !probe(b, batch->zstd)) {
        b->coding = CODING_RAW;
        b->kind = BLOCK_RAW;
    } else {
        b->kind = BLOCK_SQUEEZE;
    }
    return OK;
}

void block_batch_run(void *arg)
{
    struct block_batch *batch = arg;
    struct block *named[BLOCK_BATCH];
    struct bytes contents[BLOCK_BATCH] = {{NULL, 0}};
    struct cid cids[BLOCK_BATCH];
    size_t count = 0;

    for (size_t i = 0; i < batch->count; i++) {
        struct block *b = batch->blocks[i];

        if (read_bytes(b)) {
            contents[count] = buf_view(&b->plain);
            named[count++] = b;
        }
    }
    seal_cids(batch->ck, contents, count, cids);
    for (size_t i = 0; i < count; i++) {
        named[i]->cid = cids[i];
        named[i]->err = judge(batch, named[i]);
    }
}

struct bytes block_stored(const struct block *b)
{
    return buf_view(b->coding == CODING_ZSTD ? &b->small : &b->plain);
}
