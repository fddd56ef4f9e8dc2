/* A file that is filled piece by piece under a name that stays, so that a later run goes on with
 * it; when it is complete it gets another name. Read and written as a disk_scratch. Nobody else can
 * open it as a draft while somebody holds it. Blocking: for workers; any thread. */
#ifndef IO_DISK_DISK_DRAFT_H
#define IO_DISK_DISK_DRAFT_H

#include <stdbool.h>

#include "io/disk/disk_scratch.h"
#include "io/disk/disk_write.h"

enum disk_draft_way {
    DISK_DRAFT_THERE, /* ERR_NOT_FOUND if there is no such file */
    DISK_DRAFT_MAKE,  /* make it, mode 0600, if there is none */
};

/* Open the regular file at `path` for reading and writing, and lock it. One holder. ERR_LOCKED:
 * somebody has it. ERR_CHANGED: the name is something else's. */
MUST_USE enum err disk_draft_open(
    struct disk_root *root, struct bytes path, enum disk_draft_way way, struct disk_scratch **out);

MUST_USE enum err disk_draft_size(struct disk_scratch *draft, uint64_t *size);

/* Cut it, or let it grow by zeros that take no room. */
MUST_USE enum err disk_draft_resize(struct disk_scratch *draft, uint64_t size);

/* Where data begins at or after `offset`: what lies before that was never written. ERR_NOT_FOUND:
 * there is none. */
MUST_USE enum err disk_draft_next_data(struct disk_scratch *draft, uint64_t offset, uint64_t *data);

/* Make it durable, give it permission bits (& 0777) and another name in the root, in place of
 * whatever file has that; the name is durable too. */
struct disk_draft_name {
    struct bytes from, to;
    uint32_t mode;
};
MUST_USE enum err disk_draft_rename(
    struct disk_scratch *draft, struct disk_root *root, const struct disk_draft_name *name);

#endif
