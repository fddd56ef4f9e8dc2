/* The extents of one file, however many: written as they come, kept in the record while short, in
 * objects of their own when long; and read back without I/O, as a step machine. */
#ifndef CODEC_MANIFEST_EXTENT_LIST_H
#define CODEC_MANIFEST_EXTENT_LIST_H

#include "codec/manifest/extents.h"
#include "codec/manifest/pointer.h"

/* Store the object made of `plain` (object_pack, put into a meta volume or the inline stream) and
 * set *at to where it lies. `plain` dies with the return. Errors come out of the caller below. */
typedef enum err (*manifest_emit_fn)(void *arg, struct bytes plain, struct pointer *at);

struct extent_list;

/* Start a file's list. Objects go to `emit` in the order of the file, before the next _add. */
MUST_USE enum err extent_list_new(manifest_emit_fn emit, void *arg, struct extent_list **out);
void extent_list_free(struct extent_list *l);

/* Add the file's next extent; one that goes on where the last RAW run or hole ends joins it.
 * ERR_LIMIT, from here or a later call: it is not valid, or the list is too long. */
MUST_USE enum err extent_list_add(struct extent_list *l, const struct extent *e);

/* The file is complete: set *depth and append to *run what the record holds (record.h). The list
 * is empty again and ready for the next file. */
MUST_USE enum err extent_list_finish(struct extent_list *l, uint8_t *depth, struct buf *run);

struct extent_walk;

enum extent_event {
    EXTENT_WALK_ENTRY, /* item->extent is the next one */
    EXTENT_WALK_NEED,  /* fetch item->need, unpack it, and call extent_walk_feed() */
    EXTENT_WALK_END,   /* that was all, and it covers the file's size exactly */
    EXTENT_WALK_BAD,   /* item->err; the walk is over */
};

struct extent_item {
    struct extent extent;
    struct pointer need;
    enum err err;
};

/* Walk the extents of a file of `size` bytes whose record holds `depth` and `run` (copied). */
MUST_USE enum err extent_walk_new(
    uint8_t depth, struct bytes run, uint64_t size, struct extent_walk **out);
void extent_walk_free(struct extent_walk *w);

enum extent_event extent_walk_step(struct extent_walk *w, struct extent_item *item);

/* Hand in the plain bytes (copied) of the object that the last event asked for; its hash has been
 * checked by the caller. ERR_LIMIT, ERR_NO_MEMORY; ERR_BUG: nothing was asked for. */
MUST_USE enum err extent_walk_feed(struct extent_walk *w, struct bytes plain);

#endif
