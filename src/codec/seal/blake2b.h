/* BLAKE2b-256 (RFC 7693) under a key of 32 bytes, of many messages side by side in the lanes of
 * vector registers: each is hashed as it always is, and some of them together in the time of one.
 * Inside this room; flows call seal_cids(). Of a single message libcrypto is as fast. */
#ifndef CODEC_SEAL_BLAKE2B_H
#define CODEC_SEAL_BLAKE2B_H

#include "base/bytes.h"

enum {
    BLAKE2B_LEN = 32, /* of a hash, and of a key */
    BLAKE2B_BLOCK = 128,
    BLAKE2B_PERSONAL_LEN = 16,
};

/* What a key and a personalisation make of a hash before its message: as secret as the key is. */
struct blake2b_keyed {
    uint64_t h[8];              /* behind the key's block */
    uint8_t empty[BLAKE2B_LEN]; /* the hash of no bytes, whose only block is the key's */
};

void blake2b_keyed_init(struct blake2b_keyed *keyed, const uint8_t key[BLAKE2B_LEN],
    const uint8_t personal[BLAKE2B_PERSONAL_LEN]);

/* The hashes of the `count` messages `in`, of any lengths, one behind the other into `out`
 * (count * BLAKE2B_LEN bytes). Fast from three messages on; the more alike their lengths, the
 * faster. */
void blake2b_many(
    const struct blake2b_keyed *keyed, const struct bytes *in, size_t count, uint8_t *out);

struct blake2b_kernel; /* blake2b_kernel.h */

/* The same with one kernel, however many messages there are; NULL: what costs least. */
void blake2b_many_by(const struct blake2b_kernel *kernel, const struct blake2b_keyed *keyed,
    const struct bytes *in, size_t count, uint8_t *out);

#endif
