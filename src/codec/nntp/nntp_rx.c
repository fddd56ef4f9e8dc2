/* The client's reply reader: a status line, then perhaps a block, then the next status line. */
#include "codec/nntp/nntp_rx.h"

#include <string.h>

void nntp_rx_init(struct nntp_rx *rx, uint64_t block_max)
{
    memset(rx, 0, sizeof *rx);
    rx->block_max = block_max;
}

void nntp_rx_expect(struct nntp_rx *rx, enum nntp_shape shape)
{
    rx->shape = shape;
}

static enum nntp_event bad(struct nntp_rx *rx)
{
    rx->state = NNTP_RX_BAD;
    return NNTP_BAD;
}

/* The codes that a multi-line block follows (RFC 3977 appendix C). 211 is not one of them: we never
 * send LISTGROUP. */
static bool code_has_block(int code)
{
    static const int codes[] = {100, 101, 215, 220, 221, 222, 224, 225, 230, 231};

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i] == code) {
            return true;
        }
    }
    return false;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Take a whole line, CR LF included, apart. */
static bool parse_status(struct bytes line, struct nntp_item *item)
{
    size_t len = line.len - 2;
    const uint8_t *p = line.ptr;

    if (line.len < 5 || p[len] != '\r' || memchr(p, '\r', len) != NULL) {
        return false;
    }
    if (p[0] < '1' || p[0] > '5' || !is_digit(p[1]) || !is_digit(p[2]) ||
        (len > 3 && p[3] != ' ')) {
        return false;
    }
    item->code = (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
    item->text = len > 4 ? bytes_at(p + 4, len - 4) : bytes_at(p + 3, 0);
    return true;
}

/* Collect a status line; a whole one in *in is looked at where it stands. */
static enum nntp_event step_status(struct nntp_rx *rx, struct bytes *in, struct nntp_item *item)
{
    const uint8_t *lf = memchr(in->ptr, '\n', in->len);
    size_t len = lf == NULL ? in->len : (size_t)(lf - in->ptr) + 1;
    struct bytes line = bytes_at(in->ptr, len);

    if (rx->line_len + len > NNTP_STATUS_MAX - (lf == NULL)) {
        return bad(rx);
    }
    if (lf == NULL || rx->line_len > 0) {
        memcpy(rx->line + rx->line_len, in->ptr, len);
        rx->line_len += len;
        line = bytes_at(rx->line, rx->line_len);
    }
    bytes_skip(in, len);
    if (lf == NULL) {
        return NNTP_MORE;
    }
    rx->line_len = 0;
    if (!parse_status(line, item)) {
        return bad(rx);
    }
    item->block = rx->shape == NNTP_MULTI && code_has_block(item->code);
    if (item->block) {
        rx->state = NNTP_RX_BLOCK;
        rx->block_left = rx->block_max;
    } else {
        rx->shape = NNTP_SINGLE;
    }
    return NNTP_STATUS;
}

static enum nntp_event step_block(struct nntp_rx *rx, struct bytes *in, struct nntp_item *item)
{
    switch (nntp_block_step(&rx->block, in, &item->text)) {
    case NNTP_BLOCK_MORE:
        return NNTP_MORE;
    case NNTP_BLOCK_DATA:
        if (item->text.len > rx->block_left) {
            rx->state = NNTP_RX_BAD;
            return NNTP_TOO_LONG;
        }
        rx->block_left -= item->text.len;
        return NNTP_DATA;
    case NNTP_BLOCK_END:
        rx->state = NNTP_RX_STATUS;
        rx->shape = NNTP_SINGLE;
        return NNTP_END;
    }
    return bad(rx);
}

enum nntp_event nntp_rx_step(struct nntp_rx *rx, struct bytes *in, struct nntp_item *item)
{
    memset(item, 0, sizeof *item);
    if (rx->state == NNTP_RX_BAD) {
        return NNTP_BAD;
    }
    if (in->len == 0) {
        return NNTP_MORE;
    }
    return rx->state == NNTP_RX_BLOCK ? step_block(rx, in, item) : step_status(rx, in, item);
}
