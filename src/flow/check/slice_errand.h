/* From an article's body to a volume's slice, on a worker: yEnc, mask, and whether it is what was
 * published. A slice is what parity is reckoned over: a sealed data segment, or a raw parity
 * segment, SEGMENT_LEN bytes either way. */
#ifndef FLOW_CHECK_SLICE_ERRAND_H
#define FLOW_CHECK_SLICE_ERRAND_H

#include "codec/seal/seal_segment.h"
#include "flow/restore/restore_ctx.h"

/* Where slices go, if anywhere: called on the worker with a slice that is right. */
struct slice_keeper {
    enum err (*keep)(struct slice_keeper *keeper, uint32_t index, const uint8_t *slice);
    /* One holder more, one less: workers may outlive the flow. */
    void (*hold)(struct slice_keeper *keeper);
    void (*drop)(struct slice_keeper *keeper);
};

/* An article's body, and which segment it should be. */
struct slice_article {
    const struct volume_keys *keys; /* copied */
    struct seal_place place;
    enum seal_kind kind;
    struct buf *wire;            /* taken over */
    struct slice_keeper *keeper; /* NULL: look only */
};

/* OK: it is right. KIND_CORRUPT: the article is not what was published. Else what went wrong. */
typedef void (*slice_errand_fn)(void *arg, enum err err);

/* Look. done runs later, once, unless the flow's errands are forgotten. */
MUST_USE enum err slice_errand_start(
    struct restore_ctx *ctx, const struct slice_article *article, slice_errand_fn done, void *arg);

/* Is `slice` (SEGMENT_LEN bytes, its mask taken off) the segment of `place`? ERR_BAD_SEAL: no. For
 * workers; `scratch` has as many bytes. */
MUST_USE enum err slice_check(struct sealer *sealer, const struct volume_keys *keys,
    const struct seal_place *place, enum seal_kind kind, const uint8_t *slice, uint8_t *scratch);

#endif
