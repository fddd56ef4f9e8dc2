/* The conductor of what is lost: which recovery slices are used, in bands or batches; the lost
 * slices are hashed as they are written. */
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "codec/par2/par2_crc.h"
#include "flow/par2files/repair.h"

/* ---- what goes in ---- */

static const struct slice_at *recovery_at(const struct parset *set, uint32_t exponent)
{
    for (size_t i = 0; i < set->recovery_count; i++) {
        if (set->recovery[i].exponent == exponent) {
            return &set->recovery[i].at;
        }
    }
    return NULL;
}

static enum err list_inputs(struct lost *l)
{
    const struct repair *r = l->r;
    const uint32_t *exponents = par2_repair_exponents(l->repair);

    l->known = calloc(r->known_count + 1, sizeof *l->known);
    l->rows = calloc(r->lost_count + 1, sizeof *l->rows);
    if (l->known == NULL || l->rows == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < r->known_count; i++) {
        l->known[i] = r->c->at[r->known[i]];
    }
    for (size_t i = 0; i < r->lost_count; i++) {
        const struct slice_at *at = recovery_at(&r->c->set, exponents[i]);

        if (at == NULL) {
            return ERR_BUG;
        }
        l->rows[i] = *at;
    }
    return OK;
}

static enum err prepare(struct lost *l)
{
    const struct repair *r = l->r;
    const struct parset *set = &r->c->set;
    uint32_t *exponents = calloc(set->recovery_count + 1, sizeof *exponents);
    struct par2_loss loss = {.missing = r->lost,
        .missing_count = r->lost_count,
        .exponents = exponents,
        .exponent_count = set->recovery_count};
    struct par2_shape shape = {
        .inputs = r->known, .input_count = r->known_count, .exponent_count = r->lost_count};
    enum err err = exponents == NULL ? ERR_NO_MEMORY : OK;

    for (size_t i = 0; i < set->recovery_count && err == OK; i++) {
        exponents[i] = set->recovery[i].exponent;
    }
    if (err == OK) {
        err = par2_repair_new(&loss, &l->repair);
    }
    if (err == OK) {
        shape.exponents = par2_repair_exponents(l->repair);
        err = par2_encoder_new(&shape, &l->encoder);
    }
    free(exponents);
    return err == OK ? list_inputs(l) : err;
}

/* ---- what comes out ---- */

struct out_job {
    struct repair *r;
    size_t first;
    size_t count; /* at most PAR2_MD5_LANES_MAX */
    uint64_t from;
    size_t len;
    const uint8_t *data;
    enum err err;
};

static enum err write_one(const struct out_job *job, size_t i)
{
    const struct repair *r = job->r;
    const struct parset *set = &r->c->set;
    size_t n = job->first + i;
    const struct parset_file *is = &set->files[r->owner[n]];
    uint64_t at = (r->lost[n] - is->first) * set->slice_len + job->from;
    size_t len = job->len;

    if (at >= is->is.len) {
        return OK;
    }
    len = is->is.len - at < len ? (size_t)(is->is.len - at) : len;
    return disk_out_write(r->outs[r->owner[n]], at, bytes_at(job->data + i * job->len, len));
}

static void out_task(void *arg)
{
    struct out_job *job = arg;
    struct par2_md5 *md5[PAR2_MD5_LANES_MAX];
    const uint8_t *in[PAR2_MD5_LANES_MAX];

    job->err = OK;
    for (size_t i = 0; i < job->count; i++) {
        md5[i] = &job->r->md5[job->first + i];
        in[i] = job->data + i * job->len;
        job->r->crc[job->first + i] =
            par2_crc(job->r->crc[job->first + i], bytes_at(in[i], job->len));
    }
    par2_md5_update_many(md5, in, job->len, job->count);
    for (size_t i = 0; i < job->count && job->err == OK; i++) {
        job->err = write_one(job, i);
    }
}

enum err repair_write(struct lost *l, const uint8_t *data, uint64_t from, size_t len)
{
    enum { EACH = PAR2_MD5_LANES_MAX };
    struct repair *r = l->r;
    size_t count = (r->lost_count + EACH - 1) / EACH;
    struct out_job *jobs = calloc(count + 1, sizeof *jobs);
    struct crew_task *tasks = calloc(count + 1, sizeof *tasks);
    enum err err = jobs == NULL || tasks == NULL ? ERR_NO_MEMORY : OK;

    for (size_t i = 0; i < count && err == OK; i++) {
        size_t rest = r->lost_count - i * EACH;

        jobs[i] = (struct out_job){.r = r, .first = i * EACH, .from = from, .len = len};
        jobs[i].count = rest < EACH ? rest : EACH;
        jobs[i].data = data + i * EACH * len;
        tasks[i] = (struct crew_task){.run = out_task, .arg = &jobs[i]};
        tasks[i].bytes = jobs[i].count * len;
    }
    if (err == OK) {
        crew_run(&r->c->crew, tasks, count);
    }
    for (size_t i = 0; i < count && err == OK; i++) {
        err = jobs[i].err;
    }
    free(jobs);
    free(tasks);
    return err;
}

/* Are the slices that were made the ones that were lost? */
static enum err judge(const struct repair *r)
{
    for (size_t i = 0; i < r->lost_count; i++) {
        const struct parset_file *is = &r->c->set.files[r->owner[i]];
        const uint8_t *check = is->checks;
        struct par2_id id = par2_md5_final(&r->md5[i]);

        if (check == NULL) {
            continue; /* the whole file is looked at in the end */
        }
        check += (r->lost[i] - is->first) * PAR2_CHECK_LEN;
        if (memcmp(check, id.b, sizeof id.b) != 0 || get_le32(check + PAR2_MD5_LEN) != r->crc[i]) {
            return ERR_BAD_SEAL;
        }
    }
    return OK;
}

enum err repair_lost(struct repair *r)
{
    struct lost l = {.r = r};
    struct place_set set = {.slice_len = r->c->set.slice_len,
        .slices = r->known_count,
        .extra = 2 * (uint64_t)r->lost_count};
    struct place_plan plan;
    enum err err = prepare(&l);

    for (size_t i = 0; i < r->lost_count; i++) {
        par2_md5_init(&r->md5[i]);
    }
    if (err == OK) {
        set.at_once = par2_encoder_method(l.encoder) == PAR2_FOURIER;
        plan = place_plan(place_memory(&r->c->options->place), &set);
        err = plan.width < set.slice_len ? repair_bands(&l, plan.width) : repair_batches(&l, &plan);
    }
    par2_encoder_free(l.encoder);
    par2_repair_free(l.repair);
    free(l.known);
    free(l.rows);
    return err == OK ? judge(r) : err;
}
