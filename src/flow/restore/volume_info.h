/* What a reader knows of one volume: its keys, its sizes, its segments' ids. */
#ifndef FLOW_RESTORE_VOLUME_INFO_H
#define FLOW_RESTORE_VOLUME_INFO_H

#include "codec/manifest/volume_table.h"
#include "codec/seal/seal_names.h"

struct volume_info {
    unsigned holders; /* loop thread only */
    uint32_t number;
    enum volume_kind kind;
    uint32_t k, m;
    struct volume_keys keys;
    struct buf cids;     /* (k + m) * 32 bytes */
    struct buf attempts; /* as in struct volume_entry */
    struct buf changed;
};

/* Copy what `entry` says; `cids` are the (k + m) * 32 bytes. One holder.
 * ERR_BAD_FORMAT: there are more or fewer. */
MUST_USE enum err volume_info_new(struct sealer *sealer, const struct volume_entry *entry,
    const uint8_t ck[KEY_LEN], struct bytes cids, struct volume_info **out);
struct volume_info *volume_info_keep(struct volume_info *v);
void volume_info_drop(struct volume_info *v);

/* Where segment `index` (below k + m) lies: its place in the volume and its article's id. */
MUST_USE enum err volume_info_place(const struct volume_info *v, struct sealer *sealer,
    uint32_t index, struct seal_place *place, struct article_id *id);

/* Bytes of memory it takes. */
size_t volume_info_size(const struct volume_info *v);

#endif
