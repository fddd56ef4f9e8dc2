/* A volume on the disk: its sealed segments, one after another in index order, in one file; and its
 * PAR2 files beside it. Until all segments are there it is called NAME.incomplete and has room for
 * the parity segments behind the data, as flow/restore's repair_math.h wants it. Blocking: for
 * workers, but for _new, _keep and _drop. */
#ifndef FLOW_CHECK_EXPORT_FILE_H
#define FLOW_CHECK_EXPORT_FILE_H

#include "codec/seal/seal_segment.h"
#include "flow/restore/volume_info.h"
#include "io/disk/disk_scratch.h"

enum { EXPORT_NAME_MAX = 64 };

#define EXPORT_PREFIX "volume-"
#define EXPORT_INCOMPLETE ".incomplete"

/* Put the names of volume `number` there: "volume-000001.sealed". */
void export_file_name(uint32_t number, char name[EXPORT_NAME_MAX]);

/* The file of `volume` in `folder` (absolute); nothing is opened yet. One holder. */
struct export_file;
MUST_USE enum err export_file_new(
    struct bytes folder, const struct volume_info *volume, struct export_file **out);

/* One holder more, returned; one less: the last one frees. NULL is allowed for _drop. Any thread.
 */
struct export_file *export_file_keep(struct export_file *file);
void export_file_drop(struct export_file *file);

/* The file itself, borrowed; segment i lies at i * SEGMENT_LEN. Only after export_file_open(). */
struct disk_scratch *export_file_scratch(const struct export_file *file);

/* What was there. */
enum export_found {
    EXPORT_FOUND_NOTHING, /* an empty file was made */
    EXPORT_FOUND_BEGUN,   /* an incomplete one */
    EXPORT_FOUND_NAMED,   /* one with its final name */
};

/* Open or make it, and keep others away from it. ERR_LOCKED: somebody has it. */
MUST_USE enum err export_file_open(struct export_file *file, enum export_found *found);

/* What lies where a segment should be. */
enum export_slice {
    EXPORT_SLICE_NONE,  /* nothing was ever written there */
    EXPORT_SLICE_RIGHT, /* what was published */
    EXPORT_SLICE_WRONG,
};

/* Look at segment `index`. `room` is two segments of memory. */
MUST_USE enum err export_file_check(struct export_file *file, struct sealer *sealer, uint32_t index,
    uint8_t *room, enum export_slice *slice);

/* One with its final name is not whole: it loses that name, and gets room for parity. */
MUST_USE enum err export_file_reopen(struct export_file *file);

/* All data is there: cut off the parity, give it its name; see that its PAR2 files are there and
 * right, else make them. Takes seconds. */
MUST_USE enum err export_file_complete(struct export_file *file);

/* It stays incomplete: make durable what is there. */
MUST_USE enum err export_file_leave(struct export_file *file);

#endif
