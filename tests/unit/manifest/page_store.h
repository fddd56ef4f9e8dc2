/* Objects in memory: what `emit` puts away here, pointers find again. */
#ifndef TESTS_UNIT_MANIFEST_PAGE_STORE_H
#define TESTS_UNIT_MANIFEST_PAGE_STORE_H

#include "../../golden/format/format_example.h"
#include "codec/manifest/extent_list.h"

struct page_store {
    struct buf *objects;
    size_t count;
    size_t bytes;
    size_t longest;
    size_t fail_at; /* emit fails at this object; 0: never */
};

/* A manifest_emit_fn; `arg` is a page_store. */
enum err page_store_emit(void *arg, struct bytes plain, struct pointer *at);

/* The object that `at` names; the test fails when there is none. */
struct bytes page_store_get(const struct page_store *s, const struct pointer *at);

void page_store_clear(struct page_store *s);

#endif
