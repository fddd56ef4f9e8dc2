/* Blocks of files on their way into segments: read, found to be zeros or not, named, compressed
 * where that pays. Some at a time, since their names are reckoned side by side. */
#ifndef FLOW_PUBLISH_BLOCK_H
#define FLOW_PUBLISH_BLOCK_H

#include "flow/publish/source.h"

enum {
    BLOCK_BATCH = 16, /* blocks of a batch, at most */
    /* and their bytes: as many full blocks as any processor names side by side */
    BLOCK_BATCH_BYTES = 8 * PAYLOAD_LEN,
};

enum block_kind {
    BLOCK_HOLE,    /* all zeros: stored nowhere */
    BLOCK_RAW,     /* a full block that does not shrink: a segment of its own */
    BLOCK_ITEM,    /* anything else: goes into a pack */
    BLOCK_KNOWN,   /* the share has these bytes already: nothing is sent */
    BLOCK_SQUEEZE, /* may shrink, and is long: block_squeeze_run() will tell */
};

/* Where a block is. Of the loop alone: workers do not look. */
enum block_stage { BLOCK_IN_BATCH, BLOCK_SQUEEZING, BLOCK_DONE };

/* A slot for one block; in one pair of hands at a time. */
struct block {
    struct list node;
    struct work_job job; /* of squeezing it */
    void *owner;         /* the reader it comes home to */
    enum block_stage stage;
    struct source *source;
    struct source_file *open;    /* the source's, constant while the worker has the block */
    uint64_t number;             /* of the source */
    uint32_t bytes;              /* its length, as planned */
    struct buf plain, small;     /* as read; compressed */
    enum block_kind kind;        /* out */
    enum extent_coding coding;   /* out, of an item */
    struct cid cid;              /* out, but of a hole: content id; its front is an item's id */
    struct extent known;         /* out, of BLOCK_KNOWN */
    enum err err;                /* out */
    struct squeezers *squeezers; /* the reader's; used while it is squeezed */
};

/* Rooms to compress a long block in, some MiB each: there are as many as workers that have done so
 * at the same time, whatever waits. Taken and given back by any thread; freed when nobody squeezes.
 */
struct squeezers;
MUST_USE enum err squeezers_new(struct squeezers **squeezers);
void squeezers_free(struct squeezers *squeezers);

/* Blocks that one worker does one after the other, but for their names. */
struct block_batch {
    struct list node;
    struct work_job job;
    void *owner;
    uint8_t ck[KEY_LEN]; /* the share's content key */
    struct store *store; /* asked for what the share has already; NULL: it has nothing */
    int64_t share;
    struct block *blocks[BLOCK_BATCH];
    size_t count;
    void *zstd;
};

MUST_USE enum err block_new(struct block **block);
void block_free(struct block *block);

MUST_USE enum err block_batch_new(struct block_batch **batch);

/* The blocks in it are the caller's. */
void block_batch_free(struct block_batch *batch);

/* On a worker: read and judge all blocks of a batch. `arg` is a struct block_batch. */
void block_batch_run(void *arg);

/* On a worker: compress a BLOCK_SQUEEZE, which becomes raw or an item. `arg` is a struct block
 * whose squeezers are set. */
void block_squeeze_run(void *arg);

/* The stored form of an item that shrinks, into *out; `zstd` is a ZSTD_CCtx. The same bytes make
 * the same bytes. */
MUST_USE enum err block_compress(void *zstd, struct bytes plain, struct buf *out);

/* The stored bytes of an item. */
struct bytes block_stored(const struct block *block);

/* It is packed: let go of memory that most blocks do not need. */
void block_rest(struct block *block);

#endif
