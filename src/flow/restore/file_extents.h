/* One file's extents in order, with the objects they lie in and the volumes they name fetched as
 * they are needed. Holds one object a level and one volume. */
#ifndef FLOW_RESTORE_FILE_EXTENTS_H
#define FLOW_RESTORE_FILE_EXTENTS_H

#include "codec/manifest/extent_list.h"
#include "flow/restore/share_reader.h"

struct file_extents {
    struct restore_ctx *ctx;
    struct share_reader *reader;
    struct extent_walk *walk;
    struct volume_info *volume; /* the last one wanted; held */
    unsigned steps;             /* since the loop had a turn */
};

/* Begin with the file of `record`; { ctx, reader } is a fresh one. What came before is forgotten.
 */
MUST_USE enum err file_extents_start(struct file_extents *f, const struct record *record);

/* The next extent; of plain_len 0 when that was all. Now and then ANSWER_WAIT only gives the loop a
 * turn: a list may be as long as its author likes. */
enum answer file_extents_next(struct file_extents *f, struct extent *e, enum err *err);

/* See that f->volume is data volume `number`. */
enum answer file_extents_volume(struct file_extents *f, uint32_t number, enum err *err);

/* Free the walk; the volume stays for the next file. */
void file_extents_end(struct file_extents *f);
void file_extents_clear(struct file_extents *f);

#endif
