/* Names that a restore keeps for itself in the target, and names it gives away. */
#ifndef FLOW_RESTORE_RESTORE_NAMES_H
#define FLOW_RESTORE_RESTORE_NAMES_H

#include "base/bytes.h"

/* At the target's top while a restore is under way or broken off. */
#define RESTORE_MARKER ".usenetsync-restore"

enum { RESTORE_RENAMES_MAX = 1000 }; /* "name~1" .. "name~1000" */

/* The last name of a path. */
struct bytes restore_name_last(struct bytes path);

/* Would an entry of this path be taken for the marker or for one of our temporary files? */
bool restore_name_reserved(struct bytes path);

/* Does the name end like one that restore_name_other() makes? */
bool restore_name_numbered(struct bytes path);

/* Set *out to `path` with "~number" behind its last name, which is cut if it gets too long. */
MUST_USE enum err restore_name_other(struct bytes path, unsigned number, struct buf *out);

#endif
