/* Write input slice i's words as sums of bits, D_i = sum over b of x^b d(i,b). Then the recovery
 * slice of exponent e is sum over b of x^b F(b,e), where F(b,e) = sum over i of c_i^e d(i,b), and
 * as a bit is its own square, F(b,2e) = F(b,e)^2. So only one exponent of each chain o, 2o, 4o ...
 * is multiplied out, and the maps from F(b,o) to x^b F(b,o)^(2^s) are linear and fixed.
 *
 * Bits come eight inputs to a byte ("planes", cut by the kernel), a byte's product with eight
 * constants being one table look-up or matrix. A block of groups is kept in the first cache while
 * all chains pass over it; the sums of several blocks stay in work memory and are mapped once.
 *
 * Exponents may be taken relative to a base e0: c^e0 is then multiplied onto the input as it is
 * read ("fold"). That pays when a run starts high, where no chain has two members. */
#include "codec/par2/par2_frobenius.h"

#include <stdlib.h>
#include <string.h>

#include "codec/par2/par2_matrix.h"

enum {
    BLOCK_GROUPS = PAR2_BATCH / PAR2_GROUP,
    STEP_MAX = 512,         /* bytes read from an input at a time: a few cache lines in a row */
    SUMS_ROOM = 512 << 10,  /* keep a step's sums below this: the second cache */
    TABLES_ROOM = 64 << 20, /* more product tables than this are made anew in each call */
    CACHE_LINE = 64,
    MERGE_AHEAD = 4, /* recovery slices asked for before they are needed */
};

/* A recovery slice that belongs to a chain. */
struct member {
    uint16_t leader; /* the chain's smallest exponent, rotations of 16 bits being its members */
    uint16_t shift;  /* exponent = leader * 2^shift */
    uint32_t row;    /* which recovery slice */
};

struct par2_frobenius {
    struct par2_task task;
    const struct par2_planes *ops;
    uint32_t base;          /* exponents are relative to this; 0: no fold */
    struct member *members; /* sorted by chain */
    size_t *chain_start;    /* members of chain k: [k] to [k + 1] */
    size_t chains;
    size_t groups;
    size_t blocks;
    size_t chunk_blocks; /* blocks whose product tables exist at a time */
    size_t step;         /* bytes of each slice that one step works on */
    size_t pad;          /* bytes of a padded or folded copy of a step */
    uint8_t *tables;     /* owned; below are places in it */
    uint8_t *outputs;    /* PAR2_WORD_BITS output maps */
    uint8_t *row_tables; /* for the fold */
    uint8_t *products;   /* NULL: made in work memory, chunk by chunk */
};

/* One call: places in its work memory, and where it stands. */
struct run {
    const struct par2_frobenius *f;
    const struct par2_columns *columns;
    enum par2_into into;
    const uint8_t *products; /* of this chunk */
    uint8_t *sums;
    uint8_t *planes;
    uint8_t *copies;  /* a group's padded or folded steps */
    uint8_t *zeros;   /* a step of an input that is not there */
    uint8_t *pad;     /* a step to copy into */
    uint8_t *results; /* a step of each member's recovery slice */
    uint8_t *staged;
    size_t first; /* this chunk's blocks: first to last - 1 */
    size_t last;
    size_t pos;
    size_t len; /* of this step */
};

/* ---- chains ---- */

static struct member member_of(uint32_t exponent, uint32_t row)
{
    struct member m = {(uint16_t)exponent, 0, row};
    uint32_t e = exponent;

    for (unsigned back = 1; back < PAR2_WORD_BITS; back++) {
        e = (e >> 1 | e << 15) & 0xffff;
        if (e < m.leader) {
            m.leader = (uint16_t)e;
            m.shift = (uint16_t)back;
        }
    }
    return m;
}

static int by_chain(const void *a, const void *b)
{
    const struct member *x = a;
    const struct member *y = b;

    if (x->leader != y->leader) {
        return x->leader < y->leader ? -1 : 1;
    }
    return (x->row > y->row) - (x->row < y->row);
}

/* Sort the exponents, relative to `base`, into chains; how many are there? */
static size_t find_chains(struct par2_frobenius *f, uint32_t base)
{
    size_t count = f->task.exponent_count;

    f->base = base;
    f->chains = 0;
    for (size_t j = 0; j < count; j++) {
        uint32_t e = (f->task.exponents[j] + PAR2_ORDER - base) % PAR2_ORDER;

        f->members[j] = member_of(e, (uint32_t)j);
    }
    qsort(f->members, count, sizeof *f->members, by_chain);
    for (size_t j = 0; j < count; j++) {
        if (j == 0 || f->members[j].leader != f->members[j - 1].leader) {
            f->chain_start[f->chains] = j;
            f->chains++;
        }
    }
    f->chain_start[f->chains] = count;
    return f->chains;
}

static void choose_base(struct par2_frobenius *f)
{
    uint32_t low = f->task.exponent_count > 0 ? f->task.exponents[0] : 0;
    size_t plain;

    for (size_t j = 0; j < f->task.exponent_count; j++) {
        low = f->task.exponents[j] < low ? f->task.exponents[j] : low;
    }
    plain = find_chains(f, 0);
    if (low > 0 && find_chains(f, low) >= plain) {
        (void)find_chains(f, 0);
    }
}

/* ---- tables ---- */

static size_t product_tables_len(const struct par2_frobenius *f, size_t blocks)
{
    return blocks * f->chains * BLOCK_GROUPS * f->ops->product_len;
}

/* The output map for exponents leader * 2^shift: bit j of sum b counts x^b (x^j)^(2^shift). */
static void make_output(const struct par2_frobenius *f, uint32_t shift)
{
    uint16_t image[PAR2_WORD_BITS][PAR2_WORD_BITS];

    for (uint32_t b = 0; b < PAR2_WORD_BITS; b++) {
        for (uint32_t j = 0; j < PAR2_WORD_BITS; j++) {
            image[b][j] = f->task.field->exp[(b + (j << shift)) % PAR2_ORDER];
        }
    }
    f->ops->prepare_output(image, f->outputs + shift * f->ops->output_len);
}

static void make_product(
    const struct par2_frobenius *f, size_t group, uint32_t exponent, uint8_t *table)
{
    uint16_t powers[PAR2_GROUP] = {0};

    for (size_t k = 0; k < PAR2_GROUP && group * PAR2_GROUP + k < f->task.input_count; k++) {
        powers[k] =
            par2_input_power(f->task.field, f->task.inputs[group * PAR2_GROUP + k], exponent);
    }
    f->ops->prepare_product(powers, table);
}

/* The product tables of some blocks: by block, chain, group. */
static void make_products(const struct par2_frobenius *f, size_t first, size_t last, uint8_t *out)
{
    for (size_t block = first; block < last; block++) {
        for (size_t chain = 0; chain < f->chains; chain++) {
            uint32_t e = f->members[f->chain_start[chain]].leader;

            for (size_t g = 0; g < BLOCK_GROUPS; g++, out += f->ops->product_len) {
                make_product(f, block * BLOCK_GROUPS + g, e, out);
            }
        }
    }
}

static enum err make_tables(struct par2_frobenius *f)
{
    size_t outputs_len = par2_round_up(PAR2_WORD_BITS * f->ops->output_len, PAR2_ALIGN);
    size_t rows_len = par2_round_up(f->task.kernel->rows->tables_len, PAR2_ALIGN);
    size_t products_len = product_tables_len(f, f->blocks);

    if (products_len > TABLES_ROOM) {
        f->chunk_blocks = TABLES_ROOM / product_tables_len(f, 1);
        f->chunk_blocks = f->chunk_blocks > 0 ? f->chunk_blocks : 1;
        products_len = 0;
    }
    f->tables = malloc(PAR2_ALIGN + outputs_len + rows_len + products_len);
    if (f->tables == NULL) {
        return ERR_NO_MEMORY;
    }
    f->outputs = par2_aligned(f->tables);
    f->row_tables = f->outputs + outputs_len;
    for (uint32_t shift = 0; shift < PAR2_WORD_BITS; shift++) {
        make_output(f, shift);
    }
    if (f->base > 0) {
        f->task.kernel->rows->prepare(f->row_tables);
    }
    if (f->chunk_blocks == f->blocks) {
        f->products = f->row_tables + rows_len;
        make_products(f, 0, f->blocks, f->products);
    }
    return OK;
}

/* As many bytes of a slice at a time as the sums leave room for. */
static void choose_step(struct par2_frobenius *f)
{
    size_t sums = f->chunk_blocks > 1 ? f->chains * f->ops->sums_len : 1;

    f->step = STEP_MAX;
    while (f->step > f->ops->strip && f->step / f->ops->strip * sums > SUMS_ROOM) {
        f->step /= 2;
    }
    f->pad = par2_round_up(f->step, f->task.kernel->rows->strip);
}

enum err par2_frobenius_new(const struct par2_task *task, struct par2_frobenius **out)
{
    struct par2_frobenius *f = calloc(1, sizeof *f);
    enum err err = ERR_NO_MEMORY;

    if (f == NULL) {
        return ERR_NO_MEMORY;
    }
    f->task = *task;
    f->ops = task->kernel->planes;
    f->groups = (task->input_count + PAR2_GROUP - 1) / PAR2_GROUP;
    f->blocks = (f->groups + BLOCK_GROUPS - 1) / BLOCK_GROUPS;
    f->chunk_blocks = f->blocks;
    f->members = calloc(task->exponent_count + 1, sizeof *f->members);
    f->chain_start = calloc(task->exponent_count + 1, sizeof *f->chain_start);
    if (f->members != NULL && f->chain_start != NULL) {
        choose_base(f);
        err = make_tables(f);
    }
    if (err != OK) {
        par2_frobenius_free(f);
        return err;
    }
    choose_step(f);
    *out = f;
    return OK;
}

void par2_frobenius_free(struct par2_frobenius *f)
{
    if (f != NULL) {
        free(f->members);
        free(f->chain_start);
        free(f->tables);
        free(f);
    }
}

/* ---- a run ---- */

static size_t sums_len(const struct par2_frobenius *f)
{
    size_t kept = f->chunk_blocks > 1 ? f->step / f->ops->strip * f->chains : 1;

    return kept * f->ops->sums_len;
}

static size_t planes_len(const struct par2_frobenius *f)
{
    return f->step / f->ops->strip * BLOCK_GROUPS * f->ops->planes_len;
}

size_t par2_frobenius_work(const struct par2_frobenius *f)
{
    size_t products = f->products == NULL ? product_tables_len(f, f->chunk_blocks) : 0;

    return PAR2_ALIGN + products + sums_len(f) + planes_len(f) + (PAR2_GROUP + 2) * f->pad +
           f->task.kernel->rows->staged_len + f->task.exponent_count * f->step;
}

static void run_init(
    struct run *r, const struct par2_frobenius *f, const struct par2_columns *columns)
{
    *r = (struct run){.f = f, .columns = columns};
    r->sums = par2_aligned(columns->work);
    r->planes = r->sums + sums_len(f);
    r->copies = r->planes + planes_len(f);
    r->zeros = r->copies + PAR2_GROUP * f->pad;
    r->pad = r->zeros + f->pad;
    r->staged = r->pad + f->pad;
    r->results = r->staged + f->task.kernel->rows->staged_len;
    memset(r->zeros, 0, f->pad);
}

/* Multiply a padded step with the input's constant to the base. */
static void fold(const struct run *r, size_t input, const uint8_t *in, uint8_t *out)
{
    const struct par2_frobenius *f = r->f;
    const struct par2_rows *rows = f->task.kernel->rows;
    uint16_t factor = par2_input_power(f->task.field, f->task.inputs[input], f->base);

    memset(out, 0, f->pad);
    for (size_t at = 0; at < f->pad; at += rows->strip) {
        rows->stage(in + at, r->staged);
        rows->row(f->row_tables, &factor, r->staged, 1, out + at);
    }
}

/* A step of input `i`, the `k`th of its group: where it lies, or a copy. */
static const uint8_t *fetch(const struct run *r, size_t i, size_t k)
{
    const struct par2_frobenius *f = r->f;
    uint8_t *copy = r->copies + k * f->pad;
    const uint8_t *in;

    if (i >= f->task.input_count) {
        return r->zeros;
    }
    in = r->columns->in[i] + r->pos;
    if (r->len == f->step && f->base == 0) {
        return in;
    }
    memset(r->pad, 0, f->pad);
    memcpy(r->pad, in, r->len);
    if (f->base > 0) {
        fold(r, i, r->pad, copy);
    } else {
        memcpy(copy, r->pad, f->pad);
    }
    return copy;
}

/* Ask for the next group's step while this one is cut. */
static void prefetch_group(const struct run *r, size_t group)
{
    size_t i = group * PAR2_GROUP;
    size_t end = i + PAR2_GROUP;

    end = end < r->f->task.input_count ? end : r->f->task.input_count;
    for (; i < end; i++) {
        for (size_t at = 0; at < r->len; at += CACHE_LINE) {
            __builtin_prefetch(r->columns->in[i] + r->pos + at, 0, 2);
        }
    }
}

static size_t strips_of(const struct run *r)
{
    return (r->len + r->f->ops->strip - 1) / r->f->ops->strip;
}

/* Cut a block's inputs: planes by strip, then group. */
static void slice_block(const struct run *r, size_t block, size_t groups)
{
    const struct par2_planes *ops = r->f->ops;

    for (size_t g = 0; g < groups; g++) {
        size_t group = block * BLOCK_GROUPS + g;
        const uint8_t *in[PAR2_GROUP];

        prefetch_group(r, group + 1);
        for (size_t k = 0; k < PAR2_GROUP; k++) {
            in[k] = fetch(r, group * PAR2_GROUP + k, k);
        }
        for (size_t s = 0; s < strips_of(r); s++) {
            ops->slice(in, r->planes + (s * BLOCK_GROUPS + g) * ops->planes_len);
            for (size_t k = 0; k < PAR2_GROUP; k++) {
                in[k] += ops->strip;
            }
        }
    }
}

/* Map a chain's finished sums onto its recovery slices' copies. */
static void put_out(const struct run *r, size_t chain, size_t strip, const uint8_t *sums)
{
    const struct par2_frobenius *f = r->f;

    for (size_t m = f->chain_start[chain]; m < f->chain_start[chain + 1]; m++) {
        const uint8_t *map = f->outputs + f->members[m].shift * f->ops->output_len;

        f->ops->output(sums, map, r->results + m * f->step + strip * f->ops->strip);
    }
}

static uint8_t *out_of(const struct run *r, size_t member)
{
    return r->columns->out[r->f->members[member].row] + r->pos;
}

/* Add the copies to the recovery slices themselves (or put them there), a few cache lines in a row:
 * by strips, slices a power of two apart would drive each other out of the cache. */
static void merge_out(const struct run *r)
{
    const struct par2_frobenius *f = r->f;
    bool set = r->into == PAR2_SET && r->first == 0;

    for (size_t m = 0; m < f->task.exponent_count; m++) {
        if (m + MERGE_AHEAD < f->task.exponent_count) {
            const uint8_t *soon = out_of(r, m + MERGE_AHEAD);

            for (size_t at = 0; at < r->len; at += CACHE_LINE) {
                __builtin_prefetch(soon + at, 1, 3);
            }
        }
        if (set) {
            memcpy(out_of(r, m), r->results + m * f->step, r->len);
        } else {
            par2_xor(out_of(r, m), r->results + m * f->step, r->len);
        }
    }
}

static void strip_block(const struct run *r, size_t block, size_t groups, size_t strip)
{
    const struct par2_frobenius *f = r->f;
    const struct par2_planes *ops = f->ops;
    const uint8_t *planes = r->planes + strip * BLOCK_GROUPS * ops->planes_len;
    const uint8_t *tables = r->products + product_tables_len(f, block - r->first);

    for (size_t chain = 0; chain < f->chains; chain++) {
        size_t kept = f->chunk_blocks > 1 ? strip * f->chains + chain : 0;
        uint8_t *sums = r->sums + kept * ops->sums_len;

        if (block == r->first) {
            memset(sums, 0, ops->sums_len);
        }
        ops->product(planes, tables + chain * BLOCK_GROUPS * ops->product_len, groups, sums);
        if (block + 1 == r->last) {
            put_out(r, chain, strip, sums);
        }
    }
}

/* All columns, for the blocks of a chunk. */
static void run_chunk(struct run *r)
{
    const struct par2_frobenius *f = r->f;

    for (r->pos = r->columns->from; r->pos < r->columns->to; r->pos += f->step) {
        size_t left = r->columns->to - r->pos;

        r->len = left < f->step ? left : f->step;
        for (size_t block = r->first; block < r->last; block++) {
            size_t groups = f->groups - block * BLOCK_GROUPS;

            groups = groups < BLOCK_GROUPS ? groups : BLOCK_GROUPS;
            slice_block(r, block, groups);
            for (size_t s = 0; s < strips_of(r); s++) {
                strip_block(r, block, groups, s);
            }
        }
        merge_out(r);
    }
}

void par2_frobenius_run(
    const struct par2_frobenius *f, const struct par2_columns *columns, enum par2_into into)
{
    struct run r;

    run_init(&r, f, columns);
    r.into = into;
    for (r.first = 0; r.first < f->blocks; r.first = r.last) {
        r.last = r.first + f->chunk_blocks < f->blocks ? r.first + f->chunk_blocks : f->blocks;
        r.products = f->products;
        if (f->products == NULL) {
            uint8_t *products = r.results + f->task.exponent_count * f->step;

            make_products(f, r.first, r.last, products);
            r.products = products;
        }
        run_chunk(&r);
    }
}
