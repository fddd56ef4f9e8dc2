/* Word by word: what is not known to be harmless goes. */
#include "app/control/support_mask.h"

#include <ctype.h>
#include <string.h>

enum { NUMBER_MAX = 15 /* digits; more may be a key */, WORD_MAX = 24 };

/* Words of our own events beside those of the errors' sentences. */
static const char own_words[] =
    " a again all and another any are articles as ask asking at be been bytes called came cannot "
    "counted data different done empty end every exists files first folder folders for found from "
    "had has have head in inside is it its journal kept left less list listed lost made makes many "
    "meta missing more most new newer no not nothing number of older on one ones only other others "
    "out parity read repaired restored s second seconds segments sent share so still symlinks "
    "tables "
    "than that the them then there they this to too twice until used version visible volume "
    "volumes "
    "was were when which will with without yet ";

/* A word without marks around it. */
static struct bytes bare(struct bytes word)
{
    static const char marks[] = ".,:;()\"'`!?";

    while (word.len > 0 && strchr(marks, word.ptr[0]) != NULL) {
        bytes_skip(&word, 1);
    }
    while (word.len > 0 && strchr(marks, word.ptr[word.len - 1]) != NULL) {
        word.len--;
    }
    return word;
}

static bool is_number(struct bytes word)
{
    if (word.len == 0 || word.len > NUMBER_MAX) {
        return false;
    }
    for (size_t i = 0; i < word.len; i++) {
        if (!isdigit(word.ptr[i])) {
            return false;
        }
    }
    return true;
}

/* Does `list` hold `word` between blanks or marks? */
static bool stands_in(const char *list, struct bytes word)
{
    char text[WORD_MAX + 1];
    const char *at = list;

    memcpy(text, word.ptr, word.len);
    text[word.len] = '\0';
    while ((at = strstr(at, text)) != NULL) {
        bool begins = at == list || !isalnum((unsigned char)at[-1]);
        bool ends = !isalnum((unsigned char)at[word.len]);

        if (begins && ends) {
            return true;
        }
        at++;
    }
    return false;
}

static bool is_plain(struct bytes word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (!isalpha(word.ptr[i]) && word.ptr[i] != '\'') {
            return false;
        }
    }
    return word.len > 0 && word.len <= WORD_MAX;
}

static bool is_own_word(struct bytes word)
{
    if (is_number(word)) {
        return true;
    }
    if (!is_plain(word)) {
        return false;
    }
    for (int err = OK; err < ERR_COUNT; err++) {
        if (stands_in(err_text((enum err)err), word)) {
            return true;
        }
    }
    return stands_in(own_words, word);
}

/* The next word of *text with the blanks behind it; false: none is left. */
static bool take_word(struct bytes *text, struct bytes *word)
{
    while (text->len > 0 && text->ptr[0] == ' ') {
        bytes_skip(text, 1);
    }
    *word = *text;
    word->len = 0;
    while (word->len < text->len && text->ptr[word->len] != ' ') {
        word->len++;
    }
    bytes_skip(text, word->len);
    return word->len > 0;
}

/* Append a word, or "..." for all the words that were left out in a row. */
struct writer {
    struct buf *out;
    size_t from;
    bool masked; /* the last thing written is "..." */
};

static enum err put(struct writer *w, struct bytes word, bool harmless)
{
    enum err err = OK;

    if (!harmless && w->masked) {
        return OK;
    }
    if (w->out->len > w->from) {
        err = buf_append_byte(w->out, ' ');
    }
    if (err == OK) {
        err = harmless ? buf_append(w->out, word) : buf_append_str(w->out, "...");
    }
    w->masked = !harmless;
    return err;
}

enum err support_mask_event(struct bytes text, struct buf *out)
{
    struct writer w = {out, out->len, false};
    struct bytes word;
    enum err err = OK;

    while (err == OK && take_word(&text, &word)) {
        err = put(&w, word, is_own_word(bare(word)));
    }
    return err;
}

/* --- the log -----------------------------------------------------------------------------------
 */

static bool is_time(struct bytes word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (!isdigit(word.ptr[i]) && strchr("-:.TZ", word.ptr[i]) == NULL) {
            return false;
        }
    }
    return word.len == 24 && word.ptr[10] == 'T' && word.ptr[23] == 'Z';
}

static bool is_small(struct bytes word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (!islower(word.ptr[i])) {
            return false;
        }
    }
    return word.len > 0 && word.len <= WORD_MAX;
}

static bool is_error_name(struct bytes word)
{
    for (int err = OK; err < ERR_COUNT; err++) {
        if (bytes_equal(word, bytes_str(err_name((enum err)err)))) {
            return true;
        }
    }
    return false;
}

/* KEY=VALUE. A value that is not harmless may hold blanks: the rest of the line goes with it. */
static enum err put_pair(struct writer *w, struct bytes word, size_t equals, struct bytes *rest)
{
    struct bytes value = word;
    enum err err;

    bytes_skip(&value, equals + 1);
    if (is_number(value) || is_error_name(value)) {
        return put(w, word, true);
    }
    word.len = equals + 1;
    err = put(w, word, true);
    if (err == OK) {
        err = buf_append_str(w->out, "...");
    }
    w->masked = true;
    *rest = (struct bytes){0};
    return err;
}

enum err support_mask_log(struct bytes line, struct buf *out)
{
    struct writer w = {out, out->len, false};
    struct bytes word;
    enum err err = OK;

    while (err == OK && take_word(&line, &word)) {
        const uint8_t *equals = memchr(word.ptr, '=', word.len);
        size_t at = equals != NULL ? (size_t)(equals - word.ptr) : 0;

        if (equals != NULL && is_small(bytes_at(word.ptr, at))) {
            err = put_pair(&w, word, at, &line);
        } else {
            struct bytes inner = bare(word);

            err = put(&w, word,
                is_small(inner) || is_number(inner) || is_time(word) || is_error_name(inner));
        }
    }
    return err;
}
