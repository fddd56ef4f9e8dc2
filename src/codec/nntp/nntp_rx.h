/* The client's ear: bytes from a news server in, status lines and raw bodies out. Knows no socket.
 * Bodies come as pieces and not as lines, because an article has 6,000 of them. */
#ifndef CODEC_NNTP_NNTP_RX_H
#define CODEC_NNTP_NNTP_RX_H

#include <stdbool.h>

#include "base/bytes.h"
#include "codec/nntp/nntp_block.h"

enum { NNTP_STATUS_MAX = 4096 }; /* octets of a status line with CR LF; RFC 3977 says 512 */

enum nntp_event {
    NNTP_MORE,     /* `in` is used up; call again with more */
    NNTP_STATUS,   /* item->code, item->text and item->block hold a status line */
    NNTP_DATA,     /* item->text is the next piece of the block, raw (see nntp_block_step) */
    NNTP_END,      /* the lone dot: the block is complete */
    NNTP_BAD,      /* not NNTP, or an overlong line; the connection is lost, and so it stays */
    NNTP_TOO_LONG, /* the block is over its limit; after that NNTP_BAD */
};

/* What the command's success looks like. */
enum nntp_shape {
    NNTP_SINGLE, /* a status line alone, whatever its code */
    NNTP_MULTI,  /* a block follows 100, 101, 215, 220, 221, 222, 224, 225, 230 and 231 */
};

struct nntp_item {
    int code;          /* 100..599 */
    struct bytes text; /* any bytes but CR and LF for a status; dies with the next step */
    bool block;        /* a block follows this status: NNTP_DATA ..., NNTP_END */
};

enum nntp_rx_state { NNTP_RX_STATUS, NNTP_RX_BLOCK, NNTP_RX_BAD };

/* One connection's reader; the caller's storage, fields private. */
struct nntp_rx {
    enum nntp_rx_state state;
    enum nntp_shape shape; /* of the reply that comes next, or is under way */
    struct nntp_block block;
    uint64_t block_max;  /* bytes a block may have */
    uint64_t block_left; /* of these, what the current block has left */
    size_t line_len;     /* bytes of an unfinished status line in line[] */
    uint8_t line[NNTP_STATUS_MAX];
};

/* Start to listen; the next bytes are a greeting. A block longer than `block_max` bytes is
 * NNTP_TOO_LONG. */
void nntp_rx_init(struct nntp_rx *rx, uint64_t block_max);

/* Say what the next reply answers. Call it before the reply's first byte is fed; it goes back to
 * NNTP_SINGLE when the reply is complete, so a pipelining caller says it for each reply. */
void nntp_rx_expect(struct nntp_rx *rx, enum nntp_shape shape);

/* Take bytes from the front of *in, advancing it, until an event is ready. Any split of the same
 * bytes gives the same events; only the cuts between NNTP_DATA pieces differ. A status line is
 * three digits (first 1 to 5), then the end or a space and text, and ends with CR LF: a bare CR or
 * LF in it is NNTP_BAD, because whoever sends one may mean two lines. Replies nobody asked for come
 * out as any other; that is the caller's matter. */
enum nntp_event nntp_rx_step(struct nntp_rx *rx, struct bytes *in, struct nntp_item *item);

#endif
