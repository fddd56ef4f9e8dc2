/* The levels of the transform: one strip of one coset, from its inputs to the sums. For
 * par2_fourier*.c only. */
#ifndef CODEC_PAR2_PAR2_FOURIER_LEVELS_H
#define CODEC_PAR2_PAR2_FOURIER_LEVELS_H

#include "codec/par2/par2_butterflies.h"
#include "codec/par2/par2_fourier_plan.h"

enum {
    PAR2_RUN = 64,         /* rows between two gaps: without these, rows collide in the cache */
    PAR2_COSET_ACROSS = 4, /* upper levels: rows of each block that are worked on at a time */
    PAR2_COSET_BETWEEN = 64 * PAR2_COSET_ACROSS * PAR2_FOURIER_ROW,
    PAR2_COSET_ZEROS = PAR2_LEAF * PAR2_FOURIER_ROW,
};

/* A coset's strip on its way up. */
struct par2_coset {
    const struct par2_fourier *f;
    size_t first;            /* its first point */
    const uint8_t *staged;   /* its inputs' rows, in order */
    const uint8_t *twiddles; /* of its nodes */
    const uint8_t *zeros;    /* PAR2_COSET_ZEROS bytes */
    uint8_t *rows;           /* its points' rows, with gaps */
    uint8_t *between;        /* PAR2_COSET_BETWEEN bytes, for rows on their way */
    uint8_t *sums;           /* rows of all cosets' sums, with gaps */
};

static inline size_t par2_coset_rows(const struct par2_fourier *f)
{
    return (size_t)1 << f->bits;
}

/* Where row q lies, from the first one. */
static inline size_t par2_row_at(size_t q)
{
    return (q + q / PAR2_RUN) * PAR2_FOURIER_ROW;
}

/* The twiddles of all nodes of the coset that starts at point `first`. */
size_t par2_coset_twiddles_len(const struct par2_fourier *f);
void par2_coset_twiddles(const struct par2_fourier *f, size_t first, uint8_t *out);

/* All levels: adds the coset's rows, as far as they are wanted, to the sums. */
void par2_coset_add(const struct par2_coset *coset);

#endif
