/* BLAKE2b of 4 messages at once with AVX2: word k of all of them in a register. The state alone
 * takes all 16 there are; so whatever can come from memory does. */
#include "codec/seal/blake2b_kernel.h"
#include "codec/seal/blake2b_rounds.h"

#ifdef __x86_64__
#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))
#define INLINE TARGET __attribute__((always_inline)) static inline

enum { LANES = 4, AHEAD = 8 * BLAKE2B_BLOCK };

/* Where each byte of two words comes from when they turn by whole bytes. */
#define TWICE(...) __VA_ARGS__, __VA_ARGS__
static const uint8_t turn24_bytes[32]
    __attribute__((aligned(32))) = {TWICE(3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10)};
static const uint8_t turn16_bytes[32]
    __attribute__((aligned(32))) = {TWICE(2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9)};

bool blake2b_avx2_usable(void)
{
    return __builtin_cpu_supports("avx2");
}

/* A quarter of a block of each lane, turned: word k of all lanes in w[k]. */
INLINE void load_words(const struct blake2b_lane *lanes, size_t offset, __m256i w[LANES])
{
    __m256i t[LANES];

    BLAKE2B_UNROLL
    for (size_t i = 0; i < LANES; i += 2) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(lanes[i].in + offset));
        __m256i b = _mm256_loadu_si256((const __m256i *)(lanes[i + 1].in + offset));

        t[i] = _mm256_unpacklo_epi64(a, b);
        t[i + 1] = _mm256_unpackhi_epi64(a, b);
    }
    BLAKE2B_UNROLL
    for (size_t k = 0; k < 2; k++) {
        w[k] = _mm256_permute2x128_si256(t[k], t[k + 2], 0x20);
        w[k + 2] = _mm256_permute2x128_si256(t[k], t[k + 2], 0x31);
    }
}

/* Ask for blocks that come soon. */
INLINE void prefetch(const struct blake2b_lane *lanes, size_t offset)
{
    for (size_t i = 0; i < LANES; i++) {
        _mm_prefetch((const char *)lanes[i].in + offset, _MM_HINT_T0);
        _mm_prefetch((const char *)lanes[i].in + offset + 64, _MM_HINT_T0);
    }
}

INLINE __m256i gather(const struct blake2b_lane *lanes, size_t word)
{
    return _mm256_setr_epi64x((long long)lanes[0].h[word], (long long)lanes[1].h[word],
        (long long)lanes[2].h[word], (long long)lanes[3].h[word]);
}

INLINE void scatter(struct blake2b_lane *lanes, size_t word, __m256i h)
{
    uint64_t turned[LANES];

    _mm256_storeu_si256((__m256i *)turned, h);
    for (size_t i = 0; i < LANES; i++) {
        lanes[i].h[word] = turned[i];
    }
}

/* The instruction by hand, for the compiler would keep `from` in a register and part of the state
 * in memory instead: a seventh slower. */
INLINE __m256i shuffle(__m256i x, const uint8_t from[32])
{
    __m256i out;

    __asm__("vpshufb %2, %1, %0" : "=x"(out) : "x"(x), "m"(*(const __m256i *)from));
    return out;
}

#define ADD(x, y) _mm256_add_epi64(x, y)
#define XOR(x, y) _mm256_xor_si256(x, y)
#define TURN32(x) _mm256_shuffle_epi32(x, 0xb1)
#define TURN24(x) shuffle(x, turn24_bytes)
#define TURN16(x) shuffle(x, turn16_bytes)
#define TURN63(x) turn63(x)

INLINE __m256i turn63(__m256i x)
{
    return _mm256_or_si256(_mm256_srli_epi64(x, 63), _mm256_add_epi64(x, x));
}

INLINE void run_block(__m256i h[8], const __m256i m[16], __m256i counted, __m256i last)
{
    __m256i v[16];

    BLAKE2B_UNROLL
    for (size_t k = 0; k < 8; k++) {
        v[k] = h[k];
        v[k + 8] = _mm256_set1_epi64x((long long)blake2b_iv[k]);
    }
    v[12] = XOR(v[12], counted);
    v[14] = XOR(v[14], last);
    BLAKE2B_ROUNDS
    BLAKE2B_UNROLL
    for (size_t k = 0; k < 8; k++) {
        h[k] = XOR(h[k], XOR(v[k], v[k + 8]));
    }
}

TARGET void blake2b_avx2(struct blake2b_lane *lanes, size_t blocks)
{
    const size_t len = blocks * BLAKE2B_BLOCK;
    __m256i h[8];
    __m256i m[16];
    __m256i counted = _mm256_setr_epi64x((long long)lanes[0].counted, (long long)lanes[1].counted,
        (long long)lanes[2].counted, (long long)lanes[3].counted);
    __m256i last = _mm256_setr_epi64x((long long)lanes[0].last, (long long)lanes[1].last,
        (long long)lanes[2].last, (long long)lanes[3].last);

    BLAKE2B_UNROLL
    for (size_t k = 0; k < 8; k++) {
        h[k] = gather(lanes, k);
    }
    for (size_t offset = 0; offset < len; offset += BLAKE2B_BLOCK) {
        prefetch(lanes, offset + AHEAD);
        BLAKE2B_UNROLL
        for (size_t k = 0; k < 16; k += LANES) {
            load_words(lanes, offset + 8 * k, m + k);
        }
        counted = _mm256_add_epi64(counted, _mm256_set1_epi64x(BLAKE2B_BLOCK));
        run_block(h, m, counted, last);
    }
    BLAKE2B_UNROLL
    for (size_t k = 0; k < 8; k++) {
        scatter(lanes, k, h[k]);
    }
    for (size_t i = 0; i < LANES; i++) {
        lanes[i].counted += len;
        lanes[i].in += len;
    }
}
#endif
