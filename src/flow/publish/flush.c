/* A flush is a snapshot: maps of volumes and extents of files as they were when it began, in memory
 * of its own. */
#include "flow/publish/flush.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* One snapshot. Offsets into `text` become views when it is complete, since `text` moves while it
 * grows. */
struct snapshot {
    struct store_flush rows;
    struct store_volume *volumes;
    struct store_piece *pieces;
    struct store_sent *sent;
    struct store_item *items;
    size_t piece_cap, sent_cap, item_cap;
    struct list owned; /* memory of the views: struct chunk */
};

struct chunk {
    struct list node;
    uint8_t data[];
};

struct flush {
    struct publish_ctx *ctx;
    flush_done_fn done;
    void *arg;
    struct list dirty; /* sources with something new */
    struct snapshot now;
    struct work_job job;
    int busy;
    enum err err; /* the first failure: what it held is not in the catalogue, so that nothing may
                     follow it there */
    pthread_mutex_t lock; /* guards `written`: flush_end() waits for it */
    pthread_cond_t wake;
    int written;
};

/* --- building a snapshot ---------------------------------------------------------------------- */

static enum err keep(struct snapshot *s, struct bytes in, struct bytes *out)
{
    struct chunk *chunk = malloc(sizeof(*chunk) + in.len);

    if (chunk == NULL) {
        return ERR_NO_MEMORY;
    }
    if (in.len > 0) {
        memcpy(chunk->data, in.ptr, in.len);
    }
    list_push(&s->owned, &chunk->node);
    *out = bytes_at(chunk->data, in.len);
    return OK;
}

static void snapshot_clear(struct snapshot *s)
{
    if (s->owned.next != NULL) {
        LIST_EACH(node, after, &s->owned)
        {
            list_remove(node);
            free(LIST_ITEM(node, struct chunk, node));
        }
    }
    free(s->volumes);
    free(s->pieces);
    free(s->sent);
    free(s->items);
    *s = (struct snapshot){0};
    list_init(&s->owned);
}

static enum err snap_volume(struct snapshot *s, struct out_volume *v, struct store_volume *row)
{
    struct buf exceptions = {0};
    enum err err = out_volume_row(v, &exceptions, row);

    if (err == OK) {
        err = keep(s, row->states, &row->states);
    }
    if (err == OK) {
        err = keep(s, row->cids, &row->cids);
    }
    if (err == OK) {
        err = keep(s, row->exceptions, &row->exceptions);
    }
    if (err == OK) {
        v->dirty = 0;
    }
    buf_clear(&exceptions);
    return err;
}

static enum err snap_volumes(struct snapshot *s, struct packer *packer)
{
    size_t count = 0;
    enum err err = OK;

    while (packer_volume(packer, count) != NULL) {
        count++;
    }
    s->volumes = calloc(count + 1, sizeof(*s->volumes));
    if (s->volumes == NULL) {
        return ERR_NO_MEMORY;
    }
    s->rows.volumes = s->volumes;
    for (size_t i = 0; i < count && err == OK; i++) {
        struct out_volume *v = packer_volume(packer, i);

        if (v->dirty) {
            err = snap_volume(s, v, &s->volumes[s->rows.volume_count++]);
        }
    }
    return err;
}

/* Make room for one more row of `size` bytes in *rows. */
static enum err grow_rows(void **rows, size_t count, size_t *cap, size_t size)
{
    void *grown;

    if (count < *cap) {
        return OK;
    }
    *cap = *cap == 0 ? 64 : *cap * 2;
    grown = realloc(*rows, *cap * size);
    if (grown == NULL) {
        return ERR_NO_MEMORY;
    }
    *rows = grown;
    return OK;
}

/* Packed items of the file, so that the same bytes are known when they come again. */
static enum err snap_item(struct snapshot *s, const struct extent *e)
{
    struct extent_writer writer = {0};
    struct store_item *row;
    void *rows = s->items;
    enum err err = grow_rows(&rows, s->rows.item_count, &s->item_cap, sizeof(*row));

    s->items = rows;
    if (err == OK) {
        err = extent_writer_put(&writer, e);
    }
    if (err == OK) {
        row = &s->items[s->rows.item_count];
        *row = (struct store_item){.volume = e->volume,
            .segment = e->index,
            .next_segment = extent_is_cut(e) ? e->next_index : e->index};
        memcpy(row->id, e->item, sizeof(row->id));
        err = keep(s, buf_view(&writer.out), &row->extent);
        s->rows.item_count += err == OK;
    }
    buf_clear(&writer.out);
    return err;
}

static enum err snap_items(struct snapshot *s, const struct source *source)
{
    enum err err = OK;

    for (size_t i = source->fresh; i < source->extent_count && err == OK; i++) {
        if (source->extents[i].extent.kind == EXTENT_PACKED) {
            err = snap_item(s, &source->extents[i].extent);
        }
    }
    return err;
}

static enum err snap_sent(struct snapshot *s, struct source *source)
{
    struct buf extents = {0};
    struct store_sent *row;
    void *rows = s->sent;
    enum err err = grow_rows(&rows, s->rows.sent_count, &s->sent_cap, sizeof(*row));

    s->sent = rows;
    if (err == OK && !source->spilled) {
        err = source_encode(source, &extents);
    }
    if (err != OK) {
        buf_clear(&extents);
        return err;
    }
    row = &s->sent[s->rows.sent_count];
    *row = (struct store_sent){
        .folder = source->folder,
        .size = source->stat.size,
        .mtime_ns = source->stat.mtime_ns,
        .ctime_ns = source->stat.ctime_ns,
        .inode = source->stat.inode,
        .device = source->stat.device,
        .mode = source->stat.mode,
    };
    err = keep(s, buf_view(&source->name), &row->name);
    if (err == OK) {
        err = keep(s, buf_view(&extents), &row->extents);
    }
    if (err == OK) {
        s->rows.sent_count++;
    }
    buf_clear(&extents);
    return err;
}

static enum err snap_piece(struct snapshot *s, struct source *source, const struct source_extent *e)
{
    struct extent_writer writer = {0};
    struct store_piece *row;
    void *rows = s->pieces;
    enum err err = grow_rows(&rows, s->rows.piece_count, &s->piece_cap, sizeof(*row));

    s->pieces = rows;
    if (err == OK) {
        err = extent_writer_put(&writer, &e->extent);
    }
    if (err == OK) {
        row = &s->pieces[s->rows.piece_count];
        *row = (struct store_piece){
            .folder = source->folder,
            .block = e->block,
            .count = (e->extent.plain_len + PAYLOAD_LEN - 1) / PAYLOAD_LEN,
        };
        err = keep(s, buf_view(&source->name), &row->name);
        if (err == OK) {
            err = keep(s, buf_view(&writer.out), &row->extents);
        }
        s->rows.piece_count += err == OK;
    }
    buf_clear(&writer.out);
    return err;
}

static enum err snap_pieces(struct snapshot *s, struct source *source)
{
    enum err err = OK;

    for (size_t i = source->fresh; i < source->extent_count && err == OK; i++) {
        err = snap_piece(s, source, &source->extents[i]);
    }
    if (err == OK) {
        source->fresh = source->extent_count;
        source_spill(source);
    }
    return err;
}

static enum err snap_source(struct snapshot *s, struct source *source)
{
    enum err err = OK;

    if (source->dead) {
        return OK;
    }
    err = snap_items(s, source);
    if (err != OK) {
        return err;
    }
    if (!source_complete(source)) {
        return snap_pieces(s, source);
    }
    if (source->spilled) {
        err = snap_pieces(s, source);
    }
    return err == OK ? snap_sent(s, source) : err;
}

static enum err build(struct flush *f, struct packer *packer)
{
    struct snapshot *s = &f->now;
    struct list *node;
    enum err err;

    err = packer_close(packer, PACKER_CLOSE_FULL);
    if (err == OK) {
        err = snap_volumes(s, packer);
    }
    while (err == OK && (node = list_take(&f->dirty)) != NULL) {
        struct source *source = LIST_ITEM(node, struct source, dirty);
        bool complete = source_complete(source);

        err = snap_source(s, source);
        if (complete) {
            source_free(source);
        }
    }
    s->rows.pieces = s->pieces;
    s->rows.sent = s->sent;
    s->rows.items = s->items;
    return err;
}

/* --- writing it ------------------------------------------------------------------------------- */

static void run_write(void *arg)
{
    struct flush *f = arg;

    f->err = store_flush(f->ctx->o.store, f->ctx->share.id, &f->now.rows);
    pthread_mutex_lock(&f->lock);
    f->written = 1;
    pthread_cond_signal(&f->wake);
    pthread_mutex_unlock(&f->lock);
}

static void on_written(void *arg)
{
    struct flush *f = arg;
    uint64_t files = f->err == OK ? f->now.rows.sent_count : 0;

    f->busy = 0;
    snapshot_clear(&f->now);
    if (f->done == NULL) { /* flush_end() came while the job was on its way home */
        pthread_mutex_destroy(&f->lock);
        pthread_cond_destroy(&f->wake);
        free(f);
        return;
    }
    f->done(f->arg, f->err, files);
}

enum err flush_new(struct publish_ctx *ctx, flush_done_fn done, void *arg, struct flush **flush)
{
    struct flush *f = calloc(1, sizeof(*f));

    if (f == NULL) {
        return ERR_NO_MEMORY;
    }
    f->ctx = ctx;
    f->done = done;
    f->arg = arg;
    list_init(&f->dirty);
    list_init(&f->now.owned);
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->wake, NULL);
    *flush = f;
    return OK;
}

void flush_add(struct flush *f, struct source *source)
{
    list_remove(&source->dirty);
    list_push(&f->dirty, &source->dirty);
}

bool flush_busy(const struct flush *f)
{
    return f->busy;
}

bool flush_pending(const struct flush *f)
{
    return !list_empty(&f->dirty);
}

enum err flush_begin(struct flush *f, struct packer *packer)
{
    enum err err;

    if (f->busy) {
        return OK;
    }
    err = build(f, packer);
    if (err != OK) {
        f->err = err;
        snapshot_clear(&f->now);
        return err;
    }
    f->busy = 1;
    f->written = 0;
    f->job = (struct work_job){.run = run_write, .done = on_written, .arg = f};
    workers_submit(f->ctx->o.workers, &f->job);
    return OK;
}

static void wait_written(struct flush *f)
{
    pthread_mutex_lock(&f->lock);
    while (!f->written) {
        pthread_cond_wait(&f->wake, &f->lock);
    }
    pthread_mutex_unlock(&f->lock);
}

void flush_wait(struct flush *f)
{
    if (f->busy) {
        wait_written(f);
    }
}

/* The rest, on this thread. */
static void write_rest(struct flush *f, struct packer *packer)
{
    enum err err = build(f, packer);

    if (err == OK) {
        err = store_flush(f->ctx->o.store, f->ctx->share.id, &f->now.rows);
    }
    if (err != OK) {
        log_warn("publish", "the last flush failed share=%lld why=%s", (long long)f->ctx->share.id,
            err_name(err));
    }
    snapshot_clear(&f->now);
}

/* Sources that no snapshot took: complete ones are ours, the others only let go of the list. */
static void let_go(struct flush *f)
{
    struct list *node;

    while ((node = list_take(&f->dirty)) != NULL) {
        struct source *source = LIST_ITEM(node, struct source, dirty);

        if (source_complete(source)) {
            source_free(source);
        }
    }
}

void flush_end(struct flush *f, struct packer *packer)
{
    int home = 1;

    if (f == NULL) {
        return;
    }
    f->done = NULL;
    if (f->busy && workers_recall(&f->job)) {
        run_write(f);
    } else if (f->busy) {
        wait_written(f);
        home = 0; /* on_written() still comes, and frees */
    }
    snapshot_clear(&f->now);
    if (packer != NULL && f->err == OK) {
        write_rest(f, packer);
    }
    let_go(f);
    f->ctx = NULL;
    if (home) {
        pthread_mutex_destroy(&f->lock);
        pthread_cond_destroy(&f->wake);
        free(f);
    }
}
