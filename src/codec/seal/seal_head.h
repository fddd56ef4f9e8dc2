/* Heads: sealed under the read secret, signed by the owner (docs/format.md, section 5). What a
 * payload says is codec/manifest's; here it is SEAL_HEAD_PAYLOAD_LEN bytes. */
#ifndef CODEC_SEAL_SEAL_HEAD_H
#define CODEC_SEAL_SEAL_HEAD_H

#include "codec/seal/seal_names.h"

enum {
    SEAL_HEAD_PAYLOAD_LEN = SEGMENT_LEN - 48, /* less siv and tag */
    SEAL_SIGNATURE_LEN = 64,
};

/* Seal `payload` into `body` (SEGMENT_LEN bytes, not overlapping) for the article at `slot`. */
MUST_USE enum err seal_head(struct sealer *s, const struct read_keys *keys,
    const struct seal_slot *slot, const uint8_t *payload, uint8_t *body);

/* Open the body (SEGMENT_LEN bytes) found at `slot` into `payload` (not overlapping).
 * ERR_BAD_SEAL: these are no bytes of this share's; `payload` holds zeros.
 * OK says nothing about who wrote it: any reader can seal. Check the signature. */
MUST_USE enum err seal_open_head(struct sealer *s, const struct read_keys *keys,
    const struct seal_slot *slot, const uint8_t *body, uint8_t *payload);

/* The hash that names a head: of its core, the payload before the signatures. */
MUST_USE enum err seal_head_hash(
    struct sealer *s, const uint8_t ck[KEY_LEN], struct bytes core, uint8_t hash[KEY_LEN]);

/* Sign a head's core. */
MUST_USE enum err seal_sign_head(
    const struct share_keys *keys, struct bytes core, uint8_t signature[SEAL_SIGNATURE_LEN]);

/* Check it. ERR_BAD_SIGNATURE. That `spk` is the link's share, seal_fingerprint() says. */
MUST_USE enum err seal_check_head(const uint8_t spk[SEAL_SPK_LEN], struct bytes core,
    const uint8_t signature[SEAL_SIGNATURE_LEN]);

/* Sign that the head with this hash was the newest on `day` (days since 1970, UTC). */
MUST_USE enum err seal_sign_alive(const struct share_keys *keys, const uint8_t hash[KEY_LEN],
    uint32_t day, uint8_t signature[SEAL_SIGNATURE_LEN]);

/* Check it. ERR_BAD_SIGNATURE. */
MUST_USE enum err seal_check_alive(const uint8_t spk[SEAL_SPK_LEN], const uint8_t hash[KEY_LEN],
    uint32_t day, const uint8_t signature[SEAL_SIGNATURE_LEN]);

#endif
