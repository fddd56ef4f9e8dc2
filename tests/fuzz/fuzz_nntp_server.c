/* The server's side of NNTP. Byte 0 says how the rest is cut; the events must be the same as uncut.
 * Every article's head is checked and read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/nntp/nntp_article.h"
#include "codec/nntp/nntp_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARTICLE_MAX = 1 << 24 };

struct trace {
    struct nntp_server server;
    uint64_t hash;
};

static void mix(struct trace *t, const void *ptr, size_t len)
{
    const uint8_t *p = ptr;

    for (size_t i = 0; i < len; i++) {
        t->hash = (t->hash ^ p[i]) * 1099511628211U;
    }
}

static void on_command(struct trace *t, struct bytes line)
{
    struct nntp_command c;

    mix(t, line.ptr, line.len);
    nntp_command_parse(line, &c);
    mix(t, &c.verb, sizeof c.verb);
    for (size_t i = 0; i < c.count; i++) {
        mix(t, c.words[i].ptr, c.words[i].len);
    }
    if (c.verb == NNTP_VERB_POST) {
        nntp_server_take_article(&t->server, ARTICLE_MAX);
    }
}

static void feed(struct trace *t, struct bytes in)
{
    struct bytes text;
    enum nntp_server_event event;

    while ((event = nntp_server_step(&t->server, &in, &text)) != NNTP_SERVER_MORE) {
        if (event != NNTP_SERVER_DATA) {
            mix(t, &event, sizeof event);
        }
        if (event == NNTP_SERVER_COMMAND) {
            on_command(t, text);
        } else {
            mix(t, text.ptr, text.len);
        }
    }
}

static uint64_t run(struct bytes in, size_t cut)
{
    struct trace t = {.hash = 14695981039346656037U};

    nntp_server_init(&t.server);
    while (in.len > 0) {
        size_t len = cut < in.len ? cut : in.len;

        feed(&t, bytes_at(in.ptr, len));
        bytes_skip(&in, len);
    }
    return t.hash;
}

static void read_article(struct bytes article)
{
    static const char *const names[] = {"Message-ID", "Newsgroups", "From", "Subject", "Date"};
    struct bytes head;
    struct bytes body;

    if (!nntp_article_split(article, &head, &body)) {
        return;
    }
    (void)nntp_article_head_valid(head);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct buf value = {0};
        enum err err = nntp_article_field(head, names[i], &value);

        if (err != OK && value.len != 0) {
            abort();
        }
        buf_clear(&value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = bytes_at(data, size);

    if (size < 1) {
        return 0;
    }
    bytes_skip(&in, 1);
    if (run(in, (size_t)data[0] % 40 + 1) != run(in, SIZE_MAX)) {
        abort();
    }
    read_article(in);
    return 0;
}
