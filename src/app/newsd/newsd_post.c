/* POST: the head is read and judged as soon as it is there, the body goes to a draft in the spool.
 * A refused article is still read to its end; only then comes the 441. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/newsd/newsd_verbs.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "codec/nntp/nntp_article.h"
#include "codec/nntp/nntp_id.h"

enum {
    HEAD_MAX = 64 << 10,
    HEAD_STEP = 4 << 10,
    BODY_BUFFER = 64 << 10, /* small pieces are collected up to this */
};

static const char lone_dot[] = ".\r\n";

static void refuse(struct session_post *post, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The first reason counts. */
static void refuse(struct session_post *post, const char *format, ...)
{
    va_list args;

    if (post->refusal[0] != '\0') {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(post->refusal, sizeof(post->refusal), format, args);
    va_end(args);
}

static void refuse_for(struct session_post *post, enum err err)
{
    if (err == ERR_DUPLICATE) {
        refuse(post, "435 Duplicate");
    } else if (err == ERR_DISK_FULL) {
        refuse(post, "436 The server's disk is full, try again later");
    } else if (err != OK) {
        log_error("newsd", "an article could not be stored: %s", err_text(err));
        refuse(post, "436 The server could not store it: %s", err_text(err));
    }
}

void newsd_post_drop(struct session *s)
{
    struct session_post *post = &s->post;

    spool_draft_drop(s->newsd->spool, &post->draft);
    buf_clear(&post->head);
    buf_clear(&post->body);
    buf_clear(&post->id);
    *post = (struct session_post){.draft = {.fd = -1}};
}

void newsd_post(struct session *s, const struct nntp_command *command)
{
    uint8_t random[12];
    int at;

    (void)command;
    if (random_bytes(random, sizeof(random)) != OK) {
        newsd_say(s, "440 Posting is not possible now");
        return;
    }
    newsd_post_drop(s);
    at = snprintf(s->post.recommended, sizeof(s->post.recommended), "<");
    for (size_t i = 0; i < sizeof(random); i++) {
        at += snprintf(
            s->post.recommended + at, sizeof(s->post.recommended) - (size_t)at, "%02x", random[i]);
    }
    (void)snprintf(
        s->post.recommended + at, sizeof(s->post.recommended) - (size_t)at, "@news.invalid>");
    s->phase = SESSION_ARTICLE;
    nntp_server_take_article(&s->rx, s->newsd->max_article);
    newsd_say(s, "340 Ok, recommended Message-ID %s", s->post.recommended);
}

/* A field that must be there once, with a value. The caller clears *value. */
static int need_field(struct session_post *post, const char *name, struct buf *value)
{
    enum err err = nntp_article_field(buf_view(&post->head), name, value);

    if (err == ERR_BAD_FORMAT) {
        refuse(post, "Duplicate %s header field", name);
    } else if (err == ERR_NO_ROW || (err == OK && value->len == 0)) {
        refuse(post, "Missing required %s header field", name);
    } else {
        refuse_for(post, err);
    }
    return post->refusal[0] == '\0';
}

static void judge_from_and_subject(struct session_post *post)
{
    struct buf from = {0}, subject = {0};

    if (need_field(post, "From", &from) && memchr(from.ptr, '@', from.len) == NULL) {
        refuse(post, "Address in From header field not in Internet syntax");
    }
    (void)need_field(post, "Subject", &subject);
    buf_clear(&from);
    buf_clear(&subject);
}

static void file_in(struct session *s, struct bytes name)
{
    struct spool_filing *filing = &s->post.filing;
    int group = spool_group_find(s->newsd->spool, name);

    for (size_t i = 0; i < filing->group_count; i++) {
        if (filing->groups[i] == group) {
            return;
        }
    }
    if (group != SPOOL_NONE && filing->group_count < SPOOL_CROSS_MAX) {
        filing->groups[filing->group_count++] = group;
    }
}

/* Groups that we do not have are passed over, as long as we have one. */
static void judge_newsgroups(struct session *s)
{
    struct buf value = {0};

    if (need_field(&s->post, "Newsgroups", &value)) {
        struct bytes rest = buf_view(&value);

        while (rest.len > 0) {
            const uint8_t *comma = memchr(rest.ptr, ',', rest.len);
            struct bytes name = {rest.ptr, comma == NULL ? rest.len : (size_t)(comma - rest.ptr)};

            bytes_skip(&rest, name.len + 1);
            while (name.len > 0 && name.ptr[0] == ' ') {
                bytes_skip(&name, 1);
            }
            while (name.len > 0 && name.ptr[name.len - 1] == ' ') {
                name.len--;
            }
            file_in(s, name);
        }
        if (s->post.filing.group_count == 0) {
            struct bytes name = bytes_str("...");

            if (nntp_group_valid(buf_view(&value))) {
                name = buf_view(&value); /* at most 128 octets, all harmless */
            }
            refuse(
                &s->post, "No valid newsgroups in \"%.*s\"", (int)name.len, (const char *)name.ptr);
        }
    }
    buf_clear(&value);
}

static void judge_id(struct session *s)
{
    struct session_post *post = &s->post;
    enum err err = nntp_article_field(buf_view(&post->head), "Message-ID", &post->id);

    if (err == ERR_NO_ROW) {
        err = buf_append_str(&post->id, post->recommended);
    } else if (err == ERR_BAD_FORMAT || (err == OK && !nntp_id_valid(buf_view(&post->id)))) {
        refuse(post, "435 Bad Message-ID");
        return;
    }
    refuse_for(post, err);
    if (err == OK && spool_find(s->newsd->spool, buf_view(&post->id)) != SPOOL_NONE) {
        refuse_for(post, ERR_DUPLICATE);
    }
    post->filing.id = buf_view(&post->id);
}

static int has_field(const struct session_post *post, const char *name)
{
    struct buf value = {0};
    enum err err = nntp_article_field(buf_view(&post->head), name, &value);

    buf_clear(&value);
    return err != ERR_NO_ROW;
}

/* What an injecting server adds (RFC 5537 section 3.5), before the client's own lines. */
static enum err add_fields(struct session_post *post, struct buf *added)
{
    time_t now = (time_t)(clock_wall_ns() / 1000000000);
    char date[40];
    struct tm tm;
    enum err err = OK;

    if (!has_field(post, "Path")) {
        err = buf_append_str(added, "Path: news.invalid!not-for-mail\r\n");
    }
    if (err == OK && !has_field(post, "Date")) {
        gmtime_r(&now, &tm);
        (void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &tm);
        err = buf_printf(added, "Date: %s\r\n", date);
    }
    if (err == OK && !has_field(post, "Message-ID")) {
        err = buf_printf(added, "Message-ID: %s\r\n", post->recommended);
    }
    return err;
}

static void begin_draft(struct session *s)
{
    struct session_post *post = &s->post;
    struct buf added = {0};
    enum err err = spool_draft_begin(s->newsd->spool, &post->draft);

    if (err == OK) {
        err = add_fields(post, &added);
    }
    if (err == OK) {
        struct bytes parts[] = {buf_view(&added), buf_view(&post->head), bytes_str("\r\n")};

        err = spool_draft_write(&post->draft, parts, 3);
        post->filing.head_len = added.len + post->head.len;
    }
    refuse_for(post, err);
    buf_clear(&added);
}

static void judge_head(struct session *s)
{
    struct session_post *post = &s->post;

    if (!nntp_article_head_valid(buf_view(&post->head))) {
        refuse(post, "Article header field is not valid");
        return;
    }
    judge_from_and_subject(post);
    judge_newsgroups(s);
    judge_id(s);
    if (post->refusal[0] == '\0') {
        begin_draft(s);
    }
}

/* The length of the head with its empty line; 0: it is not complete. */
static size_t find_end(const struct buf *head, size_t from)
{
    const uint8_t *at;

    if (head->len >= 2 && memcmp(head->ptr, "\r\n", 2) == 0) {
        return 2;
    }
    from = from < 3 ? 0 : from - 3;
    at = head->len == 0 ? NULL : memmem(head->ptr + from, head->len - from, "\r\n\r\n", 4);
    return at == NULL ? 0 : (size_t)(at - head->ptr) + 4;
}

/* Take head octets from the front of *piece; what is left of it is body. */
static void take_head(struct session *s, struct bytes *piece)
{
    struct session_post *post = &s->post;

    while (piece->len > 0 && !post->head_done && post->refusal[0] == '\0') {
        size_t before = post->head.len;
        struct bytes part = {piece->ptr, piece->len < HEAD_STEP ? piece->len : HEAD_STEP};
        enum err err = buf_append(&post->head, part);
        size_t end;

        if (err != OK || post->head.len > HEAD_MAX + HEAD_STEP) {
            refuse_for(post, err);
            refuse(post, "The head is too long");
            return;
        }
        end = find_end(&post->head, before);
        bytes_skip(piece, end == 0 ? part.len : end - before);
        if (end > 0) {
            post->head.len = end - 2;
            post->head_done = 1;
            judge_head(s);
        }
    }
}

static enum err write_body(struct session_post *post, struct bytes piece)
{
    struct bytes parts[] = {buf_view(&post->body), piece};
    enum err err;

    if (post->body.len + piece.len < BODY_BUFFER) {
        return buf_append(&post->body, piece);
    }
    err = spool_draft_write(&post->draft, parts, 2);
    post->body.len = 0;
    return err;
}

void newsd_post_data(struct session *s, struct bytes piece)
{
    struct session_post *post = &s->post;

    take_head(s, &piece);
    if (post->refusal[0] != '\0' || piece.len == 0) {
        return;
    }
    post->body_seen = 1;
    if (memchr(piece.ptr, '\0', piece.len) != NULL) {
        refuse(post, "The article holds a NUL octet");
    } else {
        refuse_for(post, write_body(post, piece));
    }
    if (post->refusal[0] != '\0') {
        spool_draft_drop(s->newsd->spool, &post->draft); /* its room is somebody else's now */
    }
}

static enum err store(struct session *s)
{
    struct session_post *post = &s->post;
    struct bytes parts[] = {buf_view(&post->body), bytes_str(lone_dot)};
    enum err err = spool_draft_write(&post->draft, parts, 2);

    return err == OK ? spool_draft_commit(s->newsd->spool, &post->draft, &post->filing) : err;
}

void newsd_post_end(struct session *s, enum nntp_server_event how)
{
    struct session_post *post = &s->post;

    if (how == NNTP_SERVER_TOO_BIG) {
        refuse(post, "Article is bigger than local limit of %llu bytes",
            (unsigned long long)s->newsd->max_article);
    } else if (!post->head_done) {
        refuse(post, "No body separator: the article has no empty line");
    } else if (!post->body_seen) {
        refuse(post, "Article is empty");
    }
    if (post->refusal[0] == '\0') {
        refuse_for(post, store(s));
    }
    if (post->refusal[0] == '\0') {
        newsd_say(s, "240 Article received %.*s", (int)post->id.len, (const char *)post->id.ptr);
    } else {
        newsd_say(s, "441 %s", post->refusal);
    }
    newsd_post_drop(s);
}
