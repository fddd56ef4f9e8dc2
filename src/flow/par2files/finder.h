/* Finding a set's slices in files at any offset, by a CRC that slides. For this room only. */
#ifndef FLOW_PAR2FILES_FINDER_H
#define FLOW_PAR2FILES_FINDER_H

#include "codec/par2/par2_crc.h"
#include "flow/par2files/parset.h"

/* What is looked for; read-only once made. */
struct finder {
    size_t slice_len;
    struct par2_crc_window window;
    uint8_t *filter;        /* a bit a part of the CRC: may such a slice exist? */
    uint32_t *heads;        /* by hash of the CRC: slice number + 1 */
    uint32_t *next;         /* of a slice: the next one with that hash */
    const uint8_t **checks; /* of each slice; NULL: not known */
    size_t head_count;
    size_t slices;
};

MUST_USE enum err finder_init(struct finder *finder, const struct parset *set);
void finder_clear(struct finder *finder);

/* A slice that was found. */
struct finder_hit {
    uint32_t slice;
    struct slice_at at;
};

/* A task: go through a file. `known`, if any, holds a byte for each place that is a multiple of the
 * slice length: not 0 if a slice is known to lie there. */
struct finder_job {
    const struct finder *finder;
    struct disk_file *file;
    uint64_t size;
    const uint8_t *known;
    uint64_t known_count;
    uint64_t leeway; /* look only so far from a multiple of the length behind what was found; 0:
                      * everywhere */
    struct buf hits; /* out: struct finder_hit; the caller's */
    enum err err;    /* out */
};

void finder_run(void *arg);

#endif
