/* Reading one file without being fooled: opened once, looked at before the first and after the last
 * block on the same descriptor; whatever was read of a file that changed in between is never
 * published. */
#include "flow/publish/source.h"

#include <stdlib.h>
#include <string.h>

enum err source_new(const struct store_entry *entry, struct source **source)
{
    struct source *s = calloc(1, sizeof(*s));
    enum err err;

    if (s == NULL) {
        return ERR_NO_MEMORY;
    }
    list_init(&s->node);
    list_init(&s->dirty);
    s->folder = entry->folder;
    s->stat = (struct disk_stat){
        .type = DISK_FILE,
        .mode = entry->mode,
        .size = entry->size,
        .mtime_ns = entry->mtime_ns,
        .ctime_ns = entry->ctime_ns,
        .inode = entry->inode,
        .device = entry->device,
        .links = entry->links,
    };
    s->blocks = (entry->size + PAYLOAD_LEN - 1) / PAYLOAD_LEN;
    err = buf_append(&s->name, entry->name);
    if (err != OK) {
        source_free(s);
        return err;
    }
    *source = s;
    return OK;
}

void source_end(struct source *s)
{
    struct source_file *open = s->open;

    if (open == NULL) {
        return;
    }
    s->open = NULL;
    disk_file_free(open->file);
    if (s->blocks > 1) {
        buf_clear(&s->path);
        s->path = open->path;
        open->path = (struct buf){0};
    }
    buf_clear(&open->root);
    buf_clear(&open->path);
    pthread_mutex_destroy(&open->lock);
    free(open);
}

void source_free(struct source *s)
{
    if (s == NULL) {
        return;
    }
    source_end(s);
    list_remove(&s->node);
    list_remove(&s->dirty);
    buf_clear(&s->name);
    buf_clear(&s->path);
    free(s->covered);
    free(s->extents);
    free(s);
}

/* --- what an earlier run left ----------------------------------------------------------------- */

static bool is_covered(const struct source *s, uint64_t block)
{
    return s->covered != NULL && (s->covered[block / 8] >> (block % 8) & 1) != 0;
}

static enum err cover(struct source *s, uint64_t block, uint64_t blocks)
{
    if (s->covered == NULL) {
        s->covered = calloc(s->blocks / 8 + 1, 1);
        if (s->covered == NULL) {
            return ERR_NO_MEMORY;
        }
    }
    for (uint64_t i = block; i < block + blocks; i++) {
        if (!is_covered(s, i)) {
            s->covered[i / 8] |= (uint8_t)(1U << (i % 8));
            s->covered_count++;
        }
    }
    return OK;
}

static uint64_t blocks_of(const struct extent *e)
{
    return (e->plain_len + PAYLOAD_LEN - 1) / PAYLOAD_LEN;
}

static enum err take_piece(void *arg, const struct store_piece *piece)
{
    struct source *s = arg;
    struct extent_reader reader = {0};
    uint64_t block = piece->block;
    bool more = true;
    enum err err = OK;

    extent_reader_feed(&reader, piece->extents);
    while (err == OK) {
        struct extent extent;

        err = extent_reader_next(&reader, &extent, &more);
        if (err != OK || !more) {
            break;
        }
        if (block + blocks_of(&extent) > s->blocks) {
            return ERR_STORE_CORRUPT;
        }
        err = cover(s, block, blocks_of(&extent));
        if (err == OK) {
            err = source_add(s, block, blocks_of(&extent), &extent);
        }
        block += blocks_of(&extent);
    }
    source_spill(s); /* it is in the catalogue already */
    return err;
}

enum err source_begin(struct source *s, const struct publish_ctx *ctx, struct publish_paths *paths)
{
    struct store_entry entry = {.folder = s->folder, .name = buf_view(&s->name)};
    struct source_file *open = calloc(1, sizeof(*open));
    enum err err;

    if (open == NULL) {
        return ERR_NO_MEMORY;
    }
    pthread_mutex_init(&open->lock, NULL);
    s->open = open;
    err = publish_paths_of(paths, ctx, &entry, &open->root, &open->path);
    if (err == OK && s->blocks > 1 && s->tries == 0) {
        err = store_piece_each(
            ctx->o.store, ctx->share.id, s->folder, buf_view(&s->name), take_piece, s);
        s->fresh = s->extent_count;
    }
    open->left = s->blocks - s->covered_count;
    return err;
}

/* --- reading ---------------------------------------------------------------------------------- */

uint32_t source_block_len(const struct source *s, uint64_t block)
{
    uint64_t left = s->stat.size - block * PAYLOAD_LEN;

    return left < PAYLOAD_LEN ? (uint32_t)left : PAYLOAD_LEN;
}

enum err source_take_block(struct source *s, uint64_t *block)
{
    while (s->next < s->blocks && is_covered(s, s->next)) {
        s->next++;
    }
    if (s->next == s->blocks) {
        return ERR_LIMIT;
    }
    *block = s->next++;
    s->reading++;
    return OK;
}

/* With the lock held. Nobody reads a byte of a file that is not the one that was planned. */
static enum err open_file(struct source_file *open, const struct source *s)
{
    enum err err;

    if (open->file != NULL || open->err != OK) {
        return open->err;
    }
    err = disk_file_open(buf_view(&open->root), buf_view(&open->path), &open->file);
    if (err == OK) {
        err = disk_file_stat(open->file, &open->opened);
    }
    if (err == OK && !disk_stat_same(&open->opened, &s->stat)) {
        err = ERR_CHANGED;
    }
    open->err = err;
    return err;
}

enum err source_error(struct source_file *open)
{
    enum err err;

    pthread_mutex_lock(&open->lock);
    err = open->err;
    pthread_mutex_unlock(&open->lock);
    return err;
}

static enum err check_unchanged(struct source_file *open)
{
    struct disk_stat now;
    enum err err = disk_file_stat(open->file, &now);

    if (err == OK && !disk_stat_same(&now, &open->opened)) {
        err = ERR_CHANGED;
    }
    return err;
}

/* Fill *out with a block, unless the file system stores nothing there. Small files are read: one
 * call less. */
static enum err read_bytes(
    const struct source_file *open, uint64_t block, struct buf *out, enum source_found *found)
{
    uint64_t offset = block * PAYLOAD_LEN;
    uint64_t data = offset;
    size_t got = 0;
    enum err err = OK;

    *found = SOURCE_BYTES;
    if (open->opened.size > PAYLOAD_LEN) {
        err = disk_file_next_data(open->file, offset, &data);
    }
    if (err == ERR_NOT_FOUND || (err == OK && data >= offset + out->len)) {
        *found = SOURCE_HOLE;
        return OK;
    }
    if (err == OK) {
        err = disk_file_read(open->file, offset, out->ptr, out->len, &got);
    }
    return err == OK && got != out->len ? ERR_CHANGED : err;
}

enum err source_read(struct source_file *open, const struct source *s, uint64_t block,
    struct buf *out, enum source_found *found)
{
    uint32_t len = source_block_len(s, block);
    enum err err;

    pthread_mutex_lock(&open->lock);
    err = open_file(open, s);
    pthread_mutex_unlock(&open->lock);
    if (err == OK) {
        out->len = 0;
        err = len == PAYLOAD_LEN ? buf_reserve(out, SEGMENT_LEN) : OK; /* it is sealed in place */
    }
    if (err == OK) {
        err = buf_resize(out, len);
    }
    if (err == OK) {
        err = read_bytes(open, block, out, found);
    }
    pthread_mutex_lock(&open->lock);
    open->left--;
    if (err == OK && open->err == OK && open->left == 0) {
        err = check_unchanged(open);
    }
    if (open->err == OK) {
        open->err = err;
    }
    pthread_mutex_unlock(&open->lock);
    return err;
}

/* --- what is safe ----------------------------------------------------------------------------- */

/* RAW runs and holes that follow each other become one. */
static bool join(struct source_extent *last, uint64_t block, const struct extent *e)
{
    struct extent *l = &last->extent;

    if (last->block + blocks_of(l) != block || l->kind != e->kind ||
        l->plain_len % PAYLOAD_LEN != 0) {
        return false;
    }
    if (e->kind == EXTENT_RAW && l->volume == e->volume && l->index + l->blocks == e->index) {
        l->blocks += e->blocks;
        l->plain_len += e->plain_len;
        return true;
    }
    if (e->kind == EXTENT_HOLE && e->plain_len % PAYLOAD_LEN == 0) {
        l->plain_len += e->plain_len;
        return true;
    }
    return false;
}

enum err source_add(struct source *s, uint64_t block, uint64_t blocks, const struct extent *extent)
{
    s->safe += blocks;
    if (s->extent_count > s->fresh && join(&s->extents[s->extent_count - 1], block, extent)) {
        return OK;
    }
    if (s->extent_count == s->extent_cap) {
        size_t cap = s->extent_cap == 0 ? 1 : s->extent_cap * 2;
        struct source_extent *grown = realloc(s->extents, cap * sizeof(*grown));

        if (grown == NULL) {
            return ERR_NO_MEMORY;
        }
        s->extents = grown;
        s->extent_cap = cap;
    }
    s->extents[s->extent_count++] = (struct source_extent){block, *extent};
    return OK;
}

uint64_t source_safe_bytes(const struct source *s)
{
    uint64_t bytes = s->safe * PAYLOAD_LEN; /* its last block is shorter */

    return bytes < s->stat.size ? bytes : s->stat.size;
}

void source_spill(struct source *s)
{
    if (s->extent_count > SOURCE_EXTENTS_MAX) {
        s->spilled = 1;
    }
    if (s->spilled) {
        s->extent_count = 0;
        s->fresh = 0;
    }
}

bool source_complete(const struct source *s)
{
    return !s->dead && s->read_done && s->safe == s->blocks && s->pins == 0;
}

void source_restart(struct source *s, const struct disk_stat *now)
{
    source_end(s);
    free(s->covered);
    s->covered = NULL;
    s->covered_count = 0;
    s->stat = *now;
    s->blocks = (now->size + PAYLOAD_LEN - 1) / PAYLOAD_LEN;
    s->next = 0;
    s->safe = 0;
    s->extent_count = 0;
    s->fresh = 0;
    s->spilled = 0;
    s->read_done = 0;
    s->tries++;
}

static int by_block(const void *a, const void *b)
{
    const struct source_extent *x = a, *y = b;

    return (x->block > y->block) - (x->block < y->block);
}

enum err source_encode(struct source *s, struct buf *out)
{
    struct extent_writer writer = {.out = *out};
    size_t kept = 0;
    enum err err = OK;

    if (s->extent_count > 1) {
        qsort(s->extents, s->extent_count, sizeof(*s->extents), by_block);
    }
    for (size_t i = 0; i < s->extent_count; i++) {
        if (kept > 0 && join(&s->extents[kept - 1], s->extents[i].block, &s->extents[i].extent)) {
            continue;
        }
        s->extents[kept++] = s->extents[i];
    }
    s->extent_count = kept;
    for (size_t i = 0; i < kept && err == OK; i++) {
        err = extent_writer_put(&writer, &s->extents[i].extent);
    }
    *out = writer.out;
    return err;
}
