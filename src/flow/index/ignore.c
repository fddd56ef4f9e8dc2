/* From the text of an ignore file to rules, and from a path to what they say. */
#include "flow/index/ignore.h"

#include <stdlib.h>
#include <string.h>

#include "flow/index/ignore_glob.h"

_Static_assert((int)IGNORE_PATTERN_MAX <= (int)GLOB_PATTERN_MAX, "every rule can be matched");

struct rule {
    struct bytes pattern; /* without '!', the '/' in front and the one at the end */
    size_t literal;       /* bytes of it up to the first special one */
    bool keeps;           /* '!' */
    bool folders_only;
    bool names;   /* no '/' in it: it is about names in any folder */
    bool endings; /* of `names`: a '*' and plain bytes */
};

struct ignore {
    struct buf text;
    struct rule *rules;
    size_t count, cap;
};

void ignore_free(struct ignore *ignore)
{
    if (ignore != NULL) {
        buf_clear(&ignore->text);
        free(ignore->rules);
        free(ignore);
    }
}

bool ignore_is_empty(const struct ignore *ignore)
{
    return ignore == NULL || ignore->count == 0;
}

/* --- reading rules -----------------------------------------------------------------------------
 */

static enum err add_rule(struct ignore *ignore, const struct rule *rule)
{
    if (rule->pattern.len > IGNORE_PATTERN_MAX || ignore->count == IGNORE_RULES_MAX) {
        return ERR_LIMIT;
    }
    if (ignore->count == ignore->cap) {
        size_t cap = ignore->cap == 0 ? 8 : ignore->cap * 2;
        struct rule *grown = realloc(ignore->rules, cap * sizeof(*grown));

        if (grown == NULL) {
            return ERR_NO_MEMORY;
        }
        ignore->rules = grown;
        ignore->cap = cap;
    }
    ignore->rules[ignore->count++] = *rule;
    return OK;
}

/* The line without spaces at its end that no '\' stands before. */
static struct bytes trim(struct bytes line)
{
    size_t end = 0;

    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '\\') {
            i++;
            end = i < line.len ? i + 1 : line.len;
        } else if (line.ptr[i] != ' ') {
            end = i + 1;
        }
    }
    return bytes_at(line.ptr, end);
}

static size_t literal_len(struct bytes pattern)
{
    size_t len = 0;

    while (len < pattern.len && !glob_is_special(pattern.ptr[len])) {
        len++;
    }
    return len;
}

static enum err read_line(struct ignore *ignore, struct bytes line)
{
    struct rule rule = {.pattern = trim(line)};
    struct bytes *p = &rule.pattern;
    struct bytes rest;

    if (p->len > 0 && p->ptr[0] == '!') {
        rule.keeps = true;
        bytes_skip(p, 1);
    }
    if (p->len > 0 && p->ptr[p->len - 1] == '/') {
        rule.folders_only = true;
        p->len--;
    }
    if (p->len == 0) {
        return OK;
    }
    rule.names = memchr(p->ptr, '/', p->len) == NULL;
    if (p->ptr[0] == '/') {
        bytes_skip(p, 1);
    }
    rule.literal = literal_len(*p);
    rest = *p;
    bytes_skip(&rest, rest.len > 0 ? 1 : 0);
    rule.endings = rule.names && p->ptr[0] == '*' && literal_len(rest) == rest.len;
    return add_rule(ignore, &rule);
}

/* The next line of *text: without its end, cut at a NUL (no name holds one). */
static struct bytes next_line(struct bytes *text)
{
    const uint8_t *end = memchr(text->ptr, '\n', text->len);
    size_t len = end != NULL ? (size_t)(end - text->ptr) : text->len;
    struct bytes line = bytes_at(text->ptr, len);
    const uint8_t *nul;

    bytes_skip(text, end != NULL ? len + 1 : len);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    nul = line.len > 0 ? memchr(line.ptr, 0, line.len) : NULL;
    if (nul != NULL) {
        line.len = (size_t)(nul - line.ptr);
    }
    return line;
}

static enum err read_text(struct ignore *ignore)
{
    struct bytes text = buf_view(&ignore->text);
    enum err err = OK;

    if (text.len >= 3 && memcmp(text.ptr, "\xef\xbb\xbf", 3) == 0) {
        bytes_skip(&text, 3); /* a byte order mark */
    }
    while (err == OK && text.len > 0) {
        struct bytes line = next_line(&text);

        if (line.len > 0 && line.ptr[0] != '#') {
            err = read_line(ignore, line);
        }
    }
    return err;
}

enum err ignore_new(struct bytes text, struct ignore **out)
{
    struct ignore *ignore;
    enum err err;

    if (text.len > IGNORE_TEXT_MAX) {
        return ERR_LIMIT;
    }
    ignore = calloc(1, sizeof(*ignore));
    if (ignore == NULL) {
        return ERR_NO_MEMORY;
    }
    err = buf_append(&ignore->text, text);
    if (err == OK) {
        err = read_text(ignore);
    }
    if (err != OK) {
        ignore_free(ignore);
        return err;
    }
    *out = ignore;
    return OK;
}

/* --- matching ----------------------------------------------------------------------------------
 */

static bool ends_with(struct bytes text, struct bytes end)
{
    return end.len <= text.len &&
           (end.len == 0 || memcmp(text.ptr + text.len - end.len, end.ptr, end.len) == 0);
}

static bool name_matches(const struct rule *rule, struct bytes name)
{
    if (rule->literal == rule->pattern.len) {
        return bytes_equal(rule->pattern, name);
    }
    if (rule->endings) {
        return ends_with(name, bytes_at(rule->pattern.ptr + 1, rule->pattern.len - 1));
    }
    return glob_match(rule->pattern, name, GLOB_NAME);
}

/* What is literal is compared first; most rules end there. */
static bool path_matches(const struct rule *rule, struct bytes path)
{
    struct bytes pattern = rule->pattern;

    if (rule->literal > path.len ||
        (rule->literal > 0 && memcmp(pattern.ptr, path.ptr, rule->literal) != 0)) {
        return false;
    }
    bytes_skip(&pattern, rule->literal);
    bytes_skip(&path, rule->literal);
    return pattern.len == 0 ? path.len == 0 : glob_match(pattern, path, GLOB_PATH);
}

enum ignore_verdict ignore_match(
    const struct ignore *ignore, struct bytes path, enum ignore_kind kind)
{
    struct bytes name = path;

    if (ignore_is_empty(ignore)) {
        return IGNORE_SILENT;
    }
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] == '/') {
            name = bytes_at(path.ptr + i + 1, path.len - i - 1);
        }
    }
    for (size_t i = ignore->count; i > 0; i--) {
        const struct rule *rule = &ignore->rules[i - 1];

        if (rule->folders_only && kind != IGNORE_FOLDER) {
            continue;
        }
        if (rule->names ? name_matches(rule, name) : path_matches(rule, path)) {
            return rule->keeps ? IGNORE_KEEP : IGNORE_LEAVE_OUT;
        }
    }
    return IGNORE_SILENT;
}
