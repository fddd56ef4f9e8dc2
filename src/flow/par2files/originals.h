/* The files that .par2 files are made for: opened, named by their ids, in the order of a set. For
 * this room only. */
#ifndef FLOW_PAR2FILES_ORIGINALS_H
#define FLOW_PAR2FILES_ORIGINALS_H

#include "codec/par2/par2_packet.h"
#include "flow/par2files/par2files.h"
#include "flow/par2files/slices.h"

struct original {
    const char *name;
    struct disk_file *file;
    struct disk_stat stat;
    struct par2_id id;
    struct par2_id start_md5;
    struct par2_md5 md5; /* of the whole file, when all of it came by */
    uint64_t first;      /* the number of its first slice */
    uint64_t slices;
};

struct originals {
    struct original *list; /* sorted by id */
    size_t count;
    uint64_t largest; /* bytes */
    uint64_t bytes;
};

/* Open and look at all files that have any bytes. */
MUST_USE enum err originals_open(struct originals *sources, const struct par2files_create *options);

/* Give the slices their numbers; *total is how many there are. */
void originals_number(struct originals *sources, uint64_t slice_len, uint64_t *total);

/* ERR_CHANGED if one is not what it was when it was opened. */
MUST_USE enum err originals_check_unchanged(
    const struct originals *sources, const struct progress_sink *sink);

/* Append the main packet and what describes the files; `checks`: of all slices. */
MUST_USE enum err originals_packets(const struct originals *sources, uint64_t slice_len,
    const uint8_t *checks, struct par2_id *set, struct buf *out);

void originals_clear(struct originals *sources);

#endif
