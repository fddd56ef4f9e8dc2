/* Every limit of what a manifest may say (docs/format.md, section 6), checked before anything is
 * allocated or followed. */
#ifndef CODEC_MANIFEST_MANIFEST_LIMITS_H
#define CODEC_MANIFEST_MANIFEST_LIMITS_H

#include "base/ids.h"

enum {
    PAGE_MAX = 65536,      /* plain bytes of a page, an extent chunk, a pointer list */
    OBJECT_HEADER_LEN = 5, /* coding and plain length */
    OBJECT_PLAIN_MAX = (VOLUME_DATA_MAX + VOLUME_PARITY_MAX) * 32, /* the longest list of cids */
    OBJECT_STORED_MAX = OBJECT_HEADER_LEN + OBJECT_PLAIN_MAX,

    VOLUME_NUMBER_MAX = (1 << 24) - 1, /* volumes are 1 .. this; 0 is the head's inline stream */
    META_DATA_MAX = 64,                /* K of a meta volume */
    VOLUME_PARITY_FLOOR = 8,           /* M is at most max(K, this) */

    NAME_MAX_LEN = 255,
    TARGET_MAX_LEN = 4095, /* of a symlink */
    PATH_MAX_LEN = 4096,   /* a whole path in a share: the flows check it */
    PATH_DEPTH_MAX = 256,  /* its components: the flows check it */
    MODE_MASK = 0777,

    TREE_KEY_MAX = 8 + NAME_MAX_LEN,
    TREE_VALUE_MAX = 57344, /* so that one entry always fits a page */
    TREE_HEIGHT_MAX = 6,

    EXTENTS_INLINE_MAX = 1024, /* encoded bytes that a record may hold itself */
    EXTENT_POINTERS_MAX = 16,  /* pointers that a record may hold instead */
    EXTENT_DEPTH_MAX = 3,      /* levels of lists between a record and its extents */

    HEAD_PAYLOAD_LEN = SEGMENT_LEN - 48,
    HEAD_TAIL_LEN = 4 + 64 + 64,
    HEAD_CORE_LEN = HEAD_PAYLOAD_LEN - HEAD_TAIL_LEN,
    HEAD_TITLE_MAX = 255,
    HEAD_META_MAX = 200,  /* meta volumes that one version may write */
    HEAD_OLDER_MAX = 256, /* older read secrets */
};

#define COUNT_MAX ((uint64_t)INT64_MAX) /* sizes, totals, folder ids */

#endif
