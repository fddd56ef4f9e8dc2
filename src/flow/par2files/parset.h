/* What .par2 files say about a set: its files, its recovery slices. For this room only. */
#ifndef FLOW_PAR2FILES_PARSET_H
#define FLOW_PAR2FILES_PARSET_H

#include "codec/par2/par2_packet.h"
#include "flow/par2files/crew.h"
#include "flow/par2files/par2files.h"
#include "flow/par2files/slices.h"

struct parset_file {
    struct par2_file is;   /* is.name points into packets */
    char *name;            /* NULL: no packet describes it */
    const uint8_t *checks; /* of its slices; NULL: not known */
    uint64_t first;        /* the number of its first slice */
    uint64_t slices;
};

struct parset_recovery {
    uint32_t exponent;
    struct slice_at at;
};

struct parset_packet {
    struct par2_head head;
    struct buf bytes; /* the whole packet */
};

/* A recovery packet that was seen and not yet hashed. */
struct parset_seen {
    struct disk_file *file;
    uint64_t offset;
    struct par2_head head;
    uint32_t exponent;
    bool whole;
};

struct parset {
    uint64_t slice_len;
    uint64_t slices;
    struct parset_file *files; /* the recovered ones first */
    size_t file_count;
    size_t recovered;
    struct parset_recovery *recovery; /* whole, each exponent once, sorted */
    size_t recovery_count;

    bool has_id;
    struct par2_id id;
    struct disk_file **opened;
    size_t opened_count;
    struct buf packets; /* struct parset_packet: main, file and checks packets, each once */
    struct buf seen;    /* struct parset_seen */
    uint32_t *index;    /* of packets by hash: number + 1 */
    size_t index_size;
};

/* Read all that the files hold; files that cannot be read are named in an event. A zeroed set is
 * empty. ERR_BAD_FORMAT: no set is described; ERR_LIMIT. */
MUST_USE enum err parset_read(
    struct parset *set, const struct par2files_check *options, struct crew *crew);

void parset_clear(struct parset *set);

/* For parset*.c: go through [from, to) of a file. */
MUST_USE enum err parset_scan(
    struct parset *set, struct disk_file *file, uint64_t from, uint64_t to);

/* For parset*.c: from packets to files. */
MUST_USE enum err parset_resolve(struct parset *set);

#endif
