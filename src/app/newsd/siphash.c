/* SipHash-2-4, the variant with 128 bits of output. */
#include "app/newsd/siphash.h"

#include <string.h>

#include "base/endian.h"

struct sip {
    uint64_t v[4];
};

static uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static void rounds(struct sip *s, int count)
{
    uint64_t *v = s->v;

    for (int i = 0; i < count; i++) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

static void mix(struct sip *s, uint64_t word)
{
    s->v[3] ^= word;
    rounds(s, 2);
    s->v[0] ^= word;
}

static uint64_t finish(struct sip *s)
{
    rounds(s, 4);
    return s->v[0] ^ s->v[1] ^ s->v[2] ^ s->v[3];
}

void siphash(const uint8_t key[SIPHASH_LEN], struct bytes in, uint8_t out[SIPHASH_LEN])
{
    uint64_t k0 = get_le64(key), k1 = get_le64(key + 8);
    struct sip s = {{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d ^ 0xee,
        k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573}};
    uint8_t last[8] = {0};

    last[7] = (uint8_t)in.len;
    for (; in.len >= 8; bytes_skip(&in, 8)) {
        mix(&s, get_le64(in.ptr));
    }
    if (in.len > 0) {
        memcpy(last, in.ptr, in.len);
    }
    mix(&s, get_le64(last));
    s.v[2] ^= 0xee;
    put_le64(out, finish(&s));
    s.v[1] ^= 0xdd;
    put_le64(out + 8, finish(&s));
}
