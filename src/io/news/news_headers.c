/* Names of header lines, compared without regard to case. */
#include "io/news/news_headers.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "codec/nntp/nntp_block.h"
#include "io/news/news_text.h"

enum { HEADER_NAME_MAX = 60 }; /* a longer name is not noted */

/* Does an article of ours have such a line? */
static bool is_ours(const char *name)
{
    static const char *const ours[] = {"From", "Newsgroups", "Subject", "Message-ID", "Date"};

    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
        if (strcasecmp(name, ours[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_telling(const char *name)
{
    static const char *const words[] = {"host", "trace", "user", "auth", "account", "sender",
        "complaints", "organization", "injection-info"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcasestr(name, words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* The name in front of the line's colon; false: it has none (a folded line begins with a space). */
static bool take_name(struct bytes line, char name[HEADER_NAME_MAX + 1])
{
    const uint8_t *colon = line.len > 0 ? memchr(line.ptr, ':', line.len) : NULL;
    size_t len = colon != NULL ? (size_t)(colon - line.ptr) : 0;

    if (len == 0 || len > HEADER_NAME_MAX || memchr(line.ptr, ' ', len) != NULL ||
        memchr(line.ptr, '\t', len) != NULL) {
        return false;
    }
    news_text_clean(bytes_at(line.ptr, len), name, HEADER_NAME_MAX + 1);
    return true;
}

bool news_headers_note(struct bytes head, char out[NEWS_FACTS_HEADERS])
{
    char name[HEADER_NAME_MAX + 1];
    struct bytes line;
    bool telling = false;
    size_t len = 0;

    out[0] = '\0';
    while (nntp_block_next_line(&head, &line)) {
        if (!take_name(line, name) || is_ours(name) ||
            len + strlen(name) + 2 > NEWS_FACTS_HEADERS) {
            continue;
        }
        telling = telling || is_telling(name);
        len +=
            (size_t)snprintf(out + len, NEWS_FACTS_HEADERS - len, "%s%s", len > 0 ? " " : "", name);
    }
    return telling;
}
