/* OVER and XOVER, read from the articles' own heads: slow for a whole group, and never out of date.
 */
#include <stdio.h>
#include <unistd.h>

#include "app/newsd/newsd_verbs.h"
#include "codec/nntp/nntp_article.h"

enum { PART_ARTICLES = 50 };

/* A field's value with tabs and line ends made blanks (RFC 3977 section 8.3.2). */
static enum err append_field(struct buf *line, struct bytes head, const char *name)
{
    size_t start;
    enum err err = buf_append_byte(line, '\t');

    start = line->len;
    if (err == OK) {
        err = nntp_article_field(head, name, line);
    }
    for (size_t i = start; i < line->len; i++) {
        if (line->ptr[i] < ' ') {
            line->ptr[i] = ' ';
        }
    }
    return err == ERR_NO_ROW || err == ERR_BAD_FORMAT ? OK : err;
}

static enum err make_line(const struct spool_file *file, uint32_t number, struct buf *line)
{
    static const char *const names[] = {"Subject", "From", "Date", "Message-ID", "References"};
    struct buf head = {0};
    enum err err = newsd_head_read(file, &head);

    if (err == OK) {
        err = buf_printf(line, "%u", number);
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(*names) && err == OK; i++) {
        err = append_field(line, buf_view(&head), names[i]);
    }
    if (err == OK) { /* without the lone dot's line */
        err = buf_printf(line, "\t%llu\t", (unsigned long long)file->len - 3);
    }
    if (err == OK) {
        err = buf_append_str(line, "\r\n"); /* lines are not counted: an empty field says so */
    }
    buf_clear(&head);
    return err;
}

/* An article that cannot be read has no line. */
static int tell_article(struct session *s, int64_t row, uint32_t number)
{
    struct spool_file file;
    struct buf line = {0};
    int told = 0;

    if (spool_read(s->newsd->spool, row, &file) != OK) {
        return 0;
    }
    if (make_line(&file, number, &line) == OK) {
        newsd_say_bytes(s, buf_view(&line));
        told = 1;
    }
    close(file.fd);
    buf_clear(&line);
    return told;
}

static int tell_range(struct session *s)
{
    for (int i = 0; i < PART_ARTICLES && s->range_at <= s->range_end; i++, s->range_at++) {
        int64_t row = spool_group_row(s->newsd->spool, s->range_group, s->range_at);

        if (row != SPOOL_NONE) {
            (void)tell_article(s, row, s->range_at);
        }
    }
    if (s->range_at <= s->range_end) {
        return 1;
    }
    newsd_say(s, ".");
    return 0;
}

static void over_one(struct session *s, const struct nntp_command *command)
{
    uint32_t number;
    int64_t row = newsd_pick(s, command, &number);

    if (row == SPOOL_NONE) {
        return;
    }
    newsd_say(s, "224 Overview follows");
    (void)tell_article(s, row, number);
    newsd_say(s, ".");
}

void newsd_over(struct session *s, const struct nntp_command *command)
{
    if (command->count == 0 || command->words[0].ptr[0] == '<') {
        over_one(s, command);
    } else if (s->group == SPOOL_NONE) {
        newsd_say(s, "412 No newsgroup selected");
    } else if (!newsd_range(s, s->group, command->words[0])) {
        newsd_say(s, "501 Neither a Message-ID nor a range");
    } else if (s->range_at > s->range_end) {
        newsd_say(s, "423 No articles in that range");
    } else {
        newsd_say(s, "224 Overview follows");
        s->source = tell_range;
    }
}
