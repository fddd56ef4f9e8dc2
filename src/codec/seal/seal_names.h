/* What an article shows to the world: its Message-ID and random-looking headers, all derived from
 * keys (docs/format.md, section 4). */
#ifndef CODEC_SEAL_SEAL_NAMES_H
#define CODEC_SEAL_SEAL_NAMES_H

#include "codec/seal/seal_segment.h"

enum {
    SEAL_FROM_LEN = 33,
    SEAL_SUBJECT_LEN = 16,
    SEAL_FILE_NAME_LEN = 10,
    SEAL_SLOT_COUNT = 64, /* copies of a head that may exist by one number */
    SEAL_SLOT_FIRST = 3,  /* slots 0..2 are used first, the others at random when needed */
};

/* NUL-terminated, each. */
struct seal_names {
    struct article_id id; /* with its brackets */
    char from[SEAL_FROM_LEN + 1];
    char subject[SEAL_SUBJECT_LEN + 1];
    char file_name[SEAL_FILE_NAME_LEN + 1]; /* in =ybegin */
};

enum seal_family { SEAL_BY_VERSION = 0, SEAL_BY_DAY = 1 };

/* One of the places where a head may lie. */
struct seal_slot {
    enum seal_family family;
    uint64_t number; /* the version, or the UTC day (below 2^32) */
    uint32_t slot;   /* below SEAL_SLOT_COUNT */
};

/* The names of a segment's article. */
MUST_USE enum err seal_segment_names(struct sealer *s, const struct volume_keys *keys,
    const struct seal_place *place, struct seal_names *out);

/* The names of a head's article. ERR_LIMIT: no such slot or day. */
MUST_USE enum err seal_head_names(struct sealer *s, const struct read_keys *keys,
    const struct seal_slot *slot, struct seal_names *out);

#endif
