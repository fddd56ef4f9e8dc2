/* Lost input slices from recovery slices: any L lost ones from any L recovery slices (nearly: see
 * ERR_SINGULAR).
 *
 * What to do, for all columns or for one band after another:
 *   1. take the recovery slices that par2_repair_exponents() names;
 *   2. add to them, with an encoder for these exponents (par2_encoder.h), all inputs that are not
 *      lost, at once or in batches: what remains is what the lost ones put in;
 *   3. par2_repair_solve(). */
#ifndef CODEC_PAR2_PAR2_REPAIR_H
#define CODEC_PAR2_PAR2_REPAIR_H

#include "codec/par2/par2_encoder.h"

struct par2_loss {
    const uint32_t *missing;   /* the lost inputs' numbers, in any order */
    const uint32_t *exponents; /* of the recovery slices at hand, in any order */
    size_t missing_count;
    size_t exponent_count;
    const struct par2_kernel *kernel; /* NULL: the fastest */
};

struct par2_repair;

/* Find out how to repair, and with which recovery slices; *out is the caller's, to be freed. The
 * loss's arrays are copied. A run of exponents without a gap is preferred: its matrix is inverted
 * in steps that grow with L^2, any other in L^3.
 * ERR_TOO_MUCH_LOST: there are fewer recovery slices than lost inputs.
 * ERR_SINGULAR: none of the choices of L recovery slices tells the lost inputs apart. This is a
 * known flaw of PAR2's constants, rare, and never met by a run without a gap.
 * ERR_LIMIT: a number is too high or stands twice among the lost. ERR_NO_MEMORY: the inverse takes
 * 2 L^2 bytes. */
MUST_USE enum err par2_repair_new(const struct par2_loss *loss, struct par2_repair **out);

/* NULL is allowed. */
void par2_repair_free(struct par2_repair *repair);

/* The exponents of the recovery slices to use: as many as inputs are lost. */
const uint32_t *par2_repair_exponents(const struct par2_repair *repair);

/* Bytes of work memory that one call of par2_repair_solve needs. */
size_t par2_repair_work(const struct par2_repair *repair);

/* The lost slices, in the order of the loss, are written to columns->out. columns->in holds the
 * recovery slices in the order of par2_repair_exponents(), the known inputs' share taken out. The
 * work of different columns may go on at the same time. */
void par2_repair_solve(const struct par2_repair *repair, const struct par2_columns *columns);

#endif
