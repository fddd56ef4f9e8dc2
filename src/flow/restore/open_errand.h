/* From an article's body to a segment's payload, on a worker: yEnc, mask, seal. */
#ifndef FLOW_RESTORE_OPEN_ERRAND_H
#define FLOW_RESTORE_OPEN_ERRAND_H

#include "codec/seal/seal_segment.h"
#include "flow/restore/held.h"
#include "flow/restore/restore_ctx.h"

/* OK: `payload` is yours. KIND_CORRUPT: the article is not what was published. */
typedef void (*open_errand_fn)(void *arg, enum err err, struct held *payload);

/* An article's body, and which data segment it should be. */
struct open_article {
    const struct volume_keys *keys; /* copied */
    const struct seal_place *place; /* copied */
    struct buf *wire;               /* taken over */
};

/* Open it. done runs later, once, unless the flow's errands are forgotten. */
MUST_USE enum err open_errand_start(
    struct restore_ctx *ctx, const struct open_article *article, open_errand_fn done, void *arg);

#endif
