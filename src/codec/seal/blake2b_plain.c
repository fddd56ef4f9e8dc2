/* BLAKE2b of one message in plain C. */
#include "base/endian.h"
#include "codec/seal/blake2b_kernel.h"
#include "codec/seal/blake2b_rounds.h"

/* RFC 7693 section 2.6: the first 64 bits behind the point of the roots of 2, 3, 5 ... 19. */
const uint64_t blake2b_iv[8] = {
    0x6a09e667f3bcc908,
    0xbb67ae8584caa73b,
    0x3c6ef372fe94f82b,
    0xa54ff53a5f1d36f1,
    0x510e527fade682d1,
    0x9b05688c2b3e6c1f,
    0x1f83d9abfb41bd6b,
    0x5be0cd19137e2179,
};

static inline uint64_t turn(uint64_t x, unsigned n)
{
    return x >> n | x << (64 - n);
}

#define ADD(x, y) ((x) + (y))
#define XOR(x, y) ((x) ^ (y))
#define TURN32(x) turn(x, 32)
#define TURN24(x) turn(x, 24)
#define TURN16(x) turn(x, 16)
#define TURN63(x) turn(x, 63)

void blake2b_plain(struct blake2b_lane *lane, size_t blocks)
{
    for (; blocks > 0; blocks--) {
        uint64_t v[16];
        uint64_t m[16];

        BLAKE2B_UNROLL
        for (size_t k = 0; k < 16; k++) {
            m[k] = get_le64(lane->in + 8 * k);
        }
        BLAKE2B_UNROLL
        for (size_t k = 0; k < 8; k++) {
            v[k] = lane->h[k];
            v[k + 8] = blake2b_iv[k];
        }
        lane->in += BLAKE2B_BLOCK;
        lane->counted += BLAKE2B_BLOCK;
        v[12] ^= lane->counted;
        v[14] ^= lane->last;
        BLAKE2B_ROUNDS
        BLAKE2B_UNROLL
        for (size_t k = 0; k < 8; k++) {
            lane->h[k] ^= v[k] ^ v[k + 8];
        }
    }
}
