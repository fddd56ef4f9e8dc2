/* A file on its way out: how it is opened and read, and which of its blocks are safe on the server
 * by now. */
#ifndef FLOW_PUBLISH_SOURCE_H
#define FLOW_PUBLISH_SOURCE_H

#include <pthread.h>

#include "codec/manifest/extents.h"
#include "flow/publish/ctx.h"
#include "flow/publish/paths.h"
#include "io/disk/disk_read.h"
#include "io/store/store_volume.h"

enum {
    SOURCE_TRIES = 3,          /* a file that keeps changing is read this often */
    SOURCE_EXTENTS_MAX = 4096, /* more of them stay in the catalogue as pieces */
};

/* Some blocks of a source whose bytes are accepted. */
struct source_extent {
    uint64_t block;
    struct extent extent;
};

/* The open file; only while blocks are being read. Workers share it. */
struct source_file {
    pthread_mutex_t lock;
    struct buf root, path;   /* constant */
    struct disk_file *file;  /* opened by the first reader */
    struct disk_stat opened; /* as it was then */
    uint64_t left;           /* blocks not read yet; the last reader looks again */
    enum err err;            /* the first error */
};

struct source {
    struct list node;  /* among the sending step's sources */
    struct list dirty; /* among those with something new for the catalogue */
    uint64_t folder;
    struct buf name;
    struct disk_stat stat; /* what its blocks are counted by */
    uint64_t blocks;       /* in all */
    uint64_t next;         /* next block to read */
    uint64_t reading;      /* blocks handed to readers, not back yet */
    uint64_t safe;         /* blocks whose bytes are accepted */
    uint64_t counted;      /* bytes of it that progress has as done; never less than before */
    uint8_t *covered;      /* one bit a block that was safe before; NULL: none */
    uint64_t covered_count;
    struct source_file *open;      /* NULL when all is read */
    struct buf path;               /* of one of many blocks that is read: for who looks */
    struct source_extent *extents; /* safe ones, unsorted; NULL when spilled */
    size_t extent_count, extent_cap;
    size_t fresh; /* of these, from here on, not in the catalogue yet */
    unsigned tries;
    unsigned pins; /* pieces in flight and reads that point here */
    int spilled;   /* too many extents: the catalogue has them */
    int read_done; /* all blocks were read and the file had not changed */
    int dead;      /* given up: what comes back is dropped */
};

/* Make a source from an entry that is not sent. */
MUST_USE enum err source_new(const struct store_entry *entry, struct source **source);
void source_free(struct source *source);

/* Prepare for reading: paths, and what an earlier run left in the catalogue. */
MUST_USE enum err source_begin(
    struct source *source, const struct publish_ctx *ctx, struct publish_paths *paths);

/* The length of block `block`. */
uint32_t source_block_len(const struct source *source, uint64_t block);

/* The next block that has to be read. ERR_LIMIT: none is left. */
MUST_USE enum err source_take_block(struct source *source, uint64_t *block);

enum source_found { SOURCE_BYTES, SOURCE_HOLE };

/* On a worker: read block `block` into *out, opening the file if need be; the last reader checks
 * that it is still the same file. SOURCE_HOLE: nothing is stored there, which means zeros; *out has
 * the block's length and is not set. ERR_CHANGED: it is not the same file; nothing of it may be
 * published. */
MUST_USE enum err source_read(struct source_file *open, const struct source *source, uint64_t block,
    struct buf *out, enum source_found *found);

/* What went wrong with the file so far, whoever reads it meanwhile. */
MUST_USE enum err source_error(struct source_file *open);

/* How many of its bytes are accepted. */
uint64_t source_safe_bytes(const struct source *source);

/* Nobody reads any more: close the file. */
void source_end(struct source *source);

/* These blocks are safe now. */
MUST_USE enum err source_add(
    struct source *source, uint64_t block, uint64_t blocks, const struct extent *extent);

/* Everything safe is in the catalogue as pieces: let go of what is too much to keep in memory. */
void source_spill(struct source *source);

/* Are all bytes of it safe, did it not change while it was read, and does nothing under way (of an
 * earlier reading) point to it any more? */
bool source_complete(const struct source *source);

/* Start over after a change, with what the file looks like now. */
void source_restart(struct source *source, const struct disk_stat *now);

/* Append the encoded extents of the whole file. Only when complete and not spilled. */
MUST_USE enum err source_encode(struct source *source, struct buf *out);

#endif
