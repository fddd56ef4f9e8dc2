/* A matrix over GF(2^16) times slices, every factor multiplied out. For this room only. */
#ifndef CODEC_PAR2_PAR2_MATRIX_H
#define CODEC_PAR2_PAR2_MATRIX_H

#include "codec/par2/par2_encoder.h"
#include "codec/par2/par2_kernel.h"

enum { PAR2_MATRIX_BLOCK = 256 }; /* columns whose strips are staged at a time */

struct par2_matrix {
    const struct par2_rows *ops;
    const uint8_t *tables;   /* made by ops->prepare, aligned to PAR2_ALIGN */
    const uint16_t *factors; /* row r starts at factors + r * stride */
    size_t rows;
    size_t cols;
    size_t stride;
};

/* `work` moved up to PAR2_ALIGN; sizes of work memory have room for it. */
static inline uint8_t *par2_aligned(void *work)
{
    return (uint8_t *)work + (PAR2_ALIGN - (uintptr_t)work % PAR2_ALIGN) % PAR2_ALIGN;
}

static inline size_t par2_round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* out ^= in, `len` bytes. */
void par2_xor(uint8_t *out, const uint8_t *in, size_t len);

/* Bytes of work memory for a matrix of `cols` columns. */
size_t par2_matrix_work(const struct par2_rows *ops, size_t cols);

/* columns->out ^= matrix * columns->in. */
void par2_matrix_add(const struct par2_matrix *matrix, const struct par2_columns *columns);

#endif
