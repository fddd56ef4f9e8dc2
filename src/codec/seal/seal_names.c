/* Names are digits of base32 (RFC 4648 section 6, lower case) cut out of derived bytes: nothing in
 * them says who made them, and a re-send shows the same ones. */
#include "codec/seal/seal_names.h"

#include <stdio.h>
#include <string.h>

#include "base/endian.h"
#include "codec/seal/seal_slot.h"

enum {
    ID_LEFT = 26, /* digits: 130 bits */
    ID_DOMAIN = 9,
    HEADER_DIGITS = 51, /* 255 bits */
};

static const char *const tops[3] = {"com", "net", "org"};

/* The first `count` groups of 5 bits of `in`, most significant bit first. */
static void base32(const uint8_t in[KEY_LEN], size_t count, char *out)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";

    for (size_t i = 0; i < count; i++) {
        size_t bit = i * 5;
        unsigned pair = (unsigned)in[bit / 8] << 8;

        if (bit / 8 + 1 < KEY_LEN) {
            pair |= in[bit / 8 + 1];
        }
        out[i] = digits[pair >> (11 - bit % 8) & 31];
    }
}

static void write_id(const uint8_t x[KEY_LEN], struct article_id *id)
{
    char left[ID_LEFT];
    char domain[ID_DOMAIN];

    base32(x, ID_LEFT, left);
    for (size_t i = 0; i < ID_DOMAIN; i++) {
        domain[i] = (char)('a' + x[17 + i] % 26);
    }
    (void)snprintf(id->text, sizeof(id->text), "<%.*s@%.*s.%s>", ID_LEFT, left, ID_DOMAIN, domain,
        tops[x[26] % 3]);
}

static void write_headers(const uint8_t y[KEY_LEN], struct seal_names *out)
{
    char digits[HEADER_DIGITS];

    base32(y, HEADER_DIGITS, digits);
    (void)snprintf(out->from, sizeof(out->from), "%.8s <%.8s@%.9s.%s>", digits, digits + 8,
        digits + 16, tops[y[31] % 3]);
    (void)snprintf(out->subject, sizeof(out->subject), "%.16s", digits + 25);
    (void)snprintf(out->file_name, sizeof(out->file_name), "%.10s", digits + 41);
}

enum err seal_segment_names(struct sealer *s, const struct volume_keys *keys,
    const struct seal_place *place, struct seal_names *out)
{
    uint8_t ctx[32 + 4 + 4];
    uint8_t x[KEY_LEN];
    uint8_t y[KEY_LEN];
    enum err err;

    memcpy(ctx, place->cid.b, 32);
    put_le32(ctx + 32, place->index);
    put_le32(ctx + 36, place->attempt);
    err = seal_kdf(s, keys->vl, SEAL_MID, bytes_at(ctx, sizeof(ctx)), x);
    if (err == OK) {
        err = seal_kdf(s, keys->vl, SEAL_HDR, bytes_at(ctx, sizeof(ctx)), y);
    }
    if (err == OK) {
        write_id(x, &out->id);
        write_headers(y, out);
    }
    return err;
}

enum err seal_slot_ctx(const struct seal_slot *slot, uint8_t ctx[SEAL_SLOT_CTX_LEN])
{
    bool by_day = slot->family == SEAL_BY_DAY;

    if (slot->slot >= SEAL_SLOT_COUNT || (!by_day && slot->family != SEAL_BY_VERSION) ||
        (by_day && slot->number > UINT32_MAX)) {
        return ERR_LIMIT;
    }
    ctx[0] = (uint8_t)slot->family;
    put_le64(ctx + 1, slot->number);
    put_le32(ctx + 9, slot->slot);
    return OK;
}

/* The id has its own label and a shorter context for each family. */
static enum err head_id_bytes(struct sealer *s, const struct read_keys *keys,
    const struct seal_slot *slot, uint8_t x[KEY_LEN])
{
    uint8_t ctx[8 + 4];

    if (slot->family == SEAL_BY_DAY) {
        put_le32(ctx, (uint32_t)slot->number);
        put_le32(ctx + 4, slot->slot);
        return seal_kdf(s, keys->loc, SEAL_DAY, bytes_at(ctx, 8), x);
    }
    put_le64(ctx, slot->number);
    put_le32(ctx + 8, slot->slot);
    return seal_kdf(s, keys->loc, SEAL_HEAD, bytes_at(ctx, 12), x);
}

enum err seal_head_names(struct sealer *s, const struct read_keys *keys,
    const struct seal_slot *slot, struct seal_names *out)
{
    uint8_t ctx[SEAL_SLOT_CTX_LEN];
    uint8_t x[KEY_LEN];
    uint8_t y[KEY_LEN];
    enum err err = seal_slot_ctx(slot, ctx);

    if (err == OK) {
        err = head_id_bytes(s, keys, slot, x);
    }
    if (err == OK) {
        err = seal_kdf(s, keys->loc, SEAL_HHDR, bytes_at(ctx, sizeof(ctx)), y);
    }
    if (err == OK) {
        write_id(x, &out->id);
        write_headers(y, out);
    }
    return err;
}
