/* MD5 of 16 messages at once with AVX-512, or of 32 in two groups, whose steps fill each other's
 * waits. Each round's function of three words is one instruction. */
#include "codec/par2/par2_md5.h"

#ifdef __x86_64__
#include <immintrin.h>

#include "codec/par2/par2_kernel.h"

#define TARGET __attribute__((target("avx512f")))
#define INLINE TARGET __attribute__((always_inline)) static inline

enum { LANES = 16, AHEAD = 8 * PAR2_MD5_BLOCK };

/* Truth tables of RFC 1321's F, G, H and I. */
enum { ROUND_F = 0xca, ROUND_G = 0xe4, ROUND_H = 0x96, ROUND_I = 0x39 };

bool par2_md5_avx512_usable(void)
{
    return __builtin_cpu_supports("avx512f");
}

/* A block of each lane, turned: word i of all lanes in w[i]. */
INLINE void load_words(const uint8_t *const in[LANES], size_t offset, __m512i w[LANES])
{
    __m512i t[LANES];
    __m512i u[LANES];

    PAR2_UNROLL
    for (size_t i = 0; i < LANES; i += 2) {
        __m512i a = _mm512_loadu_si512(in[i] + offset);
        __m512i b = _mm512_loadu_si512(in[i + 1] + offset);

        t[i] = _mm512_unpacklo_epi32(a, b);
        t[i + 1] = _mm512_unpackhi_epi32(a, b);
    }
    PAR2_UNROLL
    for (size_t i = 0; i < LANES; i += 4) {
        u[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
        u[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        u[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
        u[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    PAR2_UNROLL
    for (size_t i = 0; i < 4; i++) {
        __m512i even = _mm512_shuffle_i32x4(u[i], u[i + 4], 0x88);
        __m512i odd = _mm512_shuffle_i32x4(u[i], u[i + 4], 0xdd);
        __m512i even2 = _mm512_shuffle_i32x4(u[i + 8], u[i + 12], 0x88);
        __m512i odd2 = _mm512_shuffle_i32x4(u[i + 8], u[i + 12], 0xdd);

        w[i] = _mm512_shuffle_i32x4(even, even2, 0x88);
        w[i + 4] = _mm512_shuffle_i32x4(odd, odd2, 0x88);
        w[i + 8] = _mm512_shuffle_i32x4(even, even2, 0xdd);
        w[i + 12] = _mm512_shuffle_i32x4(odd, odd2, 0xdd);
    }
}

/* Ask for blocks that come soon: the processor follows fewer streams than there are lanes. */
INLINE void prefetch(const uint8_t *const in[LANES], size_t offset)
{
    for (size_t i = 0; i < LANES; i++) {
        __builtin_prefetch(in[i] + offset, 0, 3);
    }
}

/* One step of every group; a, b, c, d say which of the four words play these parts. */
#define STEP(f, a, b, c, d, word, i, s)                                                            \
    {                                                                                              \
        __m512i sine = _mm512_set1_epi32((int)par2_md5_sines[i]);                                  \
        PAR2_UNROLL                                                                                \
        for (size_t g = 0; g < groups; g++) {                                                      \
            __m512i sum = _mm512_add_epi32(v[g][a], _mm512_add_epi32(w[g][(word)&15], sine));      \
            sum = _mm512_add_epi32(sum, _mm512_ternarylogic_epi32(v[g][b], v[g][c], v[g][d], f));  \
            v[g][a] = _mm512_add_epi32(v[g][b], _mm512_rol_epi32(sum, s));                         \
        }                                                                                          \
    }

#define ROUND(f, from, stride, start, s0, s1, s2, s3)                                              \
    for (size_t i = 0; i < 16; i += 4) {                                                           \
        STEP(f, 0, 1, 2, 3, (stride)*i + (start), (from) + i, s0)                                  \
        STEP(f, 3, 0, 1, 2, (stride) * (i + 1) + (start), (from) + i + 1, s1)                      \
        STEP(f, 2, 3, 0, 1, (stride) * (i + 2) + (start), (from) + i + 2, s2)                      \
        STEP(f, 1, 2, 3, 0, (stride) * (i + 3) + (start), (from) + i + 3, s3)                      \
    }

INLINE void run_block(__m512i sums[][4], __m512i w[][LANES], const size_t groups)
{
    __m512i v[2][4];

    PAR2_UNROLL
    for (size_t g = 0; g < groups; g++) {
        PAR2_UNROLL
        for (size_t k = 0; k < 4; k++) {
            v[g][k] = sums[g][k];
        }
    }
    ROUND(ROUND_F, 0, 1, 0, 7, 12, 17, 22)
    ROUND(ROUND_G, 16, 5, 1, 5, 9, 14, 20)
    ROUND(ROUND_H, 32, 3, 5, 4, 11, 16, 23)
    ROUND(ROUND_I, 48, 7, 0, 6, 10, 15, 21)
    PAR2_UNROLL
    for (size_t g = 0; g < groups; g++) {
        PAR2_UNROLL
        for (size_t k = 0; k < 4; k++) {
            sums[g][k] = _mm512_add_epi32(sums[g][k], v[g][k]);
        }
    }
}

INLINE void run(
    uint32_t *const *state, const uint8_t *const *in, size_t blocks, const size_t groups)
{
    uint32_t turned[2][4][LANES];
    __m512i sums[2][4];
    __m512i w[2][LANES];

    for (size_t i = 0; i < groups * LANES; i++) {
        for (size_t k = 0; k < 4; k++) {
            turned[i / LANES][k][i % LANES] = state[i][k];
        }
    }
    for (size_t i = 0; i < groups * 4; i++) {
        sums[i / 4][i % 4] = _mm512_loadu_si512(turned[i / 4][i % 4]);
    }
    for (size_t offset = 0; offset < blocks * PAR2_MD5_BLOCK; offset += PAR2_MD5_BLOCK) {
        for (size_t g = 0; g < groups; g++) {
            prefetch(in + g * LANES, offset + AHEAD);
            load_words(in + g * LANES, offset, w[g]);
        }
        run_block(sums, w, groups);
    }
    for (size_t i = 0; i < groups * 4; i++) {
        _mm512_storeu_si512(turned[i / 4][i % 4], sums[i / 4][i % 4]);
    }
    for (size_t i = 0; i < groups * LANES; i++) {
        for (size_t k = 0; k < 4; k++) {
            state[i][k] = turned[i / LANES][k][i % LANES];
        }
    }
}

TARGET void par2_md5_avx512(uint32_t *const *state, const uint8_t *const *in, size_t blocks)
{
    run(state, in, blocks, 1);
}

TARGET void par2_md5_avx512_twice(uint32_t *const *state, const uint8_t *const *in, size_t blocks)
{
    run(state, in, blocks, 2);
}
#endif
