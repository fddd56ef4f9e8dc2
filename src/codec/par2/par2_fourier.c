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

#include "codec/par2/par2_fourier_plan.h"
#include "codec/par2/par2_matrix.h"

enum {
    ROW = PAR2_FOURIER_ROW,
    RUN = 64,             /* rows between two gaps: without these, rows collide in the cache */
    STRIPS = 4,           /* cache lines in a row that are read from an input, at 2 a strip */
    STRIPS_BITS_MAX = 12, /* larger cosets are worked on one strip at a time */
    AHEAD = 16,           /* inputs asked for before they are needed */
    CACHE_LINE = 64,
};

/* One call: places in its work memory, and where it stands. */
struct run {
    const struct par2_fourier *f;
    const struct par2_columns *columns;
    uint8_t *rows;     /* a coset's, with gaps */
    uint8_t *sums;     /* of each strip */
    uint8_t *staged;   /* a coset's inputs in tower form, by strip */
    uint8_t *twiddles; /* of the coset's leaves */
    uint8_t *zeros;    /* a row */
    uint8_t *pad;      /* strips of a padded copy */
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

static size_t row_at(size_t q)
{
    return (q + q / RUN) * ROW;
}

static size_t coset_rows(const struct par2_fourier *f)
{
    return (size_t)1 << f->bits;
}

static size_t leaf_twiddles_len(const struct par2_fourier *f)
{
    return par2_round_up(coset_rows(f) / PAR2_LEAF * PAR2_NODE_TWIDDLES, PAR2_ALIGN);
}

size_t par2_fourier_work(const struct par2_fourier *f)
{
    return PAR2_ALIGN + (1 + f->strips) * row_at(coset_rows(f)) + f->strips * f->coset_max * ROW +
           leaf_twiddles_len(f) + (1 + f->strips) * ROW;
}

static void run_init(
    struct run *r, const struct par2_fourier *f, const struct par2_columns *columns)
{
    *r = (struct run){.f = f, .columns = columns, .pos = columns->from};
    r->rows = par2_aligned(columns->work);
    r->sums = r->rows + row_at(coset_rows(f));
    r->staged = r->sums + f->strips * row_at(coset_rows(f));
    r->twiddles = r->staged + f->strips * f->coset_max * ROW;
    r->zeros = r->twiddles + leaf_twiddles_len(f);
    r->pad = r->zeros + ROW;
    memset(r->zeros, 0, ROW);
}

enum err par2_fourier_new(const struct par2_task *task, struct par2_fourier **out)
{
    struct par2_fourier *f = calloc(1, sizeof *f);
    enum err err;

    if (f == NULL) {
        return ERR_NO_MEMORY;
    }
    err = par2_fourier_plan(f, task);
    f->strips = f->bits <= STRIPS_BITS_MAX ? STRIPS : 1;
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

/* ---- twiddles ---- */

static void put_twiddle(const struct par2_fourier *f, size_t n, uint8_t *out)
{
    uint8_t u = (uint8_t)f->cantor.twiddle[n];
    uint8_t v = (uint8_t)(f->cantor.twiddle[n] >> 8);

    memcpy(out, f->products + (size_t)8 * u, 8);
    memcpy(out + 8, f->products + (size_t)8 * f->cantor.by_b7[v], 8);
    memcpy(out + 16, f->products + (size_t)8 * (u ^ v), 8);
}

/* Those of `levels` levels from `level` up, for the rows from point `first` on. */
static void put_node_twiddles(
    const struct par2_fourier *f, size_t first, unsigned level, unsigned levels, uint8_t *out)
{
    for (unsigned l = 0; l < levels; l++) {
        size_t blocks = (size_t)1 << (levels - 1 - l);

        for (size_t q = 0; q < blocks; q++, out += PAR2_TWIDDLE) {
            put_twiddle(f, (first >> (level + l)) + 2 * q, out);
        }
    }
}

/* Of the leaves of the coset that starts at point `first`, for all its strips. */
static void put_leaf_twiddles(const struct run *r, size_t first)
{
    const struct par2_fourier *f = r->f;
    const uint32_t *start = f->leaf_start + first / PAR2_LEAF;
    uint8_t *out = r->twiddles;

    for (size_t n = 0; n < coset_rows(f) / PAR2_LEAF; n++, out += PAR2_NODE_TWIDDLES) {
        size_t inputs = start[n + 1] - start[n];

        if (inputs > 1) {
            put_node_twiddles(f, first + n * PAR2_LEAF, 0, 3, out);
        }
        for (unsigned t = 0; inputs == 1 && t < 3; t++) {
            put_twiddle(f, (size_t)f->index[start[n]] >> t, out + (size_t)t * PAR2_TWIDDLE);
        }
    }
}

/* ---- inputs ---- */

static size_t strips_of(const struct run *r)
{
    return (r->len + ROW - 1) / ROW;
}

static void prefetch_input(const struct run *r, size_t n)
{
    const uint8_t *in;

    if (n < r->f->input_count) {
        in = r->columns->in[r->f->order[n]] + r->pos;
        for (size_t at = 0; at < r->len; at += CACHE_LINE) {
            __builtin_prefetch(in + at, 0, 2);
        }
    }
}

/* The inputs of a coset, `first` to `last` - 1 in order, all strips. */
static void stage(const struct run *r, size_t first, size_t last)
{
    const struct par2_fourier *f = r->f;

    for (size_t n = first; n < last; n++) {
        const uint8_t *map = f->load_maps + (f->base > 0 ? f->order[n] * (size_t)PAR2_MAP : 0);
        const uint8_t *in = r->columns->in[f->order[n]] + r->pos;

        prefetch_input(r, n + AHEAD);
        if (r->len % ROW != 0) {
            memset(r->pad, 0, f->strips * ROW);
            memcpy(r->pad, in, r->len);
            in = r->pad;
        }
        for (size_t s = 0; s < strips_of(r); s++) {
            f->ops->load(in + s * ROW, map, r->staged + (s * f->coset_max + n - first) * ROW);
        }
    }
}

/* ---- levels ---- */

/* Levels 0 to 2: rows of the leaf at `rows`, its inputs being start[0] to start[1] - 1. */
static void do_leaf(const struct run *r, const uint32_t *start, const uint8_t *staged,
    const uint8_t *twiddles, uint8_t *rows)
{
    const struct par2_fourier *f = r->f;
    const uint8_t *in[PAR2_LEAF];

    if (start[1] == start[0]) {
        f->ops->clear(rows);
        return;
    }
    if (start[1] - start[0] == 1) {
        f->ops->lone(staged, twiddles, rows);
        return;
    }
    for (size_t m = 0; m < PAR2_LEAF; m++) {
        in[m] = r->zeros;
    }
    for (uint32_t n = start[0]; n < start[1]; n++) {
        in[f->index[n] % PAR2_LEAF] = staged + (size_t)(n - start[0]) * ROW;
    }
    f->ops->leaf(in, twiddles, rows);
}

/* Levels 0 to 5 of 64 rows, which stay in the first cache; only 0 to 2 if a coset has no more. */
static void do_run(const struct run *r, size_t first, size_t at, const uint8_t *staged)
{
    const struct par2_fourier *f = r->f;
    const uint32_t *coset = f->leaf_start + first / PAR2_LEAF;
    uint8_t twiddles[PAR2_NODE_TWIDDLES];
    struct par2_node node = {.rows = r->rows + row_at(at),
        .twiddles = twiddles,
        .stride = (size_t)PAR2_LEAF * ROW,
        .count = PAR2_LEAF};

    for (size_t n = at / PAR2_LEAF; n < (at + RUN) / PAR2_LEAF; n++) {
        do_leaf(r, coset + n, staged + (size_t)(coset[n] - coset[0]) * ROW,
            r->twiddles + n * PAR2_NODE_TWIDDLES, r->rows + row_at(n * PAR2_LEAF));
    }
    if (f->bits > PAR2_BITS_MIN) {
        put_node_twiddles(f, first + at, 3, 3, twiddles);
        f->ops->node(&node);
    }
}

/* Three levels from `level` up, of all the coset's rows. */
static void do_levels(const struct run *r, size_t first, unsigned level)
{
    uint8_t twiddles[PAR2_NODE_TWIDDLES];
    size_t block = (size_t)8 << level;
    struct par2_node node = {
        .twiddles = twiddles, .stride = row_at((size_t)1 << level), .count = RUN};

    for (size_t at = 0; at < coset_rows(r->f); at += block) {
        put_node_twiddles(r->f, first + at, level, 3, twiddles);
        for (size_t k = 0; k < (size_t)1 << level; k += RUN) {
            node.rows = r->rows + row_at(at + k);
            r->f->ops->node(&node);
        }
    }
}

/* The levels that are left, into the sums. Which rows are wanted changes at most once on the way
 * through the block. */
static void do_last(const struct run *r, size_t first, unsigned level, uint8_t *sums)
{
    uint8_t twiddles[PAR2_NODE_TWIDDLES];
    size_t nodes = (size_t)1 << level;
    size_t edge = r->f->span % nodes;
    struct par2_node node = {.twiddles = twiddles, .stride = row_at(nodes)};

    if (level < PAR2_BITS_MIN) {
        node.stride = nodes * ROW; /* within one run */
    }
    put_node_twiddles(r->f, first, level, r->f->bits - level, twiddles);
    for (size_t k = 0; k < nodes; k += node.count) {
        size_t end = (k / RUN + 1) * RUN;

        end = end < nodes ? end : nodes;
        end = k < edge && edge < end ? edge : end;
        node.rows = r->rows + row_at(k);
        node.sums = sums + row_at(k);
        node.count = end - k;
        node.need = r->f->span / nodes + (k < edge ? 1 : 0);
        r->f->ops->last(&node, r->f->bits - level);
    }
}

/* One strip of the coset that starts at point `first`. */
static void do_coset(const struct run *r, size_t first, size_t strip)
{
    const struct par2_fourier *f = r->f;
    unsigned level = f->bits > PAR2_BITS_MIN ? 6 : 3;

    for (size_t at = 0; at < coset_rows(f); at += RUN) {
        do_run(r, first, at, r->staged + strip * f->coset_max * ROW);
    }
    for (; f->bits - level > 3; level += 3) {
        do_levels(r, first, level);
    }
    do_last(r, first, level, r->sums + strip * row_at(coset_rows(f)));
}

/* ---- results ---- */

static void put_out(const struct run *r, size_t strip)
{
    const struct par2_fourier *f = r->f;
    uint8_t *sums = r->sums + strip * row_at(coset_rows(f));
    size_t offset = strip * ROW;
    size_t left = r->len - offset;

    for (size_t i = 0; i < f->row_sum_count; i++) {
        f->ops->add(sums + row_at(f->row_sums[i].src), sums + row_at(f->row_sums[i].dst));
    }
    for (size_t e = 0; e < f->span; e++) {
        uint8_t *out;

        if (f->row[e] == PAR2_NO_ROW) {
            continue;
        }
        out = r->columns->out[f->row[e]] + r->pos + offset;
        if (left >= ROW) {
            f->ops->store(sums + row_at(e), f->store_map, out);
            continue;
        }
        memset(r->pad, 0, ROW);
        f->ops->store(sums + row_at(e), f->store_map, r->pad);
        par2_xor(out, r->pad, left);
    }
}

void par2_fourier_add(const struct par2_fourier *f, const struct par2_columns *columns)
{
    size_t step = f->strips * ROW;
    struct run r;

    run_init(&r, f, columns);
    for (; r.pos < columns->to; r.pos += step) {
        r.len = columns->to - r.pos < step ? columns->to - r.pos : step;
        memset(r.sums, 0, f->strips * row_at(coset_rows(f)));
        for (size_t first = 0; first < PAR2_FIELD_SIZE; first += coset_rows(f)) {
            uint32_t begin = f->leaf_start[first / PAR2_LEAF];
            uint32_t end = f->leaf_start[(first + coset_rows(f)) / PAR2_LEAF];

            if (begin == end) {
                continue;
            }
            stage(&r, begin, end);
            put_leaf_twiddles(&r, first);
            for (size_t s = 0; s < strips_of(&r); s++) {
                do_coset(&r, first, s);
            }
        }
        for (size_t s = 0; s < strips_of(&r); s++) {
            put_out(&r, s);
        }
    }
}
