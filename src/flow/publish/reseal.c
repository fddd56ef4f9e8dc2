/* Putting one payload together: every item in it is read from its file and stored as it was stored
 * then, and the content id says whether that is still the same. Several files may have the same
 * bytes in the same place; the first that can be read does. */
#include "flow/publish/reseal.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "codec/yenc/yenc.h"
#include "flow/publish/block.h"
#include "flow/publish/reseal_room.h"

struct reseal_maker {
    const struct publish_ctx *ctx;
    struct publish_paths paths;
    struct buf root, path;   /* of the file being read */
    struct buf plain, small; /* one block, and compressed */
    struct sealer *sealer;
    void *zstd;
};

enum err reseal_maker_new(const struct publish_ctx *ctx, struct reseal_maker **maker)
{
    struct reseal_maker *m = calloc(1, sizeof(*m));
    enum err err;

    if (m == NULL) {
        return ERR_NO_MEMORY;
    }
    m->ctx = ctx;
    m->zstd = ZSTD_createCCtx();
    err = m->zstd == NULL ? ERR_NO_MEMORY : sealer_new(&m->sealer);
    if (err == OK) {
        err = publish_paths_init(&m->paths, ctx);
    }
    if (err != OK) {
        reseal_maker_free(m);
        return err;
    }
    *maker = m;
    return OK;
}

void reseal_maker_free(struct reseal_maker *m)
{
    if (m == NULL) {
        return;
    }
    publish_paths_clear(&m->paths);
    buf_clear(&m->root);
    buf_clear(&m->path);
    buf_clear(&m->plain);
    buf_clear(&m->small);
    sealer_free(m->sealer);
    ZSTD_freeCCtx(m->zstd);
    free(m);
}

struct sealer *reseal_maker_sealer(struct reseal_maker *m)
{
    return m->sealer;
}

static enum err is_still(struct disk_file *file, const struct disk_stat *stat)
{
    struct disk_stat now;
    enum err err = disk_file_stat(file, &now);

    return err == OK && !disk_stat_same(&now, stat) ? ERR_CHANGED : err;
}

/* Fill m->plain with the block, unless the file is not the one that the catalogue knows. */
static enum err read_block(
    struct reseal_maker *m, const struct reseal_file *from, const struct reseal_item *item)
{
    struct store_entry entry = {.folder = from->folder, .name = buf_view(&from->name)};
    struct disk_file *file = NULL;
    size_t got = 0;
    enum err err;

    m->root.len = 0;
    m->path.len = 0;
    err = publish_paths_of(&m->paths, m->ctx, &entry, &m->root, &m->path);
    if (err == OK) {
        err = disk_file_open(buf_view(&m->root), buf_view(&m->path), &file);
    }
    if (err == OK) {
        err = is_still(file, &from->stat);
    }
    if (err == OK) {
        err = buf_resize(&m->plain, item->plain_len);
    }
    if (err == OK) {
        err = disk_file_read(file, item->block * PAYLOAD_LEN, m->plain.ptr, item->plain_len, &got);
    }
    if (err == OK) {
        err = got == item->plain_len ? is_still(file, &from->stat) : ERR_CHANGED;
    }
    disk_file_free(file);
    return err;
}

/* Lay the item's stored bytes where they were. */
static enum err lay(struct reseal_maker *m, const struct reseal_file *from,
    const struct reseal_item *item, struct buf *payload)
{
    struct bytes stored;
    enum err err = read_block(m, from, item);

    if (err == OK && item->coding == CODING_ZSTD) {
        err = block_compress(m->zstd, buf_view(&m->plain), &m->small);
    }
    if (err != OK) {
        return err;
    }
    stored = buf_view(item->coding == CODING_ZSTD ? &m->small : &m->plain);
    if (stored.len != item->stored_len) {
        return ERR_CHANGED;
    }
    memcpy(payload->ptr + item->at, stored.ptr + item->skip, item->len);
    return OK;
}

/* Is it our own failure, whatever the file holds? */
static bool is_ours(enum err err)
{
    return err == ERR_NO_MEMORY || err == ERR_STORE || err == ERR_STORE_CORRUPT ||
           err_kind(err) == KIND_BUG;
}

static enum err lay_all(
    const struct reseal *r, struct reseal_maker *m, uint32_t place, struct buf *payload)
{
    size_t low = 0, high = r->item_count;
    uint32_t laid = UINT32_MAX; /* where the last one that was laid begins */

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (r->items[mid].place < place) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    for (; low < r->item_count && r->items[low].place == place; low++) {
        const struct reseal_item *item = &r->items[low];
        enum err err = item->at == laid ? OK : lay(m, &r->files[item->file], item, payload);

        if (is_ours(err)) {
            return err;
        }
        laid = err == OK ? item->at : laid;
    }
    return OK;
}

enum err reseal_make(const struct reseal *r, struct reseal_maker *m, uint64_t place,
    const struct cid *cid, struct buf *payload)
{
    struct cid made;
    enum err err;

    if (!reseal_covers(r, place)) {
        return ERR_BUG;
    }
    payload->len = 0;
    err = buf_reserve(payload, SEGMENT_LEN);
    if (err == OK) {
        err = buf_resize(payload, PAYLOAD_LEN);
    }
    if (err != OK) {
        return err;
    }
    memset(payload->ptr, 0, PAYLOAD_LEN);
    err = lay_all(r, m, (uint32_t)reseal_at_or_behind(r, place), payload);
    if (err == OK) {
        err = seal_cid(m->sealer, m->ctx->keys.ck, buf_view(payload), &made);
    }
    return err == OK && !cid_equal(&made, cid) ? ERR_CHANGED : err;
}

enum err reseal_open(
    struct sealer *sealer, const struct reseal_body *in, struct buf *raw, struct buf *payload)
{
    size_t len = 0;
    enum err err = buf_resize(raw, SEGMENT_LEN);

    if (err == OK) {
        err = yenc_decode(in->body, raw->ptr, raw->len, &len);
    }
    if (err == OK && len != SEGMENT_LEN) {
        err = ERR_BAD_SEAL;
    }
    if (err == OK && seal_needs_mask(in->kind, in->place.attempt)) {
        err = seal_mask(sealer, in->keys, &in->place, raw->ptr);
    }
    if (err == OK && in->kind == SEAL_KIND_PARITY) {
        return seal_check_parity(sealer, in->keys, &in->place, raw->ptr);
    }
    if (err == OK && payload != NULL) {
        err = buf_resize(payload, PAYLOAD_LEN);
    }
    if (err == OK) {
        err = seal_open(
            sealer, in->keys, &in->place, raw->ptr, payload != NULL ? payload->ptr : raw->ptr);
    }
    return err;
}
