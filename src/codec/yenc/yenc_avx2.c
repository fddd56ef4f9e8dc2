/* yEnc with AVX2 and BMI2: masks come from 32 bytes at a time; then eight bytes at a time
 * are put apart by a shuffle from a table, or packed together by pext. */
#include "codec/yenc/yenc_kernel.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,bmi,bmi2,popcnt")))

enum { BLOCK = 32 };

bool yenc_avx2_usable(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

TARGET static inline __m256i load(const uint8_t *in)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)in);
}

TARGET static inline void store(uint8_t *out, __m256i v)
{
    _mm256_storeu_si256((__m256i *)(void *)out, v);
}

TARGET static inline __m256i is(__m256i v, char c)
{
    return _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c));
}

TARGET static inline uint32_t mask(__m256i v)
{
    return (uint32_t)_mm256_movemask_epi8(v);
}

/* Shift 32 bytes, raise those that must be escaped anywhere, and say which they are. */
TARGET static inline uint64_t shift_block(const uint8_t *in, uint8_t *out)
{
    __m256i v = _mm256_add_epi8(load(in), _mm256_set1_epi8(YENC_SHIFT));
    __m256i critical = _mm256_or_si256(
        _mm256_or_si256(is(v, '\0'), is(v, '\n')), _mm256_or_si256(is(v, '\r'), is(v, '=')));

    store(out, _mm256_add_epi8(v, _mm256_and_si256(critical, _mm256_set1_epi8(YENC_ESCAPE))));
    return mask(critical);
}

/* Where byte `i` of eight goes when the bits of `m` each put an '=' in front of their byte. */
#define PLACE(m, i) ((i) + __builtin_popcount((m) & ((2 << (i)) - 1)))
#define AT(m, i, k) PLACE(m, i) == (k) ? (i)
/* Which byte goes to place `k`; 8 is the '='. */
#define PICK(m, k)                                                                                 \
    (AT(m, 0, k)                                                                                   \
        : AT(m, 1, k)                                                                              \
        : AT(m, 2, k)                                                                              \
        : AT(m, 3, k)                                                                              \
        : AT(m, 4, k)                                                                              \
        : AT(m, 5, k)                                                                              \
        : AT(m, 6, k)                                                                              \
        : AT(m, 7, k) : 8)
#define PICK4(m, k) PICK(m, k), PICK(m, k + 1), PICK(m, k + 2), PICK(m, k + 3)
#define ROW(m)                                                                                     \
    {                                                                                              \
        PICK4(m, 0), PICK4(m, 4), PICK4(m, 8), PICK4(m, 12)                                        \
    }
#define ROW4(m) ROW(m), ROW(m + 1), ROW(m + 2), ROW(m + 3)
#define ROW16(m) ROW4(m), ROW4(m + 4), ROW4(m + 8), ROW4(m + 12)
#define ROW64(m) ROW16(m), ROW16(m + 16), ROW16(m + 32), ROW16(m + 48)

/* For each set of escapes among eight bytes: the shuffle that puts them apart. */
static const uint8_t spread[256][16]
    __attribute__((aligned(64))) = {ROW64(0), ROW64(64), ROW64(128), ROW64(192)};

/* Write eight shifted bytes with an '=' in front of those that `escapes` names; returns the end.
 * Writes sixteen. */
TARGET static inline uint8_t *put8(uint8_t *out, const uint8_t *shifted, uint32_t escapes)
{
    __m128i order = _mm_load_si128((const __m128i *)(const void *)spread[escapes]);
    __m128i v = _mm_loadl_epi64((const __m128i *)(const void *)shifted);

    v = _mm_shuffle_epi8(_mm_or_si128(v, _mm_set_epi64x('=', 0)), order);
    _mm_storeu_si128((__m128i *)(void *)out, v);
    return out + 8 + _mm_popcnt_u32(escapes);
}

static inline bool is_blank(uint8_t c)
{
    return c == '\t' || c == ' ';
}

/* How many of the bytes whose escapes are `m` fill a line. */
TARGET static inline size_t bytes_in_line(const uint64_t m[2])
{
    size_t all = (size_t)_mm_popcnt_u64(m[0]) + (size_t)_mm_popcnt_u64(m[1]);
    size_t used = YENC_FAST_LINE - all;
    size_t columns;

    if (used <= 64) {
        return 0;
    }
    columns = used + (size_t)_mm_popcnt_u64(m[0]) +
              (size_t)_mm_popcnt_u64(_bzhi_u64(m[1], (unsigned)(used - 64)));
    while (columns < YENC_FAST_LINE) {
        columns += 1 + (m[1] >> (used - 64) & 1);
        used++;
    }
    return used;
}

/* Encode one line from at least 128 bytes. */
TARGET static inline void encode_line(struct yenc_span *span)
{
    uint8_t shifted[YENC_FAST_LINE];
    const uint8_t *in = span->in;
    uint8_t *out = span->out;
    uint8_t first = (uint8_t)(in[0] + YENC_SHIFT);
    uint64_t m[2] = {shift_block(in, shifted) | shift_block(in + 32, shifted + 32) << 32,
        shift_block(in + 64, shifted + 64) | shift_block(in + 96, shifted + 96) << 32};
    size_t used;
    size_t len;
    uint8_t last;

    if (first == '.' || is_blank(first)) {
        shifted[0] = (uint8_t)(first + YENC_ESCAPE);
        m[0] |= 1;
    }
    used = bytes_in_line(m);
    if (used == 0) { /* half of the bytes are escaped: rare */
        yenc_plain_line(span, YENC_FAST_LINE);
        return;
    }
    for (size_t i = 0; i < YENC_FAST_LINE; i += 8) {
        out = put8(out, shifted + i, m[i / 64] >> i % 64 & 0xff);
    }
    len = used + (size_t)_mm_popcnt_u64(m[0]) +
          (size_t)_mm_popcnt_u64(_bzhi_u64(m[1], (unsigned)(used - 64)));
    last = (uint8_t)(in[used - 1] + YENC_SHIFT);
    if (is_blank(last) && len == YENC_FAST_LINE) {
        span->out[len - 1] = '=';
        span->out[len++] = (uint8_t)(last + YENC_ESCAPE);
    }
    span->out[len] = '\r';
    span->out[len + 1] = '\n';
    span->out += len + 2;
    span->in += used;
    span->left -= used;
}

TARGET void yenc_avx2_encode(struct yenc_span *span)
{
    struct yenc_span s = *span;

    while (s.left >= YENC_FAST_LINE) {
        encode_line(&s);
    }
    *span = s;
}

/* 0xff in each of eight bytes whose bit in `m` is set. */
#define LANE(m, i) (((m) >> (i)&1) * (0xffULL << (i)*8))
#define LANES(m)                                                                                   \
    (LANE(m, 0) | LANE(m, 1) | LANE(m, 2) | LANE(m, 3) | LANE(m, 4) | LANE(m, 5) | LANE(m, 6) |    \
        LANE(m, 7))
#define LANES4(m) LANES(m), LANES(m + 1), LANES(m + 2), LANES(m + 3)
#define LANES16(m) LANES4(m), LANES4(m + 4), LANES4(m + 8), LANES4(m + 12)
#define LANES64(m) LANES16(m), LANES16(m + 16), LANES16(m + 32), LANES16(m + 48)

static const uint64_t lanes_of[256]
    __attribute__((aligned(64))) = {LANES64(0), LANES64(64), LANES64(128), LANES64(192)};

/* Write those of eight decoded bytes that `keep` names; returns the end. Writes eight. */
TARGET static inline uint8_t *pack8(uint8_t *out, uint64_t bytes, uint32_t keep)
{
    uint64_t packed = _pext_u64(bytes, lanes_of[keep]);

    memcpy(out, &packed, sizeof packed);
    return out + _mm_popcnt_u32(keep);
}

/* Write those of 32 decoded bytes that `keep` names; returns the end. */
TARGET static inline uint8_t *pack32(uint8_t *out, __m256i v, uint32_t keep)
{
    out = pack8(out, (uint64_t)_mm256_extract_epi64(v, 0), keep & 0xff);
    out = pack8(out, (uint64_t)_mm256_extract_epi64(v, 1), keep >> 8 & 0xff);
    out = pack8(out, (uint64_t)_mm256_extract_epi64(v, 2), keep >> 16 & 0xff);
    out = pack8(out, (uint64_t)_mm256_extract_epi64(v, 3), keep >> 24);
    return out;
}

/* 0xff in every byte whose bit in `bits` is set. */
TARGET static inline __m256i bytes_of(uint32_t bits)
{
    const __m256i lanes = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2,
        2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
    const __m256i bit = _mm256_set1_epi64x((int64_t)0x8040201008040201);
    __m256i v = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), lanes);

    return _mm256_cmpeq_epi8(_mm256_and_si256(v, bit), bit);
}

/* `c` in every byte. gcc would make it anew for each block, three instructions a letter; the empty
 * asm hides from it how cheap that is, so that it is made once. */
TARGET static inline __m256i letter(char c)
{
    __m256i v = _mm256_set1_epi8(c);

    __asm__("" : "+x"(v));
    return v;
}

struct letters {
    __m256i eq;
    __m256i cr;
    __m256i lf;
    __m256i dot;
    __m256i shift;
    __m256i escape;
};

/* Decode one block of 32 bytes. False, and nothing done: only the plain twin understands it. */
TARGET static inline bool decode_block(struct yenc_body *b, const struct letters *l)
{
    __m256i v = load(b->in);
    uint32_t eq = mask(_mm256_cmpeq_epi8(v, l->eq));
    uint32_t cr = mask(_mm256_cmpeq_epi8(v, l->cr));
    uint32_t lf = mask(_mm256_cmpeq_epi8(v, l->lf));
    uint32_t escaped = eq << 1 | (b->place == YENC_AT_ESCAPE);
    uint32_t line_end = lf & (cr << 1 | (b->place == YENC_AT_CR));
    uint32_t start = line_end << 1 | (b->place == YENC_AT_START);
    uint32_t drop = eq | cr | lf | (mask(_mm256_cmpeq_epi8(v, l->dot)) & start);
    __m256i fix = _mm256_and_si256(bytes_of(escaped), l->escape);
    uint8_t *end;

    if ((escaped & (eq | cr | lf)) != 0) {
        return false;
    }
    if ((eq & start) != 0 &&
        (((eq & start) << 1 & mask(is(v, 'y'))) != 0 || (eq & start) >> 31 != 0)) {
        return false;
    }
    v = _mm256_sub_epi8(v, _mm256_add_epi8(l->shift, fix));
    end = pack32(b->out, v, ~drop);
    b->room -= (size_t)(end - b->out);
    b->out = end;
    b->in += BLOCK;
    b->left -= BLOCK;
    b->place = YENC_AT_MIDDLE;
    if (((eq | cr | line_end) >> 31) != 0) {
        b->place = eq >> 31 != 0 ? YENC_AT_ESCAPE : cr >> 31 != 0 ? YENC_AT_CR : YENC_AT_START;
    }
    return true;
}

TARGET enum yenc_body_event yenc_avx2_decode(struct yenc_body *body)
{
    const struct letters letters = {letter('='), letter('\r'), letter('\n'), letter('.'),
        letter(YENC_SHIFT), letter(YENC_ESCAPE)};
    struct yenc_body b = *body;
    enum yenc_body_event event = YENC_BODY_MORE;

    while (event == YENC_BODY_MORE && b.left >= YENC_DECODE_BLOCK && b.room >= YENC_DECODE_BLOCK) {
        if (b.place == YENC_AT_START_EQ || !decode_block(&b, &letters)) {
            struct yenc_body odd = b; /* a copy, so that b itself stays in registers */

            odd.left = BLOCK;
            event = yenc_plain_decode(&odd);
            odd.left += b.left - BLOCK;
            b = odd;
        }
    }
    *body = b;
    return event == YENC_BODY_MORE ? yenc_plain_decode(body) : event;
}

#endif
