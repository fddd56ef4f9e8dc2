/* Bodies that are not what was posted. */
#include <string.h>

#include "codec/yenc/yenc.h"
#include "hostile.h"

enum { HEAD_ROOM = 400, TAIL_ROOM = 200, REDOT_EVERY = 500 };

/* Octets whose change would change the lines, not the data. */
static bool is_special(uint8_t c)
{
    return c == 0 || c == '\r' || c == '\n' || c == '=' || c == '.';
}

/* Another octet somewhere in the middle: the CRC is wrong. `salt` says where. */
static void flip(struct buf *body, uint64_t salt)
{
    size_t span = body->len > HEAD_ROOM + TAIL_ROOM ? body->len - HEAD_ROOM - TAIL_ROOM : 0;
    size_t at = span == 0 ? body->len : HEAD_ROOM + (size_t)(salt % span);

    while (at + TAIL_ROOM < body->len) {
        if (!is_special(body->ptr[at]) && !is_special(body->ptr[at] ^ 1) &&
            body->ptr[at - 1] != '=') {
            body->ptr[at] ^= 1;
            return;
        }
        at++;
    }
}

/* The article anew, from its first `len` octets, with one of them changed where `salt` is not 0:
 * its CRC is right. */
static void encode_anew(struct buf *body, size_t take_off, uint64_t salt)
{
    struct buf raw = {0};
    struct yenc_decoder decoder;
    struct yenc_options options = {0};
    size_t len = 0;

    must(buf_resize(&raw, body->len));
    yenc_decode_init(&decoder, raw.ptr, raw.len);
    if (yenc_decode_step(&decoder, buf_view(body)) == OK &&
        yenc_decode_finish(&decoder, &len) == OK && len > take_off) {
        raw.len = len - take_off;
        if (salt != 0) {
            raw.ptr[salt % raw.len] ^= 1;
        }
        options.name = bytes_str(decoder.facts.name);
        body->len = 0;
        must(yenc_encode(buf_view(&raw), &options, body));
    }
    buf_clear(&raw);
}

/* Lines in the middle are gone; what is said of them at the end stays. */
static void cut_lines(struct buf *body)
{
    size_t from = body->len / 2;
    const uint8_t *first = memchr(body->ptr + from, '\n', body->len - from);
    const uint8_t *last = memmem(body->ptr, body->len, "\r\n=yend", 7);

    if (first != NULL && last != NULL && first < last) {
        size_t at = (size_t)(first + 1 - body->ptr);
        size_t rest = (size_t)(last + 2 - body->ptr);

        memmove(body->ptr + at, body->ptr + rest, body->len - rest);
        body->len -= rest - at;
    }
}

/* What a server does to dots at the front of lines: takes one away, or puts two before some lines.
 */
static void change_dots(struct buf *body, enum action action, uint64_t every)
{
    struct buf whole = *body;
    struct bytes rest = buf_view(&whole);
    uint64_t number = 0;

    *body = (struct buf){0};
    while (rest.len > 0) {
        const uint8_t *lf = memchr(rest.ptr, '\n', rest.len);
        struct bytes line = {rest.ptr, lf == NULL ? rest.len : (size_t)(lf - rest.ptr) + 1};

        bytes_skip(&rest, line.len);
        if (action == ACTION_UNDOT && line.ptr[0] == '.') {
            bytes_skip(&line, 1);
        }
        if (action == ACTION_REDOT && (line.ptr[0] == '.' || ++number % every == 0)) {
            must(buf_append_str(body, ".."));
        }
        must(buf_append(body, line));
    }
    buf_clear(&whole);
}

/* Another article that is there, by the dice. */
static const struct article *another(struct hostile *hostile, const struct article *article)
{
    const struct shelf *shelf = &hostile->shelf;
    size_t from = (size_t)script_dice(&hostile->script, shelf->count);

    for (size_t i = 0; i < shelf->count; i++) {
        const struct article *other = shelf->articles[(from + i) % shelf->count];

        if (other != article && other->state == ARTICLE_KEPT) {
            return other;
        }
    }
    return article;
}

void spoil_body(struct hostile *hostile, const struct article *article, const struct rule *rule,
    struct buf *out)
{
    enum action action = rule != NULL ? rule->action : ACTION_COUNT;
    struct buf body = {0};
    uint64_t salt = rule != NULL && rule->seen != 0 ? rule->seen : 1;

    if (action == ACTION_SWAP) {
        article = another(hostile, article);
    }
    must(shelf_read(&hostile->shelf, article, &body));
    if (action == ACTION_FLIP) {
        flip(&body, salt * 7919);
    } else if (action == ACTION_FORGE) {
        encode_anew(&body, 0, salt);
    } else if (action == ACTION_SHORT && rule->n > 0) {
        encode_anew(&body, (size_t)rule->n, 0);
    } else if (action == ACTION_SHORT) {
        cut_lines(&body);
    } else if (action == ACTION_UNDOT || action == ACTION_REDOT) {
        change_dots(&body, action, rule->n > 0 ? rule->n : REDOT_EVERY);
    }
    must(buf_append(out, buf_view(&body)));
    buf_clear(&body);
}
