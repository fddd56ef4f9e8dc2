/* The parts of a repair. For repair*.c only. */
#ifndef FLOW_PAR2FILES_REPAIR_H
#define FLOW_PAR2FILES_REPAIR_H

#include "flow/par2files/check.h"
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
    size_t *owner;        /* of each lost slice: its target */
    struct par2_md5 *md5; /* of each lost slice, as it is made */
    uint32_t *crc;
};

/* Make the lost slices and write them, band by band. ERR_BAD_SEAL: not what they should be. */
MUST_USE enum err repair_lost(struct repair *r);

/* Write a target's known slices. ERR_CHANGED: one is not what it was. */
MUST_USE enum err repair_copy(struct repair *r, size_t target);

#endif
