/* After a loss: which files had bytes in the lost segments? They are sent again. Rare, so it may
 * look at every entry. */
#include <stdlib.h>

#include "codec/manifest/extents.h"
#include "flow/publish/confirm.h"
#include "io/store/store_entry.h"

enum { UNSEND_BATCH = 500 };

struct unsend {
    struct publish_ctx *ctx;
    const uint64_t *lost;
    size_t count;
    uint64_t folder; /* the key behind which the next batch begins */
    struct buf name;
    size_t seen;
    struct list touched; /* files to mark when the batch is over */
    bool hit;            /* piece_touches(): one of the pieces does */
};

struct touched {
    struct list node;
    uint64_t folder;
    struct buf name;
    bool sure; /* false: its extents are pieces, which have to be looked at */
};

static bool is_lost(const struct unsend *u, uint32_t volume, uint32_t index, uint32_t blocks)
{
    uint64_t from = (uint64_t)volume << 32 | index;
    size_t low = 0, high = u->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (u->lost[mid] < from) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < u->count && u->lost[low] < from + blocks;
}

static enum err touches(const struct unsend *u, struct bytes run, bool *yes)
{
    struct extent_reader reader = {0};
    struct extent e;
    bool more = true;
    enum err err = OK;

    extent_reader_feed(&reader, run);
    *yes = false;
    while (err == OK && more && !*yes) {
        err = extent_reader_next(&reader, &e, &more);
        if (err != OK || !more || e.kind == EXTENT_HOLE) {
            continue;
        }
        *yes = is_lost(u, e.volume, e.index, e.kind == EXTENT_RAW ? e.blocks : 1) ||
               (extent_is_cut(&e) && is_lost(u, e.volume, e.next_index, 1));
    }
    return err;
}

static enum err piece_touches(void *arg, const struct store_piece *piece)
{
    struct unsend *u = arg;
    bool yes;
    enum err err = touches(u, piece->extents, &yes);

    u->hit = u->hit || yes;
    return err;
}

static enum err look(void *arg, const struct store_entry *entry)
{
    struct unsend *u = arg;
    struct touched *t;
    bool yes = false;
    enum err err = OK;

    u->seen++;
    u->folder = entry->folder;
    u->name.len = 0;
    err = buf_append(&u->name, entry->name);
    if (err == OK && entry->type == STORE_FILE && entry->sent && entry->size > 0) {
        err = touches(u, entry->extents, &yes);
    } else {
        return err;
    }
    if (err != OK || (!yes && entry->extents.len > 0)) {
        return err;
    }
    t = calloc(1, sizeof(*t));
    if (t == NULL) {
        return ERR_NO_MEMORY;
    }
    t->folder = entry->folder;
    t->sure = yes;
    list_push(&u->touched, &t->node);
    return buf_append(&t->name, entry->name);
}

static enum err mark(struct unsend *u)
{
    struct list *node;
    enum err err = OK;

    while ((node = list_take(&u->touched)) != NULL) {
        struct touched *t = LIST_ITEM(node, struct touched, node);

        u->hit = t->sure;
        if (err == OK && !t->sure) {
            err = store_piece_each(
                u->ctx->o.store, u->ctx->share.id, t->folder, buf_view(&t->name), piece_touches, u);
        }
        if (err == OK && u->hit) {
            err = store_entry_unsend(
                u->ctx->o.store, u->ctx->share.id, t->folder, buf_view(&t->name));
        }
        buf_clear(&t->name);
        free(t);
    }
    return err;
}

enum err confirm_unsend(struct publish_ctx *ctx, const uint64_t *lost, size_t count)
{
    struct unsend u = {.ctx = ctx, .lost = lost, .count = count};
    enum err err;

    list_init(&u.touched);
    do {
        struct buf after = u.name;
        uint64_t folder = u.folder;

        u.name = (struct buf){0};
        u.seen = 0;
        err = store_entry_after(
            ctx->o.store, ctx->share.id, folder, buf_view(&after), UNSEND_BATCH, look, &u);
        buf_clear(&after);
        if (err == OK) {
            err = mark(&u);
        } else {
            (void)mark(&u);
        }
    } while (err == OK && u.seen == UNSEND_BATCH);
    buf_clear(&u.name);
    return err;
}
