/* yEnc with AVX-512 VBMI2: expand and compress put bytes apart and together by a mask, so that no
 * step depends on what the data is. */
#include "codec/yenc/yenc_kernel.h"

#ifdef __x86_64__
#include <immintrin.h>

#define TARGET                                                                                     \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")))

static const uint64_t odd_bits = 0xaaaaaaaaaaaaaaaa;
static const uint64_t even_bits = 0x5555555555555555;

bool yenc_vbmi2_usable(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
           __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

/* Which bytes of `v` are `c`? */
TARGET static inline uint64_t find(__m512i v, char c)
{
    return _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(c));
}

/* Which encoded bytes must be escaped anywhere? */
TARGET static inline uint64_t find_critical(__m512i v)
{
    return find(v, '\0') | find(v, '\n') | find(v, '\r') | find(v, '=');
}

/* For 32 bytes of which `escapes` are to be escaped: the places of the bytes themselves in their
 * output; the other places are for '='. Each byte has two slots, one of them for its '='; slots
 * that are not needed are squeezed out. */
TARGET static inline uint64_t places(uint64_t escapes)
{
    return _pext_u64(odd_bits, odd_bits | _pdep_u64(escapes & 0xffffffff, even_bits));
}

/* Write the 32 bytes in the lower half of `v` to their `where`, with '=' between. */
TARGET static inline void put(uint8_t *out, uint64_t where, __m512i v)
{
    _mm512_storeu_si512(out, _mm512_mask_expand_epi8(_mm512_set1_epi8('='), where, v));
}

TARGET static inline __m512i upper_half(__m512i v)
{
    return _mm512_castsi256_si512(_mm512_extracti64x4_epi64(v, 1));
}

static inline bool is_blank(uint8_t c)
{
    return c == '\t' || c == ' ';
}

/* Encode one line from at least 128 bytes. */
TARGET static inline void encode_line(struct yenc_span *span)
{
    const __m512i shift = _mm512_set1_epi8(YENC_SHIFT);
    const __m512i escape = _mm512_set1_epi8(YENC_ESCAPE);
    __m512i v0 = _mm512_add_epi8(_mm512_loadu_si512(span->in), shift);
    __m512i v1 = _mm512_add_epi8(_mm512_loadu_si512(span->in + 64), shift);
    uint8_t first = (uint8_t)(span->in[0] + YENC_SHIFT);
    uint64_t m0 = find_critical(v0) | (uint64_t)((first == '.') | is_blank(first));
    uint64_t m1 = find_critical(v1);
    uint64_t last_places = places(m1 >> 32);
    size_t at1 = 32 + (size_t)_mm_popcnt_u64(m0 & 0xffffffff);
    size_t at2 = 64 + (size_t)_mm_popcnt_u64(m0);
    size_t at3 = at2 + 32 + (size_t)_mm_popcnt_u64(m1 & 0xffffffff);
    size_t room = YENC_FAST_LINE - at3; /* columns for the last quarter */
    size_t used;
    size_t len;
    uint8_t last;

    if (at3 > YENC_FAST_LINE - 2) { /* a quarter of the bytes are escaped: rare */
        yenc_plain_line(span, YENC_FAST_LINE);
        return;
    }
    v0 = _mm512_mask_add_epi8(v0, m0, v0, escape);
    v1 = _mm512_mask_add_epi8(v1, m1, v1, escape);
    put(span->out, places(m0), v0);
    put(span->out + at1, places(m0 >> 32), upper_half(v0));
    put(span->out + at2, places(m1), v1);
    put(span->out + at3, last_places, upper_half(v1));

    len = YENC_FAST_LINE + (~last_places >> (room - 1) & 1); /* a pair is never split */
    used = 96 + (size_t)_mm_popcnt_u64(last_places & ((1ULL << (len - at3)) - 1));
    last = (uint8_t)(span->in[used - 1] + YENC_SHIFT);
    if (len == YENC_FAST_LINE && is_blank(last)) {
        span->out[len - 1] = '=';
        span->out[len++] = (uint8_t)(last + YENC_ESCAPE);
    }
    span->out[len] = '\r';
    span->out[len + 1] = '\n';
    span->out += len + 2;
    span->in += used;
    span->left -= used;
}

TARGET void yenc_vbmi2_encode(struct yenc_span *span)
{
    struct yenc_span s = *span;

    while (s.left >= YENC_FAST_LINE) {
        encode_line(&s);
    }
    *span = s;
}

/* Decode one block of 64 bytes. False, and nothing done: it holds what only the plain twin
 * understands (a control line perhaps, or an escape that no encoder writes). */
TARGET static inline bool decode_block(struct yenc_body *b)
{
    __m512i v = _mm512_loadu_si512(b->in);
    uint64_t eq = find(v, '=');
    uint64_t cr = find(v, '\r');
    uint64_t lf = find(v, '\n');
    uint64_t escaped = eq << 1 | (b->place == YENC_AT_ESCAPE);
    uint64_t line_end = lf & (cr << 1 | (b->place == YENC_AT_CR));
    uint64_t start = line_end << 1 | (b->place == YENC_AT_START);
    uint64_t drop = eq | cr | lf | (find(v, '.') & start);
    uint64_t start_eq = eq & start;
    size_t kept = (size_t)_mm_popcnt_u64(~drop);
    __m512i out;

    if ((escaped & (eq | cr | lf)) != 0) {
        return false;
    }
    if (start_eq != 0 && ((start_eq << 1 & find(v, 'y')) != 0 || start_eq >> 63 != 0)) {
        return false;
    }
    out = _mm512_sub_epi8(v, _mm512_set1_epi8(YENC_SHIFT));
    out = _mm512_mask_sub_epi8(out, escaped, out, _mm512_set1_epi8(YENC_ESCAPE));
    _mm512_storeu_si512(b->out, _mm512_maskz_compress_epi8(~drop, out));
    b->out += kept;
    b->room -= kept;
    b->in += YENC_DECODE_BLOCK;
    b->left -= YENC_DECODE_BLOCK;
    b->place = YENC_AT_MIDDLE;
    if (((eq | cr | line_end) >> 63) != 0) {
        b->place = eq >> 63 != 0 ? YENC_AT_ESCAPE : cr >> 63 != 0 ? YENC_AT_CR : YENC_AT_START;
    }
    return true;
}

TARGET enum yenc_body_event yenc_vbmi2_decode(struct yenc_body *body)
{
    struct yenc_body b = *body;
    enum yenc_body_event event = YENC_BODY_MORE;

    while (event == YENC_BODY_MORE && b.left >= YENC_DECODE_BLOCK && b.room >= YENC_DECODE_BLOCK) {
        if (b.place == YENC_AT_START_EQ || !decode_block(&b)) {
            struct yenc_body odd = b; /* a copy, so that b itself stays in registers */

            odd.left = YENC_DECODE_BLOCK;
            event = yenc_plain_decode(&odd);
            odd.left += b.left - YENC_DECODE_BLOCK;
            b = odd;
        }
    }
    *body = b;
    return event == YENC_BODY_MORE ? yenc_plain_decode(body) : event;
}

#endif
