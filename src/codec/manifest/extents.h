/* Extents: where a file's bytes lie, in file order. Every extent covers whole blocks of PAYLOAD_LEN
 * bytes; only the last one of a file may end in the middle of a block. */
#ifndef CODEC_MANIFEST_EXTENTS_H
#define CODEC_MANIFEST_EXTENTS_H

#include "codec/manifest/manifest_limits.h"

#include "base/bytes.h"

enum extent_kind {
    EXTENT_RAW,    /* `blocks` segments from `index` on, one block each */
    EXTENT_PACKED, /* one block or the tail, as an item in a pack */
    EXTENT_HOLE,   /* zeros, stored nowhere */
};

enum extent_coding { CODING_RAW = 0, CODING_ZSTD = 1 };

/* Fields that a kind does not name are zero. */
struct extent {
    enum extent_kind kind;
    uint32_t volume;    /* RAW, PACKED; 0 (PACKED only): the head's inline stream, index 0 */
    uint64_t plain_len; /* all: RAW blocks * PAYLOAD_LEN, PACKED 1 .. PAYLOAD_LEN, HOLE any but 0 */
    uint32_t index;     /* RAW, PACKED: the (first) segment, always a data segment */
    uint32_t blocks;    /* RAW */
    uint32_t offset;    /* PACKED: in that segment's payload */
    uint32_t
        stored_len; /* PACKED: if offset + this > PAYLOAD_LEN, the rest is at offset 0 of ... */
    uint32_t next_index;       /* ... this segment of the same volume; else 0 */
    enum extent_coding coding; /* PACKED: RAW means stored_len == plain_len */
    uint8_t item[ITEM_ID_LEN]; /* PACKED: front of the cid of the plain bytes */
};

/* Does a PACKED extent go on in a second segment? */
bool extent_is_cut(const struct extent *e);

/* A run of encoded extents. `volume` and `index`: where the last one ended, for the next delta. */
struct extent_writer {
    struct buf out;
    uint32_t volume;
    uint32_t index;
};

/* Append one extent; { 0 } is a fresh writer. Free with buf_clear(&w->out).
 * ERR_LIMIT: it breaks a rule above. */
MUST_USE enum err extent_writer_put(struct extent_writer *w, const struct extent *e);

/* A file's extents being read, from one run or from several chunks. */
struct extent_reader {
    struct bytes in; /* borrowed */
    uint32_t volume;
    uint32_t index;
    uint64_t plain; /* file bytes passed so far */
};

/* Start the run `in`; { 0 } is a fresh reader, a used one goes on with the file's next chunk. */
void extent_reader_feed(struct extent_reader *r, struct bytes in);

/* Read the next extent. *more false: this run is at its end, *e is not set.
 * ERR_TOO_NEW: an unknown kind. ERR_BAD_FORMAT, ERR_LIMIT: a rule is broken, also when an extent
 * follows one that ended in the middle of a block. */
MUST_USE enum err extent_reader_next(struct extent_reader *r, struct extent *e, bool *more);

/* Read a whole run and check that it covers exactly `size` bytes. ERR_BAD_FORMAT: it does not. */
MUST_USE enum err extents_check(struct bytes run, uint64_t size);

#endif
