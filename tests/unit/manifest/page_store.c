/* The object's number is its offset, so that any number of them has a valid pointer. */
#include "page_store.h"

enum { A_SEGMENT = 700000 };

enum err page_store_emit(void *arg, struct bytes plain, struct pointer *at)
{
    struct page_store *s = arg;

    if (s->fail_at != 0 && s->count + 1 == s->fail_at) {
        return ERR_DISK_FULL;
    }
    s->objects = realloc(s->objects, (s->count + 1) * sizeof(*s->objects));
    assert_non_null(s->objects);
    s->objects[s->count] = (struct buf){0};
    assert_int_equal(buf_append(&s->objects[s->count], plain), OK);
    at->volume = 1;
    at->segment = (uint32_t)(s->count / A_SEGMENT);
    at->offset = (uint32_t)(s->count % A_SEGMENT);
    at->length = (uint32_t)plain.len;
    s->count++;
    s->bytes += plain.len;
    s->longest = plain.len > s->longest ? plain.len : s->longest;
    return OK;
}

struct bytes page_store_get(const struct page_store *s, const struct pointer *at)
{
    size_t number = (size_t)at->segment * A_SEGMENT + at->offset;

    assert_int_equal(at->volume, 1);
    assert_true(number < s->count);
    assert_int_equal(at->length, s->objects[number].len);
    return buf_view(&s->objects[number]);
}

void page_store_clear(struct page_store *s)
{
    for (size_t i = 0; i < s->count; i++) {
        buf_clear(&s->objects[i]);
    }
    free(s->objects);
    *s = (struct page_store){0};
}
