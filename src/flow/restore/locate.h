/* From what a link says to the head of the share (DESIGN.md section 4, "Head"): day addresses, then
 * version addresses, and "none" only after every slot of what decides was asked. */
#ifndef FLOW_RESTORE_LOCATE_H
#define FLOW_RESTORE_LOCATE_H

#include "flow/restore/head_find.h"

enum {
    LOCATE_DAYS_BACK = 400,  /* how old a newest alive head may be */
    LOCATE_WIDTH_MAX = 24,   /* questions under way: each may bring an article */
    LOCATE_FIRST_LOG2 = 16,  /* version addresses tried when no day is known: 1, 2, 4 .. 2^this */
    LOCATE_GALLOP_LOG2 = 10, /* steps of the search for newer versions: 1, 2, 4 .. below 2^this */
};

/* OK: *found, whose payload is the callee's. ERR_SHARE_NOT_FOUND, ERR_SHARE_BLOCKED, ERR_TOO_NEW;
 * else what went wrong on the way, with the server's words. */
typedef void (*locate_fn)(void *arg, enum err err, struct found_head *found, const char *text);

/* Look for a version. Freed when done has run or after locate_cancel(), before which
 * the flow's errands must have been forgotten. */
struct locate;
struct locate_options {
    struct restore_key key;
    uint64_t version; /* 0: the newest */
};
MUST_USE enum err locate_start(struct restore_ctx *ctx, const struct locate_options *options,
    locate_fn done, void *arg, struct locate **out);
void locate_cancel(struct locate *locate);

#endif
