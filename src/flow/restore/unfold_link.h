/* Names of one file in the unfolding: which of them is there already. */
#ifndef FLOW_RESTORE_UNFOLD_LINK_H
#define FLOW_RESTORE_UNFOLD_LINK_H

#include "flow/restore/unfold_room.h"

enum link_trust {
    LINK_OURS_ONLY,  /* files that were there before may be anything */
    LINK_ALL_CHECKED /* or were checked or replaced */
};

/* u->first becomes the place of another name of u->link's file, if what is there is surely what the
 * share says; else empty. */
MUST_USE enum err unfold_link_find(struct unfold *u, enum link_trust trust);

/* The hard link u->link gets the bytes at u->place: other names of the file, the first included,
 * are to be linked to it. */
void unfold_link_remember(struct unfold *u);

/* Was another name of the file u->record written before it? */
bool unfold_link_stand_in(const struct unfold *u, struct bytes *path);

#endif
