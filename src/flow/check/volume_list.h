/* All volumes of a version, one after another: the meta volumes that its head lists, those in the
 * table of older ones, the data volumes. Asked, not told (restore_ctx.h). */
#ifndef FLOW_CHECK_VOLUME_LIST_H
#define FLOW_CHECK_VOLUME_LIST_H

#include "codec/manifest/tree_cursor.h"
#include "flow/restore/share_reader.h"

/* Where volumes are listed, in the order they come. */
enum volume_part {
    VOLUME_PART_OWN,   /* in the head */
    VOLUME_PART_OLDER, /* the table of older meta volumes */
    VOLUME_PART_DATA,  /* the table of data volumes */
    VOLUME_PART_END,
};

struct volume_list {
    struct share_reader *reader;
    enum volume_part part;
    struct bytes own;           /* what is left of the head's own list */
    struct tree_cursor *cursor; /* in a table; NULL: not begun */
    struct volume_entry entry;  /* the volume at hand; borrows from `value` or from the head */
    struct buf value;
};

/* Begin (again) with the first volume; the list is zeroed, or was begun before. */
void volume_list_begin(struct volume_list *list, struct share_reader *reader);
void volume_list_clear(struct volume_list *list);

/* READY: list->entry is the next volume; or *more is false: that was all. FAILED with
 * ERR_ARTICLES_LOST or of KIND_CORRUPT: the rest of list->part cannot be read. */
enum answer volume_list_next(struct volume_list *list, bool *more, enum err *err);

/* The volume of list->entry with its content ids; a holder more. FAILED as above: its list of them
 * cannot be read. */
enum answer volume_list_open(struct volume_list *list, struct volume_info **out, enum err *err);

/* Pass over the rest of list->part. */
void volume_list_skip(struct volume_list *list);

#endif
