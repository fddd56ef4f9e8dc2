/* Volumes that lost segments, and their repair. From the moment the first segment of a volume is
 * known to be lost, everything of that volume goes through here: all of its segments are fetched,
 * once each, into a scratch file without a name; then as many recovery segments as data segments
 * are lost; then the lost ones are made again. What anybody waits for is handed out as it comes.
 * Only REPAIRS_WHOLE_MAX volumes have a scratch file of their full size at any time; others wait,
 * and what of them is not lost comes as usual. Loop thread only. */
#ifndef FLOW_RESTORE_REPAIRS_H
#define FLOW_RESTORE_REPAIRS_H

#include <stdbool.h>

#include "flow/restore/fetch.h"

enum {
    REPAIRS_WHOLE_MAX = 2,
    REPAIRS_KEPT_MAX = 64,               /* volumes remembered, and what was made of them ... */
    REPAIRS_REST_SEGMENTS_MAX = 1 << 10, /* ... up to so many segments on the disk */
    REPAIR_AHEAD_MAX = 32,               /* segments of a volume being fetched at once */
    REPAIR_ROUNDS_MAX = 3,               /* times a volume is begun with */
};

struct repairs;
struct volume_repair;

/* Somebody who waits for a data segment; lies inside the waiter's structure. fn is called once,
 * later: OK and the payload (yours), or ERR_ARTICLES_LOST. Take it out of its list to be forgotten,
 * or when `payload`, which the owner lends as long as it is in a list, goes away. */
struct repair_want {
    struct list node; /* list_init'ed */
    uint32_t index;
    struct held *payload; /* the owner's, where it has it */
    void (*fn)(void *arg, enum err err, struct held *payload);
    void *arg;
};

/* NULL: no memory. */
struct repairs *repairs_new(struct restore_ctx *ctx);

/* Errands must have been forgotten, and nobody waits any more. NULL is allowed. */
void repairs_free(struct repairs *t);

/* The disk is full. True: a repair has taken room, and the flow has failed with words about that.
 */
bool repairs_blame(struct repairs *t);

/* The repair of this volume; NULL: nothing of it is known to be lost. */
struct volume_repair *repairs_find(const struct repairs *t, const struct volume_info *volume);

/* Somebody is about to fetch from this volume, which repairs_find() does not know. Where others
 * have lost segments it may lose some too: if so, *out keeps what comes from now on, so that
 * nothing has to come twice. NULL: no need for that. */
MUST_USE enum err repairs_watch(
    struct repairs *t, struct volume_info *volume, struct volume_repair **out);

/* Data segment `index` is lost: repair the volume. *out is NULL when it has no parity. */
MUST_USE enum err repairs_begin(
    struct repairs *t, struct volume_info *volume, uint32_t index, struct volume_repair **out);

enum repair_answer {
    REPAIR_COMES, /* want->fn will be called */
    REPAIR_NEVER, /* it is lost for good; fn will not be called */
};

/* Wait for want->index. A fetch of it that is under way is taken over (NULL: there is none). */
enum repair_answer volume_repair_want(
    struct volume_repair *v, struct repair_want *want, struct fetch *under_way);

/* want->payload is here: it need not be fetched again while `want` is in a list. */
void volume_repair_lend(struct volume_repair *v, struct repair_want *want);

#endif
