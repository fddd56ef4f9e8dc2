/* UTF-8, terminal escapes and base64. */
#include "base/text.h"

#include <string.h>

/* The length of the UTF-8 character at the front, its code point in *code; 0: not UTF-8. */
static size_t utf8_char(struct bytes in, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = in.ptr[0];
    size_t len = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

    if (len == 1) {
        *code = first;
        return 1;
    }
    if (first < 0xc2 || first > 0xf4 || in.len < len) {
        return 0;
    }
    *code = first & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((in.ptr[i] & 0xc0) != 0x80) {
            return 0;
        }
        *code = *code << 6 | (in.ptr[i] & 0x3fU);
    }
    if (*code < least[len] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff)) {
        return 0;
    }
    return len;
}

bool text_is_utf8(struct bytes in)
{
    uint32_t code;

    while (in.len > 0) {
        size_t len = utf8_char(in, &code);

        if (len == 0 || code == 0) {
            return false;
        }
        bytes_skip(&in, len);
    }
    return true;
}

/* C0, DEL, C1; direction marks and isolates; zero-width and line separators; byte order mark. */
static bool is_dangerous(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
           (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
           (code >= 0xfff9 && code <= 0xfffb) || (code >= 0xe0000 && code <= 0xe007f);
}

static enum err escape_bytes(const uint8_t *ptr, size_t len, struct buf *out)
{
    enum err err = OK;

    for (size_t i = 0; i < len && err == OK; i++) {
        err = buf_printf(out, "\\x%02x", ptr[i]);
    }
    return err;
}

enum err text_escape(struct bytes in, struct buf *out)
{
    enum err err = OK;
    uint32_t code = 0;

    while (in.len > 0 && err == OK) {
        size_t len = utf8_char(in, &code);

        if (len == 0) {
            len = 1;
            err = escape_bytes(in.ptr, 1, out);
        } else if (is_dangerous(code)) {
            err = escape_bytes(in.ptr, len, out);
        } else {
            err = buf_append(out, bytes_at(in.ptr, len));
        }
        bytes_skip(&in, len);
    }
    return err;
}

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum err text_base64_encode(struct bytes in, struct buf *out)
{
    enum err err = buf_reserve(out, (in.len + 2) / 3 * 4);

    while (in.len > 0 && err == OK) {
        size_t n = in.len < 3 ? in.len : 3;
        uint32_t word = (uint32_t)in.ptr[0] << 16 | (n > 1 ? (uint32_t)in.ptr[1] << 8 : 0) |
                        (n > 2 ? in.ptr[2] : 0);
        char four[4];

        for (size_t i = 0; i < 4; i++) {
            four[i] = i <= n ? letters[word >> (18 - 6 * i) & 63] : '=';
        }
        err = buf_append(out, bytes_at(four, 4));
        bytes_skip(&in, n);
    }
    return err;
}

/* The value of a letter, 64 if it is none. */
static uint32_t letter_value(uint8_t letter)
{
    const char *at = letter == '\0' ? NULL : strchr(letters, letter);

    return at == NULL ? 64 : (uint32_t)(at - letters);
}

enum err text_base64_decode(struct bytes in, struct buf *out)
{
    enum err err = in.len % 4 == 0 ? OK : ERR_BAD_FORMAT;

    while (in.len > 0 && err == OK) {
        size_t pad = in.len > 4 || in.ptr[3] != '=' ? 0 : in.ptr[2] == '=' ? 2 : 1;
        uint32_t word = 0;
        uint8_t three[3];

        for (size_t i = 0; i < 4; i++) {
            uint32_t value = i < 4 - pad ? letter_value(in.ptr[i]) : 0;

            if (value > 63) {
                return ERR_BAD_FORMAT;
            }
            word = word << 6 | value;
        }
        three[0] = (uint8_t)(word >> 16);
        three[1] = (uint8_t)(word >> 8);
        three[2] = (uint8_t)word;
        err = buf_append(out, bytes_at(three, 3 - pad));
        bytes_skip(&in, 4);
    }
    return err;
}
