/* Reading a range of a B+tree without I/O: it names the page it needs, the caller brings it. */
#ifndef CODEC_MANIFEST_TREE_CURSOR_H
#define CODEC_MANIFEST_TREE_CURSOR_H

#include "codec/manifest/page.h"
#include "codec/manifest/pointer.h"

struct tree_cursor;

enum tree_event {
    TREE_ENTRY, /* item->key and item->value are the next entry; they die with the next call */
    TREE_NEED,  /* fetch item->need, unpack it (PAGE_MAX), and call tree_cursor_feed() */
    TREE_END,   /* the range is at its end */
    TREE_BAD,   /* item->err; the cursor is over */
};

struct tree_item {
    struct bytes key;
    struct bytes value;
    struct pointer need;
    enum err err;
};

/* Read the entries from `first` on, up to but without `end`, of the tree at `root`; empty bounds
 * are open, and root->length 0 is the empty tree. The bounds are copied. */
MUST_USE enum err tree_cursor_new(
    const struct pointer *root, struct bytes first, struct bytes end, struct tree_cursor **out);
void tree_cursor_free(struct tree_cursor *c);

/* The next event. Keys rise strictly over the whole range, whatever the pages say; at most one page
 * a level is held. After TREE_NEED every call repeats it until a page is fed. */
enum tree_event tree_cursor_step(struct tree_cursor *c, struct tree_item *item);

/* Hand in the plain page (copied) of the last TREE_NEED; its hash has been checked by the caller.
 * A page that does not fit its place is the next step's TREE_BAD.
 * ERR_NO_MEMORY; ERR_BUG: nothing was asked for. */
MUST_USE enum err tree_cursor_feed(struct tree_cursor *c, struct bytes page);

#endif
