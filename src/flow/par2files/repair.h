/* The parts of a repair. For repair*.c only. */
#ifndef FLOW_PAR2FILES_REPAIR_H
#define FLOW_PAR2FILES_REPAIR_H

#include "codec/par2/par2_encoder.h"
#include "codec/par2/par2_repair.h"
#include "flow/par2files/check.h"
#include "flow/par2files/place.h"
#include "io/disk/disk_write.h"

/* Lost slices, from all that is there. */
struct repair {
    struct check *c;
    struct disk_root *root;
    struct disk_out **outs; /* of each target; NULL: it is intact */
    uint32_t *lost;         /* slices' numbers */
    size_t lost_count;
    uint32_t *known;
    size_t known_count;
    size_t *owner;                            /* of each lost slice: its target */
    size_t *known_owner;                      /* of each known one */
    enum { NOT_COPIED, COPIED } known_slices; /* to the files being made */
    struct par2_md5 *md5;                     /* of each lost slice, as it is made */
    uint32_t *crc;
};

/* Make the lost slices and write them. ERR_BAD_SEAL: not what they should be. */
MUST_USE enum err repair_lost(struct repair *r);

/* Its arithmetic. */
struct lost {
    struct repair *r;
    struct par2_repair *repair;
    struct par2_encoder *encoder; /* of all known slices */
    struct slice_at *known;       /* where they lie */
    struct slice_at *rows;        /* the recovery slices to use */
};

/* All slices band by band, or known slices batch by batch: these copy them, too. */
MUST_USE enum err repair_bands(struct lost *l, uint64_t width);
MUST_USE enum err repair_batches(struct lost *l, const struct place_plan *plan);

/* Hash and write columns [from, from + len) of the lost slices, `len` bytes of each. */
MUST_USE enum err repair_write(struct lost *l, const uint8_t *data, uint64_t from, size_t len);

/* A known slice that lies in `data`, all of it, to the file being made, if one is.
 * ERR_CHANGED: it is not what it was. */
MUST_USE enum err repair_copy_slice(struct repair *r, size_t known, const uint8_t *data);

#endif
