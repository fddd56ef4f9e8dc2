/* Where pages, tables and lists go: into the head itself while they fit, else into meta volumes.
 * Used by one worker at a time; the loop takes the finished segments. */
#ifndef FLOW_PUBLISH_META_H
#define FLOW_PUBLISH_META_H

#include "codec/manifest/extent_list.h"
#include "codec/manifest/head.h"
#include "flow/publish/out_volume.h"
#include "io/store/store_known.h"

/* A finished segment that waits to be posted. */
struct meta_segment {
    struct list node;
    struct out_volume *volume;
    uint32_t index;
    struct buf payload;
};

enum meta_mode { META_INLINE, META_VOLUMES };

struct meta {
    const struct publish_ctx *ctx;
    struct sealer *sealer;
    enum meta_mode mode;
    struct buf inlined; /* META_INLINE: the stream */
    size_t room;        /* META_INLINE: how long it may get */
    struct out_volume **volumes;
    size_t volume_count;
    struct buf payload; /* of the segment being filled */
    uint32_t index;     /* its place in the last volume */
    int open;           /* is one being filled? */
    struct list filled; /* struct meta_segment */
    size_t filled_count;
    struct buf stored;                      /* scratch */
    enum { META_REUSE, META_FRESH } policy; /* may objects of published versions serve again? */
    uint32_t *older;                        /* the meta volumes those lie in, rising */
    size_t older_count, older_cap;
    struct store_object *made; /* objects in volumes of this version */
    size_t made_count, made_cap;
};

/* `room`: how long the inline stream may get. */
MUST_USE enum err meta_init(
    struct meta *meta, const struct publish_ctx *ctx, enum meta_mode mode, size_t room);
void meta_clear(struct meta *meta);

/* A manifest_emit_fn; `meta` is a struct meta. An object that a published version has in a volume
 * is not written again. ERR_TOO_BIG: it does not fit the head. */
MUST_USE enum err meta_emit(void *meta, struct bytes plain, struct pointer *at);

/* Put plain bytes (not an object) into the inline stream: contents of small files. Sets *offset. */
MUST_USE enum err meta_inline(struct meta *meta, struct bytes data, uint32_t *offset);

/* Nothing more comes: pad and finish the open segment. */
MUST_USE enum err meta_finish(struct meta *meta);

/* Take a finished segment; NULL when there is none. The caller frees it and clears its payload. */
struct meta_segment *meta_take(struct meta *meta);

/* Append the list of all meta volumes as the head holds it; all of their segments are accepted,
 * parity too. */
MUST_USE enum err meta_list(const struct meta *meta, struct buf *out);

#endif
