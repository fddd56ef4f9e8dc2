/* The passes over the data: whole slices in batches, or columns of all slices in bands. */
#include <stdlib.h>
#include <string.h>

#include "flow/par2files/columns.h"
#include "flow/par2files/create.h"
#include "flow/par2files/filehash.h"

/* ---- reading and slices' hashes ---- */

static enum err first_error(const struct slices_hash *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].err != OK) {
            return jobs[i].err;
        }
    }
    return OK;
}

/* Slices [first, end) into `data`. */
static enum err read_batch(struct create *c, uint64_t first, uint64_t end)
{
    size_t each = slices_per_task(c->slice_len);
    size_t count = (size_t)((end - first + each - 1) / each);
    struct slices_hash *jobs = calloc(count, sizeof *jobs);
    struct crew_task *tasks = calloc(count, sizeof *tasks);
    enum err err = jobs == NULL || tasks == NULL ? ERR_NO_MEMORY : OK;

    for (size_t i = 0; i < count && err == OK; i++) {
        uint64_t from = first + i * each;

        jobs[i] = (struct slices_hash){.at = c->at + from,
            .count = end - from < each ? (size_t)(end - from) : each,
            .slice_len = c->slice_len,
            .into = c->data + (from - first) * c->slice_len,
            .checks = c->checks + from * PAR2_CHECK_LEN,
            .unread = c->unread + from};
        tasks[i] = (struct crew_task){.run = slices_hash, .arg = &jobs[i]};
        tasks[i].bytes = jobs[i].count * c->slice_len;
    }
    if (err == OK) {
        crew_run(&c->crew, tasks, count);
        err = first_error(jobs, count);
    }
    free(jobs);
    free(tasks);
    return err;
}

/* ---- files' hashes, beside the arithmetic ---- */

struct batch {
    uint64_t first; /* slices [first, end) are in `data` */
    uint64_t end;
    struct filehash_part *parts;
    size_t part_count;
    struct filehash *hashes;
    size_t hash_count;
    struct par2_encoder *encoder; /* NULL: nothing to reckon */
    uint8_t **in;
    struct columns_job *jobs;
    size_t job_count;
    struct crew_task *tasks;
};

static enum err find_parts(struct create *c, struct batch *b)
{
    b->parts = calloc(c->sources.count, sizeof *b->parts);
    if (b->parts == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < c->sources.count; i++) {
        struct original *s = &c->sources.list[i];
        uint64_t from = s->first > b->first ? s->first : b->first;
        uint64_t end = s->first + s->slices < b->end ? s->first + s->slices : b->end;
        uint64_t bytes_end = (end - s->first) * c->slice_len;

        if (from >= end) {
            continue;
        }
        bytes_end = bytes_end < s->stat.size ? bytes_end : s->stat.size;
        b->parts[b->part_count++] = (struct filehash_part){
            &s->md5, bytes_at(c->data + (from - b->first) * c->slice_len,
                         (size_t)(bytes_end - (from - s->first) * c->slice_len))};
    }
    return OK;
}

/* One or two files go on a thread each; more of them share lanes. */
static enum err share_parts(struct batch *b)
{
    size_t jobs = (b->part_count + PAR2_MD5_LANES_MAX - 1) / PAR2_MD5_LANES_MAX;

    b->hash_count = b->part_count <= 2 ? b->part_count : jobs;
    b->hashes = calloc(b->hash_count + 1, sizeof *b->hashes);
    if (b->hashes == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < b->hash_count; i++) {
        size_t from = i * b->part_count / b->hash_count;

        b->hashes[i].parts = b->parts + from;
        b->hashes[i].count = (i + 1) * b->part_count / b->hash_count - from;
    }
    return OK;
}

static enum err make_encoder(struct create *c, struct batch *b)
{
    size_t count = (size_t)(b->end - b->first);
    uint32_t *inputs = calloc(count, sizeof *inputs);
    struct par2_shape shape = {.inputs = inputs,
        .input_count = count,
        .exponent_count = c->recovery,
        .first_exponent = c->options->first_exponent};
    enum err err = inputs == NULL ? ERR_NO_MEMORY : OK;

    for (size_t i = 0; i < count && err == OK; i++) {
        inputs[i] = (uint32_t)(b->first + i);
    }
    if (err == OK) {
        err = par2_encoder_new(&shape, &b->encoder);
    }
    if (err == OK) {
        b->in = columns_pointers(c->data, count, c->plan.width);
        err = b->in == NULL ? ERR_NO_MEMORY : OK;
    }
    free(inputs);
    return err;
}

static void cut(struct create *c, struct batch *b)
{
    struct columns_job whole = {.encoder = b->encoder, .weight = b->end - b->first};

    for (size_t i = 0; i < b->hash_count; i++) {
        b->tasks[i] = (struct crew_task){.run = filehash_run, .arg = &b->hashes[i]};
    }
    if (b->encoder != NULL) {
        whole.columns.in = (const uint8_t *const *)b->in;
        whole.columns.out = c->out;
        columns_cut(&whole, c->plan.width, c->crew.threads, b->jobs, b->tasks + b->hash_count);
    }
}

/* The hashes start first: one long file takes longer than anything else. */
static enum err reckon(struct create *c, struct batch *b)
{
    enum err err = find_parts(c, b);

    if (err == OK) {
        err = share_parts(b);
    }
    if (err == OK && c->plan.width == c->slice_len && c->recovery > 0) {
        err = make_encoder(c, b);
        b->job_count = columns_pieces(c->plan.width, c->crew.threads);
    }
    if (err != OK) {
        return err;
    }
    b->jobs = calloc(b->job_count + 1, sizeof *b->jobs);
    b->tasks = calloc(b->job_count + b->hash_count + 1, sizeof *b->tasks);
    if (b->jobs == NULL || b->tasks == NULL) {
        return ERR_NO_MEMORY;
    }
    cut(c, b);
    crew_run(&c->crew, b->tasks, b->job_count + b->hash_count);
    for (size_t i = 0; i < b->job_count && err == OK; i++) {
        err = b->jobs[i].err;
    }
    return err;
}

static void batch_clear(struct batch *b)
{
    par2_encoder_free(b->encoder);
    free(b->parts);
    free(b->hashes);
    free(b->in);
    free(b->jobs);
    free(b->tasks);
}

enum err create_batches(struct create *c)
{
    enum err err = OK;

    for (uint64_t first = 0; first < c->slices && err == OK; first += c->plan.batch) {
        struct batch b = {.first = first, .end = c->slices};

        b.end = b.end - first < c->plan.batch ? b.end : first + c->plan.batch;
        err = read_batch(c, b.first, b.end);
        if (err == OK) {
            err = reckon(c, &b);
        }
        batch_clear(&b);
    }
    return err;
}

/* ---- writing ---- */

enum err create_write(struct create *c, uint64_t from)
{
    uint64_t rest = c->slice_len - from;
    size_t count = (c->recovery + PAR2_MD5_LANES_MAX - 1) / PAR2_MD5_LANES_MAX;
    struct outset_write *jobs = calloc(count + 1, sizeof *jobs);
    struct crew_task *tasks = calloc(count + 1, sizeof *tasks);
    size_t len = (size_t)(rest < c->plan.width ? rest : c->plan.width);
    enum err err = jobs == NULL || tasks == NULL ? ERR_NO_MEMORY : OK;

    for (size_t i = 0; i < count && err == OK; i++) {
        size_t first = i * PAR2_MD5_LANES_MAX;
        size_t most = c->recovery - first;

        jobs[i] = (struct outset_write){.outset = &c->outset,
            .first = first,
            .count = most < PAR2_MD5_LANES_MAX ? most : PAR2_MD5_LANES_MAX,
            .from = from,
            .len = len,
            .data = c->rows + first * len};
        tasks[i] = (struct crew_task){.run = outset_write, .arg = &jobs[i]};
    }
    if (err == OK) {
        crew_run(&c->crew, tasks, count);
    }
    for (size_t i = 0; i < count && err == OK; i++) {
        err = jobs[i].err;
    }
    free(jobs);
    free(tasks);
    return err;
}

/* ---- bands ---- */

static enum err load_band(struct create *c, uint64_t from, size_t len)
{
    struct slices_load job = {
        .at = c->at, .count = (size_t)c->slices, .from = from, .len = len, .into = c->data};

    slices_load(&job); /* disks prefer one reader */
    return job.err;
}

static enum err reckon_band(struct create *c, struct batch *all, size_t len)
{
    struct columns_job whole = {.encoder = all->encoder, .weight = c->slices};
    uint8_t **in = columns_pointers(c->data, (size_t)c->slices, len);
    uint8_t **out = columns_pointers(c->rows, (size_t)c->recovery, len);
    enum err err = in == NULL || out == NULL ? ERR_NO_MEMORY : OK;

    if (err == OK) {
        memset(c->rows, 0, c->recovery * len);
        whole.columns.in = (const uint8_t *const *)in;
        whole.columns.out = out;
        err = columns_do(&c->crew, &whole, len);
    }
    free(in);
    free(out);
    return err;
}

enum err create_bands(struct create *c)
{
    struct batch all = {.end = c->slices};
    enum err err = make_encoder(c, &all);

    for (uint64_t from = 0; from < c->slice_len && err == OK; from += c->plan.width) {
        uint64_t rest = c->slice_len - from;
        size_t len = (size_t)(rest < c->plan.width ? rest : c->plan.width);

        err = load_band(c, from, len);
        if (err == OK) {
            err = reckon_band(c, &all, len);
        }
        if (err == OK) {
            err = create_write(c, from);
        }
    }
    batch_clear(&all);
    return err;
}
