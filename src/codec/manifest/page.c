/* kind, level, count, then the entries; every key names how much it shares with the one before. */
#include "codec/manifest/page.h"

#include <string.h>

#include "codec/manifest/page_writer.h"
#include "codec/manifest/pointer.h"
#include "codec/manifest/take.h"

struct bytes page_key(const struct page_reader *r)
{
    return bytes_at(r->key, r->key_len);
}

enum err page_open(struct page_reader *r, struct bytes page)
{
    uint8_t kind = 0;
    enum err err = page.len <= PAGE_MAX ? OK : ERR_LIMIT;

    memset(r, 0, sizeof(*r));
    r->in = page;
    if (err == OK) {
        err = take_u8(&r->in, &kind);
    }
    if (err == OK) {
        err = take_u8(&r->in, &r->level);
    }
    if (err != OK) {
        return err;
    }
    if (kind != PAGE_LEAF && kind != PAGE_INNER) {
        return ERR_TOO_NEW;
    }
    if (r->level >= TREE_HEIGHT_MAX) {
        return ERR_LIMIT;
    }
    if ((kind == PAGE_LEAF) != (r->level == 0)) {
        return ERR_BAD_FORMAT;
    }
    err = take_u32(&r->in, PAGE_MAX, &r->left);
    return err == OK && r->left == 0 ? ERR_BAD_FORMAT : err;
}

enum err page_next(struct page_reader *r, bool *more)
{
    uint32_t shared = 0;
    struct bytes suffix;
    enum err err;

    *more = false;
    if (r->left == 0) {
        return r->in.len == 0 ? OK : ERR_BAD_FORMAT;
    }
    err = take_u32(&r->in, TREE_KEY_MAX, &shared);
    if (err == OK) {
        err = take_sized(&r->in, TREE_KEY_MAX, &suffix);
    }
    if (err == OK) {
        err = take_sized(&r->in, TREE_VALUE_MAX, &r->value);
    }
    if (err == OK && shared > r->key_len) {
        err = ERR_BAD_FORMAT;
    }
    if (err == OK && (shared + suffix.len > TREE_KEY_MAX || shared + suffix.len == 0)) {
        err = ERR_LIMIT;
    }
    if (err != OK) {
        return err;
    }
    if (suffix.len > 0) {
        memcpy(r->key + shared, suffix.ptr, suffix.len);
    }
    r->key_len = shared + suffix.len;
    r->left--;
    *more = true;
    return OK;
}

enum err page_seek(struct page_reader *r, struct bytes key, bool *more)
{
    struct page_reader here;
    bool any;
    enum err err = page_next(r, more);

    while (err == OK && *more && bytes_compare(page_key(r), key) < 0) {
        here = *r;
        err = page_next(r, &any);
        if (err == OK && r->level > 0 && (!any || bytes_compare(page_key(r), key) > 0)) {
            *r = here; /* the last child that starts below the key */
            return OK;
        }
        *more = any;
    }
    return err;
}

/* The current value of an inner page is one pointer. */
static enum err check_child(const struct page_reader *r)
{
    struct bytes in = r->value;
    struct pointer child;
    enum err err = pointer_take(&in, &child);

    return err == OK && in.len > 0 ? ERR_BAD_FORMAT : err;
}

/* Is the current key above `last`, and where the page's place wants it? */
static bool key_fits(const struct page_reader *r, struct bytes last, const struct page_place *place)
{
    struct bytes key = page_key(r);

    if (last.len > 0) {
        return bytes_compare(key, last) > 0 &&
               (place->end.len == 0 || bytes_compare(key, place->end) < 0);
    }
    return (place->first.len == 0 || bytes_equal(key, place->first)) &&
           (place->end.len == 0 || bytes_compare(key, place->end) < 0);
}

enum err page_check(struct bytes page, const struct page_place *place)
{
    struct page_reader r;
    uint8_t last[TREE_KEY_MAX];
    size_t last_len = 0;
    bool more = false;
    enum err err = page_open(&r, page);

    if (err == OK && place->level >= 0 && r.level != place->level) {
        err = ERR_BAD_FORMAT;
    }
    if (err == OK) {
        err = page_next(&r, &more);
    }
    while (err == OK && more) {
        if (!key_fits(&r, bytes_at(last, last_len), place)) {
            return ERR_BAD_FORMAT;
        }
        err = r.level > 0 ? check_child(&r) : OK;
        memcpy(last, r.key, r.key_len);
        last_len = r.key_len;
        if (err == OK) {
            err = page_next(&r, &more);
        }
    }
    return err;
}
