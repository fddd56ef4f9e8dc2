/* PAR2's arithmetic with NEON: its table instruction looks 16 nibbles up in a table of 16. What
 * every processor of the 64-bit ARM architecture has. The layouts are those of par2_avx2.c. */
#include "codec/par2/par2_nibbles.h"

#ifdef __AARCH64EL__
#include <arm_neon.h>

enum {
    V = 16,
    STRIP = 2 * V,
    ROW_PAIRS = 4,
    ROW_STRIP = ROW_PAIRS * STRIP,
    NIBBLES = PAR2_NIBBLES,
    PAIR_LEN = PAR2_NIBBLE_LEN,
    FACTOR_LEN = PAR2_NIBBLES_WORD,
    BYTE = 256,
    STAGED_LEN = 2 * ROW_STRIP,
    PLANES_LEN = 2 * PAR2_WORD_BITS * V, /* each plane's low nibbles, then its high ones */
    SUMS_HALF = PAR2_WORD_BITS * V,      /* all low bytes; the high ones are behind them */
    SUMS_LEN = 2 * SUMS_HALF,
    HALF = 8, /* of the planes: as many sums as there are registers for */
};

static inline uint8x16_t low_nibbles(uint8x16_t v)
{
    return vandq_u8(v, vdupq_n_u8(15));
}

static inline uint8x16_t high_nibbles(uint8x16_t v)
{
    return vshrq_n_u8(v, 4);
}

/* ---- rows ---- */

/* 16 words as four vectors, one a nibble. */
static void stage(const uint8_t *in, uint8_t *staged)
{
    PAR2_UNROLL
    for (size_t i = 0; i < ROW_PAIRS; i++, in += STRIP, staged += (size_t)NIBBLES * V) {
        uint8x16x2_t bytes = vld2q_u8(in); /* low ones, high ones */

        vst1q_u8(staged, low_nibbles(bytes.val[0]));
        vst1q_u8(staged + V, high_nibbles(bytes.val[0]));
        vst1q_u8(staged + (size_t)2 * V, low_nibbles(bytes.val[1]));
        vst1q_u8(staged + (size_t)3 * V, high_nibbles(bytes.val[1]));
    }
}

/* A factor's table `k`, the sum of those of its two bytes. */
static inline uint8x16_t factor_table(const uint8_t *tables, uint16_t factor, size_t k)
{
    const uint8_t *low = tables + (size_t)(factor & 0xff) * FACTOR_LEN + k * 16;
    const uint8_t *high = tables + (size_t)(BYTE + (factor >> 8)) * FACTOR_LEN + k * 16;

    return veorq_u8(vld1q_u8(low), vld1q_u8(high));
}

static void row(const uint8_t *tables, const uint16_t *factors, const uint8_t *staged, size_t count,
    uint8_t *out)
{
    uint8x16_t low[ROW_PAIRS];
    uint8x16_t high[ROW_PAIRS];

    PAR2_UNROLL
    for (size_t i = 0; i < ROW_PAIRS; i++) {
        low[i] = vdupq_n_u8(0);
        high[i] = vdupq_n_u8(0);
    }
    for (size_t c = 0; c < count; c++, staged += STAGED_LEN) {
        PAR2_UNROLL
        for (size_t n = 0; n < NIBBLES; n++) {
            uint8x16_t l = factor_table(tables, factors[c], 2 * n);
            uint8x16_t h = factor_table(tables, factors[c], 2 * n + 1);

            PAR2_UNROLL
            for (size_t i = 0; i < ROW_PAIRS; i++) {
                uint8x16_t x = vld1q_u8(staged + (i * NIBBLES + n) * V);

                low[i] = veorq_u8(low[i], vqtbl1q_u8(l, x));
                high[i] = veorq_u8(high[i], vqtbl1q_u8(h, x));
            }
        }
    }
    PAR2_UNROLL
    for (size_t i = 0; i < ROW_PAIRS; i++) {
        uint8x16x2_t words = vld2q_u8(out + i * STRIP);

        words.val[0] = veorq_u8(words.val[0], low[i]);
        words.val[1] = veorq_u8(words.val[1], high[i]);
        vst2q_u8(out + i * STRIP, words);
    }
}

const struct par2_rows par2_neon_rows = {
    ROW_STRIP, STAGED_LEN, PAR2_NIBBLES_ROWS, par2_nibbles_rows, stage, row};

/* ---- planes ---- */

/* From 8 vectors of 16 bytes to 8 vectors of two columns of 8 bytes. */
static inline void turn(uint8x16_t v[8])
{
    uint8x16_t a[8];
    uint8x16_t b[8];

    PAR2_UNROLL
    for (size_t k = 0; k < 4; k++) {
        a[k] = vzip1q_u8(v[k], v[k + 4]);
        a[k + 4] = vzip2q_u8(v[k], v[k + 4]);
    }
    PAR2_UNROLL
    for (size_t h = 0; h < 8; h += 4) {
        b[h] = vzip1q_u8(a[h], a[h + 2]);
        b[h + 1] = vzip2q_u8(a[h], a[h + 2]);
        b[h + 2] = vzip1q_u8(a[h + 1], a[h + 3]);
        b[h + 3] = vzip2q_u8(a[h + 1], a[h + 3]);
    }
    PAR2_UNROLL
    for (size_t h = 0; h < 8; h += 4) {
        v[h] = vzip1q_u8(b[h], b[h + 2]);
        v[h + 1] = vzip2q_u8(b[h], b[h + 2]);
        v[h + 2] = vzip1q_u8(b[h + 1], b[h + 3]);
        v[h + 3] = vzip2q_u8(b[h + 1], b[h + 3]);
    }
}

/* Every 64 bits as an 8x8 matrix, transposed. Warren, "Hacker's Delight", section 7-3. */
#define SWAP_BITS(v, shift, mask)                                                                  \
    do {                                                                                           \
        uint64x2_t t = vandq_u64(veorq_u64(v, vshrq_n_u64(v, shift)), vdupq_n_u64(mask));          \
                                                                                                   \
        (v) = veorq_u64(v, veorq_u64(t, vshlq_n_u64(t, shift)));                                   \
    } while (0)

static inline uint8x16_t transpose_bits(uint8x16_t bytes)
{
    uint64x2_t v = vreinterpretq_u64_u8(bytes);

    SWAP_BITS(v, 7, 0x00aa00aa00aa00aa);
    SWAP_BITS(v, 14, 0x0000cccc0000cccc);
    SWAP_BITS(v, 28, 0x00000000f0f0f0f0);
    return vreinterpretq_u8_u64(v);
}

static inline void slice_half(const uint8_t *const in[PAR2_GROUP], size_t offset, uint8x16_t v[8])
{
    PAR2_UNROLL
    for (size_t k = 0; k < PAR2_GROUP; k++) {
        v[k] = vld1q_u8(in[k] + offset);
    }
    turn(v);
    PAR2_UNROLL
    for (size_t k = 0; k < 8; k++) {
        v[k] = transpose_bits(v[k]);
    }
    turn(v);
}

static inline void store_plane(uint8_t *planes, size_t b, uint8x16_t v)
{
    vst1q_u8(planes + 2 * b * V, low_nibbles(v));
    vst1q_u8(planes + (2 * b + 1) * V, high_nibbles(v));
}

static inline uint8x16_t zip_halves(uint8x16_t a, uint8x16_t b, size_t half)
{
    uint64x2_t x = vreinterpretq_u64_u8(a);
    uint64x2_t y = vreinterpretq_u64_u8(b);

    return vreinterpretq_u8_u64(half == 0 ? vzip1q_u64(x, y) : vzip2q_u64(x, y));
}

static void slice(const uint8_t *const in[PAR2_GROUP], uint8_t *planes)
{
    uint8x16_t first[8];
    uint8x16_t second[8];

    slice_half(in, 0, first);
    slice_half(in, V, second);
    PAR2_UNROLL
    for (size_t k = 0; k < 8; k++) {
        store_plane(planes, 2 * k, zip_halves(first[k], second[k], 0));
        store_plane(planes, 2 * k + 1, zip_halves(first[k], second[k], 1));
    }
}

/* Eight planes: their 16 sums stay in registers. */
static inline void product_half(
    const uint8_t *planes, const uint8_t *tables, size_t groups, uint8_t *sums)
{
    uint8x16_t low[HALF];
    uint8x16_t high[HALF];

    PAR2_UNROLL
    for (size_t p = 0; p < HALF; p++) {
        low[p] = vld1q_u8(sums + p * V);
        high[p] = vld1q_u8(sums + SUMS_HALF + p * V);
    }
    for (size_t g = 0; g < 2 * groups; g++, tables += PAIR_LEN) {
        const uint8_t *x = planes + g / 2 * PLANES_LEN + g % 2 * V;
        uint8x16_t l = vld1q_u8(tables);
        uint8x16_t h = vld1q_u8(tables + 16);

        PAR2_UNROLL
        for (size_t p = 0; p < HALF; p++) {
            uint8x16_t v = vld1q_u8(x + 2 * p * V);

            low[p] = veorq_u8(low[p], vqtbl1q_u8(l, v));
            high[p] = veorq_u8(high[p], vqtbl1q_u8(h, v));
        }
    }
    PAR2_UNROLL
    for (size_t p = 0; p < HALF; p++) {
        vst1q_u8(sums + p * V, low[p]);
        vst1q_u8(sums + SUMS_HALF + p * V, high[p]);
    }
}

static void product(const uint8_t *planes, const uint8_t *tables, size_t groups, uint8_t *sums)
{
    for (size_t p = 0; p < PAR2_WORD_BITS; p += HALF) {
        product_half(planes + 2 * p * V, tables, groups, sums + p * V);
    }
}

static void output(const uint8_t *sums, const uint8_t *table, uint8_t *out)
{
    uint8x16x2_t words = {{vdupq_n_u8(0), vdupq_n_u8(0)}};

    for (size_t b = 0; b < PAR2_WORD_BITS; b++) {
        uint8x16_t x = vld1q_u8(sums + b * V);
        uint8x16_t y = vld1q_u8(sums + SUMS_HALF + b * V);
        uint8x16_t nibble[NIBBLES] = {
            low_nibbles(x), high_nibbles(x), low_nibbles(y), high_nibbles(y)};

        PAR2_UNROLL
        for (size_t n = 0; n < NIBBLES; n++, table += PAIR_LEN) {
            words.val[0] = veorq_u8(words.val[0], vqtbl1q_u8(vld1q_u8(table), nibble[n]));
            words.val[1] = veorq_u8(words.val[1], vqtbl1q_u8(vld1q_u8(table + 16), nibble[n]));
        }
    }
    vst2q_u8(out, words);
}

const struct par2_planes par2_neon_planes = {STRIP, PLANES_LEN, SUMS_LEN, PAR2_NIBBLES_PRODUCT,
    PAR2_NIBBLES_OUTPUT, par2_nibbles_product, par2_nibbles_output, slice, product, output};
#endif
