/* GROUP, NEXT, LAST, and ARTICLE, HEAD, BODY, STAT. Articles stream from their files. */
#include <stdlib.h>
#include <unistd.h>

#include "app/newsd/newsd_verbs.h"
#include "base/log.h"
#include "codec/nntp/nntp_article.h"
#include "codec/nntp/nntp_id.h"

enum { CHUNK_LEN = 128 << 10 };

int newsd_number(struct bytes word, uint32_t *number)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < '0' || word.ptr[i] > '9' || i == 10) {
            return 0;
        }
        sum = sum * 10 + (uint64_t)(word.ptr[i] - '0');
    }
    *number = (uint32_t)sum;
    return word.len > 0 && sum <= UINT32_MAX;
}

static void say_group(struct session *s)
{
    uint32_t high = spool_group_high(s->newsd->spool, s->group);

    newsd_say(
        s, "211 %u %d %u %s", high, high > 0, high, spool_group_name(s->newsd->spool, s->group));
}

void newsd_group(struct session *s, const struct nntp_command *command)
{
    int group;

    if (command->count != 1) {
        newsd_say(s, "501 A newsgroup is missing");
        return;
    }
    group = spool_group_find(s->newsd->spool, command->words[0]);
    if (group == SPOOL_NONE) {
        newsd_say(s, "411 No such newsgroup");
        return;
    }
    s->group = group;
    s->current = spool_group_high(s->newsd->spool, group) > 0;
    say_group(s);
}

/* The next number in this direction that holds an article; 0: there is none. */
static uint32_t neighbour(struct session *s, int step)
{
    uint32_t high = spool_group_high(s->newsd->spool, s->group);
    uint32_t number = s->current;

    while ((step > 0 && number < high) || (step < 0 && number > 1)) {
        number += (uint32_t)step;
        if (spool_group_row(s->newsd->spool, s->group, number) != SPOOL_NONE) {
            return number;
        }
    }
    return 0;
}

enum err newsd_head_read(const struct spool_file *file, struct buf *head)
{
    enum err err = buf_resize(head, (size_t)file->head_len);

    if (err == OK && pread(file->fd, head->ptr, head->len, 0) != (ssize_t)head->len) {
        err = ERR_DISK_IO;
    }
    return err;
}

/* The article's own Message-ID, from its file's head. */
static enum err read_id(struct session *s, int64_t row, struct article_id *id)
{
    struct spool_file file;
    struct buf head = {0}, value = {0};
    enum err err = spool_read(s->newsd->spool, row, &file);

    if (err != OK) {
        return err;
    }
    err = newsd_head_read(&file, &head);
    close(file.fd);
    if (err == OK) {
        err = nntp_article_field(buf_view(&head), "Message-ID", &value);
    }
    if (err == OK && !nntp_id_take(buf_view(&value), id)) {
        err = ERR_NO_ARTICLE;
    }
    buf_clear(&head);
    buf_clear(&value);
    return err;
}

void newsd_step(struct session *s, const struct nntp_command *command)
{
    int next = command->verb == NNTP_VERB_NEXT;
    struct article_id id;
    uint32_t number;

    if (s->group == SPOOL_NONE) {
        newsd_say(s, "412 No newsgroup selected");
        return;
    }
    if (s->current == 0) {
        newsd_say(s, "420 No current article");
        return;
    }
    while ((number = neighbour(s, next ? 1 : -1)) != 0) {
        s->current = number;
        if (read_id(s, spool_group_row(s->newsd->spool, s->group, number), &id) == OK) {
            newsd_say(s, "223 %u %s", number, id.text);
            return;
        }
    }
    newsd_say(s, next ? "421 No next article" : "422 No previous article");
}

int64_t newsd_pick(struct session *s, const struct nntp_command *command, uint32_t *number)
{
    int64_t row;

    *number = 0;
    if (command->count == 1 && command->words[0].ptr[0] == '<') {
        row = spool_find(s->newsd->spool, command->words[0]);
        if (row == SPOOL_NONE) {
            newsd_say(s, "430 No such article");
        }
        return row;
    }
    if (command->count == 1 && !newsd_number(command->words[0], number)) {
        newsd_say(s, "501 Neither a Message-ID nor a number");
        return SPOOL_NONE;
    }
    if (s->group == SPOOL_NONE) {
        newsd_say(s, "412 No newsgroup selected");
        return SPOOL_NONE;
    }
    if (command->count == 0) {
        *number = s->current;
    }
    row = spool_group_row(s->newsd->spool, s->group, *number);
    if (row == SPOOL_NONE) {
        newsd_say(s, command->count == 0 ? "420 No current article" : "423 No such article number");
    }
    return row;
}

static int send_chunk(struct session *s);

/* The last chunk has left. */
static int send_end(struct session *s)
{
    close(s->sending.fd);
    s->sending.fd = -1;
    free(s->chunk);
    s->chunk = NULL;
    if (s->lone_dot) {
        newsd_say(s, ".");
    }
    return 0;
}

/* The answer's line has been said already: when the file fails now, only a broken connection tells
 * the client. */
static int send_chunk(struct session *s)
{
    uint64_t left = s->send_end - s->sent_to;
    size_t want = left < CHUNK_LEN ? (size_t)left : CHUNK_LEN;
    ssize_t n;

    if (want == 0) {
        return send_end(s);
    }
    n = pread(s->sending.fd, s->chunk, want, (off_t)s->sent_to);
    if (n <= 0 || net_stream_send(s->stream, bytes_at(s->chunk, (size_t)n)) != OK) {
        log_error("newsd", "an article could not be read to its end: peer=%s", s->peer);
        s->phase = SESSION_OVER;
        return 0;
    }
    s->chunk_out = 1;
    s->sent_to += (uint64_t)n;
    s->unsent += (size_t)n;
    return 1;
}

static void send_file(struct session *s, enum nntp_verb verb)
{
    struct spool_file *file = &s->sending;

    s->sent_to = verb == NNTP_VERB_BODY ? file->head_len + 2 : 0;
    s->send_end = verb == NNTP_VERB_HEAD ? file->head_len : file->len;
    s->lone_dot = verb == NNTP_VERB_HEAD; /* the file holds its own */
    s->source = send_chunk;
}

/* The row is there; is the file, and what is its id? */
static int open_article(
    struct session *s, const struct nntp_command *command, int64_t row, struct article_id *id)
{
    enum err err = spool_read(s->newsd->spool, row, &s->sending);
    int by_id = command->count == 1 && command->words[0].ptr[0] == '<';

    if (err == OK && (by_id ? !nntp_id_take(command->words[0], id) : read_id(s, row, id) != OK)) {
        err = ERR_NO_ARTICLE;
        close(s->sending.fd);
    }
    if (err == OK) {
        return 1;
    }
    s->sending.fd = -1;
    if (err == ERR_NO_ARTICLE) {
        newsd_say(s, by_id ? "430 No such article" : "423 No such article number");
    } else {
        log_error("newsd", "an article cannot be opened: %s", err_text(err));
        newsd_say(s, "403 The article cannot be read now");
    }
    return 0;
}

static int code_of(enum nntp_verb verb)
{
    switch (verb) {
    case NNTP_VERB_ARTICLE:
        return 220;
    case NNTP_VERB_HEAD:
        return 221;
    case NNTP_VERB_BODY:
        return 222;
    default:
        return 223;
    }
}

void newsd_article(struct session *s, const struct nntp_command *command)
{
    struct article_id id;
    uint32_t number;
    int64_t row = newsd_pick(s, command, &number);

    if (row == SPOOL_NONE || !open_article(s, command, row, &id)) {
        return;
    }
    if (number > 0) {
        s->current = number;
    }
    if (command->verb != NNTP_VERB_STAT) {
        s->chunk = malloc(CHUNK_LEN);
    }
    if (s->chunk == NULL) { /* STAT needs none */
        close(s->sending.fd);
        s->sending.fd = -1;
        if (command->verb != NNTP_VERB_STAT) {
            newsd_say(s, "403 There is no memory now");
            return;
        }
    } else {
        send_file(s, command->verb);
    }
    newsd_say(s, "%d %u %s", code_of(command->verb), number, id.text);
}
