/* A segment's key is made from the hash of what it encrypts, so no key ever meets two plaintexts,
 * and opening ends with that hash again, so no ciphertext opens to two of them. */
#include "codec/seal/seal_segment.h"

#include <string.h>

#include "base/endian.h"
#include "codec/seal/sealer_cipher.h"

enum { CTX_LEN = 32 + 4, MASK_CTX_LEN = CTX_LEN + 4, AAD_LEN = 6 + 4 + 32 };

static enum err segment_key(struct sealer *s, const struct volume_keys *keys,
    const struct seal_place *place, uint8_t key[KEY_LEN])
{
    uint8_t ctx[CTX_LEN];

    memcpy(ctx, place->cid.b, 32);
    put_le32(ctx + 32, place->index);
    return seal_kdf(s, keys->vd, SEAL_SEG, bytes_at(ctx, sizeof(ctx)), key);
}

static void segment_aad(const struct seal_place *place, uint8_t aad[AAD_LEN])
{
    memcpy(aad, "usync1", 6);
    put_le32(aad + 6, place->index);
    memcpy(aad + 10, place->cid.b, 32);
}

enum err seal_segment(struct sealer *s, const struct volume_keys *keys, struct seal_place *place,
    const uint8_t *payload, uint8_t *out)
{
    enum err err = seal_cid(s, keys->ck, bytes_at(payload, PAYLOAD_LEN), &place->cid);

    if (err != OK) {
        return err;
    }
    return seal_segment_known(s, keys, place, payload, out);
}

enum err seal_segment_known(struct sealer *s, const struct volume_keys *keys,
    const struct seal_place *place, const uint8_t *payload, uint8_t *out)
{
    uint8_t key[KEY_LEN];
    uint8_t aad[AAD_LEN];
    enum err err = segment_key(s, keys, place, key);

    segment_aad(place, aad);
    if (err == OK) {
        err = sealer_lock(s, key, bytes_at(aad, sizeof(aad)), bytes_at(payload, PAYLOAD_LEN), out);
    }
    bytes_wipe(key, sizeof(key));
    return err;
}

bool seal_needs_mask(enum seal_kind kind, uint32_t attempt)
{
    return kind == SEAL_KIND_PARITY || attempt > 0;
}

enum err seal_mask(
    struct sealer *s, const struct volume_keys *keys, const struct seal_place *place, uint8_t *body)
{
    uint8_t key[KEY_LEN];
    uint8_t ctx[MASK_CTX_LEN];
    enum err err;

    memcpy(ctx, place->cid.b, 32);
    put_le32(ctx + 32, place->index);
    put_le32(ctx + 36, place->attempt);
    err = seal_kdf(s, keys->vl, SEAL_MASK, bytes_at(ctx, sizeof(ctx)), key);
    if (err == OK) {
        err = sealer_xor(s, key, body, SEGMENT_LEN);
    }
    bytes_wipe(key, sizeof(key));
    return err;
}

static enum err unlock(struct sealer *s, const struct volume_keys *keys,
    const struct seal_place *place, const uint8_t *sealed, uint8_t *payload)
{
    uint8_t key[KEY_LEN];
    uint8_t aad[AAD_LEN];
    enum err err = segment_key(s, keys, place, key);

    segment_aad(place, aad);
    if (err == OK) {
        err = sealer_unlock(
            s, key, bytes_at(aad, sizeof(aad)), bytes_at(sealed, SEGMENT_LEN), payload);
    }
    bytes_wipe(key, sizeof(key));
    return err;
}

/* Is the cid of `content` the one we expect? */
static enum err check_cid(struct sealer *s, const struct volume_keys *keys,
    const struct seal_place *place, struct bytes content)
{
    struct cid cid;
    enum err err = seal_cid(s, keys->ck, content, &cid);

    if (err == OK && !cid_equal(&cid, &place->cid)) {
        err = ERR_BAD_SEAL;
    }
    return err;
}

enum err seal_open(struct sealer *s, const struct volume_keys *keys, const struct seal_place *place,
    const uint8_t *sealed, uint8_t *payload)
{
    enum err err = unlock(s, keys, place, sealed, payload);

    if (err == OK) {
        err = check_cid(s, keys, place, bytes_at(payload, PAYLOAD_LEN));
    }
    if (err != OK) {
        memset(payload, 0, PAYLOAD_LEN);
    }
    return err;
}

enum err seal_check_parity(struct sealer *s, const struct volume_keys *keys,
    const struct seal_place *place, const uint8_t *raw)
{
    return check_cid(s, keys, place, bytes_at(raw, SEGMENT_LEN));
}

/* What the cid of an opened segment is made of. */
static struct bytes content_of(const struct seal_opening *o)
{
    return bytes_at(o->bytes, o->kind == SEAL_KIND_DATA ? PAYLOAD_LEN : SEGMENT_LEN);
}

/* Those whose seal was right: are they what was published? */
static void check_many(struct seal_opening *each, size_t count)
{
    struct bytes contents[SEAL_OPEN_MAX];
    struct seal_opening *of[SEAL_OPEN_MAX];
    struct cid cids[SEAL_OPEN_MAX];
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (each[i].err == OK) {
            of[n] = &each[i];
            contents[n++] = content_of(&each[i]);
        }
    }
    if (n > 0) {
        seal_cids(each[0].keys->ck, contents, n, cids);
    }
    for (size_t i = 0; i < n; i++) {
        of[i]->err = cid_equal(&cids[i], &of[i]->place->cid) ? OK : ERR_BAD_SEAL;
    }
}

enum err seal_open_many(struct sealer *s, struct seal_opening *each, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (count > SEAL_OPEN_MAX || memcmp(each[i].keys->ck, each[0].keys->ck, KEY_LEN) != 0) {
            return ERR_BUG;
        }
    }
    for (size_t i = 0; i < count; i++) {
        struct seal_opening *o = &each[i];

        o->err = o->kind == SEAL_KIND_DATA ? unlock(s, o->keys, o->place, o->bytes, o->bytes) : OK;
    }
    check_many(each, count);
    for (size_t i = 0; i < count; i++) {
        if (each[i].err != OK) {
            memset(each[i].bytes, 0, SEGMENT_LEN);
        }
    }
    return OK;
}
