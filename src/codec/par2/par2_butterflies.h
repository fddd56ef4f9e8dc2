/* The inner loops of the additive transform, on rows of PAR2_FOURIER_ROW bytes in tower form: 64
 * low bytes, then 64 high ones. What they are for: par2_fourier.c. For this room only. */
#ifndef CODEC_PAR2_PAR2_BUTTERFLIES_H
#define CODEC_PAR2_PAR2_BUTTERFLIES_H

#include "codec/par2/par2_kernel.h"

enum { PAR2_FOURIER_ROW = 128, PAR2_TWIDDLE = 24, PAR2_NODE_TWIDDLES = 7 * PAR2_TWIDDLE };

/* Three levels of 8 rows each. Node k's row m is read k rows behind in[m] + offset, and written k
 * rows behind out + m * stride, which may be the same place. */
struct par2_node {
    const uint8_t *const *in;
    size_t offset;
    uint8_t *out;
    const uint8_t *twiddles; /* level by level, block by block */
    size_t stride;
    size_t count; /* nodes that share the twiddles */
};

/* The last one to three levels, of 2^levels rows at rows + m * stride + k rows; the results are
 * added to what is at sums + m * sums_stride + k rows. */
struct par2_final {
    const uint8_t *rows;
    uint8_t *sums;
    const uint8_t *twiddles;
    size_t stride;
    size_t sums_stride;
    size_t count;
    size_t need; /* only rows below this are wanted */
    unsigned levels;
};

struct par2_butterflies {
    /* Tables of the products with all elements of GF(2^8): image[u][j] is u times basis element j.
     */
    void (*prepare)(uint8_t image[256][8], uint8_t *tables); /* 256 * 8 bytes */
    /* The table of a linear map of words, 32 bytes. */
    void (*prepare_map)(const uint16_t image[PAR2_WORD_BITS], uint8_t *map);
    /* Strips of an input from PAR2's order to tower form: one behind the other become rows `pitch`
     * bytes apart. */
    void (*load)(const uint8_t *in, const uint8_t *map, size_t strips, uint8_t *rows, size_t pitch);
    void (*store)(const uint8_t *row, const uint8_t *map, uint8_t *out); /* out ^= the row */
    void (*add)(const uint8_t *row, uint8_t *sum);                       /* sum ^= row */
    void (*node)(const struct par2_node *node);
    void (*final)(const struct par2_final *final);
    /* Levels 0 to 2 of 8 rows in a row, where `in` stands alone: the twiddles are its factors. */
    void (*lone)(const uint8_t *in, const uint8_t *twiddles, uint8_t *rows);
};

#ifdef __x86_64__
extern const struct par2_butterflies par2_gfni_butterflies;
#endif

#endif
