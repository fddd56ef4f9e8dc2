/* bech32m, from BIP 173 (alphabet, checksum, regrouping of bits) with the constant of BIP 350. */
#include "codec/link/bech32m.h"

#include <string.h>

enum { CHECKSUM_LEN = 6, BECH32M_CONST = 0x2bc830a3 };

static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t polymod_step(uint32_t sum, uint8_t value)
{
    static const uint32_t generator[5] = {
        0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    uint32_t top = sum >> 25;

    sum = (sum & 0x1ffffff) << 5 ^ value;
    for (int i = 0; i < 5; i++) {
        if ((top >> i & 1) != 0) {
            sum ^= generator[i];
        }
    }
    return sum;
}

/* The checksum's state after the prefix. */
static uint32_t polymod_hrp(const char *hrp)
{
    uint32_t sum = 1;

    for (const char *c = hrp; *c != '\0'; c++) {
        sum = polymod_step(sum, (uint8_t)*c >> 5);
    }
    sum = polymod_step(sum, 0);
    for (const char *c = hrp; *c != '\0'; c++) {
        sum = polymod_step(sum, *c & 31);
    }
    return sum;
}

enum err bech32m_encode(const char *hrp, struct bytes data, struct buf *out)
{
    size_t count = (data.len * 8 + 4) / 5;
    size_t total = strlen(hrp) + 1 + count + CHECKSUM_LEN;
    uint32_t sum = polymod_hrp(hrp);
    enum err err;

    if (data.len > BECH32M_TEXT_MAX || total > BECH32M_TEXT_MAX) {
        return ERR_LIMIT;
    }
    err = buf_reserve(out, total);
    if (err == OK) {
        err = buf_append_str(out, hrp);
    }
    if (err == OK) {
        err = buf_append_byte(out, '1');
    }
    for (size_t i = 0; i < count && err == OK; i++) {
        size_t at = i * 5 / 8;
        unsigned pair = (unsigned)data.ptr[at] << 8 | (at + 1 < data.len ? data.ptr[at + 1] : 0);
        uint8_t value = pair >> (11 - i * 5 % 8) & 31;

        sum = polymod_step(sum, value);
        err = buf_append_byte(out, (uint8_t)digits[value]);
    }
    for (int i = 0; i < CHECKSUM_LEN; i++) {
        sum = polymod_step(sum, 0);
    }
    sum ^= BECH32M_CONST;
    for (int i = 0; i < CHECKSUM_LEN && err == OK; i++) {
        err = buf_append_byte(out, (uint8_t)digits[sum >> (5 * (5 - i)) & 31]);
    }
    return err;
}

/* Copy `text` in lower case. False: it mixes cases, or holds what is not printable ASCII. */
static bool fold(struct bytes text, char *out)
{
    bool lower = false;
    bool upper = false;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];

        if (c < 33 || c > 126) {
            return false;
        }
        lower = lower || (c >= 'a' && c <= 'z');
        upper = upper || (c >= 'A' && c <= 'Z');
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    out[text.len] = '\0';
    return !(lower && upper);
}

/* Turn digits into values in place and check the sum over them all. */
static bool checksum_right(const char *hrp, char *values, size_t count)
{
    uint32_t sum = polymod_hrp(hrp);

    for (size_t i = 0; i < count; i++) {
        const char *at = strchr(digits, values[i]);

        if (at == NULL) {
            return false;
        }
        values[i] = (char)(at - digits);
        sum = polymod_step(sum, (uint8_t)values[i]);
    }
    return sum == BECH32M_CONST;
}

/* Regroup 5 bits to 8. What is left over must be fewer than 5 bits, all zero. */
static enum err regroup(const char *values, size_t count, struct buf *data)
{
    uint32_t bits = 0;
    unsigned have = 0;

    for (size_t i = 0; i < count; i++) {
        bits = (bits << 5 | (uint8_t)values[i]) & 0xfff;
        have += 5;
        if (have >= 8) {
            enum err err = buf_append_byte(data, (uint8_t)(bits >> (have - 8)));

            if (err != OK) {
                return err;
            }
            have -= 8;
        }
    }
    return have >= 5 || (bits & ((1u << have) - 1)) != 0 ? ERR_LINK_BAD : OK;
}

/* Decode `len` folded characters; digits become values in place. */
static enum err decode_folded(
    char *copy, size_t len, char hrp[BECH32M_HRP_MAX + 1], struct buf *data)
{
    char *last = strrchr(copy, '1');
    size_t hrp_len = last == NULL ? 0 : (size_t)(last - copy);
    size_t count;

    if (hrp_len == 0 || hrp_len > BECH32M_HRP_MAX) {
        return ERR_LINK_BAD;
    }
    count = len - hrp_len - 1;
    *last = '\0';
    if (count < CHECKSUM_LEN || !checksum_right(copy, last + 1, count)) {
        return ERR_LINK_TYPO;
    }
    memcpy(hrp, copy, hrp_len + 1);
    return regroup(last + 1, count - CHECKSUM_LEN, data);
}

enum err bech32m_decode(struct bytes text, char hrp[BECH32M_HRP_MAX + 1], struct buf *data)
{
    char copy[BECH32M_TEXT_MAX + 1];
    enum err err = ERR_LINK_TYPO;

    if (text.len > BECH32M_TEXT_MAX) {
        return ERR_LINK_BAD;
    }
    if (fold(text, copy)) {
        err = decode_folded(copy, text.len, hrp, data);
    }
    bytes_wipe(copy, sizeof(copy));
    return err;
}
