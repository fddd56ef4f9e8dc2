/* A published share is kept findable: its newest head is posted at today's addresses, signed as
 * alive today, and wherever a copy at the version's own addresses is gone. Newcomers look at days
 * first (docs/format.md); the owner does this every week. */
#ifndef FLOW_PUBLISH_ALIVE_H
#define FLOW_PUBLISH_ALIVE_H

#include "flow/publish/publish.h"

struct alive_result {
    uint64_t version;
    unsigned posted;  /* copies; the others were there */
    const char *text; /* on failure: what the server said; may be "" */
};

/* OK: as many copies of both kinds were read back as a publication needs. */
typedef void (*alive_done_fn)(void *arg, enum err err, const struct alive_result *result);

/* Begin; options are copied. ERR_NO_ROW: the share has no head that is kept here (it is not
 * published). */
struct alive;
MUST_USE enum err alive_start(
    const struct publish_options *options, alive_done_fn done, void *arg, struct alive **alive);
void alive_cancel(struct alive *alive); /* NULL is allowed */

#endif
