/* CRC-32 by isa-l, and the tables of a sliding window.
 *
 * With init and final complement left out, a CRC is linear over GF(2). Let raw(m) be that CRC, from
 * state 0. The window's CRC is raw(m) ^ affine, affine depending on the length alone. So sliding is
 * step(crc ^ affine, came) ^ raw(gone, then len zeros) ^ affine, and all constants fit into the
 * second table. */
#include "codec/par2/par2_crc.h"

#include <isa-l/crc.h>

enum { CRC_POLYNOMIAL_HALF = 0x76dc4190, CRC_BITS = 32 };

uint32_t par2_crc(uint32_t crc, struct bytes in)
{
    return in.len == 0 ? crc : crc32_gzip_refl(crc, in.ptr, in.len);
}

static uint32_t step(const uint32_t table[256], uint32_t state, uint8_t byte)
{
    return state >> 8 ^ table[(state ^ byte) & 0xff];
}

static void byte_table(uint32_t table[256])
{
    const uint32_t polynomial = 2U * CRC_POLYNOMIAL_HALF; /* 0xedb88320, reflected */

    for (uint32_t i = 0; i < 256; i++) {
        uint32_t v = i;

        for (int bit = 0; bit < 8; bit++) {
            v = (v & 1) != 0 ? v >> 1 ^ polynomial : v >> 1;
        }
        table[i] = v;
    }
}

/* matrix * vector; columns are what single bits become. */
static uint32_t apply(const uint32_t matrix[CRC_BITS], uint32_t v)
{
    uint32_t sum = 0;

    for (int bit = 0; v != 0; bit++, v >>= 1) {
        sum ^= (v & 1) != 0 ? matrix[bit] : 0;
    }
    return sum;
}

/* The map that `len` zero bytes are: powers of two of it, one after the other. */
static void zeros(const uint32_t table[256], uint64_t len, uint32_t out[CRC_BITS])
{
    uint32_t power[CRC_BITS];
    uint32_t square[CRC_BITS];

    for (int bit = 0; bit < CRC_BITS; bit++) {
        out[bit] = UINT32_C(1) << bit;
        power[bit] = step(table, UINT32_C(1) << bit, 0);
    }
    for (; len > 0; len >>= 1) {
        for (int bit = 0; bit < CRC_BITS && (len & 1) != 0; bit++) {
            out[bit] = apply(power, out[bit]);
        }
        for (int bit = 0; bit < CRC_BITS; bit++) {
            square[bit] = apply(power, power[bit]);
        }
        for (int bit = 0; bit < CRC_BITS; bit++) {
            power[bit] = square[bit];
        }
    }
}

void par2_crc_window_init(struct par2_crc_window *window, uint64_t len)
{
    uint32_t after[CRC_BITS];
    uint32_t affine;

    byte_table(window->in);
    zeros(window->in, len, after);
    affine = apply(after, UINT32_MAX) ^ UINT32_MAX;
    for (uint32_t gone = 0; gone < 256; gone++) {
        window->out[gone] =
            apply(after, step(window->in, 0, (uint8_t)gone)) ^ affine ^ step(window->in, affine, 0);
    }
}
