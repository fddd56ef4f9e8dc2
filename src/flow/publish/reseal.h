/* Contents of segments again, from the files they were made of: so that an article that the network
 * lost can go out once more with the same bytes, and recovery data can be made of what an earlier
 * run posted. Two halves, both for workers: find whose bytes lie in which places (one walk over the
 * catalogue for many places), then put the payload of each together. */
#ifndef FLOW_PUBLISH_RESEAL_H
#define FLOW_PUBLISH_RESEAL_H

#include <stdatomic.h>

#include "flow/publish/ctx.h"

enum {
    RESEAL_PLACES_MAX = 8192,   /* places worth one walk */
    RESEAL_ITEMS_MAX = 1 << 18, /* items kept of a walk: about 16 MiB, and the files' names */
};

/* A place as one number, rising by volume, then index. */
static inline uint64_t reseal_place(uint32_t volume, uint32_t index)
{
    return (uint64_t)volume << 32 | index;
}

struct reseal_want {
    const uint64_t *places; /* data segments of pending volumes, rising; copied */
    size_t count;
    size_t items_max;       /* 0: RESEAL_ITEMS_MAX */
    const atomic_int *stop; /* not 0: end soon, with ERR_CANCELLED */
};

/* Whose bytes lie in which places. Constant once made: any number of workers may use it. */
struct reseal;

/* Walk over all files of the share, once. `ctx` must outlive it. What would need too much memory is
 * left for another walk, but never the first place. */
MUST_USE enum err reseal_new(
    const struct publish_ctx *ctx, const struct reseal_want *want, struct reseal **reseal);
void reseal_free(struct reseal *reseal);

/* Was this place among those wanted, and not left for another walk? NULL covers nothing. */
bool reseal_covers(const struct reseal *reseal, uint64_t place);

/* Memory and ciphers to put payloads together with; one worker uses it at a time. */
struct reseal_maker;
MUST_USE enum err reseal_maker_new(const struct publish_ctx *ctx, struct reseal_maker **maker);
void reseal_maker_free(struct reseal_maker *maker);
struct sealer *reseal_maker_sealer(struct reseal_maker *maker);

/* Put the payload of a covered place together again, into *payload (PAYLOAD_LEN bytes; room for
 * SEGMENT_LEN, so that it can be sealed in place). Files are read under the rules of source.h.
 * OK: its content id is `cid`, so it makes exactly the same article.
 * ERR_CHANGED: the files do not hold these bytes any more, or cannot be read. */
MUST_USE enum err reseal_make(const struct reseal *reseal, struct reseal_maker *maker,
    uint64_t place, const struct cid *cid, struct buf *payload);

/* An article of ours as it came from the server. */
struct reseal_body {
    struct bytes body; /* still yEnc */
    const struct volume_keys *keys;
    struct seal_place place;
    enum seal_kind kind;
};

/* The other way to the same bytes: decode, take off the mask, and check. *raw gets the segment's
 * SEGMENT_LEN bytes (data: sealed; parity: the recovery slice), *payload what a data segment holds.
 * With NULL for it a data segment is only checked, and *raw is of no use.
 * OK: it is what was posted. KIND_CORRUPT: it is not. */
MUST_USE enum err reseal_open(
    struct sealer *sealer, const struct reseal_body *in, struct buf *raw, struct buf *payload);

#endif
