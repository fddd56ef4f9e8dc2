/* MD5 of 8 messages at once with AVX2. */
#include "codec/par2/par2_md5.h"

#ifdef __x86_64__
#include <immintrin.h>

#include "codec/par2/par2_kernel.h"

#define TARGET __attribute__((target("avx2")))
#define INLINE TARGET __attribute__((always_inline)) static inline

enum { LANES = 8, HALF = 32, STATES = 4 * LANES };

bool par2_md5_avx2_usable(void)
{
    return __builtin_cpu_supports("avx2");
}

INLINE __m256i load(const uint8_t *at)
{
    return _mm256_loadu_si256((const __m256i *)at);
}

/* Half a block of each lane, turned: word i of all lanes in w[i]. */
INLINE void load_words(const uint8_t *const in[LANES], size_t offset, __m256i w[LANES])
{
    __m256i t[LANES];
    __m256i u[LANES];

    PAR2_UNROLL
    for (size_t i = 0; i < LANES; i += 2) {
        __m256i a = load(in[i] + offset);
        __m256i b = load(in[i + 1] + offset);

        t[i] = _mm256_unpacklo_epi32(a, b);
        t[i + 1] = _mm256_unpackhi_epi32(a, b);
    }
    PAR2_UNROLL
    for (size_t i = 0; i < LANES; i += 4) {
        u[i] = _mm256_unpacklo_epi64(t[i], t[i + 2]);
        u[i + 1] = _mm256_unpackhi_epi64(t[i], t[i + 2]);
        u[i + 2] = _mm256_unpacklo_epi64(t[i + 1], t[i + 3]);
        u[i + 3] = _mm256_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    PAR2_UNROLL
    for (size_t i = 0; i < 4; i++) {
        w[i] = _mm256_permute2x128_si256(u[i], u[i + 4], 0x20);
        w[i + 4] = _mm256_permute2x128_si256(u[i], u[i + 4], 0x31);
    }
}

INLINE __m256i round_f(__m256i x, __m256i y, __m256i z)
{
    return _mm256_xor_si256(z, _mm256_and_si256(x, _mm256_xor_si256(y, z)));
}

INLINE __m256i round_g(__m256i x, __m256i y, __m256i z)
{
    return round_f(z, x, y);
}

INLINE __m256i round_h(__m256i x, __m256i y, __m256i z)
{
    return _mm256_xor_si256(x, _mm256_xor_si256(y, z));
}

INLINE __m256i round_i(__m256i x, __m256i y, __m256i z)
{
    __m256i not_z = _mm256_xor_si256(z, _mm256_set1_epi32(-1));

    return _mm256_xor_si256(y, _mm256_or_si256(x, not_z));
}

INLINE __m256i rotate(__m256i v, int n)
{
    return _mm256_or_si256(_mm256_slli_epi32(v, n), _mm256_srli_epi32(v, 32 - n));
}

#define STEP(f, a, b, c, d, word, i, s)                                                            \
    {                                                                                              \
        __m256i sine = _mm256_set1_epi32((int)par2_md5_sines[i]);                                  \
        __m256i sum = _mm256_add_epi32(_mm256_add_epi32(a, sine), w[(word)&15]);                   \
        (a) = _mm256_add_epi32(b, rotate(_mm256_add_epi32(sum, f(b, c, d)), s));                   \
    }

#define ROUND(f, from, stride, start, s0, s1, s2, s3)                                              \
    for (size_t i = 0; i < 16; i += 4) {                                                           \
        STEP(f, a, b, c, d, (stride)*i + (start), (from) + i, s0)                                  \
        STEP(f, d, a, b, c, (stride) * (i + 1) + (start), (from) + i + 1, s1)                      \
        STEP(f, c, d, a, b, (stride) * (i + 2) + (start), (from) + i + 2, s2)                      \
        STEP(f, b, c, d, a, (stride) * (i + 3) + (start), (from) + i + 3, s3)                      \
    }

INLINE void run_block(__m256i sums[4], const __m256i w[2 * LANES])
{
    __m256i a = sums[0];
    __m256i b = sums[1];
    __m256i c = sums[2];
    __m256i d = sums[3];

    ROUND(round_f, 0, 1, 0, 7, 12, 17, 22)
    ROUND(round_g, 16, 5, 1, 5, 9, 14, 20)
    ROUND(round_h, 32, 3, 5, 4, 11, 16, 23)
    ROUND(round_i, 48, 7, 0, 6, 10, 15, 21)
    sums[0] = _mm256_add_epi32(sums[0], a);
    sums[1] = _mm256_add_epi32(sums[1], b);
    sums[2] = _mm256_add_epi32(sums[2], c);
    sums[3] = _mm256_add_epi32(sums[3], d);
}

TARGET void par2_md5_avx2(uint32_t *const *state, const uint8_t *const *in, size_t blocks)
{
    uint32_t turned[4][LANES];
    __m256i sums[4];
    __m256i w[2 * LANES];

    for (size_t i = 0; i < STATES; i++) {
        turned[i % 4][i / 4] = state[i / 4][i % 4];
    }
    for (size_t k = 0; k < 4; k++) {
        sums[k] = _mm256_loadu_si256((const __m256i *)turned[k]);
    }
    for (size_t offset = 0; offset < blocks * PAR2_MD5_BLOCK; offset += PAR2_MD5_BLOCK) {
        load_words(in, offset, w);
        load_words(in, offset + HALF, w + LANES);
        run_block(sums, w);
    }
    for (size_t k = 0; k < 4; k++) {
        _mm256_storeu_si256((__m256i *)turned[k], sums[k]);
    }
    for (size_t i = 0; i < STATES; i++) {
        state[i / 4][i % 4] = turned[i % 4][i / 4];
    }
}
#endif
