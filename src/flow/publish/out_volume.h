/* A volume being written: its keys and the map of its segments, as they stand in memory. */
#ifndef FLOW_PUBLISH_OUT_VOLUME_H
#define FLOW_PUBLISH_OUT_VOLUME_H

#include "codec/seal/seal_segment.h"
#include "flow/publish/ctx.h"
#include "io/store/store_volume.h"

enum {
    VOLUME_DATA_K = 1024,
    VOLUME_META_K = 64,
    OUT_VOLUME_ATTEMPT_MAX = 15, /* before publication: docs/format.md */
};

/* A place is an index: data 0 .. k-1, parity k .. k+m-1. One that is PLANNED with a cid of zeros is
 * free (data) or still to be made (parity); PLANNED with a cid, it waits to be posted again with
 * the same contents. */
struct out_volume {
    uint32_t number;
    enum store_volume_kind kind;
    enum store_volume_state state;
    uint64_t version;
    uint8_t key[KEY_LEN]; /* VK */
    struct volume_keys keys;
    uint32_t k_max;     /* data segments it may have */
    uint32_t places;    /* 1. there is memory for so many; 2. k + m is never more */
    uint32_t k;         /* highest data index in use + 1; final when it is closed */
    uint32_t m;         /* parity segments: 0 while it is OPEN */
    uint32_t next;      /* no free index lies below */
    uint8_t *used;      /* one byte a data index: handed out, or it has contents */
    struct buf states;  /* as in the catalogue */
    struct buf cids;    /* 32 bytes an index */
    uint32_t *attempts; /* the attempt each index goes out under */
    struct buf
        changed; /* ids that a server changed: volume_changed_put()'s form, by rising index */
    int dirty;   /* differs from the catalogue */
};

/* Make a new volume: its key is random and durable on return. Any thread. */
MUST_USE enum err out_volume_new(const struct publish_ctx *ctx, struct sealer *sealer,
    enum store_volume_kind kind, struct out_volume **volume);

/* Bring back a volume from its row. */
MUST_USE enum err out_volume_from_row(const struct publish_ctx *ctx, struct sealer *sealer,
    const struct store_volume *row, struct out_volume **volume);
void out_volume_free(struct out_volume *volume);

/* Hand out the lowest free index. ERR_LIMIT: none is left. */
MUST_USE enum err out_volume_take_index(struct out_volume *volume, uint32_t *index);

/* Could one more index be handed out? */
bool out_volume_has_room(const struct out_volume *volume);

/* All places: k + m. */
uint32_t out_volume_count(const struct out_volume *volume);
enum seal_kind out_volume_kind_of(const struct out_volume *volume, uint32_t index);

enum store_segment_state out_volume_state_of(const struct out_volume *volume, uint32_t index);
void out_volume_set_state(
    struct out_volume *volume, uint32_t index, enum store_segment_state state);

/* The segment was accepted with these contents; `changed` is the id the server gave it, NULL for
 * ours. */
MUST_USE enum err out_volume_accept(struct out_volume *volume, uint32_t index,
    const struct cid *cid, const struct article_id *changed);
struct cid out_volume_cid(const struct out_volume *volume, uint32_t index);
void out_volume_set_cid(struct out_volume *volume, uint32_t index, const struct cid *cid);

/* Is it known what lies (or is to lie) at `index`? */
bool out_volume_has_cid(const struct out_volume *volume, uint32_t index);

/* Is there data, and does the server have all of it? */
bool out_volume_data_accepted(const struct out_volume *volume);

/* Nothing joins it any more: OPEN, all data accepted, becomes CLOSED with `m` parity segments,
 * PLANNED, whose cids are given, or NULL: still to be made. ERR_LIMIT: no volume may have so many.
 */
MUST_USE enum err out_volume_close(
    struct out_volume *volume, uint32_t m, const struct cid *parity_cids);

/* OPEN again: the parity places are forgotten with all that is known of them. */
void out_volume_reopen(struct out_volume *volume);

/* CLOSED or HEALING, and no place PLANNED: what may be confirmed and listed. */
bool out_volume_complete(const struct out_volume *volume);

/* The id under which segment `index` lies on the server. */
MUST_USE enum err out_volume_article_id(
    const struct out_volume *volume, struct sealer *sealer, uint32_t index, struct article_id *id);

/* Append attempts and changed ids in the catalogue's form: varint length of the attempts, attempts,
 * changed ids. */
MUST_USE enum err out_volume_exceptions(const struct out_volume *volume, struct buf *out);

/* The attempts that are not 0, as a volume entry has them. */
MUST_USE enum err out_volume_attempts(const struct out_volume *volume, struct buf *out);

/* A row of this volume; its views borrow from the volume and from *exceptions, which is filled
 * here. */
MUST_USE enum err out_volume_row(
    const struct out_volume *volume, struct buf *exceptions, struct store_volume *row);

/* Write its row, if that differs. Not while somebody else may write it. */
MUST_USE enum err out_volume_store(const struct publish_ctx *ctx, struct out_volume *volume);

/* Split the catalogue's exceptions into what a volume entry wants. */
MUST_USE enum err out_volume_split_exceptions(
    struct bytes exceptions, struct bytes *attempts, struct bytes *changed);

#endif
