/* Reading a file's extents: down the lists of pointers, one open object a level. Every object holds
 * at least one entry and every extent some of the file's bytes, so the size bounds the walk. */
#include "codec/manifest/extent_list.h"

#include <stdlib.h>
#include <string.h>

struct level {
    struct buf bytes; /* owned */
    struct bytes left;
};

struct extent_walk {
    uint64_t size;
    bool waiting; /* for the object that `need` names, to go to level `into` */
    size_t into;
    struct pointer need;
    enum err err; /* of a walk that went bad */
    struct extent_reader reader;
    struct level levels[EXTENT_DEPTH_MAX + 1]; /* 0: extents; n: pointers to objects of n - 1 */
};

static enum err fill(struct extent_walk *w, size_t level, struct bytes in)
{
    struct level *l = &w->levels[level];
    enum err err;

    l->bytes.len = 0;
    err = buf_append(&l->bytes, in);
    if (err != OK) {
        return err;
    }
    l->left = buf_view(&l->bytes);
    if (level == 0) {
        extent_reader_feed(&w->reader, l->left);
    }
    return OK;
}

enum err extent_walk_new(uint8_t depth, struct bytes run, uint64_t size, struct extent_walk **out)
{
    struct extent_walk *w;
    enum err err;

    if (depth > EXTENT_DEPTH_MAX) {
        return ERR_LIMIT;
    }
    w = calloc(1, sizeof(*w));
    if (w == NULL) {
        return ERR_NO_MEMORY;
    }
    w->size = size;
    err = fill(w, depth, run);
    if (err != OK) {
        extent_walk_free(w);
        return err;
    }
    *out = w;
    return OK;
}

void extent_walk_free(struct extent_walk *w)
{
    if (w == NULL) {
        return;
    }
    for (size_t i = 0; i <= EXTENT_DEPTH_MAX; i++) {
        buf_clear(&w->levels[i].bytes);
    }
    free(w);
}

static enum extent_event bad(struct extent_walk *w, enum err err, struct extent_item *item)
{
    w->err = err;
    item->err = err;
    return EXTENT_WALK_BAD;
}

/* Ask for the next object of the lowest list that still names one. */
static enum extent_event next_object(struct extent_walk *w, struct extent_item *item)
{
    for (size_t i = 1; i <= EXTENT_DEPTH_MAX; i++) {
        enum err err;

        if (w->levels[i].left.len == 0) {
            continue;
        }
        err = pointer_take(&w->levels[i].left, &w->need);
        if (err != OK) {
            return bad(w, err, item);
        }
        w->waiting = true;
        w->into = i - 1;
        item->need = w->need;
        return EXTENT_WALK_NEED;
    }
    return w->reader.plain == w->size ? EXTENT_WALK_END : bad(w, ERR_BAD_FORMAT, item);
}

enum extent_event extent_walk_step(struct extent_walk *w, struct extent_item *item)
{
    bool more = false;
    enum err err;

    memset(item, 0, sizeof(*item));
    if (w->err != OK) {
        return bad(w, w->err, item);
    }
    if (w->waiting) {
        item->need = w->need;
        return EXTENT_WALK_NEED;
    }
    err = extent_reader_next(&w->reader, &item->extent, &more);
    if (err == OK && w->reader.plain > w->size) {
        err = ERR_BAD_FORMAT;
    }
    if (err != OK) {
        return bad(w, err, item);
    }
    return more ? EXTENT_WALK_ENTRY : next_object(w, item);
}

enum err extent_walk_feed(struct extent_walk *w, struct bytes plain)
{
    enum err err;

    if (!w->waiting) {
        return ERR_BUG;
    }
    if (plain.len == 0 || plain.len > PAGE_MAX) {
        return ERR_LIMIT;
    }
    err = fill(w, w->into, plain);
    w->waiting = err != OK;
    return err;
}
