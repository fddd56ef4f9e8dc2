/* The codec's sums over slices in memory, as tasks for a crew. For this room only. */
#ifndef FLOW_PAR2FILES_RECKONING_H
#define FLOW_PAR2FILES_RECKONING_H

#include "flow/par2files/columns.h"

/* out ^= factors * in, for whole slices. */
struct reckoning_sum {
    const struct par2_encoder *encoder; /* NULL: one is made of ... */
    struct par2_shape shape;            /* ... this, and goes with the reckoning */
    uint8_t **in;                       /* becomes the reckoning's; NULL: there was no memory */
    uint8_t **out;
    size_t slices; /* of `in` */
    size_t width;
    unsigned threads;
};

/* Zeroed is empty. */
struct reckoning {
    struct par2_encoder *own;
    uint8_t **in;
    struct columns_job *jobs;
    size_t count;
};

/* Add the tasks. */
MUST_USE enum err reckoning_plan(
    struct reckoning *reckoning, const struct reckoning_sum *sum, struct crew_tasks *tasks);

/* The first error of tasks that were run. */
enum err reckoning_error(const struct reckoning *reckoning);

void reckoning_clear(struct reckoning *reckoning);

#endif
