/* BLAKE2b of 8 messages at once with AVX-512: word k of all of them in a register, 16 registers for
 * the state; the message's words come from memory. */
#include "codec/seal/blake2b_kernel.h"
#include "codec/seal/blake2b_rounds.h"

#ifdef __x86_64__
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f")))
#define INLINE TARGET __attribute__((always_inline)) static inline

enum { LANES = 8, AHEAD = 8 * BLAKE2B_BLOCK, THREE_WAY_XOR = 0x96 };

bool blake2b_avx512_usable(void)
{
    return __builtin_cpu_supports("avx512f");
}

/* Half a block of each lane, turned: word k of all lanes in w[k]. */
INLINE void load_words(const struct blake2b_lane *lanes, size_t offset, __m512i w[LANES])
{
    __m512i t[LANES];
    __m512i u[LANES];

    BLAKE2B_UNROLL
    for (size_t i = 0; i < LANES; i += 2) {
        __m512i a = _mm512_loadu_si512(lanes[i].in + offset);
        __m512i b = _mm512_loadu_si512(lanes[i + 1].in + offset);

        t[i] = _mm512_unpacklo_epi64(a, b);
        t[i + 1] = _mm512_unpackhi_epi64(a, b);
    }
    BLAKE2B_UNROLL
    for (size_t i = 0; i < LANES; i += 4) {
        u[i] = _mm512_shuffle_i64x2(t[i], t[i + 2], 0x88);
        u[i + 1] = _mm512_shuffle_i64x2(t[i + 1], t[i + 3], 0x88);
        u[i + 2] = _mm512_shuffle_i64x2(t[i], t[i + 2], 0xdd);
        u[i + 3] = _mm512_shuffle_i64x2(t[i + 1], t[i + 3], 0xdd);
    }
    BLAKE2B_UNROLL
    for (size_t k = 0; k < 4; k++) {
        w[k] = _mm512_shuffle_i64x2(u[k], u[k + 4], 0x88);
        w[k + 4] = _mm512_shuffle_i64x2(u[k], u[k + 4], 0xdd);
    }
}

/* Ask for blocks that come soon: the processor follows fewer streams than there are lanes. */
INLINE void prefetch(const struct blake2b_lane *lanes, size_t offset)
{
    for (size_t i = 0; i < LANES; i++) {
        _mm_prefetch((const char *)lanes[i].in + offset, _MM_HINT_T0);
        _mm_prefetch((const char *)lanes[i].in + offset + 64, _MM_HINT_T0);
    }
}

INLINE __m512i gather(const struct blake2b_lane *lanes, size_t word)
{
    uint64_t turned[LANES];

    for (size_t i = 0; i < LANES; i++) {
        turned[i] = lanes[i].h[word];
    }
    return _mm512_loadu_si512(turned);
}

INLINE void scatter(struct blake2b_lane *lanes, size_t word, __m512i h)
{
    uint64_t turned[LANES];

    _mm512_storeu_si512(turned, h);
    for (size_t i = 0; i < LANES; i++) {
        lanes[i].h[word] = turned[i];
    }
}

#define ADD(x, y) _mm512_add_epi64(x, y)
#define XOR(x, y) _mm512_xor_si512(x, y)
#define TURN32(x) _mm512_ror_epi64(x, 32)
#define TURN24(x) _mm512_ror_epi64(x, 24)
#define TURN16(x) _mm512_ror_epi64(x, 16)
#define TURN63(x) _mm512_ror_epi64(x, 63)

INLINE void run_block(__m512i h[8], const __m512i m[16], __m512i counted, __m512i last)
{
    __m512i v[16];

    BLAKE2B_UNROLL
    for (size_t k = 0; k < 8; k++) {
        v[k] = h[k];
        v[k + 8] = _mm512_set1_epi64((long long)blake2b_iv[k]);
    }
    v[12] = XOR(v[12], counted);
    v[14] = XOR(v[14], last);
    BLAKE2B_ROUNDS
    BLAKE2B_UNROLL
    for (size_t k = 0; k < 8; k++) {
        h[k] = _mm512_ternarylogic_epi64(h[k], v[k], v[k + 8], THREE_WAY_XOR);
    }
}

TARGET void blake2b_avx512(struct blake2b_lane *lanes, size_t blocks)
{
    const size_t len = blocks * BLAKE2B_BLOCK;
    uint64_t turned[2][LANES];
    __m512i h[8];
    __m512i m[16];
    __m512i counted;
    __m512i last;

    for (size_t i = 0; i < LANES; i++) {
        turned[0][i] = lanes[i].counted;
        turned[1][i] = lanes[i].last;
    }
    counted = _mm512_loadu_si512(turned[0]);
    last = _mm512_loadu_si512(turned[1]);
    BLAKE2B_UNROLL
    for (size_t k = 0; k < 8; k++) {
        h[k] = gather(lanes, k);
    }
    for (size_t offset = 0; offset < len; offset += BLAKE2B_BLOCK) {
        prefetch(lanes, offset + AHEAD);
        load_words(lanes, offset, m);
        load_words(lanes, offset + BLAKE2B_BLOCK / 2, m + 8);
        counted = _mm512_add_epi64(counted, _mm512_set1_epi64(BLAKE2B_BLOCK));
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
