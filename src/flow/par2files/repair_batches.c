/* With enough memory: known slices are read batch by batch, copied to the files being made, and
 * taken out of the recovery slices, while the next batch is read. What is left gives the lost
 * slices. */
#include <stdlib.h>
#include <string.h>

#include "flow/par2files/reckoning.h"
#include "flow/par2files/repair.h"

struct batch {
    size_t first; /* known slices [first, end) */
    size_t end;
    uint8_t *data;
    struct read_job *reads;
    size_t read_count;
    struct reckoning reckoning;
};

struct read_job {
    struct lost *l;
    size_t first; /* known slices [first, end) */
    size_t end;
    uint8_t *into;
    enum err err;
};

struct pass {
    struct lost *l;
    const struct place_plan *plan;
    uint8_t *data;  /* known slices */
    uint8_t *rows;  /* recovery slices, then lost ones */
    uint8_t **sums; /* the recovery slices less what is known */
    uint8_t **lost; /* the lost slices */
    struct slices_load *loads;
    size_t load_count;
    struct crew_tasks tasks;
    struct batch here;   /* was read in the round before */
    struct batch coming; /* is read in this one */
    struct batch all;    /* is reckoned at once, in the last one */
};

/* ---- reading ---- */

static void read_slices(void *arg)
{
    struct read_job *job = arg;
    size_t len = (size_t)job->l->r->c->set.slice_len;

    job->err = OK;
    for (size_t i = job->first; i < job->end && job->err == OK; i++) {
        uint8_t *into = job->into + (i - job->first) * len;

        job->err = slices_read(&job->l->known[i], 0, len, into);
        if (job->err == OK) {
            job->err = repair_copy_slice(job->l->r, i, into);
        }
    }
}

static enum err plan_reading(struct pass *p, size_t first)
{
    enum { EACH = 8 };
    struct batch *b = &p->coming;
    uint64_t len = p->l->r->c->set.slice_len;
    enum err err = OK;

    b->first = first;
    b->end = (size_t)place_batch_end(p->plan, p->l->r->known_count, first);
    b->data = p->data + first % p->plan->window * len;
    b->read_count = (b->end - first + EACH - 1) / EACH;
    b->reads = calloc(b->read_count, sizeof *b->reads);
    if (b->reads == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < b->read_count && err == OK; i++) {
        size_t from = first + i * EACH;

        b->reads[i] = (struct read_job){.l = p->l,
            .first = from,
            .end = b->end - from < EACH ? b->end : from + EACH,
            .into = b->data + i * EACH * len};
        err = crew_add(&p->tasks,
            &(struct crew_task){.run = read_slices, .arg = &b->reads[i], .kind = CREW_READ});
    }
    return err;
}

/* The recovery slices, one a task; what they give is zeros at first. */
static enum err plan_rows(struct pass *p)
{
    const struct repair *r = p->l->r;
    enum err err = OK;

    p->loads = calloc(r->lost_count + 1, sizeof *p->loads);
    if (p->loads == NULL) {
        return ERR_NO_MEMORY;
    }
    p->load_count = r->lost_count;
    for (size_t i = 0; i < r->lost_count && err == OK; i++) {
        p->loads[i] = (struct slices_load){.at = &p->l->rows[i],
            .count = 1,
            .len = (size_t)r->c->set.slice_len,
            .into = p->sums[i]};
        err = crew_add(&p->tasks,
            &(struct crew_task){.run = slices_load, .arg = &p->loads[i], .kind = CREW_READ});
    }
    return err;
}

/* ---- arithmetic ---- */

static enum err plan_sum(struct pass *p, struct batch *b)
{
    const struct repair *r = p->l->r;
    struct reckoning_sum sum = {.encoder = p->l->encoder,
        .out = p->sums,
        .slices = b->end - b->first,
        .width = (size_t)r->c->set.slice_len,
        .threads = r->c->crew.threads};

    sum.in = columns_pointers(b->data, sum.slices, sum.width);
    if (sum.slices < r->known_count) {
        sum.encoder = NULL;
        sum.shape = (struct par2_shape){.inputs = r->known + b->first,
            .input_count = sum.slices,
            .exponents = par2_repair_exponents(p->l->repair),
            .exponent_count = r->lost_count};
    }
    return reckoning_plan(&b->reckoning, &sum, &p->tasks);
}

static enum err solve(struct pass *p)
{
    struct repair *r = p->l->r;
    size_t len = (size_t)r->c->set.slice_len;
    struct columns_job job = {.repair = p->l->repair, .weight = r->lost_count};
    enum err err;

    memset(p->lost[0], 0, r->lost_count * len);
    job.columns.in = (const uint8_t *const *)p->sums;
    job.columns.out = p->lost;
    err = columns_do(&r->c->crew, &job, len);
    return err == OK ? repair_write(p->l, p->lost[0], 0, len) : err;
}

/* ---- rounds ---- */

static enum err batch_error(const struct batch *b)
{
    enum err err = OK;

    for (size_t i = 0; i < b->read_count && err == OK; i++) {
        err = b->reads[i].err;
    }
    return err == OK ? reckoning_error(&b->reckoning) : err;
}

static void batch_clear(struct batch *b)
{
    reckoning_clear(&b->reckoning);
    free(b->reads);
    *b = (struct batch){.end = 0};
}

static enum err plan_round(struct pass *p, size_t first)
{
    size_t known = p->l->r->known_count;
    enum err err = first == 0 ? plan_rows(p) : OK;

    if (err == OK && first < known) {
        err = plan_reading(p, first);
    }
    if (err == OK && p->here.end > 0 && p->plan->window < known) {
        err = plan_sum(p, &p->here);
    } else if (err == OK && p->here.end == known && known > 0) {
        p->all = (struct batch){.end = known, .data = p->data};
        err = plan_sum(p, &p->all);
    }
    return err;
}

static enum err run_round(struct pass *p, size_t first)
{
    enum err err = plan_round(p, first);

    if (err == OK) {
        crew_run(&p->l->r->c->crew, p->tasks.list, p->tasks.count);
        err = batch_error(&p->here);
    }
    if (err == OK) {
        err = batch_error(&p->coming);
    }
    if (err == OK) {
        err = batch_error(&p->all);
    }
    for (size_t i = 0; i < p->load_count && err == OK; i++) {
        err = p->loads[i].err;
    }
    batch_clear(&p->here);
    p->here = p->coming;
    p->coming = (struct batch){.end = 0};
    p->tasks.count = 0;
    return err;
}

static enum err prepare(struct pass *p)
{
    const struct repair *r = p->l->r;
    size_t len = (size_t)r->c->set.slice_len;
    enum err err = slices_memory((size_t)p->plan->window * len, &p->data);

    if (err == OK) {
        err = slices_memory(2 * r->lost_count * len, &p->rows);
    }
    if (err == OK) {
        p->sums = columns_pointers(p->rows, r->lost_count, len);
        p->lost = columns_pointers(p->rows + r->lost_count * len, r->lost_count, len);
        err = p->sums == NULL || p->lost == NULL ? ERR_NO_MEMORY : OK;
    }
    return err;
}

enum err repair_batches(struct lost *l, const struct place_plan *plan)
{
    struct pass p = {.l = l, .plan = plan};
    size_t first = 0;
    enum err err = prepare(&p);

    while (err == OK) {
        err = run_round(&p, first);
        first = place_batch_end(plan, l->r->known_count, first);
        if (p.here.end == 0) {
            break;
        }
    }
    if (err == OK) {
        err = solve(&p);
    }
    l->r->known_slices = COPIED;
    batch_clear(&p.here);
    batch_clear(&p.all);
    free(p.loads);
    free(p.tasks.list);
    free(p.sums);
    free(p.lost);
    free(p.rows);
    free(p.data);
    return err;
}
