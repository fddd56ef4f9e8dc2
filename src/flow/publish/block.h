/* One block of a file on its way into a segment: read, found to be zeros or not, compressed where
 * that pays, named. */
#ifndef FLOW_PUBLISH_BLOCK_H
#define FLOW_PUBLISH_BLOCK_H

#include "flow/publish/source.h"

enum block_kind {
    BLOCK_HOLE,  /* all zeros: stored nowhere */
    BLOCK_RAW,   /* a full block that does not shrink: a segment of its own */
    BLOCK_ITEM,  /* anything else: goes into a pack */
    BLOCK_KNOWN, /* the share has these bytes already: nothing is sent */
};

/* A slot for one block; in one pair of hands at a time. */
struct block {
    struct list node;
    struct work_job job;
    void *owner; /* the step it comes home to */
    struct source *source;
    struct source_file *open; /* the source's, constant while the worker has the block */
    uint8_t ck[KEY_LEN];      /* the share's content key */
    struct store *store;      /* asked for what the share has already; NULL: it has nothing */
    int64_t share;
    uint64_t number;           /* of the source */
    struct buf plain, small;   /* as read; compressed */
    enum block_kind kind;      /* out */
    enum extent_coding coding; /* out, of an item */
    struct cid cid;            /* out, but of a hole: content id; its front is an item's id */
    struct extent known;       /* out, of BLOCK_KNOWN */
    enum err err;              /* out */
    int done;                  /* read, waiting for its turn */
    struct sealer *sealer;
    void *zstd;
};

MUST_USE enum err block_new(struct block **block);
void block_free(struct block *block);

/* On a worker: do all of it. `arg` is a struct block. */
void block_run(void *arg);

/* The stored form of an item that shrinks, into *out; `zstd` is a ZSTD_CCtx. The same bytes make
 * the same bytes. */
MUST_USE enum err block_compress(void *zstd, struct bytes plain, struct buf *out);

/* The stored bytes of an item. */
struct bytes block_stored(const struct block *block);

#endif
