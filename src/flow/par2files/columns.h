/* PAR2's arithmetic over columns in memory, cut into tasks for a crew. For this room only. */
#ifndef FLOW_PAR2FILES_COLUMNS_H
#define FLOW_PAR2FILES_COLUMNS_H

#include "codec/par2/par2_encoder.h"
#include "codec/par2/par2_repair.h"
#include "flow/par2files/crew.h"

/* `count` pointers to slices that lie one behind the other, `width` bytes each; free() frees it.
 * NULL when there is no memory. */
uint8_t **columns_pointers(uint8_t *first, size_t count, size_t width);

struct columns_job {
    const struct par2_encoder *encoder; /* out ^= factors * in; or ... */
    const struct par2_repair *repair;   /* ... the lost slices */
    struct par2_columns columns;
    uint64_t weight; /* bytes of progress that a column counts */
    enum err err;    /* out */
};

/* A task: do it, with work memory that it gets for itself. */
void columns_run(void *arg);

/* How many jobs `width` columns are cut into, so that a crew is busy to the end. */
size_t columns_pieces(size_t width, unsigned threads);

/* Cut `whole` (all columns, `width`) into columns_pieces() jobs, and add them to the tasks. */
MUST_USE enum err columns_cut(const struct columns_job *whole, size_t width, unsigned threads,
    struct columns_job *jobs, struct crew_tasks *tasks);

/* All of `whole` by the crew. */
MUST_USE enum err columns_do(struct crew *crew, const struct columns_job *whole, size_t width);

#endif
