/* The step that writes the listing: the folder tree and the table of volumes, from the catalogue,
 * bottom up. */
#ifndef FLOW_PUBLISH_TREE_H
#define FLOW_PUBLISH_TREE_H

#include "flow/publish/meta.h"

/* Where things may go. */
enum tree_mode {
    TREE_ALL_INLINE, /* listing and the bytes of files that are not sent: in the head */
    TREE_INLINE,     /* the listing in the head; every file is sent */
    TREE_IN_VOLUMES, /* the listing in meta volumes; every file is sent */
};

/* What the head has to say of it. */
struct tree_result {
    struct pointer tree, volumes;
    struct pointer older; /* the table of older meta volumes that the listing points into */
    struct buf inlined;   /* the caller may take it */
    struct buf metas;     /* the list of meta volumes; the caller may take it */
    struct buf made; /* struct store_object, to be noted when published; the caller may take it */
    uint64_t files, directories, symlinks, links, bytes;
    uint64_t articles; /* segments of all data volumes, parity included */
    int repeats; /* the newest version has the same: nothing was written, no head may be made */
};

/* ERR_CHANGED: a file is not sent (it took over from another name of it): send first.
 * ERR_TOO_BIG: it does not fit the head: try the next mode. `result` dies with the call. */
typedef void (*tree_done_fn)(void *arg, enum err err, struct tree_result *result);

struct tree;
MUST_USE enum err tree_start(
    struct publish_ctx *ctx, enum tree_mode mode, tree_done_fn done, void *arg, struct tree **tree);
void tree_cancel(struct tree *tree);

#endif
