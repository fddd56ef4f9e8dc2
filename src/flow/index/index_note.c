/* Sentences about entries that were left out. File names are hostile text: they are made showable
 * here, where they enter a sentence. */
#include "flow/index/index_note.h"

#include <string.h>

#include "base/text.h"

enum {
    SHOWN_MAX = 600, /* of more the two ends are shown: an event has to end, too */
    SHOWN_FRONT = 100,
};

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
    enum err err = text_escape(path, text);

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
