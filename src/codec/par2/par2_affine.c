/* Bit matrices. The row for bit i of the result is byte 7 - i. */
#include "codec/par2/par2_affine.h"

#include <string.h>

uint64_t par2_affine_matrix(const uint8_t image[8])
{
    uint64_t m = 0;

    for (unsigned i = 0; i < 8; i++) {
        for (unsigned j = 0; j < 8; j++) {
            m |= (uint64_t)(image[j] >> i & 1) << (8 * (7 - i) + j);
        }
    }
    return m;
}

void par2_affine_word(const uint16_t image[PAR2_WORD_BITS], uint64_t out[4])
{
    uint8_t part[4][8];

    for (unsigned j = 0; j < 8; j++) {
        part[0][j] = (uint8_t)image[j];
        part[1][j] = (uint8_t)(image[8 + j] >> 8);
        part[2][j] = (uint8_t)image[8 + j];
        part[3][j] = (uint8_t)(image[j] >> 8);
    }
    for (unsigned k = 0; k < 4; k++) {
        out[k] = par2_affine_matrix(part[k]);
    }
}

void par2_affine_rows(uint8_t *tables)
{
    for (uint32_t half = 0; half < 2; half++) {
        for (uint32_t i = 0; i < 256; i++) {
            uint16_t image[PAR2_WORD_BITS];
            uint64_t m[4];

            for (unsigned j = 0; j < PAR2_WORD_BITS; j++) {
                image[j] = par2_mul_plain((uint16_t)(i << 8 * half), (uint16_t)(1U << j));
            }
            par2_affine_word(image, m);
            memcpy(tables + ((size_t)half * 256 + i) * sizeof m, m, sizeof m);
        }
    }
}

void par2_affine_product(const uint16_t powers[PAR2_GROUP], uint8_t *table)
{
    uint8_t image[2][PAR2_GROUP];
    uint64_t m[2];

    for (size_t k = 0; k < PAR2_GROUP; k++) {
        image[0][7 - k] = (uint8_t)powers[k];
        image[1][7 - k] = (uint8_t)(powers[k] >> 8);
    }
    m[0] = par2_affine_matrix(image[0]);
    m[1] = par2_affine_matrix(image[1]);
    memcpy(table, m, sizeof m);
}

void par2_affine_output(uint16_t image[PAR2_WORD_BITS][PAR2_WORD_BITS], uint8_t *table)
{
    for (size_t b = 0; b < PAR2_WORD_BITS; b++) {
        uint64_t m[4];

        par2_affine_word(image[b], m);
        memcpy(table + b * sizeof m, m, sizeof m);
    }
}
