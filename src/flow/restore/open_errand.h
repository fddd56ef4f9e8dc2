/* From an article's body, or from sealed bytes in a scratch file, to a segment's payload, on a
 * worker: yEnc, mask, seal. While all workers are at it already, what comes gathers, and goes to
 * the next one together: opened side by side some cost little more than half of what each would
 * alone. */
#ifndef FLOW_RESTORE_OPEN_ERRAND_H
#define FLOW_RESTORE_OPEN_ERRAND_H

#include "codec/seal/seal_segment.h"
#include "flow/restore/held.h"
#include "flow/restore/restore_ctx.h"
#include "io/disk/disk_scratch.h"

/* OK: `payload` is yours; a parity segment has none. KIND_CORRUPT: it is not what was published.
 * Others that came along may be told next, so nothing here may end the flow. */
typedef void (*open_errand_fn)(void *arg, enum err err, struct held *payload);

/* Which segment it should be, and where it is. */
struct open_article {
    const struct volume_keys *keys; /* copied */
    const struct seal_place *place; /* copied */
    enum seal_kind kind;
    struct buf *wire;             /* the body, taken over; NULL: it lies in the scratch file */
    struct disk_scratch *scratch; /* where its sealed bytes lie or, with a body, are to lie: ... */
    uint64_t offset;              /* ... right ones, when done says OK. NULL: nowhere */
};

/* With the flow it belongs to. */
void openings_init(struct openings *openings);

/* Free what waits; done never runs for it. Zeroed is allowed. */
void openings_clear(struct openings *openings);

/* Open it. done runs later, once, unless the flow's errands are forgotten. */
MUST_USE enum err open_errand_start(
    struct restore_ctx *ctx, const struct open_article *article, open_errand_fn done, void *arg);

#endif
