/* Finds the lone dot. The scan hops from dot to dot with memchr, since in an article's body a dot
 * is rarer than a line end; what lies before it is handed out where it stands. */
#include "codec/nntp/nntp_block.h"

#include <string.h>

/* What was held back when a dot turns out to be data. */
static const uint8_t held[] = {'.', '\r'};

/* `in` starts with a dot at a line's start: as far as it can be seen, is it the lone one? */
static bool may_be_end(const uint8_t *in, size_t len)
{
    return (len < 2 || in[1] == '\r') && (len < 3 || in[2] == '\n');
}

/* Does in[i] stand at a line's start? */
static bool at_line_start(enum nntp_block_state state, const uint8_t *in, size_t i)
{
    if (i == 0) {
        return state == NNTP_BLOCK_LINE_START;
    }
    if (i == 1) {
        return in[0] == '\n' && state == NNTP_BLOCK_CR;
    }
    return in[i - 1] == '\n' && in[i - 2] == '\r';
}

/* The length of the data in front of the first dot that may be the lone one; all of it if none. */
static size_t data_len(enum nntp_block_state state, struct bytes in)
{
    size_t i = 0;

    for (;;) {
        const uint8_t *dot = i < in.len ? memchr(in.ptr + i, '.', in.len - i) : NULL;

        if (dot == NULL) {
            return in.len;
        }
        i = (size_t)(dot - in.ptr);
        if (at_line_start(state, in.ptr, i) && may_be_end(dot, in.len - i)) {
            return i;
        }
        i++;
    }
}

/* Hand out all data that is sure; at least one byte is. */
static enum nntp_block_event take_data(
    struct nntp_block *block, struct bytes *in, struct bytes *piece)
{
    size_t len = data_len(block->state, *in);

    if (at_line_start(block->state, in->ptr, len)) {
        block->state = NNTP_BLOCK_LINE_START;
    } else {
        block->state = in->ptr[len - 1] == '\r' ? NNTP_BLOCK_CR : NNTP_BLOCK_MIDDLE;
    }
    *piece = bytes_at(in->ptr, len);
    bytes_skip(in, len);
    return NNTP_BLOCK_DATA;
}

/* Take one byte that may belong to the lone dot's line and move on to `next`. */
static void hold(struct nntp_block *block, struct bytes *in, enum nntp_block_state next)
{
    bytes_skip(in, 1);
    block->state = next;
}

/* What was held back was data after all. */
static enum nntp_block_event give_back(
    struct nntp_block *block, enum nntp_block_state next, struct bytes *piece)
{
    *piece = bytes_at(held, block->state == NNTP_BLOCK_DOT_CR ? 2 : 1);
    block->state = next;
    return NNTP_BLOCK_DATA;
}

enum nntp_block_event nntp_block_step(
    struct nntp_block *block, struct bytes *in, struct bytes *piece)
{
    while (in->len > 0) {
        uint8_t c = in->ptr[0];

        switch (block->state) {
        case NNTP_BLOCK_LINE_START:
            if (c != '.' || !may_be_end(in->ptr, in->len)) {
                return take_data(block, in, piece);
            }
            hold(block, in, NNTP_BLOCK_DOT);
            break;
        case NNTP_BLOCK_DOT:
            if (c != '\r') {
                return give_back(block, NNTP_BLOCK_MIDDLE, piece);
            }
            hold(block, in, NNTP_BLOCK_DOT_CR);
            break;
        case NNTP_BLOCK_DOT_CR:
            if (c != '\n') {
                return give_back(block, NNTP_BLOCK_CR, piece);
            }
            hold(block, in, NNTP_BLOCK_LINE_START);
            return NNTP_BLOCK_END;
        case NNTP_BLOCK_MIDDLE:
        case NNTP_BLOCK_CR:
            return take_data(block, in, piece);
        }
    }
    return NNTP_BLOCK_MORE;
}

bool nntp_block_next_line(struct bytes *block, struct bytes *line)
{
    const uint8_t *end;

    if (block->len == 0) {
        return false;
    }
    end = memmem(block->ptr, block->len, "\r\n", 2);
    *line = bytes_at(block->ptr, end == NULL ? block->len : (size_t)(end - block->ptr));
    bytes_skip(block, end == NULL ? block->len : line->len + 2);
    if (line->len > 0 && line->ptr[0] == '.') {
        bytes_skip(line, 1);
    }
    return true;
}
