/* PAR2's arithmetic with GFNI and vectors of 32 bytes, for processors without AVX-512. The layouts
 * are those of par2_gfni.c with half the columns. */
#include "codec/par2/par2_affine.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,gfni")))

enum {
    V = 32,
    STRIP = 2 * V,
    ROW_VECTORS = 4,
    ROW_STRIP = ROW_VECTORS * V,
    BYTE = 256,
    STAGED_LEN = 2 * ROW_STRIP,
    PLANES_LEN = PAR2_WORD_BITS * V,
    SUMS_LEN = 2 * PLANES_LEN, /* all low bytes, then all high ones */
    QUARTER = 4,               /* of the planes: as many sums as there are registers for */
};

bool par2_gfni256_usable(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("gfni");
}

TARGET static inline __m256i load(const uint8_t *at)
{
    return _mm256_load_si256((const __m256i *)at);
}

TARGET static inline __m256i loadu(const uint8_t *at)
{
    return _mm256_loadu_si256((const __m256i *)at);
}

TARGET static inline void store(uint8_t *at, __m256i v)
{
    _mm256_store_si256((__m256i *)at, v);
}

TARGET static inline void storeu(uint8_t *at, __m256i v)
{
    _mm256_storeu_si256((__m256i *)at, v);
}

/* ---- rows ---- */

TARGET static void stage(const uint8_t *in, uint8_t *staged)
{
    const __m256i part = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15));

    PAR2_UNROLL
    for (size_t i = 0; i < ROW_VECTORS; i++) {
        __m256i v = _mm256_shuffle_epi8(loadu(in + i * V), part);

        store(staged + 2 * i * V, v);
        store(staged + (2 * i + 1) * V, _mm256_shuffle_epi32(v, 0x4e));
    }
}

/* A factor's matrix pair `k` (0: own byte, 1: the other byte) in every 128 bits. */
TARGET static inline __m256i factor_pair(const uint8_t *tables, uint16_t factor, size_t k)
{
    const uint8_t *low = tables + (size_t)(factor & 0xff) * PAR2_AFFINE_WORD + k * 16;
    const uint8_t *high = tables + (size_t)(BYTE + (factor >> 8)) * PAR2_AFFINE_WORD + k * 16;

    return _mm256_broadcastsi128_si256(
        _mm_xor_si128(_mm_load_si128((const __m128i *)low), _mm_load_si128((const __m128i *)high)));
}

TARGET static void row(const uint8_t *tables, const uint16_t *factors, const uint8_t *staged,
    size_t count, uint8_t *out)
{
    const __m256i join = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
    __m256i sum[ROW_VECTORS];

    PAR2_UNROLL
    for (size_t i = 0; i < ROW_VECTORS; i++) {
        sum[i] = _mm256_setzero_si256();
    }
    for (size_t c = 0; c < count; c++, staged += STAGED_LEN) {
        __m256i own = factor_pair(tables, factors[c], 0);
        __m256i other = factor_pair(tables, factors[c], 1);

        PAR2_UNROLL
        for (size_t i = 0; i < ROW_VECTORS; i++) {
            __m256i a = load(staged + 2 * i * V);
            __m256i b = load(staged + (2 * i + 1) * V);

            sum[i] = _mm256_xor_si256(sum[i], _mm256_gf2p8affine_epi64_epi8(a, own, 0));
            sum[i] = _mm256_xor_si256(sum[i], _mm256_gf2p8affine_epi64_epi8(b, other, 0));
        }
    }
    PAR2_UNROLL
    for (size_t i = 0; i < ROW_VECTORS; i++) {
        __m256i v = _mm256_shuffle_epi8(sum[i], join);

        storeu(out + i * V, _mm256_xor_si256(v, loadu(out + i * V)));
    }
}

const struct par2_rows par2_gfni256_rows = {
    ROW_STRIP, STAGED_LEN, PAR2_AFFINE_ROWS, par2_affine_rows, stage, row};

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

/* Half a strip: 16 words of 8 inputs to pairs of planes, low byte's bits first. */
TARGET static inline void slice_half(
    const uint8_t *const in[PAR2_GROUP], size_t offset, __m256i v[8])
{
    const __m256i bits = _mm256_set1_epi64x((long long)0x8040201008040201);

    PAR2_UNROLL
    for (size_t k = 0; k < PAR2_GROUP; k++) {
        v[k] = loadu(in[k] + offset);
    }
    turn(v);
    PAR2_UNROLL
    for (size_t k = 0; k < 8; k++) {
        v[k] = _mm256_gf2p8affine_epi64_epi8(bits, v[k], 0);
    }
    turn(v);
}

TARGET static void slice(const uint8_t *const in[PAR2_GROUP], uint8_t *planes)
{
    __m256i first[8];
    __m256i second[8];

    slice_half(in, 0, first);
    slice_half(in, V, second);
    PAR2_UNROLL
    for (size_t k = 0; k < 8; k++) {
        store(planes + 2 * k * V, _mm256_unpacklo_epi64(first[k], second[k]));
        store(planes + (2 * k + 1) * V, _mm256_unpackhi_epi64(first[k], second[k]));
    }
}

TARGET static inline __m256i load_matrix(const uint8_t *table)
{
    long long m;

    memcpy(&m, table, sizeof m);
    return _mm256_set1_epi64x(m);
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
        high[p] = load(sums + PLANES_LEN + p * V);
    }
    for (; groups > 0; groups--, planes += PLANES_LEN, tables += PAR2_AFFINE_PRODUCT) {
        __m256i l = load_matrix(tables);
        __m256i h = load_matrix(tables + 8);

        PAR2_UNROLL
        for (size_t p = 0; p < QUARTER; p++) {
            __m256i v = load(planes + p * V);

            low[p] = _mm256_xor_si256(low[p], _mm256_gf2p8affine_epi64_epi8(v, l, 0));
            high[p] = _mm256_xor_si256(high[p], _mm256_gf2p8affine_epi64_epi8(v, h, 0));
        }
    }
    PAR2_UNROLL
    for (size_t p = 0; p < QUARTER; p++) {
        store(sums + p * V, low[p]);
        store(sums + PLANES_LEN + p * V, high[p]);
    }
}

TARGET static void product(
    const uint8_t *planes, const uint8_t *tables, size_t groups, uint8_t *sums)
{
    for (size_t p = 0; p < PAR2_WORD_BITS; p += QUARTER) {
        product_quarter(planes + p * V, tables, groups, sums + p * V);
    }
}

TARGET static void output(const uint8_t *sums, const uint8_t *table, uint8_t *out)
{
    __m256i low[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    __m256i high[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    __m256i l;
    __m256i h;

    for (size_t b = 0; b < PAR2_WORD_BITS; b++, table += PAR2_AFFINE_WORD) {
        __m256i x = load(sums + b * V);
        __m256i y = load(sums + PLANES_LEN + b * V);

        low[0] = _mm256_xor_si256(low[0], _mm256_gf2p8affine_epi64_epi8(x, load_matrix(table), 0));
        high[0] =
            _mm256_xor_si256(high[0], _mm256_gf2p8affine_epi64_epi8(y, load_matrix(table + 8), 0));
        low[1] =
            _mm256_xor_si256(low[1], _mm256_gf2p8affine_epi64_epi8(y, load_matrix(table + 16), 0));
        high[1] =
            _mm256_xor_si256(high[1], _mm256_gf2p8affine_epi64_epi8(x, load_matrix(table + 24), 0));
    }
    l = _mm256_xor_si256(low[0], low[1]);
    h = _mm256_xor_si256(high[0], high[1]);
    storeu(out, _mm256_unpacklo_epi8(l, h));
    storeu(out + V, _mm256_unpackhi_epi8(l, h));
}

const struct par2_planes par2_gfni256_planes = {STRIP, PLANES_LEN, SUMS_LEN, PAR2_AFFINE_PRODUCT,
    PAR2_AFFINE_OUTPUT, par2_affine_product, par2_affine_output, slice, product, output};
#endif
