/* Builds the three bases' tables. The additive transform over Cantor's basis: Lin, Chung, Han,
 * "Novel Polynomial Basis and Its Application to Reed-Solomon Erasure Codes", 2014; the basis:
 * Cantor, "On arithmetical algorithms over finite fields", 1989. */
#include "codec/par2/par2_cantor.h"

/* Each basis element is a root of z^2 + z = the one before; either will do. */
static void find_basis(const struct par2_field *field, uint16_t basis[PAR2_WORD_BITS])
{
    basis[0] = 1;
    for (size_t i = 1; i < PAR2_WORD_BITS; i++) {
        uint32_t z = 1;

        while ((par2_mul(field, (uint16_t)z, (uint16_t)z) ^ z) != basis[i - 1]) {
            z++;
        }
        basis[i] = (uint16_t)z;
    }
}

/* The sum of the elements for the bits of n. */
static uint16_t sum_of(const uint16_t basis[PAR2_WORD_BITS], uint32_t n)
{
    uint16_t sum = 0;

    for (size_t k = 0; k < PAR2_WORD_BITS; k++) {
        sum ^= n >> k & 1 ? basis[k] : 0;
    }
    return sum;
}

static void fill_products(struct par2_cantor *c, const struct par2_field *field)
{
    for (uint32_t u = 0; u < 256; u++) {
        uint16_t x = sum_of(c->element, u);

        for (size_t j = 0; j < 8; j++) {
            c->product[u][j] = (uint8_t)c->tower[par2_mul(field, x, c->element[j])];
        }
        c->by_b7[u] = c->product[u][7];
    }
}

void par2_cantor_init(struct par2_cantor *cantor, const struct par2_field *field)
{
    uint16_t basis[PAR2_WORD_BITS];

    find_basis(field, basis);
    for (size_t k = 0; k < 8; k++) {
        cantor->element[k] = basis[k];
        cantor->element[8 + k] = par2_mul(field, basis[8], basis[k]);
    }
    for (uint32_t n = 0; n < PAR2_FIELD_SIZE; n++) {
        cantor->index[sum_of(basis, n)] = (uint16_t)n;
        cantor->tower[sum_of(cantor->element, n)] = (uint16_t)n;
    }
    for (uint32_t n = 0; n < PAR2_FIELD_SIZE; n++) {
        cantor->twiddle[n] = cantor->tower[sum_of(basis, n)];
    }
    fill_products(cantor, field);
}
