/* Any bytes as an article that somebody posts: what is taken from it lies in it, a good head's
 * fields come back as they were written, and a body that was dot-stuffed is read back line by line.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/nntp/nntp_article.h"
#include "codec/nntp/nntp_block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void need(bool good)
{
    if (!good) {
        abort();
    }
}

static bool lies_in(struct bytes part, struct bytes whole)
{
    return part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

static struct bytes field(struct bytes head, const char *name, struct buf *value)
{
    size_t before = value->len;
    enum err err = nntp_article_field(head, name, value);

    need(err == OK || err == ERR_NO_ROW || err == ERR_BAD_FORMAT);
    need(err == OK || value->len == before);
    return value->len == before ? (struct bytes){0}
                                : bytes_at(value->ptr + before, value->len - before);
}

/* What a posted head says, written as a head of ours. If that may be, it is a good head, and says
 * the same. */
static void write_again(struct bytes head)
{
    struct buf from = {0}, groups = {0}, subject = {0}, id = {0}, out = {0}, again = {0};
    struct nntp_head_fields fields = {
        .from = field(head, "From", &from),
        .newsgroups = field(head, "newsgroups", &groups),
        .subject = field(head, "SUBJECT", &subject),
        .id = field(head, "Message-ID", &id),
        .date = (int64_t)(head.len * 86399),
    };

    if (nntp_article_head(&fields, &out) == OK) {
        struct bytes split, body;

        need(nntp_article_split(buf_view(&out), &split, &body) && body.len == 0);
        need(nntp_article_head_valid(split));
        need(bytes_equal(field(split, "from", &again), fields.from));
        again.len = 0;
        need(bytes_equal(field(split, "Subject", &again), fields.subject));
        again.len = 0;
        need(bytes_equal(field(split, "MESSAGE-ID", &again), fields.id));
    } else {
        need(out.len == 0);
    }
    buf_clear(&from);
    buf_clear(&groups);
    buf_clear(&subject);
    buf_clear(&id);
    buf_clear(&out);
    buf_clear(&again);
}

/* The lines of `body` up to a bare CR LF each, as the block's reader gives them. */
static void read_again(struct bytes body)
{
    struct buf stuffed = {0};
    struct bytes block, line;

    need(nntp_article_stuff(body, &stuffed) == OK);
    need(stuffed.len >= body.len);
    block = buf_view(&stuffed);
    while (nntp_block_next_line(&block, &line)) {
        need(body.len >= line.len);
        need(bytes_equal(bytes_at(body.ptr, line.len), line));
        bytes_skip(&body, line.len);
        bytes_skip(&body, body.len < 2 ? body.len : 2);
    }
    need(block.len == 0 && body.len == 0);
    buf_clear(&stuffed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes article = bytes_at(data, len), head, body;
    bool split = nntp_article_split(article, &head, &body);

    need(lies_in(head, article) && lies_in(body, article));
    need(split || (head.len == 0 && body.len == 0));
    if (!split) {
        body = article;
    } else if (nntp_article_head_valid(head)) {
        write_again(head);
    }
    read_again(body);
    return 0;
}
