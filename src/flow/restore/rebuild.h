/* From stored bytes to plain bytes, on a worker: put together, decompressed, checked. */
#ifndef FLOW_RESTORE_REBUILD_H
#define FLOW_RESTORE_REBUILD_H

#include "codec/manifest/extents.h"
#include "flow/restore/held.h"
#include "flow/restore/restore_ctx.h"

/* What an item is made from. */
struct rebuild {
    struct {
        struct held *data; /* NULL: no such part */
        size_t from, len;
    } part[2];
    enum extent_coding coding;
    uint64_t plain_len; /* exactly; 1 .. PAYLOAD_LEN */
    uint8_t item[ITEM_ID_LEN];
    uint8_t ck[KEY_LEN];
};

struct rebuilt {
    struct held *data; /* the plain bytes are data[from .. from + len); yours */
    size_t from, len;
    bool own_bytes; /* they are a copy: the parts are not needed any more */
};

/* KIND_CORRUPT: the item is not what the tree says; *rebuilt is empty. */
typedef void (*rebuild_fn)(void *arg, enum err err, struct rebuilt *rebuilt);

/* Takes over the parts' data, in every case. done runs later, once, unless the flow's errands are
 * forgotten. */
MUST_USE enum err rebuild_start(
    struct restore_ctx *ctx, const struct rebuild *rebuild, rebuild_fn done, void *arg);

#endif
