/* Pages: the nodes of the B+trees. Sorted keys with shared prefixes; a leaf (level 0) holds values,
 * an inner page the pointers of its children, each under its child's first key. */
#ifndef CODEC_MANIFEST_PAGE_H
#define CODEC_MANIFEST_PAGE_H

#include "codec/manifest/manifest_limits.h"

#include "base/bytes.h"

/* Where a page stands in its tree. */
struct page_place {
    int level;          /* it must have; -1: any */
    struct bytes first; /* its first key must be this; empty: any */
    struct bytes end;   /* every key is below this; empty: no bound */
};

/* A page being read; the caller's storage. key and value are the current entry. */
struct page_reader {
    struct bytes in; /* borrowed: what follows the current entry */
    uint8_t level;   /* 0: a leaf */
    uint32_t left;   /* entries that follow the current one */
    size_t key_len;
    uint8_t key[TREE_KEY_MAX];
    struct bytes value; /* borrowed from the page */
};

/* Check the whole page once: form, limits, keys strictly rising, its place. Pointers of an inner
 * page are checked too. ERR_TOO_NEW: an unknown kind. ERR_BAD_FORMAT, ERR_LIMIT. */
MUST_USE enum err page_check(struct bytes page, const struct page_place *place);

/* Start reading `page`, before its first entry. */
MUST_USE enum err page_open(struct page_reader *r, struct bytes page);

/* Go to the next entry; *more false: there is none. */
MUST_USE enum err page_next(struct page_reader *r, bool *more);

/* From the start of the page (after page_open): in a leaf go to the first entry whose key is not
 * below `key`, in an inner page to the child that `key` would be in (the last one that does not
 * start above it, or the first). *more false: there is none. */
MUST_USE enum err page_seek(struct page_reader *r, struct bytes key, bool *more);

/* The current key. */
struct bytes page_key(const struct page_reader *r);

#endif
