/* Inside this room only: a page being filled. */
#ifndef CODEC_MANIFEST_PAGE_WRITER_H
#define CODEC_MANIFEST_PAGE_WRITER_H

#include "codec/manifest/manifest_limits.h"

#include "base/bytes.h"

enum page_kind { PAGE_LEAF = 1, PAGE_INNER = 2 };

enum { PAGE_FRONT_MAX = 2 + 3, PAGE_ENTRY_EXTRA = 2 + 2 + 3 }; /* kind, level, count; 3 lengths */

/* { 0 } is an empty page. Free with page_writer_clear(). */
struct page_writer {
    struct buf entries;
    uint32_t count;
    size_t first_len;
    uint8_t first[TREE_KEY_MAX]; /* the first key */
    size_t last_len;
    uint8_t last[TREE_KEY_MAX]; /* the key before the next one */
};

/* How many bytes the page would have at most with this entry in it. */
size_t page_writer_size_with(const struct page_writer *w, struct bytes key, struct bytes value);

/* Append an entry. The caller has checked order and limits. */
MUST_USE enum err page_writer_put(struct page_writer *w, struct bytes key, struct bytes value);

/* Append the page to *page and empty the writer. */
MUST_USE enum err page_writer_finish(struct page_writer *w, uint8_t level, struct buf *page);

void page_writer_clear(struct page_writer *w);

#endif
