/* Linear maps of bytes and words as 8x8 bit matrices, the way GFNI's affine instruction wants them.
 * For par2_gfni*.c only. */
#ifndef CODEC_PAR2_PAR2_AFFINE_H
#define CODEC_PAR2_PAR2_AFFINE_H

#include "codec/par2/par2_kernel.h"

enum {
    PAR2_AFFINE_WORD = 32, /* a map of words: four matrices */
    PAR2_AFFINE_ROWS = 2 * 256 * PAR2_AFFINE_WORD,
    PAR2_AFFINE_PRODUCT = 16, /* two matrices */
    PAR2_AFFINE_OUTPUT = PAR2_WORD_BITS * PAR2_AFFINE_WORD,
};

/* The matrix whose product with bit j alone is image[j]. */
uint64_t par2_affine_matrix(const uint8_t image[8]);

/* The four matrices of a map of words: low from low, high from high, low from high, high from low.
 */
void par2_affine_word(const uint16_t image[PAR2_WORD_BITS], uint64_t out[4]);

/* `prepare` of struct par2_rows: the maps of all factors below 256, then of their multiples of 256.
 */
void par2_affine_rows(uint8_t *tables);

/* `prepare_product` and `prepare_output` of struct par2_planes. Input k's bits are bit 7 - k of a
 * plane's bytes. */
void par2_affine_product(const uint16_t powers[PAR2_GROUP], uint8_t *table);
void par2_affine_output(uint16_t image[PAR2_WORD_BITS][PAR2_WORD_BITS], uint8_t *table);

#endif
