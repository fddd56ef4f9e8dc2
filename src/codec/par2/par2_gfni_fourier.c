/* The butterflies of the transform with AVX-512 and GFNI. A product in the tower GF(2^8)[y] with
 * y^2 = y + g takes three affine instructions (Karatsuba): for (a + b y)(u + v y) they are u a,
 * (g v) b and (u + v)(a + b). A twiddle is these three matrices. */
#include "codec/par2/par2_butterflies.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#include "codec/par2/par2_affine.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,gfni")))
#define INLINE TARGET __attribute__((always_inline)) static inline

enum { V = 64, ROW = PAR2_FOURIER_ROW };

/* 64 words of the tower. */
struct words {
    __m512i low;
    __m512i high;
};

static void prepare(uint8_t image[256][8], uint8_t *tables)
{
    for (size_t u = 0; u < 256; u++) {
        uint64_t m = par2_affine_matrix(image[u]);

        memcpy(tables + 8 * u, &m, sizeof m);
    }
}

static void prepare_map(const uint16_t image[PAR2_WORD_BITS], uint8_t *map)
{
    uint64_t m[4];

    par2_affine_word(image, m);
    memcpy(map, m, sizeof m);
}

INLINE __m512i times(__m512i v, const uint8_t *matrix)
{
    long long m;

    memcpy(&m, matrix, sizeof m);
    return _mm512_gf2p8affine_epi64_epi8(v, _mm512_set1_epi64(m), 0);
}

INLINE struct words read_row(const uint8_t *row)
{
    return (struct words){_mm512_load_si512(row), _mm512_load_si512(row + V)};
}

INLINE void write_row(uint8_t *row, struct words w)
{
    _mm512_store_si512(row, w.low);
    _mm512_store_si512(row + V, w.high);
}

INLINE struct words map_words(struct words w, const uint8_t *map)
{
    return (struct words){_mm512_xor_si512(times(w.low, map), times(w.high, map + 16)),
        _mm512_xor_si512(times(w.high, map + 8), times(w.low, map + 24))};
}

/* Within each 128 bits: low bytes first. The words' order changes, and store() changes it back. */
TARGET static void load(
    const uint8_t *in, const uint8_t *map, size_t strips, uint8_t *rows, size_t pitch)
{
    const __m512i part =
        _mm512_broadcast_i32x4(_mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15));

    for (size_t s = 0; s < strips; s++, in += ROW, rows += pitch) {
        __m512i a = _mm512_shuffle_epi8(_mm512_loadu_si512(in), part);
        __m512i b = _mm512_shuffle_epi8(_mm512_loadu_si512(in + V), part);
        struct words w = {_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b)};

        write_row(rows, map_words(w, map));
    }
}

TARGET static void store(const uint8_t *row, const uint8_t *map, uint8_t *out)
{
    struct words w = map_words(read_row(row), map);
    __m512i a = _mm512_unpacklo_epi8(w.low, w.high);
    __m512i b = _mm512_unpackhi_epi8(w.low, w.high);

    _mm512_storeu_si512(out, _mm512_xor_si512(a, _mm512_loadu_si512(out)));
    _mm512_storeu_si512(out + V, _mm512_xor_si512(b, _mm512_loadu_si512(out + V)));
}

/* sum + twiddle * w */
INLINE struct words add_product(struct words sum, struct words w, const uint8_t *twiddle)
{
    __m512i both = times(w.low, twiddle);
    __m512i low = times(w.high, twiddle + 8);
    __m512i high = times(_mm512_xor_si512(w.low, w.high), twiddle + 16);

    return (struct words){_mm512_ternarylogic_epi64(sum.low, both, low, 0x96),
        _mm512_ternarylogic_epi64(sum.high, both, high, 0x96)};
}

INLINE struct words product(struct words w, const uint8_t *twiddle)
{
    const struct words zero = {_mm512_setzero_si512(), _mm512_setzero_si512()};

    return add_product(zero, w, twiddle);
}

INLINE struct words add(struct words a, struct words b)
{
    return (struct words){_mm512_xor_si512(a.low, b.low), _mm512_xor_si512(a.high, b.high)};
}

TARGET static void add_row(const uint8_t *row, uint8_t *sum)
{
    write_row(sum, add(read_row(sum), read_row(row)));
}

/* x' = x + y, y' = y + t x' */
INLINE void butterfly(struct words *x, struct words *y, const uint8_t *twiddle)
{
    *x = add(*x, *y);
    *y = add_product(*y, *x, twiddle);
}

/* Level `level` of `count` rows: pairs 2^level apart, a twiddle for each block of two such. */
INLINE void one_level(struct words *w, const size_t count, const size_t level, const uint8_t *t)
{
    PAR2_UNROLL
    for (size_t m = 0; m < count; m++) {
        if ((m >> level & 1) == 0) {
            butterfly(&w[m], &w[m + ((size_t)1 << level)], t + (m >> (level + 1)) * PAR2_TWIDDLE);
        }
    }
}

TARGET static void lone(const uint8_t *in, const uint8_t *twiddles, uint8_t *rows)
{
    struct words w[8];

    w[0] = read_row(in);
    PAR2_UNROLL
    for (size_t m = 1; m < 8; m++) {
        size_t top = m >= 4 ? 2 : m >= 2 ? 1 : 0;

        w[m] = product(w[m - ((size_t)1 << top)], twiddles + top * PAR2_TWIDDLE);
    }
    PAR2_UNROLL
    for (size_t m = 0; m < 8; m++) {
        write_row(rows + m * ROW, w[m]);
    }
}

/* The nodes' description is copied: for all the compiler knows, rows could lie on top of it. */
TARGET static void node(const struct par2_node *node)
{
    const struct par2_node n = *node;
    const uint8_t *t = n.twiddles;
    const uint8_t *in[8];
    struct words w[8];

    PAR2_UNROLL
    for (size_t m = 0; m < 8; m++) {
        in[m] = n.in[m] + n.offset;
    }
    for (size_t k = 0; k < n.count * ROW; k += ROW) {
        PAR2_UNROLL
        for (size_t m = 0; m < 8; m++) {
            w[m] = read_row(in[m] + k);
        }
        one_level(w, 8, 0, t);
        one_level(w, 8, 1, t + (size_t)4 * PAR2_TWIDDLE);
        one_level(w, 8, 2, t + (size_t)6 * PAR2_TWIDDLE);
        PAR2_UNROLL
        for (size_t m = 0; m < 8; m++) {
            write_row(n.out + m * n.stride + k, w[m]);
        }
    }
}

/* In the very last level, a row that nobody wants is not reckoned. */
INLINE void final_levels(const struct par2_final *final, const size_t levels)
{
    const size_t count = (size_t)1 << levels;
    const struct par2_final n = *final;

    for (size_t k = 0; k < n.count * ROW; k += ROW) {
        uint8_t *sums = n.sums + k;
        const uint8_t *t = n.twiddles;
        struct words w[8];

        PAR2_UNROLL
        for (size_t m = 0; m < count; m++) {
            w[m] = read_row(n.rows + k + m * n.stride);
        }
        PAR2_UNROLL
        for (size_t level = 0; level + 1 < levels; level++) {
            one_level(w, count, level, t);
            t += (count >> (level + 1)) * PAR2_TWIDDLE;
        }
        PAR2_UNROLL
        for (size_t m = 0; m < count / 2; m++) {
            uint8_t *low = sums + m * n.sums_stride;
            uint8_t *high = sums + (m + count / 2) * n.sums_stride;

            w[m] = add(w[m], w[m + count / 2]);
            if (m < n.need) {
                write_row(low, add(read_row(low), w[m]));
            }
            if (m + count / 2 < n.need) {
                struct words sum = add(read_row(high), w[m + count / 2]);

                write_row(high, add_product(sum, w[m], t));
            }
        }
    }
}

TARGET static void final(const struct par2_final *final)
{
    switch (final->levels) {
    case 1:
        final_levels(final, 1);
        break;
    case 2:
        final_levels(final, 2);
        break;
    default:
        final_levels(final, 3);
        break;
    }
}

const struct par2_butterflies par2_gfni_butterflies = {
    prepare, prepare_map, load, store, add_row, node, final, lone};
#endif
