/* What the files of unfold know of one another: unfold.c goes through the entries, unfold_file.c
 * through one file's extents. */
#ifndef FLOW_RESTORE_UNFOLD_ROOM_H
#define FLOW_RESTORE_UNFOLD_ROOM_H

#include "codec/manifest/extent_list.h"
#include "flow/restore/unfold.h"

/* The file whose extents are being handed out. */
struct unfold_file {
    struct restore_ctx *ctx;
    struct share_reader *reader;
    struct arrivals *arrivals;
    struct out_file *file; /* NULL: none */
    struct extent_walk *extents;
    struct extent extent; /* the current one ... */
    uint32_t blocks_done; /* ... of a raw one: handed out ... */
    enum { EXTENT_NONE, EXTENT_CURRENT } have;
    struct volume_info *volume; /* the last one used; held */
    uint64_t offset;            /* in the file: where the current extent begins */
};

/* Begin with `file`, whose record is `record`. */
MUST_USE enum err unfold_file_start(
    struct unfold_file *u, struct out_file *file, const struct record *record);

/* Hand out pieces while there is room. ANSWER_READY: the file is planned. ANSWER_FAILED: the flow
 * must stop. */
enum answer unfold_file_step(struct unfold_file *u, enum err *err);

void unfold_file_clear(struct unfold_file *u);

#endif
