/* The algorithms (RFC 7693 with key and personalisation, RFC 8439) as libcrypto has them. Fetching
 * one costs more than hashing a kilobyte, so it is done once; contexts are used again. */
#include "codec/seal/sealer.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "codec/seal/blake2b.h"
#include "codec/seal/sealer_cipher.h"

enum { PERSONAL_LEN = BLAKE2B_PERSONAL_LEN, CRYPT_STEP = 8192 };

_Static_assert(sizeof(struct cid) == BLAKE2B_LEN, "cids in an array are hashes without gaps");

struct sealer {
    EVP_MAC *mac;
    EVP_MAC_CTX *mac_ctx;
    EVP_CIPHER *aead;
    EVP_CIPHER_CTX *aead_ctx;
    EVP_CIPHER *stream;
    EVP_CIPHER_CTX *stream_ctx;
};

/* libcrypto's ChaCha20 takes the block counter and the nonce as one; the AEAD only the nonce. */
static const uint8_t zeros[16];

#define LABEL_TEXT(name, text) [name] = text,
static const char *const label_texts[SEAL_LABEL_COUNT] = {SEAL_LABELS(LABEL_TEXT)};
#undef LABEL_TEXT

const char *seal_label_text(enum seal_label label)
{
    return (unsigned)label < SEAL_LABEL_COUNT ? label_texts[label] : "";
}

enum err sealer_new(struct sealer **out)
{
    struct sealer *s;

    if (sodium_init() < 0) {
        return ERR_CRYPTO;
    }
    s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return ERR_NO_MEMORY;
    }
    s->mac = EVP_MAC_fetch(NULL, "BLAKE2BMAC", NULL);
    s->aead = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
    s->stream = EVP_CIPHER_fetch(NULL, "ChaCha20", NULL);
    s->mac_ctx = s->mac == NULL ? NULL : EVP_MAC_CTX_new(s->mac);
    s->aead_ctx = EVP_CIPHER_CTX_new();
    s->stream_ctx = EVP_CIPHER_CTX_new();
    if (s->mac_ctx == NULL || s->aead == NULL || s->stream == NULL || s->aead_ctx == NULL ||
        s->stream_ctx == NULL) {
        sealer_free(s);
        return ERR_CRYPTO;
    }
    *out = s;
    return OK;
}

void sealer_free(struct sealer *s)
{
    if (s == NULL) {
        return;
    }
    EVP_MAC_CTX_free(s->mac_ctx);
    EVP_MAC_free(s->mac);
    EVP_CIPHER_CTX_free(s->aead_ctx);
    EVP_CIPHER_free(s->aead);
    EVP_CIPHER_CTX_free(s->stream_ctx);
    EVP_CIPHER_free(s->stream);
    free(s);
}

static void personalise(enum seal_label label, char personal[PERSONAL_LEN])
{
    memset(personal, 0, PERSONAL_LEN);
    memcpy(personal, "u1:", 3);
    memcpy(personal + 3, seal_label_text(label), strlen(seal_label_text(label)));
}

enum err seal_kdf(struct sealer *s, const uint8_t key[KEY_LEN], enum seal_label label,
    struct bytes ctx, uint8_t out[KEY_LEN])
{
    char personal[PERSONAL_LEN];
    size_t size = KEY_LEN;
    size_t len = 0;
    OSSL_PARAM params[3];

    personalise(label, personal);
    params[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_CUSTOM, personal, PERSONAL_LEN);
    params[1] = OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size);
    params[2] = OSSL_PARAM_construct_end();
    if (EVP_MAC_init(s->mac_ctx, key, KEY_LEN, params) != 1 ||
        (ctx.len > 0 && EVP_MAC_update(s->mac_ctx, ctx.ptr, ctx.len) != 1) ||
        EVP_MAC_final(s->mac_ctx, out, &len, KEY_LEN) != 1 || len != KEY_LEN) {
        return ERR_CRYPTO;
    }
    return OK;
}

enum err seal_cid(
    struct sealer *s, const uint8_t ck[KEY_LEN], struct bytes content, struct cid *cid)
{
    return seal_kdf(s, ck, SEAL_CID, content, cid->b);
}

void seal_cids(
    const uint8_t ck[KEY_LEN], const struct bytes *contents, size_t count, struct cid *cids)
{
    char personal[PERSONAL_LEN];
    struct blake2b_keyed keyed;

    personalise(SEAL_CID, personal);
    blake2b_keyed_init(&keyed, ck, (const uint8_t *)personal);
    blake2b_many(&keyed, contents, count, (uint8_t *)cids);
    bytes_wipe(&keyed, sizeof(keyed));
}

enum err sealer_xor(struct sealer *s, const uint8_t key[KEY_LEN], uint8_t *data, size_t len)
{
    int done = 0;

    if (EVP_EncryptInit_ex2(s->stream_ctx, s->stream, key, zeros, NULL) != 1 ||
        EVP_EncryptUpdate(s->stream_ctx, data, &done, data, (int)len) != 1 || done != (int)len) {
        return ERR_CRYPTO;
    }
    return OK;
}

/* In steps, since libcrypto enciphers all it is given before it authenticates any of it, and a
 * whole segment is out of the nearest cache by then. */
static bool crypt_steps(EVP_CIPHER_CTX *ctx, struct bytes in, uint8_t *out)
{
    size_t at = 0;

    while (at < in.len) {
        size_t step = in.len - at < CRYPT_STEP ? in.len - at : CRYPT_STEP;
        int done = 0;

        if (EVP_CipherUpdate(ctx, out + at, &done, in.ptr + at, (int)step) != 1 ||
            done != (int)step) {
            return false;
        }
        at += step;
    }
    return true;
}

enum err sealer_lock(struct sealer *s, const uint8_t key[KEY_LEN], struct bytes aad,
    struct bytes plain, uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = s->aead_ctx;
    uint8_t none[16];
    int rest = 0;

    if (EVP_EncryptInit_ex2(ctx, s->aead, key, zeros, NULL) != 1 ||
        EVP_EncryptUpdate(ctx, NULL, &rest, aad.ptr, (int)aad.len) != 1 ||
        !crypt_steps(ctx, plain, out) || EVP_EncryptFinal_ex(ctx, none, &rest) != 1 || rest != 0 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_LEN, out + plain.len) != 1) {
        return ERR_CRYPTO;
    }
    return OK;
}

enum err sealer_unlock(struct sealer *s, const uint8_t key[KEY_LEN], struct bytes aad,
    struct bytes locked, uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = s->aead_ctx;
    size_t len = locked.len - SEAL_TAG_LEN;
    uint8_t none[16];
    uint8_t tag[SEAL_TAG_LEN];
    int rest = 0;

    memcpy(tag, locked.ptr + len, sizeof(tag));
    if (EVP_DecryptInit_ex2(ctx, s->aead, key, zeros, NULL) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_LEN, tag) != 1 ||
        EVP_DecryptUpdate(ctx, NULL, &rest, aad.ptr, (int)aad.len) != 1 ||
        !crypt_steps(ctx, bytes_at(locked.ptr, len), out)) {
        return ERR_CRYPTO;
    }
    return EVP_DecryptFinal_ex(ctx, none, &rest) == 1 ? OK : ERR_BAD_SEAL;
}
