/* The passes over the data: whole slices batch by batch, or columns of all slices in bands. */
#include <stdlib.h>
#include <string.h>

#include "flow/par2files/create_chunk.h"

/* ---- batches ---- */

/* A recovery slice before its first sum. It is written to before it is read: the system would show
 * a page of zeros to the first reader, and to take that back from all processors costs more. */
struct zeros {
    uint8_t *at;
    size_t len;
};

struct pass {
    struct create *c;
    struct crew_tasks tasks; /* of a round */
    struct chunk here;       /* was read in the round before */
    struct chunk coming;     /* is read in this one */
    struct chunk all;        /* is reckoned at once, in the last one */
    struct zeros *zeros;     /* one a recovery slice */
};

static void put_zeros(void *arg)
{
    const struct zeros *zeros = arg;

    memset(zeros->at, 0, zeros->len);
}

static enum err plan_zeros(struct pass *p)
{
    const struct create *c = p->c;
    enum err err = OK;

    p->zeros = calloc(c->recovery + 1, sizeof *p->zeros);
    if (p->zeros == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < c->recovery && err == OK; i++) {
        p->zeros[i] = (struct zeros){c->out[i], c->plan.width};
        err = crew_add(&p->tasks, &(struct crew_task){.run = put_zeros, .arg = &p->zeros[i]});
    }
    return err;
}

/* A batch takes the place of the one before the last, if not all stay. */
static enum err plan_reading(struct pass *p, uint64_t first)
{
    struct create *c = p->c;

    p->coming = (struct chunk){.c = c,
        .first = first,
        .end = place_batch_end(&c->plan, c->slices, first),
        .data = c->data + first % c->plan.window * c->slice_len};
    return chunk_read(&p->coming, &p->tasks);
}

static enum err plan_reckoning(struct pass *p)
{
    struct create *c = p->c;

    if (p->here.c != NULL && c->plan.window < c->slices) {
        return chunk_reckon(&p->here, &p->tasks);
    }
    if (p->coming.c == NULL && c->plan.window == c->slices) {
        p->all = (struct chunk){.c = c, .end = c->slices, .data = c->data};
        return chunk_reckon(&p->all, &p->tasks);
    }
    return OK;
}

/* A round: slices from `first` on are read, if there are any, and what was read before is worked
 * on. Files' hashes are first in line: one long file takes longer than anything else. */
static enum err plan_round(struct pass *p, uint64_t first)
{
    const struct create *c = p->c;
    bool whole_slices = c->recovery > 0 && c->plan.width == c->slice_len;
    enum err err = OK;

    if (p->here.c != NULL) {
        err = chunk_hash_files(&p->here, &p->tasks);
    }
    if (err == OK && first < c->slices) {
        err = plan_reading(p, first);
    }
    if (err == OK && whole_slices && first == 0) {
        err = plan_zeros(p);
    }
    return err == OK && whole_slices ? plan_reckoning(p) : err;
}

static enum err run_round(struct pass *p, uint64_t first)
{
    enum err err = plan_round(p, first);

    if (err == OK) {
        crew_run(&p->c->crew, p->tasks.list, p->tasks.count);
        err = chunk_error(&p->here);
    }
    if (err == OK) {
        err = chunk_error(&p->coming);
    }
    if (err == OK) {
        err = chunk_error(&p->all);
    }
    chunk_clear(&p->here);
    p->here = p->coming;
    p->coming = (struct chunk){.c = NULL};
    p->tasks.count = 0;
    return err;
}

enum err create_batches(struct create *c)
{
    struct pass p = {.c = c};
    uint64_t first = 0;
    enum err err = OK;

    do {
        err = run_round(&p, first);
        first = place_batch_end(&c->plan, c->slices, first);
    } while (err == OK && p.here.c != NULL);
    chunk_clear(&p.here);
    chunk_clear(&p.all);
    free(p.zeros);
    free(p.tasks.list);
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

static enum err reckon_band(struct create *c, size_t len)
{
    struct columns_job whole = {.encoder = c->encoder, .weight = c->slices};
    uint8_t **in = create_inputs(c, c->data, len);
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
    enum err err = OK;

    for (uint64_t from = 0; from < c->slice_len && err == OK; from += c->plan.width) {
        uint64_t rest = c->slice_len - from;
        size_t len = (size_t)(rest < c->plan.width ? rest : c->plan.width);

        err = load_band(c, from, len);
        if (err == OK) {
            err = reckon_band(c, len);
        }
        if (err == OK) {
            err = create_write(c, from);
        }
    }
    return err;
}
