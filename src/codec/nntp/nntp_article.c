/* Article heads: written with every field checked, read with every line checked. */
#include "codec/nntp/nntp_article.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "codec/nntp/nntp_cmd.h"
#include "codec/nntp/nntp_id.h"

enum { DATE_TEXT_MAX = 40 };

static const int64_t date_max = 253402300799; /* the last second of the year 9999 */

/* Printable ASCII, a space at neither end, and `Name: value` within one line. */
static bool value_valid(const char *name, struct bytes value)
{
    if (value.len == 0 || strlen(name) + 2 + value.len > NNTP_HEADER_LINE_MAX ||
        value.ptr[0] == ' ' || value.ptr[value.len - 1] == ' ') {
        return false;
    }
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < ' ' || value.ptr[i] > '~') {
            return false;
        }
    }
    return true;
}

static bool groups_valid(struct bytes groups)
{
    for (;;) {
        const uint8_t *comma = groups.len > 0 ? memchr(groups.ptr, ',', groups.len) : NULL;
        size_t len = comma == NULL ? groups.len : (size_t)(comma - groups.ptr);

        if (!nntp_group_valid(bytes_at(groups.ptr, len))) {
            return false;
        }
        if (comma == NULL) {
            return true;
        }
        bytes_skip(&groups, len + 1);
    }
}

/* RFC 5322 section 3.3, always in UTC with a numeric zone, and in English whatever the locale. */
static void date_text(int64_t date, char text[DATE_TEXT_MAX])
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t t = (time_t)date;
    struct tm tm;

    gmtime_r(&t, &tm);
    snprintf(text, DATE_TEXT_MAX, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[tm.tm_wday % 7],
        tm.tm_mday % 32, months[tm.tm_mon % 12], (tm.tm_year + 1900) % 10000, tm.tm_hour % 24,
        tm.tm_min % 60, tm.tm_sec % 61);
}

static enum err append_field(struct buf *out, const char *name, struct bytes value)
{
    enum err err = buf_append_str(out, name);

    if (err == OK) {
        err = buf_append(out, bytes_at(": ", 2));
    }
    if (err == OK) {
        err = buf_append(out, value);
    }
    if (err == OK) {
        err = buf_append(out, bytes_at("\r\n", 2));
    }
    return err;
}

enum err nntp_article_head(const struct nntp_head_fields *fields, struct buf *out)
{
    char date[DATE_TEXT_MAX];
    struct {
        const char *name;
        struct bytes value;
    } lines[] = {
        {"From", fields->from},
        {"Newsgroups", fields->newsgroups},
        {"Subject", fields->subject},
        {"Message-ID", fields->id},
        {"Date", {NULL, 0}},
    };
    enum { LINES = sizeof lines / sizeof lines[0] };
    size_t start = out->len;
    enum err err = OK;

    if (fields->date < 0 || fields->date > date_max || !nntp_id_valid(fields->id) ||
        !groups_valid(fields->newsgroups)) {
        return ERR_BAD_REQUEST;
    }
    date_text(fields->date, date);
    lines[LINES - 1].value = bytes_str(date);
    for (size_t i = 0; i < LINES; i++) {
        if (!value_valid(lines[i].name, lines[i].value)) {
            return ERR_BAD_REQUEST;
        }
    }
    for (size_t i = 0; i < LINES && err == OK; i++) {
        err = append_field(out, lines[i].name, lines[i].value);
    }
    if (err == OK) {
        err = buf_append(out, bytes_at("\r\n", 2));
    }
    if (err != OK) {
        out->len = start;
    }
    return err;
}

bool nntp_article_split(struct bytes article, struct bytes *head, struct bytes *body)
{
    const uint8_t *gap = article.len >= 4 ? memmem(article.ptr, article.len, "\r\n\r\n", 4) : NULL;

    *head = bytes_at(article.ptr, 0);
    *body = bytes_at(article.ptr, 0);
    if (gap == NULL) {
        return false;
    }
    *head = bytes_at(article.ptr, (size_t)(gap - article.ptr) + 2);
    bytes_skip(&article, head->len + 2);
    *body = article;
    return true;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* Take the next line of a head; its CR LF is cut. False: no CR LF is left. */
static bool next_line(struct bytes *head, struct bytes *line)
{
    const uint8_t *end = head->len >= 2 ? memmem(head->ptr, head->len, "\r\n", 2) : NULL;

    if (end == NULL) {
        return false;
    }
    *line = bytes_at(head->ptr, (size_t)(end - head->ptr));
    bytes_skip(head, line->len + 2);
    return true;
}

/* The length of the name in front of the colon, 0 if `line` starts no field (RFC 5322: printable
 * ASCII but colon). */
static size_t name_len(struct bytes line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == ':') {
            return i;
        }
        if (line.ptr[i] <= ' ' || line.ptr[i] > '~') {
            return 0;
        }
    }
    return 0;
}

static bool line_valid(struct bytes line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '\r' || line.ptr[i] == '\n' || line.ptr[i] == '\0') {
            return false;
        }
    }
    return line.len <= NNTP_HEADER_LINE_MAX;
}

bool nntp_article_head_valid(struct bytes head)
{
    struct bytes line;
    size_t fields = 0;

    while (next_line(&head, &line)) {
        bool folded = line.len > 0 && is_blank(line.ptr[0]) && fields > 0;

        if (!line_valid(line) || (!folded && name_len(line) == 0)) {
            return false;
        }
        fields += !folded;
    }
    return head.len == 0 && fields > 0;
}

static struct bytes trim(struct bytes text)
{
    while (text.len > 0 && is_blank(text.ptr[0])) {
        bytes_skip(&text, 1);
    }
    while (text.len > 0 && is_blank(text.ptr[text.len - 1])) {
        text.len--;
    }
    return text;
}

/* Append `first` and the folded lines that follow it in `rest`, one space for each fold. */
static enum err append_unfolded(struct bytes first, struct bytes rest, struct buf *value)
{
    struct bytes line;
    size_t start = value->len;
    enum err err = buf_append(value, trim(first));

    while (err == OK && next_line(&rest, &line) && line.len > 0 && is_blank(line.ptr[0])) {
        line = trim(line);
        if (line.len > 0 && value->len > start) {
            err = buf_append_byte(value, ' ');
        }
        if (err == OK) {
            err = buf_append(value, line);
        }
    }
    return err;
}

enum err nntp_article_field(struct bytes head, const char *name, struct buf *value)
{
    struct bytes line;
    struct bytes first = {NULL, 0};
    struct bytes rest = {NULL, 0};
    size_t len = strlen(name);
    size_t found = 0;

    while (next_line(&head, &line)) {
        if (name_len(line) != len || strncasecmp((const char *)line.ptr, name, len) != 0) {
            continue;
        }
        bytes_skip(&line, len + 1);
        first = line;
        rest = head;
        found++;
    }
    if (found != 1) {
        return found == 0 ? ERR_NO_ROW : ERR_BAD_FORMAT;
    }
    return append_unfolded(first, rest, value);
}

enum err nntp_article_stuff(struct bytes body, struct buf *out)
{
    size_t start = out->len;
    enum err err = OK;

    while (body.len > 0 && err == OK) {
        const uint8_t *end = memmem(body.ptr, body.len, "\r\n", 2);
        size_t len = end == NULL ? body.len : (size_t)(end - body.ptr);

        if (body.ptr[0] == '.') {
            err = buf_append_byte(out, '.');
        }
        if (err == OK) {
            err = buf_append(out, bytes_at(body.ptr, len));
        }
        if (err == OK) {
            err = buf_append(out, bytes_at("\r\n", 2));
        }
        bytes_skip(&body, end == NULL ? len : len + 2);
    }
    if (err != OK) {
        out->len = start;
    }
    return err;
}
