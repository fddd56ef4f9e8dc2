/* A batch of input slices in memory, and what is to be done with it. For create*.c only. */
#ifndef FLOW_PAR2FILES_CREATE_CHUNK_H
#define FLOW_PAR2FILES_CREATE_CHUNK_H

#include "flow/par2files/create.h"
#include "flow/par2files/filehash.h"
#include "flow/par2files/reckoning.h"

/* Input slices [first, end), at `data`. */
struct chunk {
    struct create *c;
    uint64_t first;
    uint64_t end;
    uint8_t *data;
    struct slices_hash *reads;
    size_t read_count;
    struct filehash_part *parts;
    size_t part_count;
    struct filehash *hashes;
    size_t hash_count;
    struct reckoning reckoning;
};

/* Add the tasks that read the slices and hash each. */
MUST_USE enum err chunk_read(struct chunk *chunk, struct crew_tasks *tasks);

/* Add the tasks that hash the files whose bytes these are, chunk after chunk. */
MUST_USE enum err chunk_hash_files(struct chunk *chunk, struct crew_tasks *tasks);

/* Add the tasks that add the chunk to the recovery slices. */
MUST_USE enum err chunk_reckon(struct chunk *chunk, struct crew_tasks *tasks);

/* The first error of tasks that were run. */
enum err chunk_error(const struct chunk *chunk);

/* A zeroed one is allowed. */
void chunk_clear(struct chunk *chunk);

#endif
