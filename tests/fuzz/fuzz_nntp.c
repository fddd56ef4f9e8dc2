/* The client's side of NNTP. Byte 0 says how the rest is cut, byte 1 what is asked for; the events
 * must be the same as uncut. Then the judge, the id finder and the line walker get the bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/nntp/nntp_block.h"
#include "codec/nntp/nntp_id.h"
#include "codec/nntp/nntp_reply.h"
#include "codec/nntp/nntp_rx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BLOCK_MAX = 1 << 24 };

/* What happened, as one number: FNV-1a over events, codes and bytes. */
struct trace {
    struct nntp_rx rx;
    uint64_t hash;
    unsigned asks;
};

static void mix(struct trace *t, const void *ptr, size_t len)
{
    const uint8_t *p = ptr;

    for (size_t i = 0; i < len; i++) {
        t->hash = (t->hash ^ p[i]) * 1099511628211U;
    }
}

static void ask(struct trace *t)
{
    nntp_rx_expect(&t->rx, (t->asks & 1) != 0 ? NNTP_MULTI : NNTP_SINGLE);
    t->asks = t->asks >> 1 | t->asks << 7;
}

static void on_status(struct trace *t, const struct nntp_item *item)
{
    struct nntp_reply reply;

    mix(t, &item->code, sizeof item->code);
    mix(t, item->text.ptr, item->text.len);
    for (int cmd = NNTP_CMD_GREETING; cmd < NNTP_CMD_COUNT; cmd++) {
        nntp_reply_judge((enum nntp_cmd)cmd, item->code, item->text, &reply);
        if (reply.id.text[0] != '\0' && !nntp_id_valid(bytes_str(reply.id.text))) {
            abort();
        }
    }
    if (!item->block) {
        ask(t);
    }
}

/* True: go on. */
static int feed(struct trace *t, struct bytes in)
{
    struct nntp_item item;
    enum nntp_event event;

    while ((event = nntp_rx_step(&t->rx, &in, &item)) != NNTP_MORE) {
        if (event != NNTP_DATA) {
            mix(t, &event, sizeof event);
        }
        if (event == NNTP_STATUS) {
            on_status(t, &item);
        } else if (event == NNTP_DATA) {
            mix(t, item.text.ptr, item.text.len);
        } else if (event == NNTP_END) {
            ask(t);
        } else {
            return 0;
        }
    }
    return 1;
}

static uint64_t run(struct bytes in, unsigned asks, size_t cut)
{
    struct trace t = {.hash = 14695981039346656037U, .asks = asks};

    nntp_rx_init(&t.rx, BLOCK_MAX);
    ask(&t);
    while (in.len > 0) {
        size_t len = cut < in.len ? cut : in.len;

        if (!feed(&t, bytes_at(in.ptr, len))) {
            break;
        }
        bytes_skip(&in, len);
    }
    return t.hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = bytes_at(data, size);
    struct bytes line;
    size_t cut;

    if (size < 2) {
        return 0;
    }
    cut = (size_t)data[0] % 40 + 1;
    bytes_skip(&in, 2);
    if (run(in, data[1], cut) != run(in, data[1], SIZE_MAX)) {
        abort();
    }
    while (nntp_block_next_line(&in, &line)) {
    }
    return 0;
}
