/* The arithmetic of a repair: bands of columns of all that is known go in, bands of what is lost
 * come out and are hashed as they are written. */
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "codec/par2/par2_crc.h"
#include "flow/par2files/columns.h"
#include "flow/par2files/place.h"
#include "flow/par2files/repair.h"

struct lost {
    struct repair *r;
    struct par2_repair *repair;
    struct par2_encoder *encoder;
    struct slice_at *known; /* where they lie */
    struct slice_at *rows;  /* the recovery slices to use */
    uint64_t width;
    uint8_t *data; /* known slices, then recovery slices, then lost ones */
};

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

/* ---- a band ---- */

static enum err load_part(
    struct lost *l, const struct slice_at *at, size_t count, const struct slices_load *band)
{
    enum { EACH = 64 };
    size_t jobs_count = (count + EACH - 1) / EACH;
    struct slices_load *jobs = calloc(jobs_count + 1, sizeof *jobs);
    struct crew_task *tasks = calloc(jobs_count + 1, sizeof *tasks);
    enum err err = jobs == NULL || tasks == NULL ? ERR_NO_MEMORY : OK;

    for (size_t i = 0; i < jobs_count && err == OK; i++) {
        jobs[i] = *band;
        jobs[i].at = at + i * EACH;
        jobs[i].count = count - i * EACH < EACH ? count - i * EACH : EACH;
        jobs[i].into = band->into + i * EACH * band->len;
        tasks[i] = (struct crew_task){.run = slices_load, .arg = &jobs[i], .kind = CREW_READ};
    }
    if (err == OK) {
        crew_run(&l->r->c->crew, tasks, jobs_count);
    }
    for (size_t i = 0; i < jobs_count && err == OK; i++) {
        err = jobs[i].err;
    }
    free(jobs);
    free(tasks);
    return err;
}

static enum err reckon(struct lost *l, size_t len)
{
    const struct repair *r = l->r;
    uint8_t *rows = l->data + r->known_count * len;
    uint8_t **in = columns_pointers(l->data, r->known_count, len);
    uint8_t **middle = columns_pointers(rows, r->lost_count, len);
    uint8_t **out = columns_pointers(rows + r->lost_count * len, r->lost_count, len);
    struct columns_job first = {.encoder = l->encoder, .weight = r->known_count};
    struct columns_job second = {.repair = l->repair, .weight = r->lost_count};
    enum err err = in == NULL || middle == NULL || out == NULL ? ERR_NO_MEMORY : OK;

    if (err == OK) {
        first.columns.in = (const uint8_t *const *)in;
        first.columns.out = middle;
        err = columns_do(&r->c->crew, &first, len);
    }
    if (err == OK) {
        second.columns.in = (const uint8_t *const *)middle;
        second.columns.out = out;
        err = columns_do(&r->c->crew, &second, len);
    }
    free(in);
    free(middle);
    free(out);
    return err;
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

static enum err write_out(struct lost *l, uint64_t from, size_t len)
{
    enum { EACH = PAR2_MD5_LANES_MAX };
    struct repair *r = l->r;
    const uint8_t *data = l->data + (r->known_count + r->lost_count) * len;
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

static enum err do_band(struct lost *l, uint64_t from, size_t len)
{
    struct slices_load band = {.from = from, .len = len, .into = l->data};
    enum err err = load_part(l, l->known, l->r->known_count, &band);

    if (err == OK) {
        band.into = l->data + l->r->known_count * len;
        err = load_part(l, l->rows, l->r->lost_count, &band);
    }
    if (err == OK) {
        memset(band.into + l->r->lost_count * len, 0, l->r->lost_count * len);
        err = reckon(l, len);
    }
    return err == OK ? write_out(l, from, len) : err;
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
    uint64_t slice_len = r->c->set.slice_len;
    uint64_t rows = r->known_count + 2 * r->lost_count;
    enum err err = prepare(&l);

    for (size_t i = 0; i < r->lost_count; i++) {
        par2_md5_init(&r->md5[i]);
    }
    l.width = place_width(place_memory(&r->c->options->place), slice_len, rows);
    if (err == OK) {
        err = slices_memory((size_t)(rows * l.width), &l.data);
    }
    for (uint64_t from = 0; from < slice_len && err == OK; from += l.width) {
        uint64_t rest = slice_len - from;

        err = do_band(&l, from, (size_t)(rest < l.width ? rest : l.width));
    }
    par2_encoder_free(l.encoder);
    par2_repair_free(l.repair);
    free(l.known);
    free(l.rows);
    free(l.data);
    return err == OK ? judge(r) : err;
}
