/* Paths inside a share: as people write them, and what the tree says about them. */
#ifndef FLOW_RESTORE_SHARE_PATH_H
#define FLOW_RESTORE_SHARE_PATH_H

#include "flow/restore/share_reader.h"

/* Append `path` in its one form to *out: no slash at either end, none doubled, no ".".
 * ERR_PATH_NOT_IN_SHARE: no share can have such a path. */
MUST_USE enum err share_path_clean(struct bytes path, struct buf *out);

/* Is `path` the same as `folder` or inside of it? Clean paths; "" is everything. */
bool share_path_inside(struct bytes path, struct bytes folder);

/* The folder that `path` lies in; "" of a name at the top. */
struct bytes share_path_parent(struct bytes path);

/* What the tree says about `path` ("": the top). *record borrows from *value, which is overwritten.
 * ERR_PATH_NOT_IN_SHARE: there is no such entry. */
enum answer share_path_find(struct share_reader *reader, struct bytes path, struct buf *value,
    struct record *record, enum err *err);

/* The same for the entry at->text of the folder at->folder. ERR_NOT_FOUND. */
enum answer share_entry_find(struct share_reader *reader, const struct record *at,
    struct buf *value, struct record *record, enum err *err);

#endif
