/* From secrets to keys (docs/format.md, section 2). Every struct here holds secrets: wipe it with
 * bytes_wipe() when it is no longer needed. */
#ifndef CODEC_SEAL_SEAL_KEYS_H
#define CODEC_SEAL_SEAL_KEYS_H

#include "codec/seal/sealer.h"

enum {
    SEAL_FP_LEN = 16,          /* a share's fingerprint */
    SEAL_SPK_LEN = 32,         /* Ed25519 public key */
    SEAL_SSK_LEN = 64,         /* Ed25519 secret key, as libsodium keeps it */
    SEAL_LINK_SECRET_LEN = 24, /* L */
    SEAL_PASSWORD_MAX = 1024,
    SEAL_ARGON_MEMORY_LOG2_MIN = 6, /* 64 MiB */
    SEAL_ARGON_MEMORY_LOG2_MAX = 10,
    SEAL_ARGON_PASSES_MIN = 2,
    SEAL_ARGON_PASSES_MAX = 10,
};

/* All that the owner of a share has. */
struct share_keys {
    uint8_t w[KEY_LEN];        /* the write secret */
    uint8_t spk[SEAL_SPK_LEN]; /* verifies heads */
    uint8_t ssk[SEAL_SSK_LEN]; /* signs heads */
    uint8_t fp[SEAL_FP_LEN];   /* BLAKE2b-128 of spk */
    uint8_t ck[KEY_LEN];       /* the content key */
};

/* What finds and opens heads. */
struct read_keys {
    uint8_t loc[KEY_LEN];  /* K_loc: addresses, headers, masks */
    uint8_t meta[KEY_LEN]; /* K_meta: contents */
};

/* What finds, makes and opens the segments of one volume. */
struct volume_keys {
    uint8_t vl[KEY_LEN]; /* addresses, headers, masks */
    uint8_t vd[KEY_LEN]; /* contents */
    uint8_t ck[KEY_LEN]; /* the share's content key */
};

/* What a password link says about Argon2id. */
struct seal_argon {
    uint32_t memory_log2; /* MiB, as a power of two: 8 is 256 MiB */
    uint32_t passes;
};

/* Derive everything from the write secret `w`. */
MUST_USE enum err seal_share_keys(
    struct sealer *s, const uint8_t w[KEY_LEN], struct share_keys *out);

/* The fingerprint of a public signing key, as links carry it. */
MUST_USE enum err seal_fingerprint(const uint8_t spk[SEAL_SPK_LEN], uint8_t fp[SEAL_FP_LEN]);

/* The read secret R of a public share. */
MUST_USE enum err seal_read_public(struct sealer *s,
    const uint8_t link_secret[SEAL_LINK_SECRET_LEN], const uint8_t fp[SEAL_FP_LEN],
    uint8_t r[KEY_LEN]);

/* The password half of R; slow and hungry by intent: 2^memory_log2 MiB while it runs.
 * ERR_LIMIT: parameters or password outside the bounds above. ERR_NO_MEMORY. */
MUST_USE enum err seal_stretch(struct sealer *s, const struct seal_argon *argon,
    const uint8_t link_secret[SEAL_LINK_SECRET_LEN], struct bytes password, uint8_t out[KEY_LEN]);

/* The read secret R of a share with a password; `stretched` is from seal_stretch(). */
MUST_USE enum err seal_read_password(struct sealer *s,
    const uint8_t link_secret[SEAL_LINK_SECRET_LEN], const uint8_t fp[SEAL_FP_LEN],
    const uint8_t stretched[KEY_LEN], uint8_t r[KEY_LEN]);

/* The keys of heads, from a read secret. */
MUST_USE enum err seal_read_keys(struct sealer *s, const uint8_t r[KEY_LEN], struct read_keys *out);

/* The keys of a volume, from its own random secret VK and the share's content key. */
MUST_USE enum err seal_volume_keys(struct sealer *s, const uint8_t vk[KEY_LEN],
    const uint8_t ck[KEY_LEN], struct volume_keys *out);

#endif
