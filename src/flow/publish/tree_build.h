/* Building the listing on a worker, a batch a call. */
#ifndef FLOW_PUBLISH_TREE_BUILD_H
#define FLOW_PUBLISH_TREE_BUILD_H

#include "codec/manifest/tree_builder.h"
#include "flow/publish/paths.h"
#include "flow/publish/tree.h"

struct tree_build {
    const struct publish_ctx *ctx;
    enum tree_mode mode;
    struct meta meta;
    struct publish_paths paths;
    struct tree_builder *builder;
    struct extent_list *extents;
    struct tree_result result;
    uint64_t folder; /* the key behind which the next batch begins */
    struct buf name;
    uint32_t volume;       /* likewise, for the table */
    struct buf key, value; /* scratch */
    enum { BUILD_ENTRIES, BUILD_VOLUMES, BUILD_DONE } phase;
};

MUST_USE enum err tree_build_init(
    struct tree_build *build, const struct publish_ctx *ctx, enum tree_mode mode);
void tree_build_clear(struct tree_build *build);

/* Go on for a while; finished segments are in build->meta. Done when phase is BUILD_DONE. */
MUST_USE enum err tree_build_step(struct tree_build *build);

#endif
