/* The ring holds blocks in their order; batches and the jobs that squeeze one block point into it.
 * More is read only when there is room for a whole batch, for naming a full one costs little more
 * than naming one block. */
#include "flow/publish/reader.h"

#include <stdlib.h>
#include <string.h>

enum {
    READER_BLOCKS = 64,                   /* blocks being read or waiting for their turn */
    READER_BYTES = 4 * BLOCK_BATCH_BYTES, /* and their bytes */
};

struct reader {
    struct publish_ctx *ctx;
    struct poster *poster;
    struct squeezers *squeezers;
    reader_back_fn back;
    void *arg;
    struct block_batch *gathered; /* NULL: none was begun */
    size_t gathered_bytes;
    struct list out; /* batches that workers have */
    struct list idle_batches, idle_blocks;
    struct block *ring[READER_BLOCKS]; /* by order % READER_BLOCKS */
    uint64_t asked, dropped;
    size_t bytes; /* of the blocks in the ring */
    size_t jobs;  /* batches and single blocks that are not home yet */
    int stopped;
};

enum err reader_new(struct publish_ctx *ctx, struct poster *poster, reader_back_fn back, void *arg,
    struct reader **reader)
{
    struct reader *r = calloc(1, sizeof(*r));
    enum err err;

    if (r == NULL) {
        return ERR_NO_MEMORY;
    }
    r->ctx = ctx;
    r->poster = poster;
    r->back = back;
    r->arg = arg;
    list_init(&r->out);
    list_init(&r->idle_batches);
    list_init(&r->idle_blocks);
    err = squeezers_new(&r->squeezers);
    if (err != OK) {
        reader_free(r);
        return err;
    }
    *reader = r;
    return OK;
}

void reader_free(struct reader *r)
{
    struct list *node;

    if (r == NULL) {
        return;
    }
    for (uint64_t i = r->dropped; i < r->asked; i++) {
        block_free(r->ring[i % READER_BLOCKS]);
    }
    while ((node = list_take(&r->idle_blocks)) != NULL) {
        block_free(LIST_ITEM(node, struct block, node));
    }
    while ((node = list_take(&r->idle_batches)) != NULL) {
        block_batch_free(LIST_ITEM(node, struct block_batch, node));
    }
    block_batch_free(r->gathered);
    squeezers_free(r->squeezers);
    free(r);
}

static void batch_home(struct reader *r, struct block_batch *batch)
{
    list_remove(&batch->node);
    list_push(&r->idle_batches, &batch->node);
    r->jobs--;
}

void reader_stop(struct reader *r)
{
    r->stopped = 1;
    LIST_EACH(node, after, &r->out)
    {
        struct block_batch *batch = LIST_ITEM(node, struct block_batch, node);

        if (workers_recall(&batch->job)) {
            batch_home(r, batch);
        }
    }
    for (uint64_t i = r->dropped; i < r->asked; i++) {
        struct block *b = r->ring[i % READER_BLOCKS];

        if (b->stage == BLOCK_SQUEEZING && workers_recall(&b->job)) {
            b->stage = BLOCK_DONE;
            r->jobs--;
        }
    }
}

bool reader_busy(const struct reader *r)
{
    return r->jobs > 0;
}

/* --- coming back ------------------------------------------------------------------------------ */

static void on_squeezed(void *arg)
{
    struct block *b = arg;
    struct reader *r = b->owner;

    b->stage = BLOCK_DONE;
    r->jobs--;
    r->back(r->arg);
}

static void squeeze(struct reader *r, struct block *b)
{
    b->stage = BLOCK_SQUEEZING;
    b->squeezers = r->squeezers;
    b->job = (struct work_job){.run = block_squeeze_run, .done = on_squeezed, .arg = b};
    r->jobs++;
    workers_submit(r->ctx->o.workers, &b->job);
}

/* A block of a batch is back. */
static void take_back(struct reader *r, struct block *b)
{
    b->stage = BLOCK_DONE;
    if (b->err == OK) {
        r->ctx->progress.bytes_read += b->plain.len;
    }
    if (b->err == OK && b->kind == BLOCK_SQUEEZE) {
        squeeze(r, b);
    }
}

static void on_batch(void *arg)
{
    struct block_batch *batch = arg;
    struct reader *r = batch->owner;

    for (size_t i = 0; i < batch->count && !r->stopped; i++) {
        take_back(r, batch->blocks[i]);
    }
    batch_home(r, batch);
    r->back(r->arg);
}

/* --- asking ----------------------------------------------------------------------------------- */

bool reader_empty(const struct reader *r)
{
    return r->asked == r->dropped;
}

bool reader_wants(const struct reader *r)
{
    return reader_empty(r) || (r->asked - r->dropped + BLOCK_BATCH <= READER_BLOCKS &&
                                  r->bytes + BLOCK_BATCH_BYTES <= READER_BYTES);
}

bool reader_has_room(const struct reader *r)
{
    return r->asked - r->dropped < READER_BLOCKS && r->bytes < READER_BYTES;
}

static enum err take_block(struct reader *r, struct block **block)
{
    struct list *node = list_take(&r->idle_blocks);

    if (node != NULL) {
        *block = LIST_ITEM(node, struct block, node);
        return OK;
    }
    return block_new(block);
}

static enum err begin_batch(struct reader *r)
{
    struct list *node = list_take(&r->idle_batches);
    enum err err = OK;

    if (node != NULL) {
        r->gathered = LIST_ITEM(node, struct block_batch, node);
    } else {
        err = block_batch_new(&r->gathered);
    }
    if (err != OK) {
        return err;
    }
    r->gathered->owner = r;
    r->gathered->count = 0;
    memcpy(r->gathered->ck, r->ctx->keys.ck, sizeof(r->gathered->ck));
    r->gathered->store = r->ctx->share.version > 0 ? r->ctx->o.store : NULL;
    r->gathered->share = r->ctx->share.id;
    r->gathered_bytes = 0;
    return OK;
}

enum err reader_add(struct reader *r, struct source *source, uint64_t number)
{
    struct block *b;
    enum err err = r->gathered == NULL ? begin_batch(r) : OK;

    if (err == OK) {
        err = take_block(r, &b);
    }
    if (err != OK) {
        return err;
    }
    if (b->plain.ptr == NULL) {
        poster_take_buffer(r->poster, &b->plain);
    }
    b->owner = r;
    b->source = source;
    b->open = source->open;
    b->number = number;
    b->stage = BLOCK_IN_BATCH;
    b->bytes = source_block_len(source, number);
    r->bytes += b->bytes;
    r->ring[r->asked++ % READER_BLOCKS] = b;
    r->gathered->blocks[r->gathered->count++] = b;
    r->gathered_bytes += b->bytes;
    if (r->gathered->count == BLOCK_BATCH || r->gathered_bytes + PAYLOAD_LEN > BLOCK_BATCH_BYTES) {
        reader_go(r);
    }
    return OK;
}

void reader_go(struct reader *r)
{
    struct block_batch *batch = r->gathered;

    if (batch == NULL || batch->count == 0) {
        return;
    }
    r->gathered = NULL;
    list_push(&r->out, &batch->node);
    batch->job = (struct work_job){.run = block_batch_run, .done = on_batch, .arg = batch};
    r->jobs++;
    workers_submit(r->ctx->o.workers, &batch->job);
}

/* --- in their turn ---------------------------------------------------------------------------- */

struct block *reader_next(const struct reader *r)
{
    struct block *b = reader_empty(r) ? NULL : r->ring[r->dropped % READER_BLOCKS];

    return b != NULL && b->stage == BLOCK_DONE ? b : NULL;
}

void reader_drop(struct reader *r)
{
    struct block *b = r->ring[r->dropped++ % READER_BLOCKS];

    r->bytes -= b->bytes;
    list_push_front(
        &r->idle_blocks, &b->node); /* the one that has its memory is the next one used */
}
