/* Heads: body = siv || ChaCha20-Poly1305(payload), all under a mask that differs from slot to slot.
 * The siv is a keyed hash of the payload and makes the key, as a cid does for a segment. */
#include "codec/seal/seal_head.h"

#include <sodium.h>
#include <string.h>

#include "base/endian.h"
#include "codec/seal/seal_slot.h"
#include "codec/seal/sealer_cipher.h"

enum { SIV_LEN = 32, ALIVE_LEN = 12 + 32 + 4 };

static const struct bytes nothing;

static struct bytes aad(void)
{
    return bytes_str("usync1 head");
}

static enum err head_siv(
    struct sealer *s, const struct read_keys *keys, const uint8_t *payload, uint8_t siv[SIV_LEN])
{
    uint8_t key[KEY_LEN];
    enum err err = seal_kdf(s, keys->meta, SEAL_HSIV, nothing, key);

    if (err == OK) {
        err = seal_kdf(s, key, SEAL_HSV2, bytes_at(payload, SEAL_HEAD_PAYLOAD_LEN), siv);
    }
    bytes_wipe(key, sizeof(key));
    return err;
}

static enum err head_mask(
    struct sealer *s, const struct read_keys *keys, const struct seal_slot *slot, uint8_t *body)
{
    uint8_t ctx[SEAL_SLOT_CTX_LEN];
    uint8_t key[KEY_LEN];
    enum err err = seal_slot_ctx(slot, ctx);

    if (err == OK) {
        err = seal_kdf(s, keys->loc, SEAL_HMASK, bytes_at(ctx, sizeof(ctx)), key);
    }
    if (err == OK) {
        err = sealer_xor(s, key, body, SEGMENT_LEN);
    }
    bytes_wipe(key, sizeof(key));
    return err;
}

enum err seal_head(struct sealer *s, const struct read_keys *keys, const struct seal_slot *slot,
    const uint8_t *payload, uint8_t *body)
{
    uint8_t key[KEY_LEN];
    enum err err = head_siv(s, keys, payload, body);

    if (err == OK) {
        err = seal_kdf(s, keys->meta, SEAL_HKEY, bytes_at(body, SIV_LEN), key);
    }
    if (err == OK) {
        err = sealer_lock(s, key, aad(), bytes_at(payload, SEAL_HEAD_PAYLOAD_LEN), body + SIV_LEN);
    }
    if (err == OK) {
        err = head_mask(s, keys, slot, body);
    }
    bytes_wipe(key, sizeof(key));
    return err;
}

/* Open what lies behind the mask; `body` is our own copy. */
static enum err open_unmasked(
    struct sealer *s, const struct read_keys *keys, const uint8_t *body, uint8_t *payload)
{
    uint8_t key[KEY_LEN];
    uint8_t siv[SIV_LEN];
    enum err err = seal_kdf(s, keys->meta, SEAL_HKEY, bytes_at(body, SIV_LEN), key);

    if (err == OK) {
        err =
            sealer_unlock(s, key, aad(), bytes_at(body + SIV_LEN, SEGMENT_LEN - SIV_LEN), payload);
    }
    if (err == OK) {
        err = head_siv(s, keys, payload, siv);
    }
    if (err == OK && sodium_memcmp(siv, body, SIV_LEN) != 0) {
        err = ERR_BAD_SEAL;
    }
    bytes_wipe(key, sizeof(key));
    return err;
}

enum err seal_open_head(struct sealer *s, const struct read_keys *keys,
    const struct seal_slot *slot, const uint8_t *body, uint8_t *payload)
{
    struct buf copy = {0};
    enum err err = buf_append(&copy, bytes_at(body, SEGMENT_LEN));

    if (err == OK) {
        err = head_mask(s, keys, slot, copy.ptr);
    }
    if (err == OK) {
        err = open_unmasked(s, keys, copy.ptr, payload);
    }
    if (err != OK) {
        memset(payload, 0, SEAL_HEAD_PAYLOAD_LEN);
    }
    buf_clear(&copy);
    return err;
}

enum err seal_head_hash(
    struct sealer *s, const uint8_t ck[KEY_LEN], struct bytes core, uint8_t hash[KEY_LEN])
{
    return seal_kdf(s, ck, SEAL_HEADHASH, core, hash);
}

/* What a head's signature is over: its domain, then the core. */
static enum err head_message(struct bytes core, struct buf *message)
{
    enum err err = buf_append_str(message, "usync1 head");

    return err == OK ? buf_append(message, core) : err;
}

enum err seal_sign_head(
    const struct share_keys *keys, struct bytes core, uint8_t signature[SEAL_SIGNATURE_LEN])
{
    struct buf message = {0};
    enum err err = head_message(core, &message);

    if (err == OK &&
        crypto_sign_detached(signature, NULL, message.ptr, message.len, keys->ssk) != 0) {
        err = ERR_CRYPTO;
    }
    buf_wipe(&message);
    return err;
}

enum err seal_check_head(
    const uint8_t spk[SEAL_SPK_LEN], struct bytes core, const uint8_t signature[SEAL_SIGNATURE_LEN])
{
    struct buf message = {0};
    enum err err = head_message(core, &message);

    if (err == OK && crypto_sign_verify_detached(signature, message.ptr, message.len, spk) != 0) {
        err = ERR_BAD_SIGNATURE;
    }
    buf_wipe(&message);
    return err;
}

static void alive_message(const uint8_t hash[KEY_LEN], uint32_t day, uint8_t out[ALIVE_LEN])
{
    memcpy(out, "usync1 alive", 12);
    memcpy(out + 12, hash, KEY_LEN);
    put_le32(out + 44, day);
}

enum err seal_sign_alive(const struct share_keys *keys, const uint8_t hash[KEY_LEN], uint32_t day,
    uint8_t signature[SEAL_SIGNATURE_LEN])
{
    uint8_t message[ALIVE_LEN];

    alive_message(hash, day, message);
    if (crypto_sign_detached(signature, NULL, message, sizeof(message), keys->ssk) != 0) {
        return ERR_CRYPTO;
    }
    return OK;
}

enum err seal_check_alive(const uint8_t spk[SEAL_SPK_LEN], const uint8_t hash[KEY_LEN],
    uint32_t day, const uint8_t signature[SEAL_SIGNATURE_LEN])
{
    uint8_t message[ALIVE_LEN];

    alive_message(hash, day, message);
    if (crypto_sign_verify_detached(signature, message, sizeof(message), spk) != 0) {
        return ERR_BAD_SIGNATURE;
    }
    return OK;
}
