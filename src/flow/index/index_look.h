/* What a scan of some paths would take and what it would leave out, and how much there is: without
 * a catalogue, for somebody who has not decided yet. Blocking: for workers, one at a time. */
#ifndef FLOW_INDEX_INDEX_LOOK_H
#define FLOW_INDEX_INDEX_LOOK_H

#include "flow/index/index.h"
#include "io/disk/disk_stat.h"
#include "io/store/store_share.h"

struct index_look_options {
    const struct store_path *paths; /* as a share has them */
    size_t count;
    struct bytes ignore; /* as in index_options */
    enum index_reach reach;
    const char *exclude;
};

struct index_look;

/* Options are copied. ERR_LIMIT: `ignore` is too large. ERR_NOT_FOUND ...: one of the paths is not
 * there. */
MUST_USE enum err index_look_new(
    const struct index_look_options *options, struct index_look **look);
void index_look_free(struct index_look *look);

/* --- one folder --------------------------------------------------------------------------------
 */

/* Append where the folder `real` (absolute, no symlink in it) lies below the top of the share.
 * ERR_PATH_NOT_IN_SHARE: in none of the paths. */
MUST_USE enum err index_look_place(
    const struct index_look *look, struct bytes real, struct buf *path);

/* Go to the folder `path` (below the top): its rules and those above it hold from now on. A folder
 * whose rules cannot be read is an error: nothing of it would be taken. */
MUST_USE enum err index_look_enter(struct index_look *look, struct bytes path);

/* Why an entry stays out. */
enum index_why {
    INDEX_TAKEN,
    INDEX_RULE,  /* an ignore rule */
    INDEX_TYPE,  /* neither file, folder nor symlink */
    INDEX_NAME,  /* name or path are too long */
    INDEX_MOUNT, /* a folder of another file system, and only one is wanted: it stays empty */
    INDEX_OWN,   /* our own state */
};

/* Of the entry `name` in the folder at hand. */
MUST_USE enum err index_look_ask(
    struct index_look *look, struct bytes name, const struct disk_stat *stat, enum index_why *why);

/* --- all of it ---------------------------------------------------------------------------------
 */

struct index_sum {
    uint64_t files, directories, symlinks, bytes;
    uint64_t ignored; /* names left out by rules; what is below them is not counted */
    uint64_t skipped; /* names that cannot be shared or read */
    uint64_t blocks;  /* whole blocks of the files; what is left of their bytes is packed */
};

struct index_count;

/* Begin to count what is below the paths. The look must outlive it, and is moved about. */
MUST_USE enum err index_count_new(struct index_look *look, struct index_count **count);
void index_count_free(struct index_count *count);

/* Count on for about `ms`. ERR_CHANGED: there is more. */
MUST_USE enum err index_count_run(struct index_count *count, uint64_t ms);
const struct index_sum *index_count_sum(const struct index_count *count);

#endif
