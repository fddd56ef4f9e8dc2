/* A multi-line block on the wire (RFC 3977 section 3.1.1): where it ends, and its lines. Used by
 * both sides: replies that a client reads, articles that a server is sent. */
#ifndef CODEC_NNTP_NNTP_BLOCK_H
#define CODEC_NNTP_NNTP_BLOCK_H

#include <stdbool.h>

#include "base/bytes.h"

/* What the last bytes of the block seen so far were. */
enum nntp_block_state {
    NNTP_BLOCK_LINE_START, /* nothing yet, or CR LF */
    NNTP_BLOCK_MIDDLE,     /* anything else */
    NNTP_BLOCK_CR,         /* CR inside a line */
    NNTP_BLOCK_DOT,        /* a line's first byte is a dot, held back */
    NNTP_BLOCK_DOT_CR,     /* a dot and CR, held back */
};

/* The caller's storage; { 0 } is the start of a block. */
struct nntp_block {
    enum nntp_block_state state;
};

enum nntp_block_event {
    NNTP_BLOCK_MORE, /* `in` is used up */
    NNTP_BLOCK_DATA, /* *piece holds the next bytes of the block, at least one */
    NNTP_BLOCK_END,  /* the lone dot was taken; *in goes on behind it, and the block is { 0 } */
};

/* Take bytes from the front of *in, advancing it, until an event is ready. Pieces are the block as
 * sent: dots still doubled, the last line's CR LF included, the lone dot's line not. They are views
 * into *in, or of constants where a dot was held back over a split, so nothing is copied. Only
 * CR LF ends a line: a dot between bare LFs is data. */
enum nntp_block_event nntp_block_step(
    struct nntp_block *block, struct bytes *in, struct bytes *piece);

/* Take the next line from the front of *block, a complete block's bytes: *line is the line without
 * its CR LF and with a doubled dot undone, a view. False: there are no more lines. */
bool nntp_block_next_line(struct bytes *block, struct bytes *line);

#endif
