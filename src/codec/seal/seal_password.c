/* Argon2id, version 1.3, by libsodium. What was kept once must stay good: the figures never change.
 */
#include "codec/seal/seal_password.h"

#include <sodium.h>

enum { PASSES = 3, MEMORY = 64 << 20 };

_Static_assert(SEAL_PASSWORD_SALT_LEN == crypto_pwhash_SALTBYTES, "libsodium's salt");

enum err seal_password_make(struct bytes password, struct seal_password *kept)
{
    const char *text = password.len > 0 ? (const char *)password.ptr : "";

    if (sodium_init() < 0) {
        return ERR_CRYPTO;
    }
    return crypto_pwhash(kept->hash, sizeof(kept->hash), text, password.len, kept->salt, PASSES,
               MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0
               ? OK
               : ERR_NO_MEMORY;
}

enum err seal_password_check(struct bytes password, const struct seal_password *kept)
{
    struct seal_password given = *kept;
    enum err err = seal_password_make(password, &given);

    if (err == OK && sodium_memcmp(given.hash, kept->hash, sizeof(given.hash)) != 0) {
        err = ERR_LOGIN;
    }
    bytes_wipe(&given, sizeof(given));
    return err;
}
