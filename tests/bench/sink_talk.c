/* The sink's NNTP: what is answered, and what is kept. */
#include "sink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

void sink_die(const char *what)
{
    (void)fprintf(stderr, "sink: %s: %s\n", what, strerror(errno));
    exit(1);
}

int64_t sink_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void sink_reserve(struct bytes_own *b, size_t extra)
{
    size_t cap = b->cap == 0 ? 256 : b->cap;

    if (b->len + extra <= b->cap) {
        return;
    }
    while (cap < b->len + extra) {
        cap *= 2;
    }
    b->ptr = realloc(b->ptr, cap);
    if (b->ptr == NULL) {
        sink_die("memory");
    }
    b->cap = cap;
}

void sink_prepare(void)
{
    sink.ring = calloc(sink.keep + 1, sizeof(*sink.ring));
    if (sink.ring == NULL) {
        sink_die("memory");
    }
    for (size_t i = 0; i < sink.keep; i++) {
        sink_reserve(&sink.ring[i].whole, FIRST_CAP);
        memset(sink.ring[i].whole.ptr, 0, USUAL_LEN);
    }
}

static void say_bytes(struct client *c, const void *data, size_t len)
{
    sink_reserve(&c->out, len);
    memcpy(c->out.ptr + c->out.len, data, len);
    c->out.len += len;
}

void sink_say(struct client *c, const char *text)
{
    say_bytes(c, text, strlen(text));
    say_bytes(c, "\r\n", 2);
}

static const struct kept *find_kept(const char *id)
{
    for (size_t i = 0; i < sink.keep; i++) {
        if (sink.ring[i].id[0] != '\0' && strcmp(sink.ring[i].id, id) == 0) {
            return &sink.ring[i];
        }
    }
    return NULL;
}

static void answer_read(struct client *c, char verb, const char *id)
{
    const struct kept *k = find_kept(id);
    char line[LINE_MAX_LEN];
    int code = verb == 'B' ? 222 : verb == 'H' ? 221 : 220;

    if (k == NULL) {
        sink.misses++;
        sink_say(c, "430 No such article");
        return;
    }
    sink.bodies++;
    (void)snprintf(line, sizeof(line), "%d 0 %s", code, id);
    sink_say(c, line);
    if (verb == 'B') {
        say_bytes(c, k->whole.ptr + k->body, k->whole.len - k->body);
    } else if (verb == 'H') {
        say_bytes(c, k->whole.ptr, k->body - 2);
        sink_say(c, ".");
    } else {
        say_bytes(c, k->whole.ptr, k->whole.len);
    }
}

static void answer_date(struct client *c)
{
    char line[40];
    time_t now = time(NULL);
    struct tm tm;

    gmtime_r(&now, &tm);
    (void)strftime(line, sizeof(line), "111 %Y%m%d%H%M%S", &tm);
    sink_say(c, line);
}

static int begins(const char *line, const char *word)
{
    return strncasecmp(line, word, strlen(word)) == 0;
}

static void obey(struct client *c, char *line)
{
    char answer[LINE_MAX_LEN + 16];
    char *id = strchr(line, '<');

    if (begins(line, "POST")) {
        c->posting = 1;
        sink_say(c, "340 Go on");
    } else if (begins(line, "STAT")) {
        sink.stats++;
        if (sink.hash && (id == NULL || !sink_hash_knows(id))) {
            sink_say(c, "430 No such article");
            return;
        }
        (void)snprintf(answer, sizeof(answer), "223 0 %s", id == NULL ? "<?@?>" : id);
        sink_say(c, answer);
    } else if (begins(line, "BODY") || begins(line, "HEAD") || begins(line, "ARTICLE")) {
        answer_read(c, (char)(line[0] & ~0x20), id == NULL ? "" : id);
    } else if (begins(line, "GROUP")) {
        (void)snprintf(answer, sizeof(answer), "211 1 1 1 %s", line[5] == ' ' ? line + 6 : "?");
        sink_say(c, answer);
    } else if (begins(line, "MODE READER")) {
        sink_say(c, "200 Posting allowed");
    } else if (begins(line, "AUTHINFO USER")) {
        sink_say(c, "381 Password");
    } else if (begins(line, "AUTHINFO PASS")) {
        sink_say(c, "281 Welcome");
    } else if (begins(line, "DATE")) {
        answer_date(c);
    } else if (begins(line, "CAPABILITIES")) {
        sink_say(c, "101 List\r\nVERSION 2\r\nREADER\r\nPOST\r\n.");
    } else if (begins(line, "QUIT")) {
        sink_say(c, "205 Bye");
        c->leaving = 1;
    } else {
        sink_say(c, "500 What?");
    }
}

/* Find the Message-ID, which goes to `id`, and where the body begins; 0: there is none. */
static size_t read_head(struct client *c, char id[256])
{
    size_t span = c->in.len < HEAD_MAX ? c->in.len : HEAD_MAX;
    uint8_t *end = memmem(c->in.ptr, span, "\r\n\r\n", 4);
    char *at;

    if (end == NULL) {
        return 0;
    }
    *end = '\0';
    at = strcasestr((char *)c->in.ptr, "Message-ID: ");
    *end = '\r';
    if (at == NULL || sscanf(at + 12, "%255[^\r\n]", id) != 1) {
        return 0;
    }
    return (size_t)(end - c->in.ptr) + 4;
}

/* The article goes into the ring by an exchange of buffers; nothing is copied. */
static void keep_article(struct client *c, const char *id, size_t body)
{
    struct kept *k = &sink.ring[sink.ring_at];
    struct bytes_own spare = k->whole;

    (void)snprintf(k->id, sizeof(k->id), "%s", id);
    k->whole = c->in;
    k->body = body;
    c->in = spare;
    sink.ring_at = (sink.ring_at + 1) % sink.keep;
}

static void answer_later(struct client *c)
{
    c->answer_at = sink_now_ms() + sink.delay_ms;
    c->next_due = NULL;
    if (sink.due_last == NULL) {
        sink.due_first = c;
    } else {
        sink.due_last->next_due = c;
    }
    sink.due_last = c;
}

static void article_done(struct client *c)
{
    char id[256];
    size_t body = sink.keep > 0 || sink.hash ? read_head(c, id) : 0;

    c->posting = 0;
    if (sink.hash && (body == 0 || !sink_hash_add(id, c->in.ptr + body, c->in.len - body))) {
        c->in.len = 0;
        sink_say(c, body == 0 ? "441 No Message-ID" : "441 435 Duplicate");
        return;
    }
    sink.articles++;
    sink.bytes += c->in.len;
    if (sink.keep > 0 && body > 0) {
        keep_article(c, id, body);
    }
    c->in.len = 0;
    if (sink.delay_ms == 0) {
        sink_say(c, "240 Article received");
    } else {
        answer_later(c);
    }
}

/* POST is never pipelined, so an article's end is the end of what has come. */
void sink_take(struct client *c)
{
    uint8_t *lf;

    if (c->posting) {
        if (c->in.len >= 5 && memcmp(c->in.ptr + c->in.len - 5, "\r\n.\r\n", 5) == 0) {
            article_done(c);
        } else if (c->in.len > ARTICLE_MAX) {
            c->gone = 1;
        }
        return;
    }
    while (c->in.len > 0 && !c->posting && !c->leaving &&
           (lf = memchr(c->in.ptr, '\n', c->in.len)) != NULL) {
        size_t len = (size_t)(lf - c->in.ptr) + 1;
        char line[LINE_MAX_LEN];

        (void)snprintf(line, sizeof(line), "%.*s", (int)len, (const char *)c->in.ptr);
        line[strcspn(line, "\r\n")] = '\0';
        obey(c, line);
        memmove(c->in.ptr, c->in.ptr + len, c->in.len - len);
        c->in.len -= len;
    }
}
