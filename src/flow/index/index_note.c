/* Sentences about entries that were left out. File names are hostile text: they are made showable
 * here, where they enter a sentence. */
#include "flow/index/index_note.h"

#include <string.h>

enum {
    LOWEST_SHOWN = 0x20,
    DELETE_CHAR = 0x7f,
    SHOWN_MAX = 600, /* of more the two ends are shown: an event has to end, too */
    SHOWN_FRONT = 100,
};

/* The length of the UTF-8 character (RFC 3629, section 4) at the front of `in`; 0: it is none. */
static size_t utf8_len(struct bytes in)
{
    static const struct {
        uint8_t low, high;   /* of the first byte */
        uint8_t low2, high2; /* of the second */
        size_t len;
    } rows[] = {
        {0x00, 0x7f, 0x00, 0x00, 1},
        {0xc2, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3},
        {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    size_t row = 0;

    while (row < sizeof(rows) / sizeof(rows[0]) &&
           (in.ptr[0] < rows[row].low || in.ptr[0] > rows[row].high)) {
        row++;
    }
    if (row == sizeof(rows) / sizeof(rows[0]) || in.len < rows[row].len) {
        return 0;
    }
    for (size_t i = 1; i < rows[row].len; i++) {
        uint8_t low = i == 1 ? rows[row].low2 : 0x80;
        uint8_t high = i == 1 ? rows[row].high2 : 0xbf;

        if (in.ptr[i] < low || in.ptr[i] > high) {
            return 0;
        }
    }
    return rows[row].len;
}

/* C1 controls are two bytes in UTF-8: c2 80 to c2 9f. */
static bool is_control(struct bytes in)
{
    return in.ptr[0] < LOWEST_SHOWN || in.ptr[0] == DELETE_CHAR ||
           (in.ptr[0] == 0xc2 && in.len > 1 && in.ptr[1] < 0xa0);
}

static enum err show(struct buf *text, struct bytes path)
{
    enum err err = OK;

    while (err == OK && path.len > 0) {
        size_t len = utf8_len(path);

        if (len == 0 || is_control(path)) {
            err = buf_printf(text, "\\x%02x", path.ptr[0]);
            len = 1;
        } else {
            err = buf_append(text, bytes_at(path.ptr, len));
        }
        bytes_skip(&path, len);
    }
    return err;
}

/* The first place in text from `at` on where a character begins. */
static size_t boundary(const struct buf *text, size_t at)
{
    while (at < text->len && (text->ptr[at] & 0xc0) == 0x80) {
        at++;
    }
    return at;
}

enum err index_note_path(struct buf *text, struct bytes path)
{
    static const char gap[] = " ... ";
    size_t before = text->len;
    size_t front, tail;
    enum err err = show(text, path);

    if (err != OK || text->len - before <= SHOWN_MAX) {
        return err;
    }
    front = boundary(text, before + SHOWN_FRONT);
    tail = boundary(text, text->len - (SHOWN_MAX - SHOWN_FRONT));
    memcpy(text->ptr + front, gap, sizeof(gap) - 1);
    front += sizeof(gap) - 1;
    memmove(text->ptr + front, text->ptr + tail, text->len - tail);
    text->len = front + text->len - tail;
    return OK;
}

static enum err append_sentence(
    struct buf *text, struct bytes path, struct bytes name, const char *why)
{
    enum err err = buf_append_str(text, "left out: ");

    if (err == OK) {
        err = index_note_path(text, path);
    }
    if (err == OK && path.len > 0 && name.len > 0) {
        err = buf_append_byte(text, '/');
    }
    if (err == OK) {
        err = index_note_path(text, name);
    }
    return err == OK ? buf_printf(text, ": %s", why) : err;
}

void index_note_skip(
    struct index_notes *notes, struct bytes path, struct bytes name, const char *why)
{
    size_t before = notes->text.len;
    enum err err;

    notes->skipped++;
    if (notes->count >= INDEX_NOTES_MAX) {
        return;
    }
    err = append_sentence(&notes->text, path, name, why);
    if (err == OK) {
        err = buf_append_byte(&notes->text, 0);
    }
    if (err != OK) {
        notes->text.len = before;
        return;
    }
    notes->count++;
}

void index_notes_tell(struct index_notes *notes, const struct progress_sink *sink, uint64_t *told)
{
    struct bytes left = buf_view(&notes->text);

    while (left.len > 0 && *told < INDEX_NOTES_MAX) {
        progress_event(sink, LOG_WARN, "%s", (const char *)left.ptr);
        bytes_skip(&left, strlen((const char *)left.ptr) + 1);
        ++*told;
    }
    notes->text.len = 0;
    notes->count = 0;
    notes->skipped = 0;
}
