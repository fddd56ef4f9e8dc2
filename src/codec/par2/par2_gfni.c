/* PAR2's arithmetic with AVX-512 and GFNI, whose affine instruction multiplies 64 bytes by 8x8 bit
 * matrices: a factor of GF(2^16) is four of them, and eight inputs' constants are two. */
#include "codec/par2/par2_affine.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,gfni")))

enum {
    V = 64,
    STRIP = 2 * V,
    ROW_VECTORS = 4,
    ROW_STRIP = ROW_VECTORS * V,
    BYTE = 256,
    STAGED_LEN = 2 * ROW_STRIP,
    HALF_PLANES = 8 * V,
    PLANES_LEN = PAR2_WORD_BITS * V,
    SUMS_LEN = 2 * PLANES_LEN, /* all low bytes, then all high ones */
};

bool par2_gfni_usable(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("gfni");
}

/* ---- rows ---- */

/* Low bytes to the low half of each 128 bits, high bytes to the high one; and a copy with the
 * halves exchanged, so that both bytes of a result come from the same places. */
TARGET static void stage(const uint8_t *in, uint8_t *staged)
{
    const __m512i part =
        _mm512_broadcast_i32x4(_mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15));

    PAR2_UNROLL
    for (size_t i = 0; i < ROW_VECTORS; i++) {
        __m512i v = _mm512_shuffle_epi8(_mm512_loadu_si512(in + i * V), part);

        _mm512_store_si512(staged + 2 * i * V, v);
        _mm512_store_si512(staged + (2 * i + 1) * V, _mm512_shuffle_epi32(v, 0x4e));
    }
}

/* A factor's matrix pair `k` (0: own byte, 1: the other byte) in every 128 bits. */
TARGET static inline __m512i factor_pair(const uint8_t *tables, uint16_t factor, size_t k)
{
    const uint8_t *low = tables + (size_t)(factor & 0xff) * 32 + k * 16;
    const uint8_t *high = tables + (size_t)(BYTE + (factor >> 8)) * 32 + k * 16;

    return _mm512_broadcast_i32x4(
        _mm_xor_si128(_mm_load_si128((const __m128i *)low), _mm_load_si128((const __m128i *)high)));
}

TARGET static void row(const uint8_t *tables, const uint16_t *factors, const uint8_t *staged,
    size_t count, uint8_t *out)
{
    const __m512i join =
        _mm512_broadcast_i32x4(_mm_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
    __m512i sum[ROW_VECTORS];

    PAR2_UNROLL
    for (size_t i = 0; i < ROW_VECTORS; i++) {
        sum[i] = _mm512_setzero_si512();
    }
    for (size_t c = 0; c < count; c++, staged += STAGED_LEN) {
        __m512i own = factor_pair(tables, factors[c], 0);
        __m512i other = factor_pair(tables, factors[c], 1);

        PAR2_UNROLL
        for (size_t i = 0; i < ROW_VECTORS; i++) {
            __m512i a = _mm512_load_si512(staged + 2 * i * V);
            __m512i b = _mm512_load_si512(staged + (2 * i + 1) * V);

            sum[i] = _mm512_ternarylogic_epi64(sum[i], _mm512_gf2p8affine_epi64_epi8(a, own, 0),
                _mm512_gf2p8affine_epi64_epi8(b, other, 0), 0x96);
        }
    }
    PAR2_UNROLL
    for (size_t i = 0; i < ROW_VECTORS; i++) {
        __m512i v = _mm512_shuffle_epi8(sum[i], join);

        _mm512_storeu_si512(out + i * V, _mm512_xor_si512(v, _mm512_loadu_si512(out + i * V)));
    }
}

const struct par2_rows par2_gfni_rows = {
    ROW_STRIP, STAGED_LEN, PAR2_AFFINE_ROWS, par2_affine_rows, stage, row};

/* ---- planes ---- */

/* In every 128 bits: from 8 vectors of 16 bytes to 8 vectors of two columns of 8 bytes. */
TARGET static inline void turn(const __m512i in[8], __m512i out[8])
{
    __m512i a[8];
    __m512i b[8];

    PAR2_UNROLL
    for (size_t k = 0; k < 4; k++) {
        a[k] = _mm512_unpacklo_epi8(in[k], in[k + 4]);
        a[k + 4] = _mm512_unpackhi_epi8(in[k], in[k + 4]);
    }
    PAR2_UNROLL
    for (size_t h = 0; h < 8; h += 4) {
        b[h] = _mm512_unpacklo_epi8(a[h], a[h + 2]);
        b[h + 1] = _mm512_unpackhi_epi8(a[h], a[h + 2]);
        b[h + 2] = _mm512_unpacklo_epi8(a[h + 1], a[h + 3]);
        b[h + 3] = _mm512_unpackhi_epi8(a[h + 1], a[h + 3]);
    }
    PAR2_UNROLL
    for (size_t h = 0; h < 8; h += 4) {
        out[h] = _mm512_unpacklo_epi8(b[h], b[h + 2]);
        out[h + 1] = _mm512_unpackhi_epi8(b[h], b[h + 2]);
        out[h + 2] = _mm512_unpacklo_epi8(b[h + 1], b[h + 3]);
        out[h + 3] = _mm512_unpackhi_epi8(b[h + 1], b[h + 3]);
    }
}

/* Half a strip: 32 words of 8 inputs to pairs of planes, low byte's bits first. */
TARGET static inline void slice_half(
    const uint8_t *const in[PAR2_GROUP], size_t offset, __m512i pairs[8])
{
    const __m512i bits = _mm512_set1_epi64((long long)0x8040201008040201);
    __m512i v[8];
    __m512i t[8];

    PAR2_UNROLL
    for (size_t k = 0; k < PAR2_GROUP; k++) {
        v[k] = _mm512_loadu_si512(in[k] + offset);
    }
    turn(v, t); /* 8 inputs' bytes side by side, a word's low ones before its high ones */
    PAR2_UNROLL
    for (size_t k = 0; k < 8; k++) {
        t[k] = _mm512_gf2p8affine_epi64_epi8(bits, t[k], 0);
    }
    turn(t, pairs);
}

TARGET static void slice(const uint8_t *const in[PAR2_GROUP], uint8_t *planes)
{
    __m512i first[8];
    __m512i second[8];

    slice_half(in, 0, first);
    slice_half(in, V, second);
    PAR2_UNROLL
    for (size_t k = 0; k < 8; k++) {
        _mm512_store_si512(planes + 2 * k * V, _mm512_unpacklo_epi64(first[k], second[k]));
        _mm512_store_si512(planes + (2 * k + 1) * V, _mm512_unpackhi_epi64(first[k], second[k]));
    }
}

/* A load that the compiler does not repeat for each use: loads would become the limit. */
TARGET static inline __m512i load_once(const uint8_t *at)
{
    __m512i v = _mm512_load_si512(at);

    __asm__("" : "+v"(v));
    return v;
}

TARGET static inline __m512i load_matrix(const uint8_t *table)
{
    long long m;

    memcpy(&m, table, sizeof m);
    return _mm512_set1_epi64(m);
}

/* Eight planes: 16 sums stay in registers; two groups at a time, since one instruction adds two. */
TARGET static inline void product_half(
    const uint8_t *planes, const uint8_t *tables, size_t groups, uint8_t *sums)
{
    __m512i low[8];
    __m512i high[8];

    PAR2_UNROLL
    for (size_t p = 0; p < 8; p++) {
        low[p] = _mm512_load_si512(sums + p * V);
        high[p] = _mm512_load_si512(sums + PLANES_LEN + p * V);
    }
    for (; groups >= 2; groups -= 2, planes += (size_t)2 * PLANES_LEN, tables += 32) {
        __m512i m0 = load_matrix(tables);
        __m512i m1 = load_matrix(tables + 8);
        __m512i m2 = load_matrix(tables + 16);
        __m512i m3 = load_matrix(tables + 24);

        PAR2_UNROLL
        for (size_t p = 0; p < 8; p++) {
            __m512i a = load_once(planes + p * V);
            __m512i b = load_once(planes + PLANES_LEN + p * V);

            low[p] = _mm512_ternarylogic_epi64(low[p], _mm512_gf2p8affine_epi64_epi8(a, m0, 0),
                _mm512_gf2p8affine_epi64_epi8(b, m2, 0), 0x96);
            high[p] = _mm512_ternarylogic_epi64(high[p], _mm512_gf2p8affine_epi64_epi8(a, m1, 0),
                _mm512_gf2p8affine_epi64_epi8(b, m3, 0), 0x96);
        }
    }
    if (groups > 0) {
        __m512i m0 = load_matrix(tables);
        __m512i m1 = load_matrix(tables + 8);

        PAR2_UNROLL
        for (size_t p = 0; p < 8; p++) {
            __m512i a = load_once(planes + p * V);

            low[p] = _mm512_xor_si512(low[p], _mm512_gf2p8affine_epi64_epi8(a, m0, 0));
            high[p] = _mm512_xor_si512(high[p], _mm512_gf2p8affine_epi64_epi8(a, m1, 0));
        }
    }
    PAR2_UNROLL
    for (size_t p = 0; p < 8; p++) {
        _mm512_store_si512(sums + p * V, low[p]);
        _mm512_store_si512(sums + PLANES_LEN + p * V, high[p]);
    }
}

TARGET static void product(
    const uint8_t *planes, const uint8_t *tables, size_t groups, uint8_t *sums)
{
    product_half(planes, tables, groups, sums);
    product_half(planes + HALF_PLANES, tables, groups, sums + HALF_PLANES);
}

TARGET static void output(const uint8_t *sums, const uint8_t *table, uint8_t *out)
{
    __m512i low[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
    __m512i high[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
    __m512i l;
    __m512i h;

    PAR2_UNROLL
    for (size_t b = 0; b < PAR2_WORD_BITS; b++, table += 32) {
        __m512i x = _mm512_load_si512(sums + b * V);
        __m512i y = _mm512_load_si512(sums + PLANES_LEN + b * V);

        low[b & 1] = _mm512_ternarylogic_epi64(low[b & 1],
            _mm512_gf2p8affine_epi64_epi8(x, load_matrix(table), 0),
            _mm512_gf2p8affine_epi64_epi8(y, load_matrix(table + 16), 0), 0x96);
        high[b & 1] = _mm512_ternarylogic_epi64(high[b & 1],
            _mm512_gf2p8affine_epi64_epi8(y, load_matrix(table + 8), 0),
            _mm512_gf2p8affine_epi64_epi8(x, load_matrix(table + 24), 0), 0x96);
    }
    l = _mm512_xor_si512(low[0], low[1]);
    h = _mm512_xor_si512(high[0], high[1]);
    _mm512_storeu_si512(out, _mm512_unpacklo_epi8(l, h));
    _mm512_storeu_si512(out + V, _mm512_unpackhi_epi8(l, h));
}

const struct par2_planes par2_gfni_planes = {STRIP, PLANES_LEN, SUMS_LEN, PAR2_AFFINE_PRODUCT,
    PAR2_AFFINE_OUTPUT, par2_affine_product, par2_affine_output, slice, product, output};
#endif
