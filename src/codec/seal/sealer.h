/* What sealing computes with: libcrypto's algorithms, fetched once, and the one key derivation that
 * everything here goes through. */
#ifndef CODEC_SEAL_SEALER_H
#define CODEC_SEAL_SEALER_H

#include "base/bytes.h"
#include "base/ids.h"
#include "codec/seal/seal_labels.h"

struct sealer;

/* Fetch the algorithms. One thread uses a sealer at a time: make one for each thread.
 * ERR_CRYPTO: libcrypto or libsodium lacks one. */
MUST_USE enum err sealer_new(struct sealer **out);

/* Free `s`, wiping its contexts. NULL is fine. */
void sealer_free(struct sealer *s);

/* BLAKE2b-256 of `ctx`, keyed with `key` and personalised with "u1:" and the label, into `out`.
 * `out` may be `key`. */
MUST_USE enum err seal_kdf(struct sealer *s, const uint8_t key[KEY_LEN], enum seal_label label,
    struct bytes ctx, uint8_t out[KEY_LEN]);

/* The content id of `content` under a share's content key: of a payload, of a parity segment's raw
 * bytes, of an object's stored bytes. An item's id is the first ITEM_ID_LEN bytes of the cid of its
 * plain bytes. */
MUST_USE enum err seal_cid(
    struct sealer *s, const uint8_t ck[KEY_LEN], struct bytes content, struct cid *cid);

/* The cids of `count` contents (of any lengths), in their order, in less than half the time from
 * three on: they are hashed side by side where the processor can. */
void seal_cids(
    const uint8_t ck[KEY_LEN], const struct bytes *contents, size_t count, struct cid *cids);

/* The label's text, without "u1:"; lives for ever. */
const char *seal_label_text(enum seal_label label);

#endif
