/* After a loss: which files had bytes in the lost segments? Those bytes are sent again; what lies
 * in other segments stays, as pieces. Rare, so it may look at every entry. */
#include "flow/publish/unsend.h"

#include <stdlib.h>

#include "codec/manifest/extents.h"
#include "io/store/store_volume.h"

enum {
    UNSEND_BATCH = 500,  /* entries looked at in one call of the catalogue */
    UNSEND_PIECES = 256, /* pieces written in one */
};

struct unsend {
    const struct publish_ctx *ctx;
    const uint64_t *lost;
    size_t count;
    uint64_t folder; /* the key behind which the next batch begins */
    struct buf name;
    size_t seen;
    struct list touched; /* files to mark when the batch is over */
};

/* A file that may have lost bytes. */
struct touched {
    struct list node;
    const struct unsend *unsend;
    uint64_t folder;
    struct buf name;
    struct buf extents; /* empty: they are pieces */
    uint64_t block;     /* what is looked at next */
    bool hit;           /* it lost bytes */
    struct kept {       /* what it still has */
        uint64_t block;
        struct extent extent;
    } * kept;
    size_t kept_count, kept_cap;
};

static bool is_lost(const struct unsend *u, uint32_t volume, uint32_t index)
{
    uint64_t place = (uint64_t)volume << 32 | index;
    size_t low = 0, high = u->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (u->lost[mid] < place) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < u->count && u->lost[low] == place;
}

static enum err keep(struct touched *t, const struct extent *e)
{
    if (t->kept_count == t->kept_cap) {
        size_t cap = t->kept_cap == 0 ? 16 : t->kept_cap * 2;
        struct kept *grown = realloc(t->kept, cap * sizeof(*grown));

        if (grown == NULL) {
            return ERR_NO_MEMORY;
        }
        t->kept = grown;
        t->kept_cap = cap;
    }
    t->kept[t->kept_count++] = (struct kept){t->block, *e};
    return OK;
}

/* A run of raw blocks: keep what lies between the lost ones. */
static enum err sift_raw(struct touched *t, const struct extent *e)
{
    struct extent run = *e;
    enum err err = OK;

    run.blocks = 0;
    for (uint32_t i = 0; i <= e->blocks && err == OK; i++) {
        bool lost = i < e->blocks && is_lost(t->unsend, e->volume, e->index + i);

        if (i < e->blocks && !lost) {
            run.blocks++;
            continue;
        }
        t->hit = t->hit || lost;
        run.plain_len = (uint64_t)run.blocks * PAYLOAD_LEN;
        err = run.blocks > 0 ? keep(t, &run) : OK;
        t->block += run.blocks + lost;
        run.index = e->index + i + 1;
        run.blocks = 0;
    }
    return err;
}

static enum err sift_one(struct touched *t, const struct extent *e)
{
    enum err err = OK;

    if (e->kind == EXTENT_RAW) {
        return sift_raw(t, e);
    }
    if (e->kind == EXTENT_PACKED &&
        (is_lost(t->unsend, e->volume, e->index) ||
            (extent_is_cut(e) && is_lost(t->unsend, e->volume, e->next_index)))) {
        t->hit = true;
    } else {
        err = keep(t, e);
    }
    t->block += (e->plain_len + PAYLOAD_LEN - 1) / PAYLOAD_LEN;
    return err;
}

static enum err sift(struct touched *t, struct bytes run)
{
    struct extent_reader reader = {0};
    struct extent e;
    bool more = true;
    enum err err = OK;

    extent_reader_feed(&reader, run);
    while (err == OK) {
        err = extent_reader_next(&reader, &e, &more);
        if (err != OK || !more) {
            break;
        }
        err = sift_one(t, &e);
    }
    return err;
}

static enum err sift_piece(void *arg, const struct store_piece *piece)
{
    struct touched *t = arg;

    t->block = piece->block;
    return sift(t, piece->extents);
}

/* A file that was sent: look at it when the catalogue is free. */
static enum err look(void *arg, const struct store_entry *entry)
{
    struct unsend *u = arg;
    struct touched *t;
    enum err err;

    u->seen++;
    u->folder = entry->folder;
    u->name.len = 0;
    err = buf_append(&u->name, entry->name);
    if (err != OK || entry->type != STORE_FILE || !entry->sent || entry->size == 0) {
        return err;
    }
    t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return ERR_NO_MEMORY;
    }
    t->unsend = u;
    t->folder = entry->folder;
    list_push(&u->touched, &t->node);
    err = buf_append(&t->name, entry->name);
    return err == OK ? buf_append(&t->extents, entry->extents) : err;
}

static void touched_free(struct touched *t)
{
    buf_clear(&t->name);
    buf_clear(&t->extents);
    free(t->kept);
    free(t);
}

/* Write kept extents `from` .. `from + count` as pieces. */
static enum err write_pieces(const struct touched *t, size_t from, size_t count)
{
    const struct publish_ctx *ctx = t->unsend->ctx;
    struct store_piece pieces[UNSEND_PIECES];
    struct extent_writer writers[UNSEND_PIECES] = {0};
    struct store_flush flush = {.pieces = pieces, .piece_count = count};
    enum err err = OK;

    for (size_t i = 0; i < count && err == OK; i++) {
        const struct kept *k = &t->kept[from + i];

        err = extent_writer_put(&writers[i], &k->extent);
        pieces[i] = (struct store_piece){
            .folder = t->folder,
            .name = buf_view(&t->name),
            .block = k->block,
            .count = (k->extent.plain_len + PAYLOAD_LEN - 1) / PAYLOAD_LEN,
            .extents = buf_view(&writers[i].out),
        };
    }
    if (err == OK) {
        err = store_flush(ctx->o.store, ctx->share.id, &flush);
    }
    for (size_t i = 0; i < count; i++) {
        buf_clear(&writers[i].out);
    }
    return err;
}

/* The file is to be sent again but for what is kept. Dying in between costs no more than that. */
static enum err unsend_file(const struct touched *t)
{
    const struct publish_ctx *ctx = t->unsend->ctx;
    enum err err = store_entry_unsend(ctx->o.store, ctx->share.id, t->folder, buf_view(&t->name));

    for (size_t from = 0; from < t->kept_count && err == OK; from += UNSEND_PIECES) {
        size_t left = t->kept_count - from;

        err = write_pieces(t, from, left < UNSEND_PIECES ? left : UNSEND_PIECES);
    }
    return err;
}

static enum err judge(struct touched *t)
{
    const struct publish_ctx *ctx = t->unsend->ctx;
    enum err err;

    if (t->extents.len > 0) {
        err = sift(t, buf_view(&t->extents));
    } else {
        err = store_piece_each(
            ctx->o.store, ctx->share.id, t->folder, buf_view(&t->name), sift_piece, t);
    }
    return err == OK && t->hit ? unsend_file(t) : err;
}

/* Look at one batch of entries. */
static enum err batch(struct unsend *u)
{
    struct buf after = u->name;
    uint64_t folder = u->folder;
    enum err err;

    u->name = (struct buf){0};
    u->seen = 0;
    err = store_entry_after(
        u->ctx->o.store, u->ctx->share.id, folder, buf_view(&after), UNSEND_BATCH, look, u);
    LIST_EACH(node, next, &u->touched)
    {
        struct touched *t = LIST_ITEM(node, struct touched, node);

        if (err == OK) {
            err = judge(t);
        }
        list_remove(node);
        touched_free(t);
    }
    buf_clear(&after);
    return err;
}

enum err unsend_files(
    const struct publish_ctx *ctx, const uint64_t *lost, size_t count, const atomic_int *stop)
{
    struct unsend u = {.ctx = ctx, .lost = lost, .count = count};
    enum err err;

    list_init(&u.touched);
    do {
        err = atomic_load(stop) != 0 ? ERR_CANCELLED : batch(&u);
    } while (err == OK && u.seen == UNSEND_BATCH);
    buf_clear(&u.name);
    return err;
}
