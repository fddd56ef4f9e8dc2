/* The .par2 files that are being made: an index and volumes, each under a temporary name until all
 * are complete. For this room only. */
#ifndef FLOW_PAR2FILES_OUTSET_H
#define FLOW_PAR2FILES_OUTSET_H

#include "codec/par2/par2_packet.h"
#include "flow/par2files/volumes.h"
#include "io/disk/disk_write.h"

struct outset_file {
    char *name;
    struct disk_out *out;
    struct volume volume;
};

/* A recovery slice: where its packet goes, and the hash of what was written so far. */
struct outset_slice {
    struct disk_out *out;
    uint64_t offset;
    struct par2_md5 md5;
};

struct outset {
    struct disk_root *root;
    uint32_t mode;
    struct outset_file *files; /* the index is the last one */
    size_t file_count;
    struct outset_slice *slices;
    size_t slice_count;
    uint64_t slice_len;
    uint32_t first_exponent;
    struct par2_id set;
    size_t common_len; /* of the packets that stand in every file */
    size_t creator_len;
};

/* What is to be made: `outset` has set, slice_len, first_exponent, slice_count, common_len and
 * creator_len. ERR_EXISTS: *taken, to be freed by the caller, is there already. */
MUST_USE enum err outset_open(struct outset *outset, const struct par2files_create *options,
    struct bytes volumes, char **taken);

/* A task: columns of some recovery slices. Those of one slice come in their order. */
struct outset_write {
    struct outset *outset;
    size_t first;
    size_t count; /* at most PAR2_MD5_LANES_MAX */
    uint64_t from;
    size_t len;
    const uint8_t *data; /* `len` bytes of each, one behind the other */
    enum err err;        /* out */
};

void outset_write(void *arg);

/* Write everything else and give the files their names. */
MUST_USE enum err outset_finish(struct outset *outset, struct bytes common, struct bytes creator);

/* Remove what has no name yet. */
void outset_clear(struct outset *outset);

#endif
