/* With little memory: columns of all known slices and of recovery slices go in, columns of the lost
 * ones come out. Nothing is copied here: known slices are not there as a whole. */
#include <stdlib.h>
#include <string.h>

#include "flow/par2files/columns.h"
#include "flow/par2files/repair.h"

struct band {
    struct lost *l;
    uint8_t *data; /* known slices, then recovery slices, then lost ones */
};

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

static enum err reckon(const struct band *b, size_t len)
{
    struct lost *l = b->l;
    const struct repair *r = l->r;
    uint8_t *rows = b->data + r->known_count * len;
    uint8_t **in = columns_pointers(b->data, r->known_count, len);
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

static enum err do_band(const struct band *b, uint64_t from, size_t len)
{
    const struct repair *r = b->l->r;
    struct slices_load part = {.from = from, .len = len, .into = b->data};
    enum err err = load_part(b->l, b->l->known, r->known_count, &part);

    if (err == OK) {
        part.into = b->data + r->known_count * len;
        err = load_part(b->l, b->l->rows, r->lost_count, &part);
    }
    if (err == OK) {
        memset(part.into + r->lost_count * len, 0, r->lost_count * len);
        err = reckon(b, len);
    }
    return err == OK ? repair_write(b->l, part.into + r->lost_count * len, from, len) : err;
}

enum err repair_bands(struct lost *l, uint64_t width)
{
    const struct repair *r = l->r;
    uint64_t slice_len = r->c->set.slice_len;
    struct band b = {.l = l};
    enum err err = slices_memory((size_t)((r->known_count + 2 * r->lost_count) * width), &b.data);

    for (uint64_t from = 0; from < slice_len && err == OK; from += width) {
        uint64_t rest = slice_len - from;

        err = do_band(&b, from, (size_t)(rest < width ? rest : width));
    }
    free(b.data);
    return err;
}
