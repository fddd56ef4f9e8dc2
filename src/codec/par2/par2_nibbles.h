/* Tables for kernels that look nibbles up: a linear map of a byte is the sum of what its two
 * nibbles become. For par2_avx2.c and par2_neon.c only. */
#ifndef CODEC_PAR2_PAR2_NIBBLES_H
#define CODEC_PAR2_PAR2_NIBBLES_H

#include "codec/par2/par2_kernel.h"

enum {
    PAR2_NIBBLES = 4,                                   /* of a word */
    PAR2_NIBBLE_LEN = 2 * 16,                           /* low bytes of 16 sums, then high ones */
    PAR2_NIBBLES_WORD = PAR2_NIBBLES * PAR2_NIBBLE_LEN, /* a map of words */
    PAR2_NIBBLES_PRODUCT = 2 * PAR2_NIBBLE_LEN,
    PAR2_NIBBLES_OUTPUT = PAR2_WORD_BITS * PAR2_NIBBLES_WORD,
    PAR2_NIBBLES_ROWS = 2 * 256 * PAR2_NIBBLES_WORD,
};

/* `prepare` of struct par2_rows: the maps of all factors below 256, then of their multiples of 256.
 */
void par2_nibbles_rows(uint8_t *tables);

/* `prepare_product` and `prepare_output` of struct par2_planes. */
void par2_nibbles_product(const uint16_t powers[PAR2_GROUP], uint8_t *table);
void par2_nibbles_output(uint16_t image[PAR2_WORD_BITS][PAR2_WORD_BITS], uint8_t *table);

#endif
