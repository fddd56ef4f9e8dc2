/* Recovery slices by bit planes and the Frobenius map. For this room only. */
#ifndef CODEC_PAR2_PAR2_FROBENIUS_H
#define CODEC_PAR2_PAR2_FROBENIUS_H

#include "codec/par2/par2_encoder.h"
#include "codec/par2/par2_field.h"
#include "codec/par2/par2_kernel.h"

struct par2_frobenius;

/* What is to be reckoned; the arrays are read until par2_frobenius_free. */
struct par2_task {
    const struct par2_kernel *kernel; /* has what the method needs */
    const struct par2_field *field;
    const uint32_t *inputs;
    const uint32_t *exponents;
    size_t input_count;
    size_t exponent_count;
};

/* ERR_NO_MEMORY. *out is the caller's. */
MUST_USE enum err par2_frobenius_new(const struct par2_task *task, struct par2_frobenius **out);
void par2_frobenius_free(struct par2_frobenius *f);

/* As in par2_encoder.h; PAR2_SET needs at least one input. */
enum par2_into { PAR2_ADD, PAR2_SET };
size_t par2_frobenius_work(const struct par2_frobenius *f);
void par2_frobenius_run(
    const struct par2_frobenius *f, const struct par2_columns *columns, enum par2_into into);

#endif
