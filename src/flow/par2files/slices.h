/* Slices where they lie in files: reading columns of them, hashing many side by side. The functions
 * that take a void * are tasks for a crew. For this room only. */
#ifndef FLOW_PAR2FILES_SLICES_H
#define FLOW_PAR2FILES_SLICES_H

#include "codec/par2/par2_md5.h"
#include "codec/par2/par2_packet.h"
#include "io/disk/disk_read.h"

enum {
    SLICES_LANES = 32,     /* slices hashed side by side */
    SLICES_STRIPE = 65536, /* bytes of each that are read at a time */
    SLICES_TASK = 2 << 20, /* bytes that a task of small slices reads at least */
};

/* A slice: `len` bytes in a file, then zeros. No file: it is lost. */
struct slice_at {
    struct disk_file *file;
    uint64_t offset;
    uint64_t len;
};

/* Where a file's slice number `i` lies, the file being as long as it should be. */
static inline struct slice_at slices_of(
    struct disk_file *file, uint64_t file_len, uint64_t slice_len, uint64_t i)
{
    uint64_t rest = file_len - i * slice_len;

    return (struct slice_at){file, i * slice_len, rest < slice_len ? rest : slice_len};
}

static inline uint64_t slices_count(uint64_t file_len, uint64_t slice_len)
{
    return file_len / slice_len + (file_len % slice_len != 0);
}

/* Columns [from, from + len) of one slice. ERR_CHANGED: its file ends before. */
MUST_USE enum err slices_read(const struct slice_at *at, uint64_t from, size_t len, uint8_t *out);

/* Read and hash whole slices; those that cannot be read have `unread` set. */
struct slices_hash {
    const struct slice_at *at;
    size_t count; /* at most slices_per_task() */
    size_t slice_len;
    uint8_t *into;   /* where they shall lie one behind the other; NULL: nowhere */
    uint8_t *checks; /* out: PAR2_CHECK_LEN each */
    uint8_t *unread; /* out: a byte each */
    enum err err;    /* out: of the last that could not be read, or ERR_NO_MEMORY */
};

void slices_hash(void *arg);

/* How many slices of this length a task of hashing takes. */
size_t slices_per_task(uint64_t slice_len);

/* Read columns of slices, those of one slice one behind the other, slice by slice. */
struct slices_load {
    const struct slice_at *at;
    size_t count;
    uint64_t from;
    size_t len;
    uint8_t *into;
    enum err err; /* out */
};

void slices_load(void *arg);

/* Memory for slices, aligned to 64 bytes; free() frees it. */
MUST_USE enum err slices_memory(size_t len, uint8_t **out);

#endif
