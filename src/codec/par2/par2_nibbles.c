/* Sixteen sums a nibble. */
#include "codec/par2/par2_nibbles.h"

/* What the 16 values of a nibble become when its bit j becomes image[j]: low bytes, then high. */
static void fill(const uint16_t image[4], uint8_t table[PAR2_NIBBLE_LEN])
{
    for (unsigned n = 0; n < 16; n++) {
        uint16_t sum = 0;

        for (unsigned j = 0; j < 4; j++) {
            sum ^= n >> j & 1 ? image[j] : 0;
        }
        table[n] = (uint8_t)sum;
        table[16 + n] = (uint8_t)(sum >> 8);
    }
}

static void fill_word(const uint16_t image[PAR2_WORD_BITS], uint8_t table[PAR2_NIBBLES_WORD])
{
    for (size_t n = 0; n < PAR2_NIBBLES; n++) {
        fill(image + 4 * n, table + n * PAR2_NIBBLE_LEN);
    }
}

void par2_nibbles_rows(uint8_t *tables)
{
    for (uint32_t half = 0; half < 2; half++) {
        for (uint32_t i = 0; i < 256; i++) {
            uint16_t image[PAR2_WORD_BITS];

            for (unsigned j = 0; j < PAR2_WORD_BITS; j++) {
                image[j] = par2_mul_plain((uint16_t)(i << 8 * half), (uint16_t)(1U << j));
            }
            fill_word(image, tables + ((size_t)half * 256 + i) * PAR2_NIBBLES_WORD);
        }
    }
}

void par2_nibbles_product(const uint16_t powers[PAR2_GROUP], uint8_t *table)
{
    fill(powers, table);
    fill(powers + 4, table + PAR2_NIBBLE_LEN);
}

void par2_nibbles_output(uint16_t image[PAR2_WORD_BITS][PAR2_WORD_BITS], uint8_t *table)
{
    for (size_t b = 0; b < PAR2_WORD_BITS; b++) {
        fill_word(image[b], table + b * PAR2_NIBBLES_WORD);
    }
}
