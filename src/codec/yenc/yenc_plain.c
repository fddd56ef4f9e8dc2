/* The plain twin: a byte at a time, as the draft says it. The faster kernels hand it what is odd,
 * so it is not only their judge. */
#include "codec/yenc/yenc_kernel.h"

/* Must `c`, encoded, be escaped where it stands? (draft 1.3, "encoding"; dots so that the line
 * needs no doubling, blanks because transports may cut them at a line's ends) */
static bool must_escape(uint8_t c, bool first, bool last)
{
    switch (c) {
    case '\0':
    case '\n':
    case '\r':
    case '=':
        return true;
    case '.':
        return first;
    case '\t':
    case ' ':
        return first || last;
    default:
        return false;
    }
}

void yenc_plain_line(struct yenc_span *span, size_t line)
{
    size_t column = 0;

    while (column < line && span->left > 0) {
        uint8_t c = (uint8_t)(*span->in++ + YENC_SHIFT);
        bool last = column == line - 1 || span->left == 1;

        if (must_escape(c, column == 0, last)) {
            *span->out++ = '=';
            c = (uint8_t)(c + YENC_ESCAPE);
            column++;
        }
        *span->out++ = c;
        column++;
        span->left--;
    }
    *span->out++ = '\r';
    *span->out++ = '\n';
}

void yenc_plain_encode(struct yenc_span *span)
{
    while (span->left >= YENC_FAST_LINE) {
        yenc_plain_line(span, YENC_FAST_LINE);
    }
}

/* What one byte does to the place in the line. */
static enum yenc_place move(enum yenc_place place, uint8_t c)
{
    if (place == YENC_AT_ESCAPE || place == YENC_AT_START_EQ) {
        return YENC_AT_MIDDLE;
    }
    switch (c) {
    case '\r':
        return YENC_AT_CR;
    case '\n':
        return place == YENC_AT_CR ? YENC_AT_START : YENC_AT_MIDDLE;
    case '=':
        return place == YENC_AT_START ? YENC_AT_START_EQ : YENC_AT_ESCAPE;
    default:
        return YENC_AT_MIDDLE;
    }
}

/* Does `c` stand for a byte of data? */
static bool is_data(enum yenc_place place, uint8_t c)
{
    if (place == YENC_AT_ESCAPE || place == YENC_AT_START_EQ) {
        return true;
    }
    return c != '\r' && c != '\n' && c != '=' && (c != '.' || place != YENC_AT_START);
}

enum yenc_body_event yenc_plain_decode(struct yenc_body *body)
{
    while (body->left > 0) {
        enum yenc_place place = body->place;
        uint8_t c = *body->in;
        bool control = place == YENC_AT_START_EQ && c == 'y';
        bool data = !control && is_data(place, c);

        if (data && body->room == 0) {
            return YENC_BODY_FULL;
        }
        body->in++;
        body->left--;
        body->place = control ? YENC_AT_START : move(place, c);
        if (control) {
            return YENC_BODY_CONTROL;
        }
        if (data) {
            bool escaped = place == YENC_AT_ESCAPE || place == YENC_AT_START_EQ;

            *body->out++ = (uint8_t)(c - YENC_SHIFT - (escaped ? YENC_ESCAPE : 0));
            body->room--;
        }
    }
    return YENC_BODY_MORE;
}
