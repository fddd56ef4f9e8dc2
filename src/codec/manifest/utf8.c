/* The rows of RFC 3629 section 4: what the first byte allows the second one to be. */
#include "codec/manifest/utf8.h"

struct row {
    uint8_t first_low, first_high;
    uint8_t second_low, second_high;
    size_t len;
};

static const struct row rows[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2},
    {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3},
    {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4},
    {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool row_fits(const struct row *row, struct bytes text)
{
    if (text.ptr[0] < row->first_low || text.ptr[0] > row->first_high || text.len < row->len ||
        text.ptr[1] < row->second_low || text.ptr[1] > row->second_high) {
        return false;
    }
    for (size_t i = 2; i < row->len; i++) {
        if ((text.ptr[i] & 0xc0) != 0x80) {
            return false;
        }
    }
    return true;
}

/* The length of the character at the front; 0: there is none. */
static size_t char_len(struct bytes text)
{
    if (text.ptr[0] < 0x80) {
        return 1;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (row_fits(&rows[i], text)) {
            return rows[i].len;
        }
    }
    return 0;
}

bool utf8_valid(struct bytes text)
{
    while (text.len > 0) {
        size_t len = char_len(text);

        if (len == 0) {
            return false;
        }
        bytes_skip(&text, len);
    }
    return true;
}
