/* yEnc with AVX2 and BMI2: masks come from 32 bytes at a time; the few escapes of an encoded line
 * are put in one by one, and decoded bytes are packed eight at a time by pext. */
#include "codec/yenc/yenc_kernel.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,bmi,bmi2,popcnt")))

enum { BLOCK = 32 };

static const uint64_t each_byte = 0x0101010101010101;

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

/* Which of the 32 bytes at `in` must be escaped anywhere once encoded? */
TARGET static inline uint64_t find_critical(const uint8_t *in)
{
    __m256i v = _mm256_add_epi8(load(in), _mm256_set1_epi8(YENC_SHIFT));

    return mask(_mm256_or_si256(
        _mm256_or_si256(is(v, '\0'), is(v, '\n')), _mm256_or_si256(is(v, '\r'), is(v, '='))));
}

/* Encode `len` bytes that need no escape; writes whole blocks, and reads them: `len` and what lies
 * behind it at `in` are at least a block together. */
TARGET static inline void shift_run(uint8_t *out, const uint8_t *in, size_t len)
{
    for (size_t i = 0; i < len; i += BLOCK) {
        store(out + i, _mm256_add_epi8(load(in + i), _mm256_set1_epi8(YENC_SHIFT)));
    }
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

/* Encode one line from at least 128 + BLOCK bytes. */
TARGET static inline void encode_line(struct yenc_span *span)
{
    const uint8_t *in = span->in;
    uint8_t *out = span->out;
    uint8_t first = (uint8_t)(in[0] + YENC_SHIFT);
    uint64_t m[2] = {find_critical(in) | find_critical(in + 32) << 32,
        find_critical(in + 64) | find_critical(in + 96) << 32};
    size_t used;
    size_t done = 0;
    uint8_t last;

    m[0] |= (uint64_t)((first == '.') | is_blank(first));
    used = bytes_in_line(m);
    if (used == 0) { /* half of the bytes are escaped: rare */
        yenc_plain_line(span, YENC_FAST_LINE);
        return;
    }
    m[1] = _bzhi_u64(m[1], (unsigned)(used - 64));
    shift_run(out, in, YENC_FAST_LINE);
    for (size_t half = 0; half < 2; half++) {
        for (; m[half] != 0; m[half] &= m[half] - 1) {
            size_t at = half * 64 + (size_t)__builtin_ctzll(m[half]);

            out += at - done;
            *out++ = '=';
            shift_run(out, in + at, used - at);
            *out = (uint8_t)(*out + YENC_ESCAPE);
            done = at;
        }
    }
    out += used - done;
    last = (uint8_t)(in[used - 1] + YENC_SHIFT);
    if (is_blank(last) && out - span->out == YENC_FAST_LINE) {
        out[-1] = '=';
        *out++ = (uint8_t)(last + YENC_ESCAPE);
    }
    out[0] = '\r';
    out[1] = '\n';
    span->out = out + 2;
    span->in += used;
    span->left -= used;
}

TARGET void yenc_avx2_encode(struct yenc_span *span)
{
    while (span->left >= YENC_FAST_LINE + BLOCK) {
        encode_line(span);
    }
    yenc_plain_encode(span);
}

/* Write those of eight decoded bytes that `keep` names; returns how many. Writes eight. */
TARGET static inline size_t pack8(uint8_t *out, uint64_t bytes, uint32_t keep)
{
    uint64_t lanes = _pdep_u64(keep, each_byte) * 0xff;
    uint64_t packed = _pext_u64(bytes, lanes);

    memcpy(out, &packed, sizeof packed);
    return (size_t)_mm_popcnt_u64(keep & 0xff);
}

/* Write those of 32 decoded bytes that `keep` names; returns the end. */
TARGET static inline uint8_t *pack32(uint8_t *out, __m256i v, uint32_t keep)
{
    out += pack8(out, (uint64_t)_mm256_extract_epi64(v, 0), keep & 0xff);
    out += pack8(out, (uint64_t)_mm256_extract_epi64(v, 1), keep >> 8 & 0xff);
    out += pack8(out, (uint64_t)_mm256_extract_epi64(v, 2), keep >> 16 & 0xff);
    out += pack8(out, (uint64_t)_mm256_extract_epi64(v, 3), keep >> 24);
    return out;
}

/* 0xff in every byte whose bit in `bits` is set. */
TARGET static inline __m256i bytes_of(uint32_t bits)
{
    const __m256i spread = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2,
        2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
    const __m256i bit = _mm256_set1_epi64x((int64_t)0x8040201008040201);
    __m256i v = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), spread);

    return _mm256_cmpeq_epi8(_mm256_and_si256(v, bit), bit);
}

/* Decode one block of 32 bytes. False, and nothing done: only the plain twin understands it. */
TARGET static inline bool decode_block(struct yenc_body *b)
{
    __m256i v = load(b->in);
    uint32_t eq = mask(is(v, '='));
    uint32_t cr = mask(is(v, '\r'));
    uint32_t lf = mask(is(v, '\n'));
    uint32_t escaped = eq << 1 | (b->place == YENC_AT_ESCAPE);
    uint32_t line_end = lf & (cr << 1 | (b->place == YENC_AT_CR));
    uint32_t start = line_end << 1 | (b->place == YENC_AT_START);
    uint32_t drop = eq | cr | lf | (mask(is(v, '.')) & start);
    __m256i fix = _mm256_and_si256(bytes_of(escaped), _mm256_set1_epi8(YENC_ESCAPE));
    uint8_t *end;

    if ((escaped & (eq | cr | lf)) != 0) {
        return false;
    }
    if ((eq & start) != 0 &&
        (((eq & start) << 1 & mask(is(v, 'y'))) != 0 || (eq & start) >> 31 != 0)) {
        return false;
    }
    v = _mm256_sub_epi8(v, _mm256_add_epi8(_mm256_set1_epi8(YENC_SHIFT), fix));
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
    struct yenc_body b = *body;
    enum yenc_body_event event = YENC_BODY_MORE;

    while (event == YENC_BODY_MORE && b.left >= YENC_DECODE_BLOCK && b.room >= YENC_DECODE_BLOCK) {
        if (b.place == YENC_AT_START_EQ || !decode_block(&b)) {
            size_t rest = b.left - BLOCK;

            b.left = BLOCK;
            event = yenc_plain_decode(&b);
            b.left += rest;
        }
    }
    *body = b;
    return event == YENC_BODY_MORE ? yenc_plain_decode(body) : event;
}

#endif
