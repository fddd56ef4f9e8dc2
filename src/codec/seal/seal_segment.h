/* Segments: payloads into what articles carry, and back (docs/format.md, section 3). The same
 * payload at the same index of the same volume gives the same bytes, for ever. */
#ifndef CODEC_SEAL_SEAL_SEGMENT_H
#define CODEC_SEAL_SEAL_SEGMENT_H

#include "codec/seal/seal_keys.h"

/* Which segment of a volume is meant, and which sending of it. */
struct seal_place {
    struct cid cid;
    uint32_t index;   /* data: 0 .. K-1; parity: K .. K+M-1 */
    uint32_t attempt; /* 0 at first; does not change the sealed bytes, only mask and names */
};

enum seal_kind { SEAL_KIND_DATA, SEAL_KIND_PARITY };

/* Seal `payload` (PAYLOAD_LEN bytes, padded with zeros by the caller) as place->index, into `out`
 * (SEGMENT_LEN bytes), and set place->cid. `out` may be `payload`. */
MUST_USE enum err seal_segment(struct sealer *s, const struct volume_keys *keys,
    struct seal_place *place, const uint8_t *payload, uint8_t *out);

/* The same for a payload whose cid is already known and stands in place->cid: no second hash. */
MUST_USE enum err seal_segment_known(struct sealer *s, const struct volume_keys *keys,
    const struct seal_place *place, const uint8_t *payload, uint8_t *out);

/* Is a body of this kind masked? All parity, and data from attempt 1 on. */
bool seal_needs_mask(enum seal_kind kind, uint32_t attempt);

/* XOR the mask of `place` into `body` (SEGMENT_LEN bytes): puts it on and takes it off. */
MUST_USE enum err seal_mask(struct sealer *s, const struct volume_keys *keys,
    const struct seal_place *place, uint8_t *body);

/* Open `sealed` (SEGMENT_LEN bytes, mask taken off) into `payload` (PAYLOAD_LEN bytes), which may
 * be `sealed`. OK: the bytes are those whose cid is place->cid.
 * ERR_BAD_SEAL: they are not; `payload` holds zeros. */
MUST_USE enum err seal_open(struct sealer *s, const struct volume_keys *keys,
    const struct seal_place *place, const uint8_t *sealed, uint8_t *payload);

/* Are these SEGMENT_LEN raw bytes the parity segment of `place`? ERR_BAD_SEAL: no. */
MUST_USE enum err seal_check_parity(struct sealer *s, const struct volume_keys *keys,
    const struct seal_place *place, const uint8_t *raw);

enum { SEAL_OPEN_MAX = 8 };

/* One of some segments that are opened together. */
struct seal_opening {
    const struct volume_keys *keys;
    const struct seal_place *place;
    enum seal_kind kind;
    uint8_t *bytes; /* SEGMENT_LEN of them, mask taken off; of data, the payload comes into their
                       place */
    enum err err;   /* out: as from seal_open() or seal_check_parity(); not OK: `bytes` are zeros */
};

/* Open up to SEAL_OPEN_MAX segments of one share. Most of opening is the cid, and cids are made
 * side by side (seal_cids()): from three on each costs half. ERR_BUG: too many, or not of one
 * share; nothing was opened. */
MUST_USE enum err seal_open_many(struct sealer *s, struct seal_opening *each, size_t count);

#endif
