/* The tree of keys: each is derived with a label of its own, so that none says anything about
 * another. */
#include "codec/seal/seal_keys.h"

#include <sodium.h>
#include <string.h>

static const struct bytes nothing;

enum err seal_fingerprint(const uint8_t spk[SEAL_SPK_LEN], uint8_t fp[SEAL_FP_LEN])
{
    return crypto_generichash(fp, SEAL_FP_LEN, spk, SEAL_SPK_LEN, NULL, 0) == 0 ? OK : ERR_CRYPTO;
}

enum err seal_share_keys(struct sealer *s, const uint8_t w[KEY_LEN], struct share_keys *out)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    enum err err = seal_kdf(s, w, SEAL_SIGN, nothing, seed);

    if (err == OK && crypto_sign_seed_keypair(out->spk, out->ssk, seed) != 0) {
        err = ERR_CRYPTO;
    }
    bytes_wipe(seed, sizeof(seed));
    if (err == OK) {
        err = seal_fingerprint(out->spk, out->fp);
    }
    if (err == OK) {
        err = seal_kdf(s, w, SEAL_CONTENT, nothing, out->ck);
    }
    memcpy(out->w, w, KEY_LEN);
    return err;
}

static void pad(const uint8_t link_secret[SEAL_LINK_SECRET_LEN], uint8_t key[KEY_LEN])
{
    memset(key, 0, KEY_LEN);
    memcpy(key, link_secret, SEAL_LINK_SECRET_LEN);
}

enum err seal_read_public(struct sealer *s, const uint8_t link_secret[SEAL_LINK_SECRET_LEN],
    const uint8_t fp[SEAL_FP_LEN], uint8_t r[KEY_LEN])
{
    uint8_t key[KEY_LEN];
    enum err err;

    pad(link_secret, key);
    err = seal_kdf(s, key, SEAL_LINK, bytes_at(fp, SEAL_FP_LEN), r);
    bytes_wipe(key, sizeof(key));
    return err;
}

static bool argon_allowed(const struct seal_argon *argon)
{
    return argon->memory_log2 >= SEAL_ARGON_MEMORY_LOG2_MIN &&
           argon->memory_log2 <= SEAL_ARGON_MEMORY_LOG2_MAX &&
           argon->passes >= SEAL_ARGON_PASSES_MIN && argon->passes <= SEAL_ARGON_PASSES_MAX;
}

enum err seal_stretch(struct sealer *s, const struct seal_argon *argon,
    const uint8_t link_secret[SEAL_LINK_SECRET_LEN], struct bytes password, uint8_t out[KEY_LEN])
{
    uint8_t key[KEY_LEN];
    uint8_t salt[KEY_LEN]; /* Argon2id takes the first 16 bytes */
    enum err err;

    if (!argon_allowed(argon) || password.len > SEAL_PASSWORD_MAX) {
        return ERR_LIMIT;
    }
    pad(link_secret, key);
    err = seal_kdf(s, key, SEAL_PWSALT, nothing, salt);
    if (err == OK &&
        crypto_pwhash(out, KEY_LEN, (const char *)password.ptr, password.len, salt, argon->passes,
            (size_t)1 << (argon->memory_log2 + 20), crypto_pwhash_ALG_ARGON2ID13) != 0) {
        err = ERR_NO_MEMORY;
    }
    bytes_wipe(key, sizeof(key));
    bytes_wipe(salt, sizeof(salt));
    return err;
}

enum err seal_read_password(struct sealer *s, const uint8_t link_secret[SEAL_LINK_SECRET_LEN],
    const uint8_t fp[SEAL_FP_LEN], const uint8_t stretched[KEY_LEN], uint8_t r[KEY_LEN])
{
    uint8_t key[KEY_LEN];
    enum err err;

    pad(link_secret, key);
    err = seal_kdf(s, key, SEAL_PWLINK, bytes_at(fp, SEAL_FP_LEN), key);
    if (err == OK) {
        err = seal_kdf(s, key, SEAL_PW, bytes_at(stretched, KEY_LEN), r);
    }
    bytes_wipe(key, sizeof(key));
    return err;
}

enum err seal_read_keys(struct sealer *s, const uint8_t r[KEY_LEN], struct read_keys *out)
{
    enum err err = seal_kdf(s, r, SEAL_LOCATE, nothing, out->loc);

    if (err == OK) {
        err = seal_kdf(s, r, SEAL_META, nothing, out->meta);
    }
    return err;
}

enum err seal_volume_keys(
    struct sealer *s, const uint8_t vk[KEY_LEN], const uint8_t ck[KEY_LEN], struct volume_keys *out)
{
    enum err err = seal_kdf(s, vk, SEAL_LOCATE, nothing, out->vl);

    if (err == OK) {
        err = seal_kdf(s, vk, SEAL_DATA, nothing, out->vd);
    }
    memcpy(out->ck, ck, KEY_LEN);
    return err;
}
