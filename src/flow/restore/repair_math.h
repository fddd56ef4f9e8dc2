/* The arithmetic of repairing a volume, on workers: which recovery slices, then the lost segments,
 * band by band of their columns. Everything lies in a scratch file of places of SEGMENT_LEN bytes;
 * data segment i that is not lost at place i. What is made goes to the place of what was lost. */
#ifndef FLOW_RESTORE_REPAIR_MATH_H
#define FLOW_RESTORE_REPAIR_MATH_H

#include "flow/restore/restore_ctx.h"
#include "io/disk/disk_scratch.h"

enum { REPAIR_BAND_BYTES = 24 << 20 }; /* memory of a band; more only for the largest volumes */

/* What there is. Arrays are copied. */
struct repair_loss {
    uint32_t k;           /* data segments of the volume */
    const uint32_t *lost; /* of them, rising; at least one */
    size_t lost_count;
    const uint32_t *exponents; /* of the recovery slices at hand; at least as many ... */
    const uint32_t *places;    /* ... and where each of them lies */
    size_t exponent_count;
};

/* How the lost segments are made. Several holders; any thread. */
struct repair_math;
void repair_math_drop(struct repair_math *math);

/* Bytes of each segment that a band takes, an even number. */
size_t repair_math_width(const struct repair_math *math);

/* Find out. OK: `math` has one holder, you. ERR_SINGULAR: one more recovery slice is needed. */
typedef void (*repair_choose_fn)(void *arg, enum err err, struct repair_math *math);
MUST_USE enum err repair_choose_start(
    struct restore_ctx *ctx, const struct repair_loss *loss, repair_choose_fn done, void *arg);

/* Make the columns from `from` on, repair_math_width() of them or what is left, and write them.
 * Bands may be made in any order and side by side, each once: they overwrite what they need. */
typedef void (*repair_band_fn)(void *arg, enum err err);
struct repair_band {
    struct repair_math *math;     /* kept */
    struct disk_scratch *scratch; /* kept */
    size_t from;
};
MUST_USE enum err repair_band_start(
    struct restore_ctx *ctx, const struct repair_band *band, repair_band_fn done, void *arg);

#endif
