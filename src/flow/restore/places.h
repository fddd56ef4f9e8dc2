/* Where things went in the target, for hard links: folders that are closed, and files that were
 * written under a second name first. Bounded: what does not fit is forgotten, and then a file is
 * written once more instead of linked. */
#ifndef FLOW_RESTORE_PLACES_H
#define FLOW_RESTORE_PLACES_H

#include "base/bytes.h"

enum { PLACES_BYTES_MAX = 64 << 20 };

/* { 0 } is empty. */
struct places {
    void *tree; /* tsearch's: no order of keys makes it slow */
    size_t bytes;
};

enum place_kind {
    PLACE_FRESH, /* a folder that we made, or a file that we wrote */
    PLACE_USED,  /* a folder that was there before */
};

/* The folder `folder` of the share, or with a `name` the entry in it, is at `path`; what was said
 * before is replaced. */
void places_put(struct places *places, uint64_t folder, struct bytes name, struct bytes path,
    enum place_kind kind);

/* False: nobody knows. *path dies with the next put. */
bool places_get(const struct places *places, uint64_t folder, struct bytes name, struct bytes *path,
    enum place_kind *kind);

void places_clear(struct places *places);

#endif
