/* Levels are done three by three, by nodes of 8 rows whose words stay in registers. Leaves (levels
 * 0 to 2) are made from the inputs; most of a small set's are empty or have but one. Then come
 *   - levels 3 to 5, if there are more than nine: of 64 rows at a time, which stay in the first
 * cache;
 *   - further levels three by three in place, until at most six are left;
 *   - the upper four to six: a few rows of each block at a time, by way of a small buffer. */
#include "codec/par2/par2_fourier_levels.h"

#include <stdbool.h>
#include <string.h>

#include "codec/par2/par2_matrix.h"

enum { ROW = PAR2_FOURIER_ROW, LEAF_LEVELS = 3, UPPER_BLOCKS = 64, ACROSS = PAR2_COSET_ACROSS };

/* ---- where things are ---- */

/* From a row to the one `rows` further on, these being a power of two, and both at the same place
 * of a run or within one. */
static size_t apart(size_t rows)
{
    return rows < PAR2_RUN ? rows * ROW : par2_row_at(rows);
}

/* Where the upper levels begin. */
static unsigned upper(const struct par2_fourier *f)
{
    return f->bits == PAR2_BITS_MIN ? LEAF_LEVELS : (f->bits - 4) / 3 * 3;
}

/* Where the twiddles of the nodes that begin at a level lie among the coset's. */
static size_t twiddles_at(const struct par2_fourier *f, unsigned level)
{
    size_t at = 0;

    for (unsigned l = 0; l < level; l += 3) {
        at += par2_coset_rows(f) >> (l + 3);
    }
    return at * PAR2_NODE_TWIDDLES;
}

size_t par2_coset_twiddles_len(const struct par2_fourier *f)
{
    return par2_round_up(twiddles_at(f, upper(f) + 3) + PAR2_NODE_TWIDDLES, PAR2_ALIGN);
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

static void put_leaf_twiddles(const struct par2_fourier *f, size_t first, uint8_t *out)
{
    const uint32_t *start = f->leaf_start + first / PAR2_LEAF;

    for (size_t n = 0; n < par2_coset_rows(f) / PAR2_LEAF; n++, out += PAR2_NODE_TWIDDLES) {
        size_t inputs = start[n + 1] - start[n];

        if (inputs > 1) {
            put_node_twiddles(f, first + n * PAR2_LEAF, 0, 3, out);
        }
        for (unsigned t = 0; inputs == 1 && t < 3; t++) {
            put_twiddle(f, (size_t)f->index[start[n]] >> t, out + (size_t)t * PAR2_TWIDDLE);
        }
    }
}

void par2_coset_twiddles(const struct par2_fourier *f, size_t first, uint8_t *out)
{
    unsigned level = LEAF_LEVELS;

    put_leaf_twiddles(f, first, out);
    for (; f->bits - level > 3; level += 3) {
        uint8_t *at = out + twiddles_at(f, level);

        for (size_t n = 0; n < par2_coset_rows(f) >> (level + 3); n++, at += PAR2_NODE_TWIDDLES) {
            put_node_twiddles(f, first + (n << (level + 3)), level, 3, at);
        }
    }
    put_node_twiddles(f, first, level, f->bits - level, out + twiddles_at(f, level));
}

/* ---- levels ---- */

/* Where the coset's leaves start in the order of inputs. */
static const uint32_t *leaves(const struct par2_coset *c)
{
    return c->f->leaf_start + c->first / PAR2_LEAF;
}

static bool leaf_is_empty(const struct par2_coset *c, size_t n)
{
    return leaves(c)[n] == leaves(c)[n + 1];
}

/* Levels 0 to 2: 8 rows, if the leaf has any inputs. */
static void do_leaf(const struct par2_coset *c, size_t n)
{
    const struct par2_fourier *f = c->f;
    uint32_t begin = leaves(c)[n];
    uint32_t end = leaves(c)[n + 1];
    const uint8_t *staged = c->staged + (size_t)(begin - leaves(c)[0]) * ROW;
    const uint8_t *twiddles = c->twiddles + n * PAR2_NODE_TWIDDLES;
    uint8_t *rows = c->rows + par2_row_at(n * PAR2_LEAF);
    const uint8_t *in[PAR2_LEAF];

    if (end - begin == 1) {
        f->ops->lone(staged, twiddles, rows);
    } else if (end > begin) {
        struct par2_node node = {
            .in = in, .out = rows, .twiddles = twiddles, .stride = ROW, .count = 1};

        for (size_t m = 0; m < PAR2_LEAF; m++) {
            in[m] = c->zeros;
        }
        for (; begin < end; begin++, staged += ROW) {
            in[f->index[begin] % PAR2_LEAF] = staged;
        }
        f->ops->node(&node);
    }
}

/* Where `count` blocks of 2^level rows begin, from block `first` on; zeros for empty leaves. */
static void find_blocks(
    const struct par2_coset *c, unsigned level, size_t first, size_t count, const uint8_t **blocks)
{
    for (size_t i = 0; i < count; i++) {
        blocks[i] = level == LEAF_LEVELS && leaf_is_empty(c, first + i)
                        ? c->zeros
                        : c->rows + par2_row_at((first + i) << level);
    }
}

/* Three levels from `level` up, in place. */
static void do_levels(const struct par2_coset *c, unsigned level, size_t block)
{
    size_t width = (size_t)1 << level;
    const uint8_t *in[8];
    struct par2_node node = {.in = in,
        .twiddles = c->twiddles + twiddles_at(c->f, level) + block * PAR2_NODE_TWIDDLES,
        .stride = apart(width),
        .count = width < PAR2_RUN ? width : PAR2_RUN};

    find_blocks(c, level, 8 * block, 8, in);
    for (size_t k = 0; k < width; k += node.count) {
        node.offset = par2_row_at(k);
        node.out = c->rows + par2_row_at(8 * block * width + k);
        c->f->ops->node(&node);
    }
}

/* The final levels of some nodes; row `at` is their first one. Which of their rows are wanted
 * changes at most once on the way. */
static void do_final(const struct par2_coset *c, struct par2_final *final, size_t at, size_t width)
{
    size_t span = c->f->span;
    size_t edge = span % width;
    size_t end = at + ACROSS;

    final->sums_stride = apart(width);
    while (at < end) {
        size_t to = at < edge && edge < end ? edge : end;

        final->sums = c->sums + par2_row_at(at);
        final->count = to - at;
        final->need = span / width + (at < edge ? 1 : 0);
        c->f->ops->final(final);
        final->rows += final->count * ROW;
        at = to;
    }
}

/* The smallest coset has but the final levels above its leaves. */
static void do_upper_small(const struct par2_coset *c)
{

    for (size_t n = 0; n < PAR2_LEAF; n++) {
        if (leaf_is_empty(c, n)) {
            memset(c->rows + par2_row_at(n * PAR2_LEAF), 0, (size_t)PAR2_LEAF * ROW);
        }
    }
    for (size_t k = 0; k < PAR2_LEAF; k += ACROSS) {
        struct par2_final final = {.rows = c->rows + k * ROW,
            .twiddles = c->twiddles + twiddles_at(c->f, LEAF_LEVELS),
            .stride = (size_t)PAR2_LEAF * ROW,
            .levels = 3};

        do_final(c, &final, k, PAR2_LEAF);
    }
}

/* The upper four to six levels: a few rows of each block at a time, so that what is between the
 * lower three and the others never leaves the first cache. */
static void do_upper(const struct par2_coset *c, unsigned level)
{
    const uint8_t *twiddles = c->twiddles + twiddles_at(c->f, level);
    const uint8_t *blocks[UPPER_BLOCKS];
    size_t width = (size_t)1 << level;
    size_t nodes = par2_coset_rows(c->f) / (8 * width);
    struct par2_node node = {.stride = (size_t)ACROSS * ROW, .count = ACROSS};
    struct par2_final final = {.twiddles = c->twiddles + twiddles_at(c->f, level + 3),
        .stride = (size_t)8 * ACROSS * ROW,
        .levels = c->f->bits - level - 3};

    find_blocks(c, level, 0, 8 * nodes, blocks);
    for (size_t k = 0; k < width; k += ACROSS) {
        node.offset = par2_row_at(k);
        for (size_t q = 0; q < nodes; q++) {
            node.in = blocks + 8 * q;
            node.out = c->between + 8 * q * node.stride;
            node.twiddles = twiddles + q * PAR2_NODE_TWIDDLES;
            c->f->ops->node(&node);
        }
        for (size_t j = 0; j < 8; j++) {
            final.rows = c->between + j * node.stride;
            do_final(c, &final, j * width + k, 8 * width);
        }
    }
}

void par2_coset_add(const struct par2_coset *coset)
{
    const struct par2_fourier *f = coset->f;
    unsigned top = upper(f);

    for (size_t run = 0; run < par2_coset_rows(f) / PAR2_RUN; run++) {
        for (size_t n = 0; n < PAR2_RUN / PAR2_LEAF; n++) {
            do_leaf(coset, run * (PAR2_RUN / PAR2_LEAF) + n);
        }
        if (top > LEAF_LEVELS) {
            do_levels(coset, LEAF_LEVELS, run);
        }
    }
    for (unsigned level = 2 * LEAF_LEVELS; level < top; level += 3) {
        for (size_t block = 0; block < par2_coset_rows(f) >> (level + 3); block++) {
            do_levels(coset, level, block);
        }
    }
    if (f->bits == PAR2_BITS_MIN) {
        do_upper_small(coset);
    } else {
        do_upper(coset, top);
    }
}
