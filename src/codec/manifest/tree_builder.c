/* Pages fill from left to right on every level. A page ends behind an entry whose key's hash says
 * so (or when it is full), so a change moves the page borders near it and no others. */
#include "codec/manifest/tree_builder.h"

#include <stdlib.h>
#include <string.h>

#include "codec/manifest/page_writer.h"
#include "codec/manifest/pointer.h"

enum {
    PAGE_LOW = 16384,  /* no page ends before this, but the last one of a level */
    PAGE_FULL = 61440, /* no page grows beyond this, unless one entry alone does */
    PAGE_MEAN = 32768, /* bytes from PAGE_LOW on to the border that the hashes choose, on average */
};

struct tree_builder {
    manifest_emit_fn emit;
    void *arg;
    struct buf page; /* the one being handed out */
    bool any;        /* an entry was added; its key: */
    size_t last_len;
    uint8_t last[TREE_KEY_MAX];
    bool ended[TREE_HEIGHT_MAX]; /* this level's page ends with its last entry */
    struct page_writer levels[TREE_HEIGHT_MAX];
};

enum err tree_builder_new(manifest_emit_fn emit, void *arg, struct tree_builder **out)
{
    struct tree_builder *b = calloc(1, sizeof(*b));

    if (b == NULL) {
        return ERR_NO_MEMORY;
    }
    b->emit = emit;
    b->arg = arg;
    *out = b;
    return OK;
}

void tree_builder_free(struct tree_builder *b)
{
    if (b == NULL) {
        return;
    }
    for (size_t i = 0; i < TREE_HEIGHT_MAX; i++) {
        page_writer_clear(&b->levels[i]);
    }
    buf_clear(&b->page);
    free(b);
}

/* FNV-1a over the key, stirred so that its top bits depend on all of it (murmur3's finalizer). */
static uint32_t key_hash(struct bytes key)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < key.len; i++) {
        h = (h ^ key.ptr[i]) * 0x100000001b3u;
    }
    h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
    return (uint32_t)(h >> 32);
}

/* Does a page that is long enough end behind this entry? Longer entries end more pages, so that
 * pages are about the same size whatever the entries are. */
static bool ends_here(struct bytes key, struct bytes value)
{
    uint64_t size = PAGE_ENTRY_EXTRA + key.len + value.len;

    return (uint64_t)key_hash(key) * PAGE_MEAN < size << 32;
}

static enum err put(struct tree_builder *b, size_t level, struct bytes key, struct bytes value);

/* Close the page of `level`, and set *at to where it lies. */
static enum err close_page(struct tree_builder *b, size_t level, struct pointer *at)
{
    enum err err;

    b->page.len = 0;
    err = page_writer_finish(&b->levels[level], (uint8_t)level, &b->page);
    if (err == OK) {
        memset(at, 0, sizeof(*at));
        err = b->emit(b->arg, buf_view(&b->page), at);
    }
    return err;
}

/* Close the page of `level` and put it into its parent, under its first key. */
static enum err hand_up(struct tree_builder *b, size_t level)
{
    struct page_writer *w = &b->levels[level];
    uint8_t first[TREE_KEY_MAX];
    size_t first_len = w->first_len;
    struct pointer at;
    struct buf value = {0};
    enum err err;

    if (level + 1 >= TREE_HEIGHT_MAX) {
        return ERR_LIMIT;
    }
    memcpy(first, w->first, first_len);
    err = close_page(b, level, &at);
    if (err == OK) {
        err = pointer_put(&value, &at);
    }
    if (err == OK) {
        err = put(b, level + 1, bytes_at(first, first_len), buf_view(&value));
    }
    buf_clear(&value);
    return err;
}

/* Must the open page of a level be closed before this entry? */
static bool is_full(
    const struct tree_builder *b, size_t level, struct bytes key, struct bytes value)
{
    const struct page_writer *w = &b->levels[level];

    if (w->count == 0) {
        return false;
    }
    return b->ended[level] || page_writer_size_with(w, key, value) > PAGE_FULL;
}

/* Put an entry into the page of `level`. A page that ends stays open until something follows it, so
 * no inner page at the top has one child alone. */
static enum err put(struct tree_builder *b, size_t level, struct bytes key, struct bytes value)
{
    struct page_writer *w = &b->levels[level];
    enum err err = OK;

    if (is_full(b, level, key, value)) {
        err = hand_up(b, level);
    }
    if (err == OK) {
        err = page_writer_put(w, key, value);
    }
    b->ended[level] = w->entries.len >= PAGE_LOW && ends_here(key, value);
    return err;
}

enum err tree_builder_add(struct tree_builder *b, struct bytes key, struct bytes value)
{
    enum err err;

    if (key.len == 0 || key.len > TREE_KEY_MAX || value.len > TREE_VALUE_MAX ||
        (b->any && bytes_compare(key, bytes_at(b->last, b->last_len)) <= 0)) {
        return ERR_LIMIT;
    }
    err = put(b, 0, key, value);
    b->any = true;
    memcpy(b->last, key.ptr, key.len);
    b->last_len = key.len;
    return err;
}

enum err tree_builder_finish(struct tree_builder *b, struct pointer *root)
{
    enum err err = OK;
    size_t level = 0;

    memset(root, 0, sizeof(*root));
    if (!b->any) {
        return OK;
    }
    while (err == OK && level + 1 < TREE_HEIGHT_MAX && b->levels[level + 1].count > 0) {
        err = hand_up(b, level);
        level++;
    }
    if (err == OK) {
        err = close_page(b, level, root);
    }
    b->any = false;
    return err;
}
