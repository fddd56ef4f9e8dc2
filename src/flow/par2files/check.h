/* What the steps of checking and repairing share. For check*.c and repair.c only. */
#ifndef FLOW_PAR2FILES_CHECK_H
#define FLOW_PAR2FILES_CHECK_H

#include "flow/par2files/crew.h"
#include "flow/par2files/parset.h"

enum target_state { TARGET_MISSING, TARGET_DAMAGED, TARGET_INTACT };

/* A file of the set, as it lies here. */
struct target {
    const struct parset_file *is;
    struct disk_file *file; /* NULL: missing */
    uint64_t size;
    uint32_t mode;
    uint64_t found; /* of its slices, in their places */
    enum target_state state;
};

struct check {
    const struct par2files_check *options;
    struct crew crew;
    struct parset set;
    struct target *targets;
    struct slice_at *at; /* the input slices, where they were found */
    uint8_t *hashed;     /* PAR2_CHECK_LEN each */
    uint8_t *unread;
    struct disk_file **extras;
    uint64_t *extra_sizes;
    size_t extra_count;
};

/* May a file of this name be opened and made below the base? */
bool check_name_is_safe(const char *name);

/* Open targets that are not known to be intact, and see which slices lie in their places. */
MUST_USE enum err check_places(struct check *c);

/* Look for what is missing everywhere. */
MUST_USE enum err check_search(struct check *c);

/* Slices that were found nowhere. */
uint64_t check_lost(const struct check *c);

/* Make the files that are not intact anew. ERR_SINGULAR, ERR_TOO_MUCH_LOST: it cannot be. */
MUST_USE enum err check_repair(struct check *c);

#endif
