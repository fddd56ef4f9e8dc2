/* What all steps of one publication share. Made by the conductor (publish.c), borrowed by the
 * steps; touched on the loop's thread only, but for what is constant (keys, share id, store), which
 * workers read. */
#ifndef FLOW_PUBLISH_CTX_H
#define FLOW_PUBLISH_CTX_H

#include <stdbool.h>

#include "codec/seal/seal_head.h"
#include "flow/publish/publish.h"

enum { PUBLISH_TEXT_MAX = 256 };

struct publish_ctx {
    struct publish_options o;
    struct store_share share;
    struct share_keys keys;
    struct read_keys read;
    struct sealer *sealer; /* the loop thread's own */
    uint64_t version;      /* the one being made */
    bool renew;            /* it is to be made even if nothing is new */
    uint64_t foreign;      /* bit i: something else lies in slot i of its addresses */
    uint32_t sample;       /* random: which articles of a volume are fetched to be confirmed */
    struct progress progress;
    uint64_t articles, bytes_posted, skipped; /* for the result */
    char text[PUBLISH_TEXT_MAX];              /* why it failed, in the server's or system's words */
    unsigned pins;
};

/* Make one for a share; it has one pin. ERR_NO_ROW: no such share. */
MUST_USE enum err publish_ctx_new(const struct publish_options *options, struct publish_ctx **ctx);

/* Pins are counted on the loop's thread; the last one to go frees, and wipes the keys. */
void publish_ctx_pin(struct publish_ctx *ctx);
void publish_ctx_unpin(struct publish_ctx *ctx);

/* How a step reports its end, once. */
typedef void (*publish_step_fn)(void *arg, enum err err);

/* Keep the words that explain a failure; the first ones win. */
void publish_ctx_text(struct publish_ctx *ctx, const char *text);

#endif
