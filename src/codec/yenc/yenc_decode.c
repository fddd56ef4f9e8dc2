/* Reads a yEnc body piece by piece: lines up to =ybegin, the data through a kernel, =yend. */
#include "codec/yenc/yenc.h"

#include <string.h>

#include "codec/yenc/yenc_header.h"
#include "codec/yenc/yenc_kernel.h"

enum { SLICE = 8192 }; /* decoded, then summed while it is in the first cache */

void yenc_decode_init(struct yenc_decoder *d, uint8_t *out, size_t cap)
{
    memset(d, 0, sizeof *d);
    d->out = out;
    d->cap = cap;
}

static enum err fail(struct yenc_decoder *d, enum err err)
{
    d->state = YENC_FAILED;
    d->err = err;
    return err;
}

static bool is_control(const struct yenc_decoder *d)
{
    return d->line_len >= 2 && d->line[0] == '=' && d->line[1] == 'y';
}

/* Move a line's bytes from *in to line[]; what does not fit is dropped, which only a line that is
 * no control line may suffer. True: the line is whole, *line is it without its end. */
static bool collect_line(struct yenc_decoder *d, struct bytes *in, struct bytes *line)
{
    const uint8_t *lf = memchr(in->ptr, '\n', in->len);
    size_t len = lf == NULL ? in->len : (size_t)(lf - in->ptr) + 1;
    size_t room = sizeof d->line - d->line_len;
    size_t taken = len < room ? len : room;

    memcpy(d->line + d->line_len, in->ptr, taken);
    d->line_len += taken;
    d->skipped += len;
    bytes_skip(in, len);
    if (lf == NULL) {
        return false;
    }
    *line = bytes_at(d->line, d->line_len);
    while (
        line->len > 0 && (line->ptr[line->len - 1] == '\n' || line->ptr[line->len - 1] == '\r')) {
        line->len--;
    }
    return true;
}

/* Are the lines outside the data within their limits? */
static enum err check_limits(const struct yenc_decoder *d)
{
    bool long_line = is_control(d) && d->line_len == sizeof d->line;

    return long_line || d->skipped > YENC_SKIP_MAX ? ERR_LIMIT : OK;
}

/* The part's length is known: is there room, and what comes next? */
static enum err start_body(struct yenc_decoder *d)
{
    if (d->facts.end - d->facts.begin > d->cap) {
        return ERR_LIMIT;
    }
    d->state = YENC_BODY;
    d->body_state = YENC_AT_START;
    return OK;
}

static enum err on_preamble_line(struct yenc_decoder *d, struct bytes line)
{
    enum err err;

    if (!yenc_header_is(line, "=ybegin")) {
        return OK;
    }
    err = yenc_header_begin(line, &d->facts);
    if (err == OK && d->facts.part > 0) {
        d->state = YENC_PART;
        return OK;
    }
    return err == OK ? start_body(d) : err;
}

static enum err on_part_line(struct yenc_decoder *d, struct bytes line)
{
    enum err err = ERR_BAD_YENC;

    if (yenc_header_is(line, "=ypart")) {
        err = yenc_header_part(line, &d->facts);
    }
    return err == OK ? start_body(d) : err;
}

/* =yend: what was decoded must be what was meant. In an article of several, crc32 is the whole
 * file's and says nothing here. */
static enum err on_end_line(struct yenc_decoder *d, struct bytes line)
{
    struct yenc_trailer t;
    enum err err = ERR_BAD_YENC;
    uint32_t crc;

    if (yenc_header_is(line, "=yend")) {
        err = yenc_header_end(line, &t);
    }
    if (err != OK) {
        return err;
    }
    if (t.size != d->len || t.size != d->facts.end - d->facts.begin ||
        (t.part != 0 && t.part != d->facts.part)) {
        return ERR_BAD_YENC;
    }
    d->facts.has_crc = t.given & YENC_PART_CRC || (t.given & YENC_CRC && d->facts.part == 0);
    crc = t.given & YENC_PART_CRC ? t.part_crc : t.crc;
    if (d->facts.has_crc && crc != d->crc) {
        d->facts.has_crc = false;
        return ERR_BAD_CRC;
    }
    d->state = YENC_TRAILER;
    return OK;
}

static enum err on_line(struct yenc_decoder *d, struct bytes line)
{
    switch (d->state) {
    case YENC_PREAMBLE:
        return on_preamble_line(d, line);
    case YENC_PART:
        return on_part_line(d, line);
    case YENC_END:
        return on_end_line(d, line);
    default:
        return OK;
    }
}

static enum err step_line(struct yenc_decoder *d, struct bytes *in)
{
    struct bytes line = {0};
    bool whole = collect_line(d, in, &line);
    enum err err = check_limits(d);

    if (err == OK && whole) {
        err = on_line(d, line);
        d->line_len = 0;
    }
    return err;
}

/* Decode a slice of the data. */
static enum err step_body(struct yenc_decoder *d, struct bytes *in)
{
    size_t take = in->len < SLICE ? in->len : SLICE;
    struct yenc_body body = {
        (enum yenc_place)d->body_state, in->ptr, take, d->out + d->len, d->cap - d->len};
    enum yenc_body_event event = yenc_kernel_best()->decode(&body);
    size_t made = d->cap - d->len - body.room;

    d->crc = yenc_crc(d->crc, d->out + d->len, made);
    d->len += made;
    d->body_state = body.place;
    bytes_skip(in, take - body.left);
    if (event == YENC_BODY_CONTROL) {
        memcpy(d->line, "=y", 2);
        d->line_len = 2;
        d->skipped = 0;
        d->state = YENC_END;
    }
    return event == YENC_BODY_FULL ? ERR_LIMIT : OK;
}

enum err yenc_decode_step(struct yenc_decoder *d, struct bytes in)
{
    while (in.len > 0 && d->state != YENC_FAILED) {
        enum err err = d->state == YENC_BODY ? step_body(d, &in) : step_line(d, &in);

        if (err != OK) {
            return fail(d, err);
        }
    }
    return d->state == YENC_FAILED ? d->err : OK;
}

enum err yenc_decode_finish(struct yenc_decoder *d, size_t *len)
{
    *len = 0;
    if (d->state == YENC_FAILED) {
        return d->err;
    }
    if (d->state != YENC_TRAILER) {
        return fail(d, ERR_BAD_YENC);
    }
    *len = d->len;
    return OK;
}

enum err yenc_decode(struct bytes in, uint8_t *out, size_t cap, size_t *len)
{
    struct yenc_decoder d;
    enum err err;

    *len = 0;
    yenc_decode_init(&d, out, cap);
    err = yenc_decode_step(&d, in);
    if (err == OK) {
        err = yenc_decode_finish(&d, len);
    }
    if (err == OK && !d.facts.has_crc) {
        *len = 0;
        err = ERR_BAD_YENC;
    }
    return err;
}
