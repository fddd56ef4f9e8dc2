/* A password that people log in with, as it is kept: Argon2id of it. Slow and large on purpose (64
 * MiB, about a fifth of a second), so that whoever finds what is kept cannot try many. */
#ifndef CODEC_SEAL_SEAL_PASSWORD_H
#define CODEC_SEAL_SEAL_PASSWORD_H

#include "base/bytes.h"

enum { SEAL_PASSWORD_SALT_LEN = 16, SEAL_PASSWORD_HASH_LEN = 32 };

struct seal_password {
    uint8_t salt[SEAL_PASSWORD_SALT_LEN]; /* random */
    uint8_t hash[SEAL_PASSWORD_HASH_LEN];
};

/* Fill kept->hash from `password` and kept->salt. Blocks: for a worker. */
MUST_USE enum err seal_password_make(struct bytes password, struct seal_password *kept);

/* OK: it is this password. ERR_LOGIN: it is not. Blocks: for a worker. */
MUST_USE enum err seal_password_check(struct bytes password, const struct seal_password *kept);

#endif
