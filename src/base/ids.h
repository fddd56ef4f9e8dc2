/* The sizes and names that every room shares: segments, content ids, article ids (DESIGN.md section
 * 4). */
#ifndef BASE_IDS_H
#define BASE_IDS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SEGMENT_LEN = 786432, /* S: the raw bytes every article carries */
    SEAL_TAG_LEN = 16,    /* Poly1305 */
    PAYLOAD_LEN =
        SEGMENT_LEN - 16,     /* P: the plain bytes of a data segment; the length of a block */
    KEY_LEN = 32,             /* every symmetric key and secret but L */
    ITEM_ID_LEN = 16,         /* the part of an item's content id that a record keeps */
    VOLUME_DATA_MAX = 4096,   /* K at most */
    VOLUME_PARITY_MAX = 4096, /* M at most, and M <= max(K, 8) */
    ARTICLE_ID_MAX = 250,     /* RFC 3977 section 3.6, brackets included */
};

/* A content id: keyed BLAKE2b-256 of a payload. */
struct cid {
    uint8_t b[32];
};

/* A Message-ID as text, with its angle brackets, NUL-terminated. */
struct article_id {
    char text[ARTICLE_ID_MAX + 2];
};

/* Are both ids the same? Constant time. */
bool cid_equal(const struct cid *a, const struct cid *b);

#endif
