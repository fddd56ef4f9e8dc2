/* Any bytes as the pages of a tree, each behind its length (16 bits): whatever they say, the keys a
 * cursor gives rise strictly and stay in its range. And any bytes as a stored object. */
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "codec/manifest/object.h"
#include "codec/manifest/tree_cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct bytes range_first = {(const uint8_t *)"\0\0\0\0\0\0\0\1c", 9};

/* The next page of the input; false: there is none. */
static bool next_page(struct bytes *in, struct bytes *page)
{
    struct bytes length;

    if (take_bytes(in, 2, &length) != OK) {
        return false;
    }
    *page = bytes_at(in->ptr, get_le16(length.ptr) < in->len ? get_le16(length.ptr) : in->len);
    bytes_skip(in, page->len);
    return true;
}

static void check_entry(struct bytes key, uint8_t *last, size_t *last_len, struct bytes first)
{
    if (key.len == 0 || key.len > TREE_KEY_MAX || bytes_compare(key, first) < 0 ||
        (*last_len > 0 && bytes_compare(key, bytes_at(last, *last_len)) <= 0)) {
        abort();
    }
    memcpy(last, key.ptr, key.len);
    *last_len = key.len;
}

static void walk(struct bytes in, struct bytes first)
{
    static const struct pointer root = {1, 0, 0, 1, {{0}}};
    struct tree_cursor *c;
    struct tree_item item;
    struct bytes page;
    uint8_t last[TREE_KEY_MAX];
    size_t last_len = 0;

    if (tree_cursor_new(&root, first, (struct bytes){0}, &c) != OK) {
        return;
    }
    for (;;) {
        enum tree_event event = tree_cursor_step(c, &item);

        if (event == TREE_ENTRY) {
            check_entry(item.key, last, &last_len, first);
        } else if (event != TREE_NEED || !next_page(&in, &page) ||
                   tree_cursor_feed(c, page) != OK) {
            break;
        }
    }
    tree_cursor_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes in = bytes_at(data, len);
    struct buf plain = {0};

    walk(in, (struct bytes){0});
    walk(in, range_first);
    if (object_unpack(in, PAGE_MAX, &plain) == OK && (plain.len == 0 || plain.len > PAGE_MAX)) {
        abort();
    }
    buf_clear(&plain);
    return 0;
}
