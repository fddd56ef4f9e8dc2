/* Evaluating a polynomial with coefficients f_e at the constants c_i multiplies with the matrix
 * c_i^e; recovery slices are its transpose times the inputs. So: take the additive transform that
 * evaluates at all 65536 points (Lin, Chung, Han 2014), and run it backwards, each step transposed.
 * The points fall into cosets of 2^bits, as many as there are coefficients; each coset's rows start
 * as the inputs at their constants' places and zeros elsewhere, go up the levels
 *     x' = x + y;  y' = y + t x'      (x, y: rows 2^level apart; t = w(block's first row >> level))
 * and add up over the cosets. Last, sums of rows change the novel basis into powers.
 *
 * What it costs hardly depends on the number of exponents, and little on that of the inputs. */
#include "codec/par2/par2_fourier.h"

#include <stdlib.h>
#include <string.h>

#include "codec/par2/par2_fourier_levels.h"
#include "codec/par2/par2_matrix.h"

enum {
    ROW = PAR2_FOURIER_ROW,
    STRIPS = 8,     /* read from an input in a row: 16 cache lines */
    SUMS_BITS = 15, /* of strips * rows of a coset: fewer strips if it has more rows */
    AHEAD = 16,     /* inputs asked for before they are needed */
    CACHE_LINE = 64,
};

/* One call: places in its work memory, and where it stands. */
struct run {
    const struct par2_fourier *f;
    const struct par2_columns *columns;
    uint8_t *rows;     /* a coset's, with gaps */
    uint8_t *sums;     /* of each strip */
    uint8_t *staged;   /* a coset's inputs in tower form, by strip */
    uint8_t *twiddles; /* of the coset's nodes */
    uint8_t *between;  /* for par2_coset_add() */
    uint8_t *zeros;
    uint8_t *pad; /* strips of a padded copy */
    size_t pos;
    size_t len;
};

/* ---- cost ---- */

uint64_t par2_fourier_cost(size_t input_count, size_t span)
{
    uint64_t leaves = 7 * (uint64_t)input_count;
    uint64_t full = 12 * (uint64_t)PAR2_LEAVES;
    unsigned bits = PAR2_BITS_MIN;

    while ((size_t)1 << bits < span) {
        bits++;
    }
    return (leaves < full ? leaves : full) + (uint64_t)(bits - 3) * PAR2_FIELD_SIZE / 2;
}

bool par2_fourier_fits(const struct par2_task *task)
{
    uint8_t seen[PAR2_SET_MAX / 8] = {0};

    if (task->kernel->butterflies == NULL || task->exponent_count == 0) {
        return false;
    }
    for (size_t i = 0; i < task->input_count; i++) {
        uint8_t *byte = &seen[task->inputs[i] / 8];
        uint8_t bit = (uint8_t)(1 << task->inputs[i] % 8);

        if (*byte & bit) {
            return false;
        }
        *byte |= bit;
    }
    return true;
}

/* ---- memory ---- */

size_t par2_fourier_work(const struct par2_fourier *f)
{
    return PAR2_ALIGN + (1 + f->strips) * par2_row_at(par2_coset_rows(f)) +
           f->strips * f->coset_max * ROW + par2_coset_twiddles_len(f) + PAR2_COSET_BETWEEN +
           PAR2_COSET_ZEROS + f->strips * ROW;
}

static void run_init(
    struct run *r, const struct par2_fourier *f, const struct par2_columns *columns)
{
    *r = (struct run){.f = f, .columns = columns, .pos = columns->from};
    r->rows = par2_aligned(columns->work);
    r->sums = r->rows + par2_row_at(par2_coset_rows(f));
    r->staged = r->sums + f->strips * par2_row_at(par2_coset_rows(f));
    r->between = r->staged + f->strips * f->coset_max * ROW;
    r->zeros = r->between + PAR2_COSET_BETWEEN;
    r->pad = r->zeros + PAR2_COSET_ZEROS;
    r->twiddles = r->pad + f->strips * ROW;
    memset(r->zeros, 0, PAR2_COSET_ZEROS);
}

enum err par2_fourier_new(const struct par2_task *task, struct par2_fourier **out)
{
    struct par2_fourier *f = calloc(1, sizeof *f);
    enum err err;

    if (f == NULL) {
        return ERR_NO_MEMORY;
    }
    err = par2_fourier_plan(f, task);
    f->strips = STRIPS;
    while (f->strips > 1 && f->strips > (size_t)1 << SUMS_BITS >> f->bits) {
        f->strips /= 2;
    }
    if (err != OK) {
        par2_fourier_free(f);
        return err;
    }
    *out = f;
    return OK;
}

void par2_fourier_free(struct par2_fourier *f)
{
    if (f != NULL) {
        free(f->row);
        free(f->order);
        free(f->index);
        free(f->row_sums);
        free(f->tables);
        free(f);
    }
}

/* ---- inputs ---- */

static size_t strips_of(const struct run *r)
{
    return (r->len + ROW - 1) / ROW;
}

/* Into the second cache. */
static void prefetch(const uint8_t *in, size_t len)
{
    for (size_t at = 0; at < len; at += CACHE_LINE) {
        __builtin_prefetch(in + at, 0, 2);
    }
}

/* The inputs of a coset, `first` to `last` - 1 in order, all strips. */
static void stage(const struct run *r, size_t first, size_t last)
{
    const struct par2_fourier *f = r->f;

    for (size_t n = first; n < last; n++) {
        const uint8_t *map = f->load_maps + (f->base > 0 ? f->order[n] * (size_t)PAR2_MAP : 0);
        const uint8_t *in = r->columns->in[f->order[n]] + r->pos;

        if (n + AHEAD < f->input_count) {
            prefetch(r->columns->in[f->order[n + AHEAD]] + r->pos, r->len);
        }
        if (r->len % ROW != 0) {
            memset(r->pad, 0, f->strips * ROW);
            memcpy(r->pad, in, r->len);
            in = r->pad;
        }
        f->ops->load(in, map, strips_of(r), r->staged + (n - first) * ROW, f->coset_max * ROW);
    }
}

/* ---- results ---- */

static void put_out(const struct run *r, size_t strip)
{
    const struct par2_fourier *f = r->f;
    uint8_t *sums = r->sums + strip * par2_row_at(par2_coset_rows(f));
    size_t offset = strip * ROW;
    size_t left = r->len - offset;

    for (size_t i = 0; i < f->row_sum_count; i++) {
        f->ops->add(sums + par2_row_at(f->row_sums[i].src), sums + par2_row_at(f->row_sums[i].dst));
    }
    for (size_t e = 0; e < f->span; e++) {
        uint8_t *out;

        if (f->row[e] == PAR2_NO_ROW) {
            continue;
        }
        out = r->columns->out[f->row[e]] + r->pos + offset;
        if (left >= ROW) {
            f->ops->store(sums + par2_row_at(e), f->store_map, out);
            continue;
        }
        memset(r->pad, 0, ROW);
        f->ops->store(sums + par2_row_at(e), f->store_map, r->pad);
        par2_xor(out, r->pad, left);
    }
}

/* Inputs to ask for while others are worked on: [from, to) in order, columns from `pos` on. */
struct soon {
    size_t from;
    size_t to;
    size_t pos;
};

/* The coset behind the one that starts at point `first`, if there is one with inputs and all strips
 * of it are there. */
static struct soon next_coset(const struct run *r, size_t first)
{
    const struct par2_fourier *f = r->f;
    size_t step = f->strips * ROW;
    struct soon soon = {.pos = r->pos};

    do {
        first += par2_coset_rows(f);
        if (first == PAR2_FIELD_SIZE) {
            first = 0;
            soon.pos += step;
        }
        soon.from = f->leaf_start[first / PAR2_LEAF];
        soon.to = f->leaf_start[(first + par2_coset_rows(f)) / PAR2_LEAF];
    } while (soon.from == soon.to);
    if (soon.pos + step > r->columns->to) {
        soon.to = soon.from;
    }
    return soon;
}

/* A coset's inputs are there. Share `strip` of the next one's is asked for before each strip:
 * memory works while we reckon. */
static void do_strips(const struct run *r, size_t first)
{
    const struct par2_fourier *f = r->f;
    struct par2_coset coset = {
        f, first, r->staged, r->twiddles, r->zeros, r->rows, r->between, r->sums};
    struct soon soon = next_coset(r, first);
    size_t share = (soon.to - soon.from + f->strips - 1) / f->strips;

    for (size_t s = 0; s < strips_of(r); s++) {
        for (size_t i = 0; i < share && soon.from < soon.to; i++) {
            prefetch(r->columns->in[f->order[soon.from++]] + soon.pos, f->strips * ROW);
        }
        par2_coset_add(&coset);
        coset.staged += f->coset_max * ROW;
        coset.sums += par2_row_at(par2_coset_rows(f));
    }
}

void par2_fourier_add(const struct par2_fourier *f, const struct par2_columns *columns)
{
    size_t step = f->strips * ROW;
    struct run r;

    run_init(&r, f, columns);
    for (; r.pos < columns->to && f->input_count > 0; r.pos += step) {
        r.len = columns->to - r.pos < step ? columns->to - r.pos : step;
        memset(r.sums, 0, f->strips * par2_row_at(par2_coset_rows(f)));
        for (size_t first = 0; first < PAR2_FIELD_SIZE; first += par2_coset_rows(f)) {
            uint32_t begin = f->leaf_start[first / PAR2_LEAF];
            uint32_t end = f->leaf_start[(first + par2_coset_rows(f)) / PAR2_LEAF];

            if (begin < end) {
                stage(&r, begin, end);
                par2_coset_twiddles(f, first, r.twiddles);
                do_strips(&r, first);
            }
        }
        for (size_t s = 0; s < strips_of(&r); s++) {
            put_out(&r, s);
        }
    }
}
