/* The tasks of a batch: its slices are read and hashed side by side; then files' hashes and the
 * arithmetic may run beside each other, and beside the reading of the next batch. */
#include "flow/par2files/create_chunk.h"

#include <stdlib.h>

/* ---- reading and slices' hashes ---- */

enum err chunk_read(struct chunk *chunk, struct crew_tasks *tasks)
{
    struct create *c = chunk->c;
    uint64_t slices = chunk->end - chunk->first;
    size_t each = slices_per_task(c->slice_len);
    enum err err = OK;

    chunk->read_count = (size_t)((slices + each - 1) / each);
    chunk->reads = calloc(chunk->read_count, sizeof *chunk->reads);
    if (chunk->reads == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < chunk->read_count && err == OK; i++) {
        uint64_t from = chunk->first + i * each;
        struct slices_hash *job = &chunk->reads[i];

        *job = (struct slices_hash){.at = c->at + from,
            .count = chunk->end - from < each ? (size_t)(chunk->end - from) : each,
            .slice_len = c->slice_len,
            .into = chunk->data + i * each * c->slice_len,
            .checks = c->checks + from * PAR2_CHECK_LEN,
            .unread = c->unread + from};
        err = crew_add(tasks, &(struct crew_task){.run = slices_hash,
                                  .arg = job,
                                  .bytes = job->count * c->slice_len,
                                  .kind = CREW_READ});
    }
    return err;
}

/* ---- files' hashes ---- */

/* The slices of one file lie one behind the other. */
static enum err find_parts(struct chunk *chunk)
{
    struct create *c = chunk->c;
    struct filehash_part *part = NULL;

    chunk->parts = calloc(chunk->end - chunk->first, sizeof *chunk->parts);
    if (chunk->parts == NULL) {
        return ERR_NO_MEMORY;
    }
    for (uint64_t i = chunk->first; i < chunk->end; i++) {
        if (part == NULL || part->md5 != &c->owner[i]->md5) {
            part = &chunk->parts[chunk->part_count++];
            part->md5 = &c->owner[i]->md5;
            part->data.ptr = chunk->data + (i - chunk->first) * c->slice_len;
        }
        part->data.len += c->at[i].len;
    }
    return OK;
}

static int longest_first(const void *a, const void *b)
{
    const struct filehash_part *x = a;
    const struct filehash_part *y = b;

    return (x->data.len < y->data.len) - (x->data.len > y->data.len);
}

static enum err hash_parts(struct chunk *chunk, size_t from, size_t end, struct crew_tasks *tasks)
{
    struct filehash *job = &chunk->hashes[chunk->hash_count++];

    *job = (struct filehash){chunk->parts + from, end - from};
    return crew_add(tasks, &(struct crew_task){.run = filehash_run, .arg = job});
}

/* One file that is long beside the others goes on a thread of its own, as do two; more of them
 * share lanes. */
enum err chunk_hash_files(struct chunk *chunk, struct crew_tasks *tasks)
{
    uint64_t len = (chunk->end - chunk->first) * chunk->c->slice_len;
    enum err err = find_parts(chunk);
    size_t alone = 0;

    if (err == OK) {
        chunk->hashes = calloc(chunk->part_count + 1, sizeof *chunk->hashes);
        err = chunk->hashes == NULL ? ERR_NO_MEMORY : OK;
        qsort(chunk->parts, chunk->part_count, sizeof *chunk->parts, longest_first);
    }
    for (; err == OK && alone < chunk->part_count &&
           (chunk->parts[alone].data.len > len / 5 * 2 || chunk->part_count - alone < 2);
         alone++) {
        err = hash_parts(chunk, alone, alone + 1, tasks);
    }
    for (size_t i = alone; err == OK && i < chunk->part_count; i += PAR2_MD5_LANES_MAX) {
        size_t end = i + PAR2_MD5_LANES_MAX;

        err = hash_parts(chunk, i, end < chunk->part_count ? end : chunk->part_count, tasks);
    }
    return err;
}

/* ---- arithmetic ---- */

enum err chunk_reckon(struct chunk *chunk, struct crew_tasks *tasks)
{
    struct create *c = chunk->c;
    struct reckoning_sum sum = {.encoder = c->encoder,
        .out = c->out,
        .slices = (size_t)(chunk->end - chunk->first),
        .width = c->plan.width,
        .threads = c->crew.threads};

    if (sum.slices == c->slices) {
        sum.in = create_inputs(c, chunk->data, sum.width);
    } else {
        sum.in = columns_pointers(chunk->data, sum.slices, sum.width);
        sum.encoder = NULL;
        sum.shape = (struct par2_shape){.inputs = c->order + chunk->first,
            .input_count = sum.slices,
            .exponent_count = (size_t)c->recovery,
            .first_exponent = c->options->first_exponent};
    }
    return reckoning_plan(&chunk->reckoning, &sum, tasks);
}

/* ---- the end ---- */

enum err chunk_error(const struct chunk *chunk)
{
    enum err err = OK;

    for (size_t i = 0; i < chunk->read_count && err == OK; i++) {
        err = chunk->reads[i].err;
    }
    return err == OK ? reckoning_error(&chunk->reckoning) : err;
}

void chunk_clear(struct chunk *chunk)
{
    reckoning_clear(&chunk->reckoning);
    free(chunk->reads);
    free(chunk->parts);
    free(chunk->hashes);
    *chunk = (struct chunk){.c = NULL};
}
