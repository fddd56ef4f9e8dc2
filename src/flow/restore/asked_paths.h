/* The paths of a share that were asked for: clean, and none inside another one. */
#ifndef FLOW_RESTORE_ASKED_PATHS_H
#define FLOW_RESTORE_ASKED_PATHS_H

#include "base/bytes.h"

struct asked_paths {
    struct buf texts;   /* holds them */
    struct bytes *list; /* views into it */
    size_t count;       /* 0: everything */
};

/* Take over copies of `paths`. ERR_BAD_REQUEST and its like: what share_path_clean() says of one.
 * Clear it either way. */
MUST_USE enum err asked_paths_init(
    struct asked_paths *asked, const struct bytes *paths, size_t count);

/* Zeroed is allowed. */
void asked_paths_clear(struct asked_paths *asked);

#endif
