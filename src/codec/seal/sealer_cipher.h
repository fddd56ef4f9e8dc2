/* Inside this room only: the two ciphers, both with a nonce of zeros, because every key here is
 * made from what it encrypts and is used once. */
#ifndef CODEC_SEAL_SEALER_CIPHER_H
#define CODEC_SEAL_SEALER_CIPHER_H

#include "codec/seal/sealer.h"

/* XOR the ChaCha20 stream of `key`, block counter from 0 on, into `len` bytes at `data`. */
MUST_USE enum err sealer_xor(
    struct sealer *s, const uint8_t key[KEY_LEN], uint8_t *data, size_t len);

/* ChaCha20-Poly1305: `plain` to `out`, which holds plain.len + SEAL_TAG_LEN bytes and may start
 * where `plain` does. */
MUST_USE enum err sealer_lock(struct sealer *s, const uint8_t key[KEY_LEN], struct bytes aad,
    struct bytes plain, uint8_t *out);

/* Back: `locked`, tag at its end, to `out`, which holds locked.len - SEAL_TAG_LEN bytes and may be
 * locked.ptr. ERR_BAD_SEAL: wrong tag; what `out` holds must not be used. */
MUST_USE enum err sealer_unlock(struct sealer *s, const uint8_t key[KEY_LEN], struct bytes aad,
    struct bytes locked, uint8_t *out);

#endif
