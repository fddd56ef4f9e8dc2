/* Building a B+tree from sorted entries in one pass, with one open page a level. */
#ifndef CODEC_MANIFEST_TREE_BUILDER_H
#define CODEC_MANIFEST_TREE_BUILDER_H

#include "codec/manifest/extent_list.h"
#include "codec/manifest/page.h"

struct tree_builder;

/* Start a tree. Finished pages go to `emit` (extent_list.h), children before their parents.
 * Where a page ends depends on the keys around that place alone: a tree that is built again after a
 * small change emits mostly the same bytes, which `emit` can know again by their hash. */
MUST_USE enum err tree_builder_new(manifest_emit_fn emit, void *arg, struct tree_builder **out);
void tree_builder_free(struct tree_builder *b);

/* Add the next entry. ERR_LIMIT: the key is not above the last one, a key of 0 or more than
 * TREE_KEY_MAX bytes, a value over TREE_VALUE_MAX, or a tree over TREE_HEIGHT_MAX. */
MUST_USE enum err tree_builder_add(struct tree_builder *b, struct bytes key, struct bytes value);

/* Close all pages and set *root; root->length is 0 when nothing was added. Afterwards the builder
 * is empty and ready for another tree. */
MUST_USE enum err tree_builder_finish(struct tree_builder *b, struct pointer *root);

#endif
