/* Reads =y lines: words "key=value" with spaces between, in any order, but for the name, which is
 * the rest of its line. Unknown keys are passed over, as the draft asks. */
#include "codec/yenc/yenc_header.h"

#include <string.h>

struct word {
    struct bytes key;
    struct bytes value;
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

bool yenc_header_is(struct bytes line, const char *word)
{
    size_t len = strlen(word);

    return line.len > len && memcmp(line.ptr, word, len) == 0 && is_blank(line.ptr[len]);
}

static bool key_is(const struct word *w, const char *key)
{
    return bytes_equal(w->key, bytes_str(key));
}

/* Take the next "key=value" from the front of *line. False: there is none. A word without '=' has
 * an empty key. */
static bool next_word(struct bytes *line, struct word *w)
{
    const uint8_t *equals;
    size_t len = 0;

    while (line->len > 0 && is_blank(line->ptr[0])) {
        bytes_skip(line, 1);
    }
    if (line->len == 0) {
        return false;
    }
    while (len < line->len && !is_blank(line->ptr[len])) {
        len++;
    }
    equals = memchr(line->ptr, '=', len);
    w->key = bytes_at(line->ptr, equals == NULL ? 0 : (size_t)(equals - line->ptr));
    if (key_is(w, "name")) {
        len = line->len;
    }
    w->value = bytes_at(line->ptr, len);
    bytes_skip(&w->value, w->key.len + 1);
    bytes_skip(line, len);
    return true;
}

static bool read_number(struct bytes text, uint64_t max, uint64_t *v)
{
    *v = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)text.ptr[i] - '0';

        if (digit > 9 || *v > (max - digit) / 10) {
            return false;
        }
        *v = *v * 10 + digit;
    }
    return text.len > 0;
}

static bool read_u32(struct bytes text, uint32_t *v)
{
    uint64_t wide = 0;
    bool good = read_number(text, UINT32_MAX, &wide);

    *v = (uint32_t)wide;
    return good;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Eight digits; some writers leave out leading zeros. */
static bool read_crc(struct bytes text, uint32_t *v)
{
    *v = 0;
    for (size_t i = 0; i < text.len; i++) {
        int digit = hex_digit(text.ptr[i]);

        if (digit < 0) {
            return false;
        }
        *v = *v << 4 | (uint32_t)digit;
    }
    return text.len > 0 && text.len <= 8;
}

static enum err read_name(struct bytes text, char name[YENC_NAME_MAX + 1])
{
    while (text.len > 0 && is_blank(text.ptr[text.len - 1])) {
        text.len--;
    }
    while (text.len > 0 && is_blank(text.ptr[0])) {
        bytes_skip(&text, 1);
    }
    if (text.len > YENC_NAME_MAX) {
        return ERR_LIMIT;
    }
    if (text.len == 0 || memchr(text.ptr, '\0', text.len) != NULL) {
        return ERR_BAD_YENC;
    }
    memcpy(name, text.ptr, text.len);
    name[text.len] = '\0';
    return OK;
}

enum err yenc_header_begin(struct bytes line, struct yenc_facts *facts)
{
    struct word w;
    uint64_t columns = 0;
    bool good = true;
    enum err err = OK;

    bytes_skip(&line, strlen("=ybegin"));
    memset(facts, 0, sizeof *facts);
    while (good && err == OK && next_word(&line, &w)) {
        if (key_is(&w, "size")) {
            good = facts->size == 0 && read_number(w.value, UINT64_MAX, &facts->size);
        } else if (key_is(&w, "line")) {
            good = columns == 0 && read_number(w.value, UINT32_MAX, &columns);
        } else if (key_is(&w, "part")) {
            good = facts->part == 0 && read_u32(w.value, &facts->part) && facts->part > 0;
        } else if (key_is(&w, "total")) {
            good = facts->total == 0 && read_u32(w.value, &facts->total);
        } else if (key_is(&w, "name")) {
            err = read_name(w.value, facts->name);
        }
    }
    facts->end = facts->size;
    if (err == OK && (!good || facts->size == 0 || columns == 0 || facts->name[0] == '\0' ||
                         (facts->total > 0 && facts->part > facts->total))) {
        err = ERR_BAD_YENC;
    }
    return err;
}

enum err yenc_header_part(struct bytes line, struct yenc_facts *facts)
{
    struct word w;
    uint64_t first = 0; /* from 1, as in the article */
    uint64_t end = 0;
    bool good = true;

    bytes_skip(&line, strlen("=ypart"));
    while (good && next_word(&line, &w)) {
        if (key_is(&w, "begin")) {
            good = first == 0 && read_number(w.value, UINT64_MAX, &first);
        } else if (key_is(&w, "end")) {
            good = end == 0 && read_number(w.value, UINT64_MAX, &end);
        }
    }
    if (!good || first == 0 || end < first || end > facts->size) {
        return ERR_BAD_YENC;
    }
    facts->begin = first - 1;
    facts->end = end;
    return OK;
}

enum err yenc_header_end(struct bytes line, struct yenc_trailer *trailer)
{
    struct word w;
    bool good = true;

    bytes_skip(&line, strlen("=yend"));
    memset(trailer, 0, sizeof *trailer);
    while (good && next_word(&line, &w)) {
        if (key_is(&w, "size")) {
            good = trailer->size == 0 && read_number(w.value, UINT64_MAX, &trailer->size);
        } else if (key_is(&w, "part")) {
            good = trailer->part == 0 && read_u32(w.value, &trailer->part);
        } else if (key_is(&w, "crc32")) {
            good = (trailer->given & YENC_CRC) == 0 && read_crc(w.value, &trailer->crc);
            trailer->given |= YENC_CRC;
        } else if (key_is(&w, "pcrc32")) {
            good = (trailer->given & YENC_PART_CRC) == 0 && read_crc(w.value, &trailer->part_crc);
            trailer->given |= YENC_PART_CRC;
        }
    }
    return good && trailer->size > 0 ? OK : ERR_BAD_YENC;
}
