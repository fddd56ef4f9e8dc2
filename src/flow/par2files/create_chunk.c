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

static enum err make_encoder(const struct chunk *chunk, struct par2_encoder **encoder)
{
    const struct create *c = chunk->c;
    struct par2_shape shape = {.inputs = c->order + chunk->first,
        .input_count = (size_t)(chunk->end - chunk->first),
        .exponent_count = c->recovery,
        .first_exponent = c->options->first_exponent};

    return par2_encoder_new(&shape, encoder);
}

enum err chunk_reckon(struct chunk *chunk, struct crew_tasks *tasks)
{
    struct create *c = chunk->c;
    struct reckoning *r = &chunk->reckoning;
    uint64_t count = chunk->end - chunk->first;
    struct columns_job whole = {.encoder = c->encoder, .weight = count};
    enum err err = OK;

    if (count == c->slices) {
        r->in = create_inputs(c, chunk->data, c->plan.width);
    } else {
        r->in = columns_pointers(chunk->data, (size_t)count, c->plan.width);
        err = make_encoder(chunk, &r->encoder);
        whole.encoder = r->encoder;
    }
    r->job_count = columns_pieces(c->plan.width, c->crew.threads);
    r->jobs = calloc(r->job_count + 1, sizeof *r->jobs);
    if (r->in == NULL || r->jobs == NULL) {
        return ERR_NO_MEMORY;
    }
    whole.columns.in = (const uint8_t *const *)r->in;
    whole.columns.out = c->out;
    return err == OK ? columns_cut(&whole, c->plan.width, c->crew.threads, r->jobs, tasks) : err;
}

/* ---- the end ---- */

enum err chunk_error(const struct chunk *chunk)
{
    enum err err = OK;

    for (size_t i = 0; i < chunk->read_count && err == OK; i++) {
        err = chunk->reads[i].err;
    }
    for (size_t i = 0; i < chunk->reckoning.job_count && err == OK; i++) {
        err = chunk->reckoning.jobs[i].err;
    }
    return err;
}

void chunk_clear(struct chunk *chunk)
{
    par2_encoder_free(chunk->reckoning.encoder);
    free(chunk->reckoning.jobs);
    free(chunk->reckoning.in);
    free(chunk->reads);
    free(chunk->parts);
    free(chunk->hashes);
    *chunk = (struct chunk){.c = NULL};
}
