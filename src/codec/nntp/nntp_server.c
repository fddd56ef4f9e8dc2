/* The server's reader: a command line, or an article while one is awaited. */
#include "codec/nntp/nntp_server.h"

#include <string.h>
#include <strings.h>

void nntp_server_init(struct nntp_server *server)
{
    memset(server, 0, sizeof *server);
}

void nntp_server_take_article(struct nntp_server *server, uint64_t max)
{
    server->state = NNTP_SERVER_ARTICLE;
    server->article = NNTP_SERVER_FITS;
    server->article_left = max;
}

/* Move up to a line's worth of bytes, up to a CR LF, into line[]. True: a CR LF is at its end. */
static bool collect_line(struct nntp_server *s, struct bytes *in)
{
    while (in->len > 0 && s->line_len < NNTP_COMMAND_MAX) {
        size_t room = NNTP_COMMAND_MAX - s->line_len;
        size_t span = in->len < room ? in->len : room;
        const uint8_t *lf = memchr(in->ptr, '\n', span);
        size_t len = lf == NULL ? span : (size_t)(lf - in->ptr) + 1;

        memcpy(s->line + s->line_len, in->ptr, len);
        s->line_len += len;
        bytes_skip(in, len);
        if (lf != NULL && s->line_len >= 2 && s->line[s->line_len - 2] == '\r') {
            return true;
        }
    }
    return false;
}

static enum nntp_server_event step_line(struct nntp_server *s, struct bytes *in, struct bytes *text)
{
    if (collect_line(s, in)) {
        *text = bytes_at(s->line, s->line_len - 2);
        s->line_len = 0;
        return NNTP_SERVER_COMMAND;
    }
    if (s->line_len == NNTP_COMMAND_MAX) {
        s->line[0] = s->line[NNTP_COMMAND_MAX - 1]; /* skipping needs only to know the last byte */
        s->line_len = 0;
        s->state = NNTP_SERVER_SKIP;
    }
    return NNTP_SERVER_MORE;
}

/* Pass over the rest of a line that is too long. */
static enum nntp_server_event step_skip(struct nntp_server *s, struct bytes *in)
{
    while (in->len > 0) {
        const uint8_t *lf = memchr(in->ptr, '\n', in->len);
        size_t len = lf == NULL ? in->len : (size_t)(lf - in->ptr) + 1;
        uint8_t before = len >= 2 ? in->ptr[len - 2] : s->line[0];

        s->line[0] = in->ptr[len - 1];
        bytes_skip(in, len);
        if (lf != NULL && before == '\r') {
            s->state = NNTP_SERVER_LINE;
            return NNTP_SERVER_TOO_LONG;
        }
    }
    return NNTP_SERVER_MORE;
}

static enum nntp_server_event step_article(
    struct nntp_server *s, struct bytes *in, struct bytes *text)
{
    for (;;) {
        switch (nntp_block_step(&s->block, in, text)) {
        case NNTP_BLOCK_MORE:
            return NNTP_SERVER_MORE;
        case NNTP_BLOCK_END:
            s->state = NNTP_SERVER_LINE;
            *text = bytes_at(NULL, 0);
            return s->article == NNTP_SERVER_CUT ? NNTP_SERVER_TOO_BIG : NNTP_SERVER_END;
        case NNTP_BLOCK_DATA:
            if (s->article == NNTP_SERVER_FITS && text->len <= s->article_left) {
                s->article_left -= text->len;
                return NNTP_SERVER_DATA;
            }
            s->article = NNTP_SERVER_CUT;
            break;
        }
    }
}

enum nntp_server_event nntp_server_step(
    struct nntp_server *server, struct bytes *in, struct bytes *text)
{
    enum nntp_server_event event = NNTP_SERVER_MORE;

    *text = bytes_at(NULL, 0);
    if (server->state == NNTP_SERVER_ARTICLE) {
        return step_article(server, in, text);
    }
    if (server->state == NNTP_SERVER_LINE) {
        event = step_line(server, in, text);
    }
    if (server->state == NNTP_SERVER_SKIP) {
        event = step_skip(server, in);
    }
    return event;
}

struct verb_row {
    const char *name;
    const char *second; /* NULL: one word is enough */
    enum nntp_verb verb;
};

/* The longer form of a verb stands before the shorter. */
static const struct verb_row verbs[] = {
    {"ARTICLE", NULL, NNTP_VERB_ARTICLE},
    {"AUTHINFO", "PASS", NNTP_VERB_AUTHINFO_PASS},
    {"AUTHINFO", "USER", NNTP_VERB_AUTHINFO_USER},
    {"AUTHINFO", NULL, NNTP_VERB_AUTHINFO},
    {"BODY", NULL, NNTP_VERB_BODY},
    {"CAPABILITIES", NULL, NNTP_VERB_CAPABILITIES},
    {"DATE", NULL, NNTP_VERB_DATE},
    {"GROUP", NULL, NNTP_VERB_GROUP},
    {"HEAD", NULL, NNTP_VERB_HEAD},
    {"HELP", NULL, NNTP_VERB_HELP},
    {"LAST", NULL, NNTP_VERB_LAST},
    {"LIST", NULL, NNTP_VERB_LIST},
    {"LISTGROUP", NULL, NNTP_VERB_LISTGROUP},
    {"MODE", "READER", NNTP_VERB_MODE_READER},
    {"MODE", NULL, NNTP_VERB_MODE},
    {"NEXT", NULL, NNTP_VERB_NEXT},
    {"OVER", NULL, NNTP_VERB_OVER},
    {"XOVER", NULL, NNTP_VERB_OVER},
    {"POST", NULL, NNTP_VERB_POST},
    {"QUIT", NULL, NNTP_VERB_QUIT},
    {"STAT", NULL, NNTP_VERB_STAT},
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static bool same_word(struct bytes word, const char *name)
{
    return word.len == strlen(name) && strncasecmp((const char *)word.ptr, name, word.len) == 0;
}

/* Take the next word from the front of *in and one blank behind it. False: there is none. */
static bool next_word(struct bytes *in, struct bytes *word)
{
    size_t len = 0;

    while (in->len > 0 && is_blank(in->ptr[0])) {
        bytes_skip(in, 1);
    }
    while (len < in->len && !is_blank(in->ptr[len])) {
        len++;
    }
    *word = bytes_at(in->ptr, len);
    bytes_skip(in, len < in->len ? len + 1 : len);
    return len > 0;
}

static bool line_is_clean(struct bytes line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '\r' || line.ptr[i] == '\n' || line.ptr[i] == '\0') {
            return false;
        }
    }
    return true;
}

/* The row of the verb `first`; *rest loses a second word that belongs to it. */
static enum nntp_verb find_verb(struct bytes first, struct bytes *rest)
{
    struct bytes after = *rest;
    struct bytes second;

    (void)next_word(&after, &second);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (!same_word(first, verbs[i].name)) {
            continue;
        }
        if (verbs[i].second == NULL) {
            return verbs[i].verb;
        }
        if (same_word(second, verbs[i].second)) {
            *rest = after;
            return verbs[i].verb;
        }
    }
    return NNTP_VERB_UNKNOWN;
}

void nntp_command_parse(struct bytes line, struct nntp_command *command)
{
    struct bytes words;
    struct bytes word;

    memset(command, 0, sizeof *command);
    if (!line_is_clean(line) || !next_word(&line, &word)) {
        return;
    }
    command->verb = find_verb(word, &line);
    command->rest = line;
    if (command->verb == NNTP_VERB_AUTHINFO_PASS || command->verb == NNTP_VERB_AUTHINFO_USER) {
        return; /* a name or password is one argument, blanks and all */
    }
    for (words = line; next_word(&words, &word);) {
        if (command->count == NNTP_COMMAND_WORDS) {
            command->verb = NNTP_VERB_BAD;
            return;
        }
        command->words[command->count++] = word;
    }
}
