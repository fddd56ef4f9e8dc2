/* Recovery slices by a transform over the whole field. For this room only. */
#ifndef CODEC_PAR2_PAR2_FOURIER_H
#define CODEC_PAR2_PAR2_FOURIER_H

#include "codec/par2/par2_encoder.h"
#include "codec/par2/par2_frobenius.h"

struct par2_fourier;

/* About how many rows of a strip must be multiplied for so many inputs and a run of exponents so
 * long; the Frobenius way has input_count * exponent_count / 2 to multiply, but cheaper ones. */
uint64_t par2_fourier_cost(size_t input_count, size_t span);

/* Can PAR2_FOURIER be used? Every input may stand once only. */
bool par2_fourier_fits(const struct par2_task *task);

/* ERR_NO_MEMORY. *out is the caller's. */
MUST_USE enum err par2_fourier_new(const struct par2_task *task, struct par2_fourier **out);
void par2_fourier_free(struct par2_fourier *f);

/* As in par2_encoder.h. */
size_t par2_fourier_work(const struct par2_fourier *f);
void par2_fourier_add(const struct par2_fourier *f, const struct par2_columns *columns);

#endif
