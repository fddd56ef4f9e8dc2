/* Rows of the catalogue become records of the tree; rows of volumes become entries of the table. */
#include "flow/publish/tree_build.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "codec/manifest/record.h"
#include "codec/manifest/volume_table.h"
#include "flow/publish/head.h"
#include "flow/publish/source.h"
#include "io/store/store_volume.h"

enum {
    BUILD_BATCH = 500, /* rows a step */
    BUILD_VOLUME_BATCH = 8,
    BUILD_HEAD_RESERVE = 2048, /* of a head's payload, for what is not inline data */
};

/* A row of the catalogue, held while the store is free for other calls. */
struct row {
    struct store_entry entry;
    struct buf name, target, extents;
};

struct batch {
    struct row *rows;
    size_t count;
};

static void batch_clear(struct batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        buf_clear(&b->rows[i].name);
        buf_clear(&b->rows[i].target);
        buf_clear(&b->rows[i].extents);
    }
    free(b->rows);
}

static enum err batch_add(void *arg, const struct store_entry *entry)
{
    struct batch *b = arg;
    struct row *row = &b->rows[b->count];
    enum err err;

    *row = (struct row){.entry = *entry};
    b->count++;
    err = buf_append(&row->name, entry->name);
    if (err == OK) {
        err = buf_append(&row->target, entry->target);
    }
    if (err == OK) {
        err = buf_append(&row->extents, entry->extents);
    }
    row->entry.name = buf_view(&row->name);
    row->entry.target = buf_view(&row->target);
    row->entry.extents = buf_view(&row->extents);
    return err;
}

enum err tree_build_init(struct tree_build *b, const struct publish_ctx *ctx, enum tree_mode mode)
{
    enum meta_mode where = mode == TREE_IN_VOLUMES ? META_VOLUMES : META_INLINE;
    enum err err;

    *b = (struct tree_build){.ctx = ctx, .mode = mode};
    err = meta_init(&b->meta, ctx, where, HEAD_CORE_LEN - BUILD_HEAD_RESERVE);
    if (err == OK) {
        err = publish_paths_init(&b->paths, ctx);
    }
    if (err == OK) {
        err = tree_builder_new(meta_emit, &b->meta, &b->builder);
    }
    if (err == OK) {
        err = extent_list_new(meta_emit, &b->meta, &b->extents);
    }
    return err;
}

void tree_build_clear(struct tree_build *b)
{
    tree_builder_free(b->builder);
    extent_list_free(b->extents);
    publish_paths_clear(&b->paths);
    meta_clear(&b->meta);
    buf_clear(&b->name);
    buf_clear(&b->key);
    buf_clear(&b->value);
    buf_clear(&b->result.inlined);
    buf_clear(&b->result.metas);
    *b = (struct tree_build){0};
}

/* --- extents ---------------------------------------------------------------------------------- */

static enum err add_run(struct tree_build *b, struct bytes run)
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
        err = extent_list_add(b->extents, &e);
    }
    return err;
}

/* One run of all pieces: the catalogue is not to be called while it lists them, and a chunk of the
 * list may want a new volume. */
static enum err keep_piece(void *arg, const struct store_piece *piece)
{
    struct extent_writer *writer = arg;
    struct extent_reader reader = {0};
    struct extent e;
    bool more = true;
    enum err err = OK;

    extent_reader_feed(&reader, piece->extents);
    while (err == OK) {
        err = extent_reader_next(&reader, &e, &more);
        if (err != OK || !more) {
            break;
        }
        err = extent_writer_put(writer, &e);
    }
    return err;
}

static enum err add_pieces(struct tree_build *b, const struct row *row)
{
    struct extent_writer writer = {0};
    enum err err = store_piece_each(b->ctx->o.store, b->ctx->share.id, row->entry.folder,
        buf_view(&row->name), keep_piece, &writer);

    if (err == OK) {
        err = add_run(b, buf_view(&writer.out));
    }
    buf_clear(&writer.out);
    return err;
}

/* The extents of a sent file: short ones as they are, long ones as objects of their own. */
static enum err sent_extents(
    struct tree_build *b, const struct row *row, struct record *record, struct buf *run)
{
    enum err err;

    if (row->extents.len > 0 && row->extents.len <= EXTENTS_INLINE_MAX) {
        record->extents = buf_view(&row->extents);
        return OK;
    }
    if (row->extents.len > 0) {
        err = add_run(b, buf_view(&row->extents));
    } else {
        err = add_pieces(b, row);
    }
    if (err == OK) {
        err = extent_list_finish(b->extents, &record->depth, run);
    }
    record->extents = buf_view(run);
    return err;
}

/* Put the item of a small file into the head; `plain` is all of it. */
static enum err inline_item(struct tree_build *b, struct bytes plain, struct extent *e)
{
    struct buf small = {0};
    struct cid cid;
    size_t got;
    enum err err = seal_cid(b->meta.sealer, b->ctx->keys.ck, plain, &cid);

    if (err == OK) {
        err = buf_resize(&small, ZSTD_compressBound(plain.len));
    }
    if (err != OK) {
        return err;
    }
    *e = (struct extent){.kind = EXTENT_PACKED, .plain_len = plain.len, .coding = CODING_ZSTD};
    memcpy(e->item, cid.b, sizeof(e->item));
    got = ZSTD_compress(small.ptr, small.len, plain.ptr, plain.len, 3);
    small.len = got;
    if (ZSTD_isError(got) || got >= plain.len) {
        e->coding = CODING_RAW;
    }
    e->stored_len = (uint32_t)(e->coding == CODING_ZSTD ? got : plain.len);
    err = meta_inline(&b->meta, e->coding == CODING_ZSTD ? buf_view(&small) : plain, &e->offset);
    buf_clear(&small);
    return err;
}

/* Read a file that is not sent; it is one block at most. One that cannot be read now is for the
 * sending step, which tries again and tells: ERR_TOO_BIG. */
static enum err inline_file(struct tree_build *b, struct row *row, struct buf *run)
{
    struct source *source = NULL;
    struct buf plain = {0};
    struct extent_writer writer = {0};
    enum source_found found;
    struct extent e;
    enum err err = source_new(&row->entry, &source);

    if (err == OK) {
        err = source->blocks == 1 ? source_begin(source, b->ctx, &b->paths) : ERR_TOO_BIG;
    }
    if (err == OK) {
        err = source_read(source->open, source, 0, &plain, &found) == OK ? OK : ERR_TOO_BIG;
    }
    if (err == OK) {
        err = inline_item(b, buf_view(&plain), &e);
    }
    if (err == OK) {
        err = extent_writer_put(&writer, &e);
    }
    *run = writer.out;
    buf_clear(&plain);
    source_free(source);
    return err;
}

/* --- records ---------------------------------------------------------------------------------- */

static enum err add_record(struct tree_build *b, const struct row *row, const struct record *record)
{
    enum err err;

    b->key.len = 0;
    b->value.len = 0;
    err = record_key_put(&b->key, row->entry.folder, row->entry.name);
    if (err == OK) {
        err = record_encode(record, &b->value);
    }
    return err == OK ? tree_builder_add(b->builder, buf_view(&b->key), buf_view(&b->value)) : err;
}

static enum err add_file(struct tree_build *b, struct row *row)
{
    struct record record = {
        .type = RECORD_FILE,
        .mode = (uint16_t)row->entry.mode,
        .mtime_ns = row->entry.mtime_ns,
        .size = row->entry.size,
    };
    struct buf run = {0};
    enum err err = OK;

    if (row->entry.size > 0 && row->entry.sent) {
        err = sent_extents(b, row, &record, &run);
    } else if (row->entry.size > 0) {
        err = b->mode == TREE_ALL_INLINE ? inline_file(b, row, &run) : ERR_CHANGED;
        record.extents = buf_view(&run);
    }
    if (err == OK) {
        err = add_record(b, row, &record);
    }
    buf_clear(&run);
    b->result.files += err == OK;
    b->result.bytes += err == OK ? row->entry.size : 0;
    return err;
}

struct first_name {
    uint64_t folder;
    struct buf name;
};

static enum err keep_first(void *arg, const struct store_entry *entry)
{
    struct first_name *first = arg;

    first->folder = entry->folder;
    return buf_append(&first->name, entry->name);
}

/* A file with several names is sent under the first; the others are links to that. */
static enum err add_name(struct tree_build *b, struct row *row)
{
    struct record record = {.type = RECORD_HARD_LINK};
    struct first_name first = {0};
    enum err err =
        store_entry_first(b->ctx->o.store, b->ctx->share.id, &row->entry, keep_first, &first);

    if (err == OK && (first.folder != row->entry.folder ||
                         !bytes_equal(buf_view(&first.name), row->entry.name))) {
        record.folder = first.folder;
        record.text = buf_view(&first.name);
        err = add_record(b, row, &record);
        b->result.links += err == OK;
    } else if (err == OK || err == ERR_NO_ROW) {
        err = add_file(b, row);
    }
    buf_clear(&first.name);
    return err;
}

static enum err add_entry(struct tree_build *b, struct row *row)
{
    struct record record = {
        .mode = (uint16_t)row->entry.mode,
        .mtime_ns = row->entry.mtime_ns,
    };

    switch (row->entry.type) {
    case STORE_DIRECTORY:
        record.type = RECORD_DIRECTORY;
        record.folder = row->entry.child;
        b->result.directories++;
        return add_record(b, row, &record);
    case STORE_SYMLINK:
        record.type = RECORD_SYMLINK;
        record.text = row->entry.target;
        b->result.symlinks++;
        return add_record(b, row, &record);
    case STORE_FILE:
        return row->entry.links > 1 ? add_name(b, row) : add_file(b, row);
    }
    return ERR_STORE_CORRUPT;
}

static enum err step_entries(struct tree_build *b)
{
    struct batch batch = {calloc(BUILD_BATCH, sizeof(struct row)), 0};
    enum err err;

    if (batch.rows == NULL) {
        return ERR_NO_MEMORY;
    }
    err = store_entry_after(b->ctx->o.store, b->ctx->share.id, b->folder, buf_view(&b->name),
        BUILD_BATCH, batch_add, &batch);
    for (size_t i = 0; i < batch.count && err == OK; i++) {
        err = add_entry(b, &batch.rows[i]);
    }
    if (err == OK && batch.count < BUILD_BATCH) {
        err = tree_builder_finish(b->builder, &b->result.tree);
        b->phase = BUILD_VOLUMES;
    } else if (err == OK) {
        const struct row *last = &batch.rows[batch.count - 1];

        b->folder = last->entry.folder;
        b->name.len = 0;
        err = buf_append(&b->name, last->entry.name);
    }
    batch_clear(&batch);
    return err;
}

/* --- the table of volumes --------------------------------------------------------------------- */

/* Rows held while the store is free for other calls: writing an object may make a new volume. */
struct volume_row {
    struct store_volume volume;
    struct buf cids, exceptions;
};

struct volume_batch {
    struct volume_row rows[BUILD_VOLUME_BATCH];
    size_t count;
};

static enum err keep_volume(void *arg, const struct store_volume *volume)
{
    struct volume_batch *batch = arg;
    struct volume_row *row = &batch->rows[batch->count++];
    enum err err;

    row->volume = *volume;
    err = buf_append(&row->cids, volume->cids);
    return err == OK ? buf_append(&row->exceptions, volume->exceptions) : err;
}

static enum err add_volume(struct tree_build *b, const struct volume_row *row)
{
    const struct store_volume *volume = &row->volume;
    struct volume_entry entry = {
        .number = volume->number, .kind = VOLUME_DATA, .k = volume->k, .m = volume->m};
    uint8_t key[VOLUME_KEY_LEN];
    enum err err;

    memcpy(entry.vk, volume->key, sizeof(entry.vk));
    volume_key(volume->number, key);
    b->value.len = 0;
    b->result.articles += volume->k + volume->m;
    err = out_volume_split_exceptions(buf_view(&row->exceptions), &entry.attempts, &entry.changed);
    if (err == OK) {
        err = meta_emit(&b->meta, buf_view(&row->cids), &entry.list);
    }
    if (err == OK) {
        err = volume_entry_encode(&entry, &b->value);
    }
    return err == OK ? tree_builder_add(b->builder, bytes_at(key, sizeof(key)), buf_view(&b->value))
                     : err;
}

/* --- the table of older meta volumes ---------------------------------------------------------- */

static enum err encode_older(void *arg, const struct store_volume *volume)
{
    struct buf *value = arg;
    struct volume_entry entry = {
        .number = volume->number,
        .kind = VOLUME_META,
        .k = volume->k,
        .m = volume->m,
        .cids = volume->cids,
    };
    enum err err = out_volume_split_exceptions(volume->exceptions, &entry.attempts, &entry.changed);

    memcpy(entry.vk, volume->key, sizeof(entry.vk));
    if (err == OK && (volume->kind != STORE_VOLUME_META || volume->state != STORE_VOLUME_LIVE)) {
        err = ERR_STORE_CORRUPT;
    }
    return err == OK ? volume_entry_encode(&entry, value) : err;
}

/* Its pages must not be found through itself: they are written anew each time, into this version's
 * own segments. */
static enum err add_older(struct tree_build *b)
{
    enum err err = OK;

    b->meta.policy = META_FRESH;
    for (size_t i = 0; i < b->meta.older_count && err == OK; i++) {
        uint8_t key[VOLUME_KEY_LEN];

        b->value.len = 0;
        volume_key(b->meta.older[i], key);
        err = store_volume_get(
            b->ctx->o.store, b->ctx->share.id, b->meta.older[i], encode_older, &b->value);
        if (err == OK) {
            err = tree_builder_add(b->builder, bytes_at(key, sizeof(key)), buf_view(&b->value));
        }
    }
    return err == OK ? tree_builder_finish(b->builder, &b->result.older) : err;
}

static enum err finish_build(struct tree_build *b)
{
    enum err err = tree_builder_finish(b->builder, &b->result.volumes);

    /* asked before that table, which is never the same */
    b->result.repeats = err == OK && !b->ctx->renew && head_would_repeat(b->ctx, &b->result);
    if (err == OK && !b->result.repeats) {
        err = add_older(b);
    }
    if (err == OK) {
        err = meta_finish(&b->meta);
    }
    b->phase = BUILD_DONE;
    return err;
}

static enum err step_volumes(struct tree_build *b)
{
    struct volume_batch batch = {.count = 0};
    enum err err = store_volume_after(
        b->ctx->o.store, b->ctx->share.id, b->volume, BUILD_VOLUME_BATCH, keep_volume, &batch);

    for (size_t i = 0; i < batch.count; i++) {
        const struct store_volume *volume = &batch.rows[i].volume;

        b->volume = volume->number;
        if (err == OK && volume->kind == STORE_VOLUME_DATA && volume->state != STORE_VOLUME_OPEN &&
            volume->k > 0) {
            err = add_volume(b, &batch.rows[i]);
        }
        buf_clear(&batch.rows[i].cids);
        buf_clear(&batch.rows[i].exceptions);
    }
    if (err == OK && batch.count < BUILD_VOLUME_BATCH) {
        err = finish_build(b);
    }
    return err;
}

enum err tree_build_step(struct tree_build *b)
{
    switch (b->phase) {
    case BUILD_ENTRIES:
        return step_entries(b);
    case BUILD_VOLUMES:
        return step_volumes(b);
    case BUILD_DONE:
        return OK;
    }
    return ERR_BUG;
}
