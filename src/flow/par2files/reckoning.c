/* Columns for each thread, an encoder for all of them. */
#include "flow/par2files/reckoning.h"

#include <stdlib.h>

enum err reckoning_plan(
    struct reckoning *reckoning, const struct reckoning_sum *sum, struct crew_tasks *tasks)
{
    struct columns_job whole = {.encoder = sum->encoder, .weight = sum->slices};
    enum err err = OK;

    reckoning->in = sum->in;
    if (whole.encoder == NULL) {
        err = par2_encoder_new(&sum->shape, &reckoning->own);
        whole.encoder = reckoning->own;
    }
    if (err != OK) {
        return err;
    }
    reckoning->count = columns_pieces(sum->width, sum->threads);
    reckoning->jobs = calloc(reckoning->count + 1, sizeof *reckoning->jobs);
    if (reckoning->in == NULL || reckoning->jobs == NULL) {
        return ERR_NO_MEMORY;
    }
    whole.columns.in = (const uint8_t *const *)reckoning->in;
    whole.columns.out = sum->out;
    return columns_cut(&whole, sum->width, sum->threads, reckoning->jobs, tasks);
}

enum err reckoning_error(const struct reckoning *reckoning)
{
    enum err err = OK;

    for (size_t i = 0; i < reckoning->count && reckoning->jobs != NULL && err == OK; i++) {
        err = reckoning->jobs[i].err;
    }
    return err;
}

void reckoning_clear(struct reckoning *reckoning)
{
    par2_encoder_free(reckoning->own);
    free(reckoning->jobs);
    free(reckoning->in);
    *reckoning = (struct reckoning){.count = 0};
}
