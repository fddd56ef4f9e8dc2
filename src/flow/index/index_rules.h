/* The ignore rules that hold in one folder: those of its own ignore file, of the folders above it
 * within its path of the share, and the share's. One set of them belongs to a job, which goes from
 * folder to folder. */
#ifndef FLOW_INDEX_INDEX_RULES_H
#define FLOW_INDEX_INDEX_RULES_H

#include "codec/manifest/manifest_limits.h"
#include "flow/index/ignore.h"
#include "flow/index/index_top.h"

/* The name of ignore files. They are shared like any other. */
#define INDEX_IGNORE_FILE ".usenetsyncignore"

/* All ignore files on the way to one folder together. */
enum { INDEX_RULES_TEXT_MAX = 8 << 20 };

struct index_rules {
    const struct index_tops *tops;
    const struct ignore *share; /* relative to the share's top; NULL: none */
    struct buf path;            /* where we are: below the share's top */
    struct index_level {
        size_t len;  /* of its folder's part of `path` */
        size_t text; /* bytes of its ignore file */
        struct ignore *rules;
    } levels[PATH_DEPTH_MAX + 1]; /* the folders from the top down to where we are */
    size_t count;
    struct buf scratch;
};

void index_rules_init(
    struct index_rules *rules, const struct index_tops *tops, const struct ignore *share);
void index_rules_clear(struct index_rules *rules);

/* Go to the folder `path` (below the share's top) and read the ignore files that are new. On an
 * error one of them cannot be used, and nobody knows what it wants to be kept private. */
MUST_USE enum err index_rules_enter(struct index_rules *rules, struct bytes path);

/* Is the entry `name` of this folder to be left out? ERR_NO_MEMORY is the only error. */
MUST_USE enum err index_rules_ask(
    struct index_rules *rules, struct bytes name, enum ignore_kind kind, bool *out);

#endif
