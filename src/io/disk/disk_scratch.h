/* A file without a name: room for bytes that matter only while this process lives. Whatever ends
 * it, the room is free again. Blocking: for workers; any thread, several at once. */
#ifndef IO_DISK_DISK_SCRATCH_H
#define IO_DISK_DISK_SCRATCH_H

#include "base/bytes.h"

struct disk_scratch;

struct disk_scratch_want {
    struct bytes folder; /* absolute; where it is not there, the nearest one above it */
    uint64_t size;       /* room set aside for it, where the file system can do that */
    struct bytes beside; /* a folder, likewise: where it is on the same file system, ... */
    uint64_t leave;      /* ... so many bytes must stay free */
};

/* Make one. One holder. ERR_DISK_FULL: so much does not fit. */
MUST_USE enum err disk_scratch_new(const struct disk_scratch_want *want, struct disk_scratch **out);

/* One holder more, returned; one less: the last one frees, NULL is allowed. */
struct disk_scratch *disk_scratch_keep(struct disk_scratch *scratch);
void disk_scratch_drop(struct disk_scratch *scratch);

/* Write at an offset, which may lie beyond the size. */
MUST_USE enum err disk_scratch_write(
    struct disk_scratch *scratch, uint64_t offset, struct bytes data);

/* Read `len` bytes that were written. ERR_DISK_IO: they are not there. */
MUST_USE enum err disk_scratch_read(
    struct disk_scratch *scratch, uint64_t offset, void *into, size_t len);

/* Forget `len` bytes, and give their room back. ERR_SYSTEM and others: the file system cannot. */
MUST_USE enum err disk_scratch_forget(struct disk_scratch *scratch, uint64_t offset, uint64_t len);

#endif
