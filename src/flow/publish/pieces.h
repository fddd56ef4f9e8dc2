/* Which bytes of which files lie in a segment, and what becomes of them when it is accepted. */
#ifndef FLOW_PUBLISH_PIECES_H
#define FLOW_PUBLISH_PIECES_H

#include "flow/publish/block.h"

/* Bytes of one file in one segment, or in two where the item was cut. */
struct piece {
    struct source *source; /* pinned */
    unsigned tries;        /* of the source when it was made: an older one counts for nothing */
    uint64_t block;
    struct extent extent;
    unsigned pending; /* segments that are not accepted yet */
};

/* The pieces of one segment: its tag. NULL: none. */
struct pieces;

/* Called when bytes of `source` became safe (or were dropped: the source is dead or started over).
 * One pin less. */
typedef void (*pieces_safe_fn)(void *arg, struct source *source);

/* Make a piece of a block; the caller's until it is in a segment. NULL: no memory. */
struct piece *pieces_make(struct block *block, const struct extent *extent);

/* Free one that is in no segment. */
void pieces_unmake(struct piece *piece);

/* Put `piece` into one more segment; *pieces is made when it is NULL. */
MUST_USE enum err pieces_add(struct pieces **pieces, struct piece *piece);

/* The segment was accepted: pieces that lie in no other one go to their sources. Frees. */
MUST_USE enum err pieces_accepted(struct pieces *pieces, pieces_safe_fn safe, void *arg);

/* The segment will never be sent. Frees; pieces that lie in no other one are gone too. */
void pieces_dropped(struct pieces *pieces);

#endif
