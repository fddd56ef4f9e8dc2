/* A stack with one page a level, from the root down to the leaf in hand. A child must begin with
 * the key that its parent gives it and end below its next sibling, so nothing is visited twice. */
#include "codec/manifest/tree_cursor.h"

#include <stdlib.h>
#include <string.h>

enum cursor_state { WANTS_PAGE, IN_LEAF, GOES_UP, AT_END, FAILED };

/* A page on the way down. */
struct step {
    struct buf page;
    struct page_reader reader; /* at the child we are in, or at the entry to give next */
    bool more;                 /* the reader stands on an entry */
    size_t end_len;            /* 0: no bound */
    uint8_t end[TREE_KEY_MAX]; /* all of the page is below this */
};

struct tree_cursor {
    enum cursor_state state;
    enum err err;
    struct pointer need;
    int level;                   /* that the page needed must have; -1: the root, any */
    size_t first_len;            /* 0: any */
    uint8_t first[TREE_KEY_MAX]; /* that it must begin with */
    bool seeking;                /* still on the way down to the range's first entry */
    struct buf from;
    struct buf to;
    size_t depth; /* pages on the stack */
    struct step steps[TREE_HEIGHT_MAX];
};

enum err tree_cursor_new(
    const struct pointer *root, struct bytes first, struct bytes end, struct tree_cursor **out)
{
    struct tree_cursor *c = calloc(1, sizeof(*c));
    enum err err;

    if (c == NULL) {
        return ERR_NO_MEMORY;
    }
    err = buf_append(&c->from, first);
    if (err == OK) {
        err = buf_append(&c->to, end);
    }
    if (err != OK) {
        tree_cursor_free(c);
        return err;
    }
    c->need = *root;
    c->level = -1;
    c->seeking = first.len > 0;
    c->state = root->length > 0 ? WANTS_PAGE : AT_END;
    *out = c;
    return OK;
}

void tree_cursor_free(struct tree_cursor *c)
{
    if (c == NULL) {
        return;
    }
    for (size_t i = 0; i < TREE_HEIGHT_MAX; i++) {
        buf_clear(&c->steps[i].page);
    }
    buf_clear(&c->from);
    buf_clear(&c->to);
    free(c);
}

static void fail(struct tree_cursor *c, enum err err)
{
    c->state = FAILED;
    c->err = err;
}

/* The key above which nothing of the child at the reader may lie: its next sibling's first, or what
 * bounds the page itself. */
static enum err child_end(const struct step *parent, struct step *child)
{
    struct page_reader next = parent->reader;
    bool more;
    enum err err = page_next(&next, &more);

    if (err == OK && more) {
        child->end_len = next.key_len;
        memcpy(child->end, next.key, next.key_len);
    } else {
        child->end_len = parent->end_len;
        memcpy(child->end, parent->end, parent->end_len);
    }
    return err;
}

static bool beyond_range(const struct tree_cursor *c, struct bytes key)
{
    return c->to.len > 0 && bytes_compare(key, buf_view(&c->to)) >= 0;
}

/* Ask for the child that the top page's reader stands on. */
static void want_child(struct tree_cursor *c)
{
    struct step *parent = &c->steps[c->depth - 1];
    struct bytes in = parent->reader.value;
    enum err err = pointer_take(&in, &c->need);

    if (beyond_range(c, page_key(&parent->reader))) {
        c->state = AT_END;
        return;
    }
    if (err == OK) {
        err = child_end(parent, &c->steps[c->depth]);
    }
    if (err != OK) {
        fail(c, err);
        return;
    }
    c->level = parent->reader.level - 1;
    c->first_len = parent->reader.key_len;
    memcpy(c->first, parent->reader.key, parent->reader.key_len);
    c->state = WANTS_PAGE;
}

/* Begin to read the page that was just put on the stack. */
static enum err enter(struct tree_cursor *c)
{
    struct step *top = &c->steps[c->depth - 1];
    enum err err = page_open(&top->reader, buf_view(&top->page));

    if (err != OK) {
        return err;
    }
    if (c->seeking) {
        err = page_seek(&top->reader, buf_view(&c->from), &top->more);
    } else {
        err = page_next(&top->reader, &top->more);
    }
    if (err == OK && top->reader.level > 0) {
        want_child(c);
    } else if (err == OK) {
        c->seeking = false;
        c->state = IN_LEAF;
    }
    return err;
}

enum err tree_cursor_feed(struct tree_cursor *c, struct bytes page)
{
    struct page_place place = {c->level, bytes_at(c->first, c->first_len), {NULL, 0}};
    struct step *top;
    enum err err;

    if (c->state != WANTS_PAGE) {
        return ERR_BUG;
    }
    top = &c->steps[c->depth];
    place.end = bytes_at(top->end, top->end_len);
    err = page_check(page, &place);
    if (err != OK) {
        fail(c, err);
        return OK;
    }
    top->page.len = 0;
    err = buf_append(&top->page, page);
    if (err != OK) {
        return err;
    }
    c->depth++;
    err = enter(c);
    if (err != OK) {
        fail(c, err);
    }
    return OK;
}

/* Leave the top page, and go on with the next child of the one below it on the stack. */
static void go_up(struct tree_cursor *c)
{
    struct step *parent;
    enum err err;

    c->depth--;
    if (c->depth == 0) {
        c->state = AT_END;
        return;
    }
    parent = &c->steps[c->depth - 1];
    err = page_next(&parent->reader, &parent->more);
    if (err != OK) {
        fail(c, err);
    } else if (parent->more) {
        want_child(c);
    }
}

/* Give the entry the leaf's reader stands on and move behind it. */
static bool give_entry(struct tree_cursor *c, struct tree_item *item)
{
    struct step *leaf = &c->steps[c->depth - 1];
    enum err err;

    if (!leaf->more) {
        c->state = GOES_UP;
        return false;
    }
    if (beyond_range(c, page_key(&leaf->reader))) {
        c->state = AT_END;
        return false;
    }
    memcpy(c->first, leaf->reader.key, leaf->reader.key_len);
    item->key = bytes_at(c->first, leaf->reader.key_len);
    item->value = leaf->reader.value;
    err = page_next(&leaf->reader, &leaf->more);
    if (err != OK) {
        fail(c, err);
        return false;
    }
    return true;
}

enum tree_event tree_cursor_step(struct tree_cursor *c, struct tree_item *item)
{
    memset(item, 0, sizeof(*item));
    for (;;) {
        switch (c->state) {
        case WANTS_PAGE:
            item->need = c->need;
            return TREE_NEED;
        case IN_LEAF:
            if (give_entry(c, item)) {
                return TREE_ENTRY;
            }
            break;
        case GOES_UP:
            go_up(c);
            break;
        case AT_END:
            return TREE_END;
        case FAILED:
            item->err = c->err;
            return TREE_BAD;
        }
    }
}
