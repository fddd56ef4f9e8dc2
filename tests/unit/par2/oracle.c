/* By the definition, word by word; the constants found by trying every exponent. */
#include "oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

uint16_t oracle_mul(uint16_t a, uint16_t b)
{
    uint32_t product = 0;

    for (unsigned i = 0; i < 16; i++) {
        product ^= b >> i & 1 ? (uint32_t)a << i : 0;
    }
    for (unsigned i = 31; i >= 16; i--) {
        product ^= product >> i & 1 ? (uint32_t)0x1100b << (i - 16) : 0;
    }
    return (uint16_t)product;
}

uint16_t oracle_power(uint16_t a, uint32_t e)
{
    uint16_t result = 1;

    for (; e != 0; e >>= 1) {
        result = e & 1 ? oracle_mul(result, a) : result;
        a = oracle_mul(a, a);
    }
    return result;
}

static uint32_t gcd(uint32_t a, uint32_t b)
{
    while (b != 0) {
        uint32_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

uint16_t oracle_constant(uint32_t i)
{
    static uint16_t found[32768];

    if (found[0] == 0) {
        size_t count = 0;

        for (uint32_t e = 1; e < 65535; e++) {
            if (gcd(e, 65535) == 1) {
                found[count] = oracle_power(2, e);
                count++;
            }
        }
    }
    return found[i];
}

void oracle_add(uint32_t input, uint32_t exponent, const uint8_t *in, uint8_t *out, size_t len)
{
    uint16_t factor = oracle_power(oracle_constant(input), exponent);

    for (size_t i = 0; i < len; i += 2) {
        uint16_t word = oracle_mul(factor, (uint16_t)(in[i] | in[i + 1] << 8));

        out[i] ^= (uint8_t)word;
        out[i + 1] ^= (uint8_t)(word >> 8);
    }
}

uint64_t oracle_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

void oracle_fill(uint64_t *state, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)(oracle_random(state) >> 24);
    }
}

size_t oracle_below(uint64_t *state, size_t limit)
{
    return (size_t)(oracle_random(state) >> 11) % limit;
}

uint8_t **oracle_slices(size_t count, size_t len)
{
    uint8_t **slices = calloc(1, count * (sizeof *slices + len) + 1);

    assert_non_null(slices);
    for (size_t i = 0; i < count; i++) {
        slices[i] = (uint8_t *)(slices + count) + i * len;
    }
    return slices;
}
