/* The tables of GF(2^16). PAR2 2.0 numbers its input slices by the powers of 2 whose exponents are
 * coprime to 65535 = 3 * 5 * 17 * 257: those have the full order, so that no power repeats. */
#include "codec/par2/par2_field.h"

static uint16_t twice(uint16_t a)
{
    return (uint16_t)((uint32_t)a << 1 ^ (a & 0x8000 ? PAR2_POLYNOMIAL : 0));
}

uint16_t par2_mul_plain(uint16_t a, uint16_t b)
{
    uint16_t product = 0;

    for (; b != 0; b >>= 1) {
        if (b & 1) {
            product ^= a;
        }
        a = twice(a);
    }
    return product;
}

void par2_field_init(struct par2_field *field)
{
    uint16_t power = 1;
    size_t inputs = 0;

    for (uint32_t e = 0; e < PAR2_ORDER; e++) {
        field->exp[e] = power;
        field->exp[e + PAR2_ORDER] = power;
        field->log[power] = (uint16_t)e;
        power = twice(power);
        if (e % 3 != 0 && e % 5 != 0 && e % 17 != 0 && e % 257 != 0) {
            field->input_log[inputs] = (uint16_t)e;
            inputs++;
        }
    }
    field->log[0] = 0;
}
