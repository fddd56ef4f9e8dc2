/* What the files of the share reader know of one another. */
#ifndef FLOW_RESTORE_SHARE_ROOM_H
#define FLOW_RESTORE_SHARE_ROOM_H

#include "flow/restore/arrivals.h"
#include "flow/restore/share_reader.h"

struct share_reader {
    struct restore_ctx *ctx;
    struct held *payload; /* the head's; `head` borrows from it */
    struct head head;
    struct arrivals *metas; /* opened meta segments */
    struct list objects;    /* struct share_kept, the longest unused first */
    size_t object_count, object_bytes;
    struct list opening; /* struct share_opening: objects with a worker */
    struct list volumes; /* struct share_volume, the longest unused first */
    size_t volume_count, volume_bytes;
};

/* Forget all objects, all volumes. */
void share_objects_clear(struct share_reader *reader);
void share_volumes_clear(struct share_reader *reader);

#endif
