/* Asking one place for a head, and judging what lies there. */
#ifndef FLOW_RESTORE_HEAD_FIND_H
#define FLOW_RESTORE_HEAD_FIND_H

#include "codec/manifest/head.h"
#include "codec/seal/seal_head.h"
#include "flow/restore/held.h"
#include "flow/restore/restore_ctx.h"

/* What finds and judges the heads of one share. */
struct head_keys {
    struct read_keys read;
    uint8_t fingerprint[SEAL_FP_LEN];
};

/* A head that is right: opened, decoded, signed by the link's owner, and where it belongs. */
struct found_head {
    struct held *payload; /* HEAD_PAYLOAD_LEN bytes; head_decode() accepts them */
    uint64_t n;
    uint8_t hash[KEY_LEN];
    uint8_t prev[KEY_LEN];
};

/* OK: *found, whose payload is the callee's from now on. ERR_NO_ARTICLE: nothing is there.
 * ERR_TOO_NEW: a newer format. KIND_CORRUPT: something is there that is not this share's head.
 * Else the question could not be answered, and `text` is what the server said. */
typedef void (*head_find_fn)(void *arg, const struct seal_slot *slot, enum err err,
    struct found_head *found, const char *text);

/* Ask. Freed when done has run or after head_find_cancel(), before which the flow's errands must
 * have been forgotten. `keys` must live as long. */
struct head_find;
struct head_question {
    const struct head_keys *keys;
    struct seal_slot slot;
};
MUST_USE enum err head_find_start(struct restore_ctx *ctx, const struct head_question *question,
    head_find_fn done, void *arg, struct head_find **out);
void head_find_cancel(struct head_find *find);

/* Judge the article body `wire` found at `slot`. Pure; slow: for workers. */
MUST_USE enum err head_judge(struct sealer *sealer, const struct head_keys *keys,
    const struct seal_slot *slot, struct bytes wire, struct found_head *found);

#endif
