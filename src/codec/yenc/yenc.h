/* yEnc: bytes as the text of a news article, and back (yEnc draft 1.3). Works on article bodies as
 * they are on the wire, so nothing has to double or undo dots before or after it. */
#ifndef CODEC_YENC_YENC_H
#define CODEC_YENC_YENC_H

#include <stdbool.h>

#include "base/bytes.h"

enum {
    YENC_LINE = 128,         /* the line length everybody reads; what line = 0 means */
    YENC_LINE_MAX = 997,     /* what fits an NNTP line with an escape at its end */
    YENC_NAME_MAX = 255,     /* octets of a name */
    YENC_HEADER_MAX = 1024,  /* octets of a =y line */
    YENC_SKIP_MAX = 1 << 20, /* octets before =ybegin, and after =yend */
};

struct yenc_options {
    struct bytes name; /* 1 to YENC_NAME_MAX octets, no CR, LF, NUL, no space at an end */
    size_t line;       /* encoded octets a line, 1 to YENC_LINE_MAX; 0: YENC_LINE */
};

/* The most bytes that yenc_encode() appends for `len` bytes in lines of `line` (0: YENC_LINE). */
size_t yenc_encoded_max(size_t len, size_t line);

/* Append the single-part yEnc body of `in` to *out, =ybegin to =yend, CRC-32 included. No line
 * starts with a dot (it is written escaped), and space and TAB are escaped at both ends of a line,
 * so the result goes on the wire as it is; the lone dot is the caller's. The same input gives the
 * same bytes, whatever the processor.
 * ERR_BAD_REQUEST, *out unchanged: `in` is empty (yEnc has no empty file), or bad options. */
MUST_USE enum err yenc_encode(struct bytes in, const struct yenc_options *options, struct buf *out);

/* What the article says of itself; whole after =yend. */
struct yenc_facts {
    char name[YENC_NAME_MAX + 1];
    uint64_t size;  /* of the whole file */
    uint32_t part;  /* 0: single part */
    uint32_t total; /* 0: not said */
    uint64_t begin; /* first byte of this part, from 0; 0 for single part */
    uint64_t end;   /* one behind its last byte */
    bool has_crc;   /* =yend brought a CRC of these bytes, and it was right */
};

enum yenc_state { YENC_PREAMBLE, YENC_PART, YENC_BODY, YENC_END, YENC_TRAILER, YENC_FAILED };

/* An article that is being decoded; the caller's storage. Only `facts` is for reading. */
struct yenc_decoder {
    struct yenc_facts facts;
    enum yenc_state state;
    enum err err;    /* of YENC_FAILED */
    uint8_t *out;    /* borrowed */
    size_t cap;      /* of out */
    size_t len;      /* decoded so far */
    uint32_t crc;    /* of out[0..len) */
    size_t skipped;  /* octets outside =ybegin and =yend */
    int body_state;  /* where in a line the last piece ended */
    size_t line_len; /* octets of an unfinished =y line, or of one outside, in line[] */
    uint8_t line[YENC_HEADER_MAX];
};

/* Start to decode into `out`, which holds `cap` bytes and must live until _finish. */
void yenc_decode_init(struct yenc_decoder *d, uint8_t *out, size_t cap);

/* Take the next piece of a raw body (dots doubled as on the wire, no lone dot), any size. What has
 * been decoded is in out[0 .. d->len), but nothing of it is sure before _finish.
 * ERR_BAD_YENC: it is not yEnc. ERR_LIMIT: it is more than `cap`, or than the limits above. After
 * an error every further call returns it again. */
MUST_USE enum err yenc_decode_step(struct yenc_decoder *d, struct bytes in);

/* The body is complete: check size and CRC and set *len to the bytes decoded.
 * ERR_BAD_YENC: cut short, or the sizes disagree. ERR_BAD_CRC: damaged. An article that names no
 * CRC is OK if its size is right; see facts.has_crc. */
MUST_USE enum err yenc_decode_finish(struct yenc_decoder *d, size_t *len);

/* Decode the complete raw body `in` into `out`, which holds `cap` bytes.
 * OK: *len bytes were written and their CRC was right. Else do not use what `out` holds:
 * ERR_BAD_CRC: the article is damaged. ERR_BAD_YENC: it is not yEnc, or names no CRC.
 * ERR_LIMIT: it is larger than `cap`. */
MUST_USE enum err yenc_decode(struct bytes in, uint8_t *out, size_t cap, size_t *len);

#endif
