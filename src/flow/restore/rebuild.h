/* From stored bytes to plain bytes: decompressed, checked. Nothing here waits or touches a disk; it
 * runs where the bytes are written (restore_helper.h). */
#ifndef FLOW_RESTORE_REBUILD_H
#define FLOW_RESTORE_REBUILD_H

#include "codec/manifest/extents.h"
#include "flow/restore/openers.h"

/* What stored bytes are. */
struct rebuild {
    enum {
        REBUILD_AS_THEY_ARE, /* they were checked when their segment was opened */
        REBUILD_ITEM,
    } kind;
    /* of an item: */
    enum extent_coding coding;
    uint64_t plain_len; /* exactly; 1 .. PAYLOAD_LEN */
    uint8_t item[ITEM_ID_LEN];
    uint8_t ck[KEY_LEN];
};

/* *plain is what `stored` stands for: itself, or bytes in *room (which is the caller's to clear).
 * ERR_BAD_FORMAT, ERR_BAD_SEAL: it is not what the tree says. */
MUST_USE enum err rebuild_bytes(struct openers *openers, const struct rebuild *rebuild,
    struct bytes stored, struct buf *room, struct bytes *plain);

/* Is `err` one that says that of the stored bytes, and not of the place they were to be written? */
bool rebuild_is_damage(enum err err);

#endif
