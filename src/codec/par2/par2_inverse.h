/* Inverses of the matrices X_l^e that tie lost inputs to recovery slices. For this room only. */
#ifndef CODEC_PAR2_PAR2_INVERSE_H
#define CODEC_PAR2_PAR2_INVERSE_H

#include "base/err.h"
#include "codec/par2/par2_field.h"
#include "codec/par2/par2_kernel.h"

struct par2_system {
    const struct par2_field *field;
    const struct par2_rows *rows;
    const uint8_t *tables;   /* for `rows` */
    const uint32_t *missing; /* the unknowns */
    uint32_t *exponents;     /* an equation each */
    size_t unknowns;
    size_t equations; /* at least as many */
};

/* The inverse for equations first_exponent, +1, +2 ...: row l, equation j at [l * unknowns + j].
 * ERR_NO_MEMORY. */
MUST_USE enum err par2_inverse_run(
    const struct par2_system *system, uint32_t first_exponent, uint16_t *inverse);

/* The inverse for those equations that do: their exponents are moved to the front.
 * ERR_SINGULAR: too few of them are independent. ERR_NO_MEMORY. */
MUST_USE enum err par2_inverse_any(struct par2_system *system, uint16_t *inverse);

#endif
