/* PAR2 recovery slices: for each wanted exponent e the sum of c_i^e times input slice i over
 * GF(2^16), column by column, bit for bit as PAR2 2.0 defines it.
 *
 * An encoder holds the mathematics for some inputs of a set and some exponents; it is made once,
 * then adds to recovery slices as often as wanted, from as many threads as wanted (each with
 * columns and work memory of its own). A whole set is one encoder over all inputs. A volume that is
 * still being sealed is one encoder a batch: batches of 256 segments cost an eighth more than the
 * whole, and their sum in the recovery slices is the same. */
#ifndef CODEC_PAR2_PAR2_ENCODER_H
#define CODEC_PAR2_PAR2_ENCODER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
    PAR2_SET_MAX = 32768,      /* input slices of a set */
    PAR2_EXPONENT_MAX = 65534, /* 65535 would be 0 again */
    PAR2_BATCH = 256,          /* a good number of inputs to add at once */
};

/* How to reckon. All give the same bytes. */
enum par2_method {
    PAR2_AUTO,      /* what costs least */
    PAR2_ROWS,      /* every factor multiplied out */
    PAR2_FROBENIUS, /* one product for all exponents o, 2o, 4o ...: for sets of usual size */
    PAR2_FOURIER,   /* a transform over the whole field: for many inputs times many exponents */
};

struct par2_kernel; /* par2_kernel.h */

struct par2_shape {
    const uint32_t *inputs;    /* the inputs' numbers in their set; NULL: 0, 1, 2 ... */
    const uint32_t *exponents; /* NULL: first_exponent and those behind it */
    size_t input_count;
    size_t exponent_count;
    uint32_t first_exponent; /* when `exponents` is NULL */
    enum par2_method method;
    const struct par2_kernel *kernel; /* NULL: the fastest */
};

/* Columns to work on: bytes [from, to) of all slices, both multiples of 2. */
struct par2_columns {
    const uint8_t *const *in; /* the inputs' slices, in the order of the shape */
    uint8_t *const *out;      /* the recovery slices, in the order of the exponents */
    size_t from;
    size_t to;
    void *work; /* par2_encoder_work() bytes, for this call alone */
};

struct par2_encoder;

/* Make an encoder; *out is the caller's, to be freed. The shape's arrays are copied.
 * ERR_LIMIT: a number is above PAR2_SET_MAX - 1 or PAR2_EXPONENT_MAX, or there are more numbers
 * than these allow. ERR_BUG: the kernel cannot do the method. ERR_NO_MEMORY. */
MUST_USE enum err par2_encoder_new(const struct par2_shape *shape, struct par2_encoder **out);

/* NULL is allowed. */
void par2_encoder_free(struct par2_encoder *encoder);

/* Bytes of work memory that one call of par2_encoder_add needs. */
size_t par2_encoder_work(const struct par2_encoder *encoder);

/* What PAR2_AUTO became. */
enum par2_method par2_encoder_method(const struct par2_encoder *encoder);

/* Add the inputs' share to the recovery slices (start with zeros): out ^= factors * in, in the
 * given columns only. The work of different columns may go on at the same time. */
void par2_encoder_add(const struct par2_encoder *encoder, const struct par2_columns *columns);

/* The same for slices that hold nothing yet: out = factors * in, whatever the columns held. */
void par2_encoder_set(const struct par2_encoder *encoder, const struct par2_columns *columns);

#endif
