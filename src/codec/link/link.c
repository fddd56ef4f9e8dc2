/* What each kind of link is called and made of: one table, read by the writer and the reader. */
#include "codec/link/link.h"

#include <stddef.h>
#include <string.h>

#include "codec/link/bech32m.h"

enum { VERSION = 1, FIELDS_MAX = 3, ARGON_LOG2_BASE = 6 };

struct field {
    size_t offset; /* in struct link */
    size_t len;    /* 0: no field */
};

#define FIELD(name)                                                                                \
    {                                                                                              \
        offsetof(struct link, name), sizeof(((struct link *)NULL)->name)                           \
    }

/* After the version byte: the fields in this order, then the Argon2 byte where there is one. */
struct form {
    const char *hrp;
    const char *text;
    struct field fields[FIELDS_MAX];
    size_t argon_len;
};

static const struct form forms[LINK_KIND_COUNT] = {
    [LINK_PUBLIC] = {"usync", "a public link", {FIELD(l), FIELD(fp)}, 0},
    [LINK_PASSWORD] = {"usyncp", "a link with a password", {FIELD(l), FIELD(fp)}, 1},
    [LINK_INVITE] = {"usynci", "a private invitation", {FIELD(fp), FIELD(box), FIELD(l)}, 0},
    [LINK_WRITE] = {"usyncw", "a write key", {FIELD(w), FIELD(l)}, 0},
    [LINK_WRITE_SECRET] = {"usyncw", "a write key", {FIELD(w), FIELD(r)}, 0},
    [LINK_ADDRESS] = {"usyncid", "an address", {FIELD(box)}, 0},
    [LINK_KIT] = {"usynck", "a recovery kit", {FIELD(seed)}, 0},
};

const char *link_kind_text(enum link_kind kind)
{
    return (unsigned)kind < LINK_KIND_COUNT ? forms[kind].text : "an unknown link";
}

static size_t form_len(const struct form *form)
{
    size_t len = 1 + form->argon_len;

    for (size_t i = 0; i < FIELDS_MAX; i++) {
        len += form->fields[i].len;
    }
    return len;
}

static bool argon_valid(const struct link *link)
{
    return link->argon_memory_log2 >= ARGON_LOG2_BASE && link->argon_memory_log2 <= 10 &&
           link->argon_passes >= 2 && link->argon_passes <= 10;
}

/* High half: the memory, low half: the passes. */
static uint8_t argon_byte(const struct link *link)
{
    return (uint8_t)((link->argon_memory_log2 - ARGON_LOG2_BASE) << 4 | link->argon_passes);
}

enum err link_encode(const struct link *link, struct buf *out)
{
    const struct form *form = &forms[link->kind];
    struct buf data = {0};
    enum err err = buf_append_byte(&data, VERSION);

    for (size_t i = 0; i < FIELDS_MAX && err == OK; i++) {
        const struct field *f = &form->fields[i];

        err = buf_append(&data, bytes_at((const uint8_t *)link + f->offset, f->len));
    }
    if (err == OK && form->argon_len > 0) {
        err = argon_valid(link) ? buf_append_byte(&data, argon_byte(link)) : ERR_LIMIT;
    }
    if (err == OK) {
        err = bech32m_encode(form->hrp, buf_view(&data), out);
    }
    buf_wipe(&data);
    return err;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* Does `text` start with `start` (lower case), in any case? */
static bool starts(struct bytes text, const char *start)
{
    size_t len = strlen(start);

    if (text.len < len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (lower(text.ptr[i]) != (uint8_t)start[i]) {
            return false;
        }
    }
    return true;
}

/* Cut off what people paste around a link. */
static struct bytes trim(struct bytes text)
{
    while (text.len > 0 && is_space(text.ptr[0])) {
        bytes_skip(&text, 1);
    }
    while (text.len > 0 && is_space(text.ptr[text.len - 1])) {
        text.len--;
    }
    if (starts(text, "usync:")) {
        bytes_skip(&text, 6);
    }
    return text;
}

/* Does it start as one of our kinds does? */
static bool looks_like_ours(struct bytes text)
{
    for (size_t i = 0; i < LINK_KIND_COUNT; i++) {
        struct bytes rest = text;

        if (starts(text, forms[i].hrp)) {
            bytes_skip(&rest, strlen(forms[i].hrp));
            if (starts(rest, "1")) {
                return true;
            }
        }
    }
    return false;
}

/* Fill the fields of a kind from `data`, which is as long as they are. */
static enum err take_fields(const struct form *form, struct bytes data, struct link *link)
{
    bytes_skip(&data, 1);
    for (size_t i = 0; i < FIELDS_MAX; i++) {
        const struct field *f = &form->fields[i];

        if (f->len > 0) {
            memcpy((uint8_t *)link + f->offset, data.ptr, f->len);
            bytes_skip(&data, f->len);
        }
    }
    if (form->argon_len == 0) {
        return OK;
    }
    link->argon_memory_log2 = ARGON_LOG2_BASE + (data.ptr[0] >> 4);
    link->argon_passes = data.ptr[0] & 15;
    return argon_valid(link) ? OK : ERR_LINK_BAD;
}

static enum err read_form(const char *hrp, struct bytes data, struct link *link)
{
    bool known = false;

    for (size_t i = 0; i < LINK_KIND_COUNT; i++) {
        if (strcmp(hrp, forms[i].hrp) != 0) {
            continue;
        }
        known = true;
        if (data.len == form_len(&forms[i]) && data.ptr[0] == VERSION) {
            link->kind = (enum link_kind)i;
            return take_fields(&forms[i], data, link);
        }
    }
    return known && data.len > 0 && data.ptr[0] > VERSION ? ERR_TOO_NEW : ERR_LINK_BAD;
}

enum err link_decode(struct bytes text, struct link *link)
{
    char hrp[BECH32M_HRP_MAX + 1];
    struct buf data = {0};
    enum err err = ERR_LINK_BAD;

    memset(link, 0, sizeof(*link));
    if (text.len > LINK_INPUT_MAX) {
        return ERR_LINK_BAD;
    }
    text = trim(text);
    if (looks_like_ours(text)) {
        err = bech32m_decode(text, hrp, &data);
        if (err == OK) {
            err = read_form(hrp, buf_view(&data), link);
        } else if (err == ERR_LINK_BAD) {
            err = ERR_LINK_TYPO; /* so many characters too many that it looks like something else */
        }
    }
    if (err != OK) {
        bytes_wipe(link, sizeof(*link));
    }
    buf_wipe(&data);
    return err;
}
