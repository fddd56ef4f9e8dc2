/* Matrix rows in plain C: two table look-ups a word, the tables made anew for each factor. */
#include <string.h>

#include "base/endian.h"
#include "codec/par2/par2_kernel.h"

enum { STRIP = 4096, HALF = 256 };

static void no_tables(uint8_t *tables)
{
    (void)tables;
}

static void stage(const uint8_t *in, uint8_t *staged)
{
    memcpy(staged, in, STRIP);
}

/* The products of `factor` with every low byte, then with every high byte. */
static void fill(uint16_t factor, uint16_t products[2 * HALF])
{
    for (size_t half = 0; half < 2; half++) {
        uint16_t *t = products + half * HALF;

        t[0] = 0;
        for (size_t bit = 1; bit < HALF; bit <<= 1) {
            for (size_t i = 0; i < bit; i++) {
                t[bit + i] = t[i] ^ factor;
            }
            factor = par2_mul_plain(factor, 2);
        }
    }
}

static void row(const uint8_t *tables, const uint16_t *factors, const uint8_t *staged, size_t count,
    uint8_t *out)
{
    uint16_t products[2 * HALF];

    (void)tables;
    for (size_t c = 0; c < count; c++, staged += STRIP) {
        fill(factors[c], products);
        for (size_t i = 0; i < STRIP; i += 2) {
            uint16_t word = products[staged[i]] ^ products[HALF + staged[i + 1]];

            put_le16(out + i, get_le16(out + i) ^ word);
        }
    }
}

const struct par2_rows par2_plain_rows = {STRIP, STRIP, 0, no_tables, stage, row};
