/* PAR2 over bands. A band is read as a whole before any of it is written. */
#include "flow/restore/repair_math.h"

#include <stdlib.h>
#include <string.h>

#include "codec/par2/par2_repair.h"

enum {
    WIDTH_UNIT = 4096,
    WIDTH_MAX = 64 << 10,
    ALIGN = 64,
};

/* Rows of a band, in this order: the known inputs, the recovery slices; what is made goes over the
 * first `lost` rows of a part of its own. */
struct repair_math {
    atomic_uint holders;
    struct par2_repair *repair;
    struct par2_encoder *encoder; /* NULL: all inputs are lost */
    size_t known, lost;
    uint32_t *places; /* known + lost + lost: inputs, recovery slices, what is made */
    size_t width;
};

struct choose_errand {
    struct errand errand;
    uint32_t k;
    uint32_t *numbers; /* lost, exponents, places */
    size_t lost_count, exponent_count;
    struct repair_math *math; /* out */
    enum err err;             /* out */
    repair_choose_fn done;
    void *arg;
};

struct band_errand {
    struct errand errand;
    struct repair_math *math;
    struct disk_scratch *scratch;
    size_t from;
    enum err err; /* out */
    repair_band_fn done;
    void *arg;
};

void repair_math_drop(struct repair_math *m)
{
    if (m == NULL || atomic_fetch_sub(&m->holders, 1) != 1) {
        return;
    }
    par2_repair_free(m->repair);
    par2_encoder_free(m->encoder);
    free(m->places);
    free(m);
}

size_t repair_math_width(const struct repair_math *m)
{
    return m->width;
}

/* --- choosing --- */

/* The numbers of the inputs that are not lost are their places. */
static void list_known(struct repair_math *m, const uint32_t *lost, uint32_t k)
{
    size_t next = 0;

    for (uint32_t i = 0; i < k; i++) {
        if (next < m->lost && lost[next] == i) {
            next++;
        } else {
            m->places[m->known++] = i;
        }
    }
}

static enum err list_recovery(struct repair_math *m, const struct choose_errand *c)
{
    const uint32_t *exponents = c->numbers + c->lost_count;
    const uint32_t *places = exponents + c->exponent_count;
    const uint32_t *chosen = par2_repair_exponents(m->repair);

    for (size_t i = 0; i < m->lost; i++) {
        size_t j = 0;

        while (j < c->exponent_count && exponents[j] != chosen[i]) {
            j++;
        }
        if (j == c->exponent_count) {
            return ERR_BUG;
        }
        m->places[m->known + i] = places[j];
        m->places[m->known + m->lost + i] = c->numbers[i];
    }
    return OK;
}

static size_t choose_width(size_t rows)
{
    size_t width = REPAIR_BAND_BYTES / (rows + 1) / WIDTH_UNIT * WIDTH_UNIT;

    if (width < WIDTH_UNIT) {
        return WIDTH_UNIT;
    }
    return width < WIDTH_MAX ? width : WIDTH_MAX;
}

static enum err prepare(struct repair_math *m, const struct choose_errand *c)
{
    struct par2_loss loss = {.missing = c->numbers,
        .exponents = c->numbers + c->lost_count,
        .missing_count = c->lost_count,
        .exponent_count = c->exponent_count};
    struct par2_shape shape = {.inputs = m->places, .exponent_count = c->lost_count};
    enum err err = par2_repair_new(&loss, &m->repair);

    if (err != OK) {
        return err;
    }
    list_known(m, c->numbers, c->k);
    shape.input_count = m->known;
    shape.exponents = par2_repair_exponents(m->repair);
    if (m->known > 0) {
        err = par2_encoder_new(&shape, &m->encoder);
    }
    m->width = choose_width(m->known + 2 * m->lost);
    return err == OK ? list_recovery(m, c) : err;
}

static void choose_run(struct errand *errand)
{
    struct choose_errand *c = (struct choose_errand *)(void *)errand;
    struct repair_math *m = calloc(1, sizeof(*m));

    c->err = ERR_NO_MEMORY;
    if (m == NULL) {
        return;
    }
    atomic_init(&m->holders, 1);
    c->math = m;
    m->lost = c->lost_count;
    m->places = calloc((size_t)c->k + 2 * c->lost_count, sizeof(*m->places));
    if (m->places != NULL) {
        c->err = prepare(m, c);
    }
}

static void choose_clear(struct errand *errand)
{
    struct choose_errand *c = (struct choose_errand *)(void *)errand;

    free(c->numbers);
    repair_math_drop(c->math);
}

static void choose_done(struct errand *errand)
{
    struct choose_errand *c = (struct choose_errand *)(void *)errand;
    repair_choose_fn done = c->done;
    void *arg = c->arg;
    enum err err = c->err;
    struct repair_math *math = NULL;

    if (err == OK) {
        math = c->math;
        c->math = NULL;
    }
    errand_free(errand);
    done(arg, err, math);
}

enum err repair_choose_start(
    struct restore_ctx *ctx, const struct repair_loss *loss, repair_choose_fn done, void *arg)
{
    struct choose_errand *c = calloc(1, sizeof(*c));
    size_t count = loss->lost_count + 2 * loss->exponent_count;

    if (c == NULL) {
        return ERR_NO_MEMORY;
    }
    c->numbers = calloc(count, sizeof(*c->numbers));
    if (c->numbers == NULL) {
        free(c);
        return ERR_NO_MEMORY;
    }
    c->errand = (struct errand){.run = choose_run, .done = choose_done, .clear = choose_clear};
    c->k = loss->k;
    c->lost_count = loss->lost_count;
    c->exponent_count = loss->exponent_count;
    memcpy(c->numbers, loss->lost, loss->lost_count * sizeof(*c->numbers));
    memcpy(
        c->numbers + loss->lost_count, loss->exponents, loss->exponent_count * sizeof(*c->numbers));
    memcpy(c->numbers + loss->lost_count + loss->exponent_count, loss->places,
        loss->exponent_count * sizeof(*c->numbers));
    c->done = done;
    c->arg = arg;
    errand_submit(&ctx->errands, &c->errand);
    return OK;
}

/* --- a band --- */

/* A band in memory. */
struct band {
    const struct repair_math *math;
    struct disk_scratch *scratch;
    size_t from, len;
    uint8_t *rows; /* known + 2 * lost, `len` bytes each */
    uint8_t **at;  /* a pointer to each row */
    uint8_t *work;
};

static enum err read_rows(struct band *b)
{
    enum err err = OK;

    for (size_t i = 0; i < b->math->known + b->math->lost && err == OK; i++) {
        uint64_t offset = (uint64_t)b->math->places[i] * SEGMENT_LEN + b->from;

        err = disk_scratch_read(b->scratch, offset, b->at[i], b->len);
    }
    return err;
}

static enum err write_rows(struct band *b)
{
    size_t first = b->math->known + b->math->lost;
    enum err err = OK;

    for (size_t i = first; i < first + b->math->lost && err == OK; i++) {
        uint64_t offset = (uint64_t)b->math->places[i] * SEGMENT_LEN + b->from;

        err = disk_scratch_write(b->scratch, offset, bytes_at(b->at[i], b->len));
    }
    return err;
}

static void reckon(struct band *b)
{
    const struct repair_math *m = b->math;
    struct par2_columns columns = {.in = (const uint8_t *const *)b->at,
        .out = b->at + m->known,
        .to = b->len,
        .work = b->work};

    if (m->encoder != NULL) {
        par2_encoder_add(m->encoder, &columns);
    }
    columns.in = (const uint8_t *const *)(b->at + m->known);
    columns.out = b->at + m->known + m->lost;
    par2_repair_solve(m->repair, &columns);
}

static size_t work_len(const struct repair_math *m)
{
    size_t solve = par2_repair_work(m->repair);
    size_t add = m->encoder == NULL ? 0 : par2_encoder_work(m->encoder);

    return (solve > add ? solve : add) + 1;
}

static enum err do_band(struct band *b)
{
    size_t count = b->math->known + 2 * b->math->lost;
    enum err err = ERR_NO_MEMORY;

    b->rows = aligned_alloc(ALIGN, (count * b->len + ALIGN - 1) / ALIGN * ALIGN);
    b->at = calloc(count, sizeof(*b->at));
    b->work = malloc(work_len(b->math));
    if (b->rows != NULL && b->at != NULL && b->work != NULL) {
        for (size_t i = 0; i < count; i++) {
            b->at[i] = b->rows + i * b->len;
        }
        err = read_rows(b);
    }
    if (err == OK) {
        reckon(b);
        err = write_rows(b);
    }
    free(b->rows);
    free(b->at);
    free(b->work);
    return err;
}

static void band_run(struct errand *errand)
{
    struct band_errand *e = (struct band_errand *)(void *)errand;
    struct band band = {.math = e->math, .scratch = e->scratch, .from = e->from};

    band.len = SEGMENT_LEN - e->from;
    if (band.len > e->math->width) {
        band.len = e->math->width;
    }
    e->err = do_band(&band);
}

static void band_clear(struct errand *errand)
{
    struct band_errand *e = (struct band_errand *)(void *)errand;

    repair_math_drop(e->math);
    disk_scratch_drop(e->scratch);
}

static void band_done(struct errand *errand)
{
    struct band_errand *e = (struct band_errand *)(void *)errand;
    repair_band_fn done = e->done;
    void *arg = e->arg;
    enum err err = e->err;

    errand_free(errand);
    done(arg, err);
}

enum err repair_band_start(
    struct restore_ctx *ctx, const struct repair_band *band, repair_band_fn done, void *arg)
{
    struct band_errand *e = calloc(1, sizeof(*e));

    if (e == NULL) {
        return ERR_NO_MEMORY;
    }
    e->errand = (struct errand){.run = band_run, .done = band_done, .clear = band_clear};
    atomic_fetch_add(&band->math->holders, 1);
    e->math = band->math;
    e->scratch = disk_scratch_keep(band->scratch);
    e->from = band->from;
    e->done = done;
    e->arg = arg;
    errand_submit(&ctx->errands, &e->errand);
    return OK;
}
