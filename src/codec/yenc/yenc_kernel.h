/* The inner loops of yEnc: the plain twin that is always right, and faster ones for processors that
 * have the instructions. All give the same bytes. For this room, its tests and its bench only. */
#ifndef CODEC_YENC_YENC_KERNEL_H
#define CODEC_YENC_YENC_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    YENC_SHIFT = 42,       /* what encoding adds to every byte */
    YENC_ESCAPE = 64,      /* and to an escaped one */
    YENC_FAST_LINE = 128,  /* the line length that kernels know */
    YENC_OUT_SLACK = 128,  /* bytes that a kernel may write behind its output */
    YENC_DECODE_BLOCK = 64 /* kernels leave less input or room than this to the plain twin */
};

/* Bytes on their way through the encoder; it moves on at the start of a line. */
struct yenc_span {
    const uint8_t *in;
    size_t left;
    uint8_t *out; /* room for all of it and YENC_OUT_SLACK more */
};

/* Where in a line of the body the decoder stands. */
enum yenc_place {
    YENC_AT_START,    /* nothing yet, or behind CR LF */
    YENC_AT_MIDDLE,   /* anywhere else */
    YENC_AT_CR,       /* behind CR */
    YENC_AT_ESCAPE,   /* behind '=': the next byte is escaped */
    YENC_AT_START_EQ, /* behind a line's first '=': a 'y' makes it a control line */
};

/* Body bytes on their way through the decoder. */
struct yenc_body {
    enum yenc_place place;
    const uint8_t *in;
    size_t left;
    uint8_t *out;
    size_t room; /* bytes left at `out` */
};

enum yenc_body_event {
    YENC_BODY_MORE,    /* `left` is 0 */
    YENC_BODY_CONTROL, /* the "=y" of a control line was taken */
    YENC_BODY_FULL,    /* there is no room for the next byte */
};

struct yenc_kernel {
    const char *name;
    bool (*usable)(void); /* does this processor have the instructions? */
    /* Encode whole lines of YENC_FAST_LINE while `left` is at least that. */
    void (*encode)(struct yenc_span *span);
    /* Decode until an event. CR and LF are dropped wherever they stand, a line's first dot too; the
     * byte behind '=' is data whatever it is. May spoil `out` up to `room`. */
    enum yenc_body_event (*decode)(struct yenc_body *body);
};

/* Kernel number `i`, 0 is the plain twin; NULL behind the last one. */
const struct yenc_kernel *yenc_kernel_get(size_t i);

/* The fastest one that this processor can run. */
const struct yenc_kernel *yenc_kernel_best(void);

/* Encode all of *span in lines of `line`, and return the CRC-32 of what was read. */
uint32_t yenc_kernel_encode(const struct yenc_kernel *kernel, struct yenc_span *span, size_t line);

/* CRC-32 (IEEE, as in zip) of `len` bytes behind those that gave `crc`; 0 to start. */
uint32_t yenc_crc(uint32_t crc, const uint8_t *in, size_t len);

/* Encode one line, up to `line` octets or the end of the input, with its CR LF. */
void yenc_plain_line(struct yenc_span *span, size_t line);

/* The kernels themselves, for the table. */
void yenc_plain_encode(struct yenc_span *span);
enum yenc_body_event yenc_plain_decode(struct yenc_body *body);
#ifdef __x86_64__
bool yenc_avx2_usable(void);
void yenc_avx2_encode(struct yenc_span *span);
enum yenc_body_event yenc_avx2_decode(struct yenc_body *body);
bool yenc_vbmi2_usable(void);
void yenc_vbmi2_encode(struct yenc_span *span);
enum yenc_body_event yenc_vbmi2_decode(struct yenc_body *body);
#endif

#endif
