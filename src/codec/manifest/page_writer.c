/* Filling a page: the twin of page.c. */
#include "codec/manifest/page_writer.h"

#include <string.h>

#include "codec/manifest/take.h"

size_t page_writer_size_with(const struct page_writer *w, struct bytes key, struct bytes value)
{
    return PAGE_FRONT_MAX + w->entries.len + PAGE_ENTRY_EXTRA + key.len + value.len;
}

static size_t shared_prefix(const struct page_writer *w, struct bytes key)
{
    size_t max = key.len < w->last_len ? key.len : w->last_len;
    size_t n = 0;

    while (n < max && key.ptr[n] == w->last[n]) {
        n++;
    }
    return n;
}

enum err page_writer_put(struct page_writer *w, struct bytes key, struct bytes value)
{
    size_t shared = shared_prefix(w, key);
    size_t start = w->entries.len;
    enum err err = varint_put(&w->entries, shared);

    if (err == OK) {
        err = put_sized(&w->entries, bytes_at(key.ptr + shared, key.len - shared));
    }
    if (err == OK) {
        err = put_sized(&w->entries, value);
    }
    if (err != OK) {
        w->entries.len = start;
        return err;
    }
    if (w->count == 0) {
        memcpy(w->first, key.ptr, key.len);
        w->first_len = key.len;
    }
    memcpy(w->last, key.ptr, key.len);
    w->last_len = key.len;
    w->count++;
    return OK;
}

enum err page_writer_finish(struct page_writer *w, uint8_t level, struct buf *page)
{
    uint8_t front[2] = {level == 0 ? PAGE_LEAF : PAGE_INNER, level};
    enum err err = buf_append(page, bytes_at(front, sizeof(front)));

    if (err == OK) {
        err = varint_put(page, w->count);
    }
    if (err == OK) {
        err = buf_append(page, buf_view(&w->entries));
    }
    w->entries.len = 0;
    w->count = 0;
    w->first_len = 0;
    w->last_len = 0;
    return err;
}

void page_writer_clear(struct page_writer *w)
{
    buf_clear(&w->entries);
    memset(w, 0, sizeof(*w));
}
