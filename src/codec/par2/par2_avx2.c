/* PAR2's arithmetic with AVX2: its byte shuffle looks 32 nibbles up in a table of 16, and a linear
 * map of a byte is the sum of what its two nibbles become. */
#include "codec/par2/par2_nibbles.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx2")))

enum {
    V = 32,
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
    QUARTER = 4, /* of the planes: as many sums as there are registers for */
};

bool par2_avx2_usable(void)
{
    return __builtin_cpu_supports("avx2");
}

TARGET static inline __m256i load(const uint8_t *at)
{
    return _mm256_load_si256((const __m256i *)at);
}

TARGET static inline __m256i load_table(const uint8_t *at)
{
    return _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)at));
}

TARGET static inline __m256i low_nibbles(__m256i v)
{
    return _mm256_and_si256(v, _mm256_set1_epi8(15));
}

TARGET static inline __m256i high_nibbles(__m256i v)
{
    return low_nibbles(_mm256_srli_epi16(v, 4));
}

/* ---- rows ---- */

/* 32 words as four vectors, one a nibble. */
TARGET static void stage(const uint8_t *in, uint8_t *staged)
{
    const __m256i low = _mm256_set1_epi16(255);

    PAR2_UNROLL
    for (size_t i = 0; i < ROW_PAIRS; i++, in += STRIP, staged += (size_t)NIBBLES * V) {
        __m256i a = _mm256_loadu_si256((const __m256i *)in);
        __m256i b = _mm256_loadu_si256((const __m256i *)(in + V));
        __m256i l = _mm256_packus_epi16(_mm256_and_si256(a, low), _mm256_and_si256(b, low));
        __m256i h = _mm256_packus_epi16(_mm256_srli_epi16(a, 8), _mm256_srli_epi16(b, 8));

        _mm256_store_si256((__m256i *)staged, low_nibbles(l));
        _mm256_store_si256((__m256i *)(staged + V), high_nibbles(l));
        _mm256_store_si256((__m256i *)(staged + (size_t)2 * V), low_nibbles(h));
        _mm256_store_si256((__m256i *)(staged + (size_t)3 * V), high_nibbles(h));
    }
}

/* The sum of two vectors' bytes' words with what lies at `out`: undoes the packing of stage(). */
TARGET static inline void add_words(__m256i low, __m256i high, uint8_t *out)
{
    __m256i *a = (__m256i *)out;
    __m256i *b = (__m256i *)(out + V);

    _mm256_storeu_si256(
        a, _mm256_xor_si256(_mm256_loadu_si256(a), _mm256_unpacklo_epi8(low, high)));
    _mm256_storeu_si256(
        b, _mm256_xor_si256(_mm256_loadu_si256(b), _mm256_unpackhi_epi8(low, high)));
}

/* A factor's table `k`, the sum of those of its two bytes. */
TARGET static inline __m256i factor_table(const uint8_t *tables, uint16_t factor, size_t k)
{
    const uint8_t *low = tables + (size_t)(factor & 0xff) * FACTOR_LEN + k * 16;
    const uint8_t *high = tables + (size_t)(BYTE + (factor >> 8)) * FACTOR_LEN + k * 16;

    return _mm256_xor_si256(load_table(low), load_table(high));
}

TARGET static void row(const uint8_t *tables, const uint16_t *factors, const uint8_t *staged,
    size_t count, uint8_t *out)
{
    __m256i low[ROW_PAIRS];
    __m256i high[ROW_PAIRS];

    PAR2_UNROLL
    for (size_t i = 0; i < ROW_PAIRS; i++) {
        low[i] = _mm256_setzero_si256();
        high[i] = _mm256_setzero_si256();
    }
    for (size_t c = 0; c < count; c++, staged += STAGED_LEN) {
        PAR2_UNROLL
        for (size_t n = 0; n < NIBBLES; n++) {
            __m256i l = factor_table(tables, factors[c], 2 * n);
            __m256i h = factor_table(tables, factors[c], 2 * n + 1);

            PAR2_UNROLL
            for (size_t i = 0; i < ROW_PAIRS; i++) {
                __m256i x = load(staged + (i * NIBBLES + n) * V);

                low[i] = _mm256_xor_si256(low[i], _mm256_shuffle_epi8(l, x));
                high[i] = _mm256_xor_si256(high[i], _mm256_shuffle_epi8(h, x));
            }
        }
    }
    PAR2_UNROLL
    for (size_t i = 0; i < ROW_PAIRS; i++) {
        add_words(low[i], high[i], out + i * STRIP);
    }
}

const struct par2_rows par2_avx2_rows = {
    ROW_STRIP, STAGED_LEN, PAR2_NIBBLES_ROWS, par2_nibbles_rows, stage, row};

/* ---- planes ---- */

/* In every 128 bits: from 8 vectors of 16 bytes to 8 vectors of two columns of 8 bytes. */
TARGET static inline void turn(__m256i v[8])
{
    __m256i a[8];
    __m256i b[8];

    PAR2_UNROLL
    for (size_t k = 0; k < 4; k++) {
        a[k] = _mm256_unpacklo_epi8(v[k], v[k + 4]);
        a[k + 4] = _mm256_unpackhi_epi8(v[k], v[k + 4]);
    }
    PAR2_UNROLL
    for (size_t h = 0; h < 8; h += 4) {
        b[h] = _mm256_unpacklo_epi8(a[h], a[h + 2]);
        b[h + 1] = _mm256_unpackhi_epi8(a[h], a[h + 2]);
        b[h + 2] = _mm256_unpacklo_epi8(a[h + 1], a[h + 3]);
        b[h + 3] = _mm256_unpackhi_epi8(a[h + 1], a[h + 3]);
    }
    PAR2_UNROLL
    for (size_t h = 0; h < 8; h += 4) {
        v[h] = _mm256_unpacklo_epi8(b[h], b[h + 2]);
        v[h + 1] = _mm256_unpackhi_epi8(b[h], b[h + 2]);
        v[h + 2] = _mm256_unpacklo_epi8(b[h + 1], b[h + 3]);
        v[h + 3] = _mm256_unpackhi_epi8(b[h + 1], b[h + 3]);
    }
}

/* Exchange the bits of `mask` with those `shift` above them. */
TARGET static inline __m256i swap_bits(__m256i v, int shift, long long mask)
{
    __m256i t = _mm256_and_si256(
        _mm256_xor_si256(v, _mm256_srli_epi64(v, shift)), _mm256_set1_epi64x(mask));

    return _mm256_xor_si256(v, _mm256_xor_si256(t, _mm256_slli_epi64(t, shift)));
}

/* Every 64 bits as an 8x8 matrix, transposed. Warren, "Hacker's Delight", section 7-3. */
TARGET static inline __m256i transpose_bits(__m256i v)
{
    v = swap_bits(v, 7, 0x00aa00aa00aa00aa);
    v = swap_bits(v, 14, 0x0000cccc0000cccc);
    return swap_bits(v, 28, 0x00000000f0f0f0f0);
}

TARGET static inline void slice_half(
    const uint8_t *const in[PAR2_GROUP], size_t offset, __m256i v[8])
{
    PAR2_UNROLL
    for (size_t k = 0; k < PAR2_GROUP; k++) {
        v[k] = _mm256_loadu_si256((const __m256i *)(in[k] + offset));
    }
    turn(v);
    PAR2_UNROLL
    for (size_t k = 0; k < 8; k++) {
        v[k] = transpose_bits(v[k]);
    }
    turn(v);
}

TARGET static inline void store_plane(uint8_t *planes, size_t b, __m256i v)
{
    _mm256_store_si256((__m256i *)(planes + 2 * b * V), low_nibbles(v));
    _mm256_store_si256((__m256i *)(planes + (2 * b + 1) * V), high_nibbles(v));
}

TARGET static void slice(const uint8_t *const in[PAR2_GROUP], uint8_t *planes)
{
    __m256i first[8];
    __m256i second[8];

    slice_half(in, 0, first);
    slice_half(in, V, second);
    PAR2_UNROLL
    for (size_t k = 0; k < 8; k++) {
        store_plane(planes, 2 * k, _mm256_unpacklo_epi64(first[k], second[k]));
        store_plane(planes, 2 * k + 1, _mm256_unpackhi_epi64(first[k], second[k]));
    }
}

/* Four planes: their 8 sums stay in registers. */
TARGET static inline void product_quarter(
    const uint8_t *planes, const uint8_t *tables, size_t groups, uint8_t *sums)
{
    __m256i low[QUARTER];
    __m256i high[QUARTER];

    PAR2_UNROLL
    for (size_t p = 0; p < QUARTER; p++) {
        low[p] = load(sums + p * V);
        high[p] = load(sums + SUMS_HALF + p * V);
    }
    for (size_t g = 0; g < 2 * groups; g++, tables += PAIR_LEN) {
        const uint8_t *x = planes + g / 2 * PLANES_LEN + g % 2 * V;
        __m256i l = load_table(tables);
        __m256i h = load_table(tables + 16);

        PAR2_UNROLL
        for (size_t p = 0; p < QUARTER; p++) {
            __m256i v = load(x + 2 * p * V);

            low[p] = _mm256_xor_si256(low[p], _mm256_shuffle_epi8(l, v));
            high[p] = _mm256_xor_si256(high[p], _mm256_shuffle_epi8(h, v));
        }
    }
    PAR2_UNROLL
    for (size_t p = 0; p < QUARTER; p++) {
        _mm256_store_si256((__m256i *)(sums + p * V), low[p]);
        _mm256_store_si256((__m256i *)(sums + SUMS_HALF + p * V), high[p]);
    }
}

TARGET static void product(
    const uint8_t *planes, const uint8_t *tables, size_t groups, uint8_t *sums)
{
    for (size_t p = 0; p < PAR2_WORD_BITS; p += QUARTER) {
        product_quarter(planes + 2 * p * V, tables, groups, sums + p * V);
    }
}

TARGET static void output(const uint8_t *sums, const uint8_t *table, uint8_t *out)
{
    __m256i low = _mm256_setzero_si256();
    __m256i high = _mm256_setzero_si256();

    for (size_t b = 0; b < PAR2_WORD_BITS; b++) {
        __m256i x = load(sums + b * V);
        __m256i y = load(sums + SUMS_HALF + b * V);
        __m256i nibble[NIBBLES] = {
            low_nibbles(x), high_nibbles(x), low_nibbles(y), high_nibbles(y)};

        PAR2_UNROLL
        for (size_t n = 0; n < NIBBLES; n++, table += PAIR_LEN) {
            low = _mm256_xor_si256(low, _mm256_shuffle_epi8(load_table(table), nibble[n]));
            high = _mm256_xor_si256(high, _mm256_shuffle_epi8(load_table(table + 16), nibble[n]));
        }
    }
    _mm256_storeu_si256((__m256i *)out, _mm256_unpacklo_epi8(low, high));
    _mm256_storeu_si256((__m256i *)(out + V), _mm256_unpackhi_epi8(low, high));
}

const struct par2_planes par2_avx2_planes = {STRIP, PLANES_LEN, SUMS_LEN, PAR2_NIBBLES_PRODUCT,
    PAR2_NIBBLES_OUTPUT, par2_nibbles_product, par2_nibbles_output, slice, product, output};
#endif
