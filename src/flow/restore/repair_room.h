/* What the files of a repair know of the table of all volumes in repair (repairs.c). */
#ifndef FLOW_RESTORE_REPAIR_ROOM_H
#define FLOW_RESTORE_REPAIR_ROOM_H

#include "flow/restore/repairs.h"

struct repairs {
    struct restore_ctx *ctx;
    struct list volumes; /* struct volume_repair, the longest unused first */
    size_t whole_max;    /* scratch files of full size: fewer where the disk is too small */
    size_t trims;        /* scratch files that are getting smaller just now */
    /* LOST: volumes are watched before they lose something. NO_ROOM: the disk is too small for that
     */
    enum { NOTHING_LOST, SOMETHING_LOST, NO_ROOM_TO_WATCH } met;
    struct loop_task task;
};

/* Something changed: look at all volumes soon. */
void repairs_wake(struct repairs *t);

/* How many segments of a volume may be fetched at once. */
size_t repairs_ahead(const struct repairs *t);

/* A scratch file did not fit. True: it may later, so wait for another turn. */
bool repairs_make_way(struct repairs *t);

/* There is no room to repair this volume: the flow stops, and says how much it takes. */
void repairs_fail_room(struct repairs *t, const struct volume_info *volume);

#endif
