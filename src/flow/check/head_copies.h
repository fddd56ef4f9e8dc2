/* Where the copies of a head lie: every slot of its version and of its day is asked. */
#ifndef FLOW_CHECK_HEAD_COPIES_H
#define FLOW_CHECK_HEAD_COPIES_H

#include "flow/restore/head_find.h"

/* Bit i: slot i holds this very head; of a day, an earlier version's that leads to it will do. */
struct head_copies_found {
    uint32_t day; /* days since 1970: the one that the head was found to be alive on */
    uint64_t by_version;
    uint64_t by_day;
};

/* OK, or why a question could not be answered, with the server's words. */
typedef void (*head_copies_fn)(
    void *arg, enum err err, const struct head_copies_found *found, const char *text);

/* Whose copies: `head`, of the share of `key`. */
struct head_copies_of {
    const struct restore_key *key;
    const struct found_head *head;
};

/* Ask for them. Freed when done has run or after head_copies_cancel(), before which
 * the flow's errands must have been forgotten. */
struct head_copies;
MUST_USE enum err head_copies_start(struct restore_ctx *ctx, const struct head_copies_of *of,
    head_copies_fn done, void *arg, struct head_copies **out);
void head_copies_cancel(struct head_copies *copies);

#endif
