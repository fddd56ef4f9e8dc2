/* The plan: where the inputs stand in the field, the linear maps at both ends, and the change from
 * the novel polynomial basis to plain powers, which is nothing but sums of rows. */
#include "codec/par2/par2_fourier_plan.h"

#include <stdlib.h>
#include <string.h>

#include "codec/par2/par2_butterflies.h"
#include "codec/par2/par2_matrix.h"

/* ---- inputs in the order of their constants ---- */

static enum err place_inputs(struct par2_fourier *f, const struct par2_task *task)
{
    uint32_t *at = malloc(PAR2_FIELD_SIZE * sizeof *at); /* of an index: 1 + the input there */
    size_t n = 0;
    size_t coset = (size_t)1 << f->bits;

    if (at == NULL) {
        return ERR_NO_MEMORY;
    }
    memset(at, 0, PAR2_FIELD_SIZE * sizeof *at);
    for (size_t i = 0; i < task->input_count; i++) {
        at[f->cantor.index[par2_input_power(task->field, task->inputs[i], 1)]] = (uint32_t)i + 1;
    }
    for (size_t p = 0; p < PAR2_FIELD_SIZE; p++) {
        if (p % PAR2_LEAF == 0) {
            f->leaf_start[p / PAR2_LEAF] = (uint32_t)n;
        }
        if (at[p] != 0) {
            f->order[n] = at[p] - 1;
            f->index[n] = (uint16_t)p;
            n++;
        }
    }
    f->leaf_start[PAR2_LEAVES] = (uint32_t)n;
    for (size_t c = 0; c < PAR2_FIELD_SIZE; c += coset) {
        size_t inside = f->leaf_start[(c + coset) / PAR2_LEAF] - f->leaf_start[c / PAR2_LEAF];

        f->coset_max = inside > f->coset_max ? inside : f->coset_max;
    }
    free(at);
    return OK;
}

/* ---- exponents ---- */

static enum err place_exponents(struct par2_fourier *f, const struct par2_task *task)
{
    uint32_t low = task->exponents[0];
    uint32_t high = low;

    for (size_t j = 0; j < task->exponent_count; j++) {
        low = task->exponents[j] < low ? task->exponents[j] : low;
        high = task->exponents[j] > high ? task->exponents[j] : high;
    }
    f->base = low;
    f->span = (size_t)high - low + 1;
    f->bits = PAR2_BITS_MIN;
    while ((size_t)1 << f->bits < f->span) {
        f->bits++;
    }
    f->row = malloc(f->span * sizeof *f->row);
    if (f->row == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t e = 0; e < f->span; e++) {
        f->row[e] = PAR2_NO_ROW;
    }
    for (size_t j = 0; j < task->exponent_count; j++) {
        f->row[task->exponents[j] - low] = (int32_t)j;
    }
    return OK;
}

/* ---- maps ---- */

static void make_load_map(
    const struct par2_fourier *f, const struct par2_field *field, uint16_t factor, uint8_t *map)
{
    uint16_t image[PAR2_WORD_BITS];

    for (size_t j = 0; j < PAR2_WORD_BITS; j++) {
        image[j] = f->cantor.tower[par2_mul(field, factor, (uint16_t)(1U << j))];
    }
    f->ops->prepare_map(image, map);
}

static enum err make_tables(struct par2_fourier *f, const struct par2_task *task)
{
    enum { PRODUCTS = 256 * 8 };
    size_t maps = f->base > 0 ? task->input_count : 1;

    f->tables = malloc(PAR2_ALIGN + PRODUCTS + PAR2_MAP + maps * PAR2_MAP);
    if (f->tables == NULL) {
        return ERR_NO_MEMORY;
    }
    f->products = par2_aligned(f->tables);
    f->store_map = f->products + PRODUCTS;
    f->load_maps = f->store_map + PAR2_MAP;
    f->ops->prepare(f->cantor.product, f->products);
    f->ops->prepare_map(f->cantor.element, f->store_map);
    for (size_t i = 0; i < maps; i++) {
        uint16_t factor = f->base > 0 ? par2_input_power(task->field, task->inputs[i], f->base) : 1;

        make_load_map(f, task->field, factor, f->load_maps + i * PAR2_MAP);
    }
    return OK;
}

/* ---- from the novel basis to powers ---- */

/* A polynomial's coefficients at base, base + stride ...; 2^bits of them. */
struct part {
    size_t base;
    size_t stride;
    unsigned bits;
};

struct sums {
    struct par2_row_sum *list; /* NULL: only count */
    size_t count;
    size_t span;
};

static void sums_push(struct sums *s, size_t dst, size_t src)
{
    if (src < s->span) {
        if (s->list != NULL) {
            s->list[s->count] = (struct par2_row_sum){(uint16_t)dst, (uint16_t)src};
        }
        s->count++;
    }
}

/* Taylor expansion in powers of x^(2^k) + x, chunks of 2^(k + j + 1) coefficients at a time. */
static void expand(struct sums *s, const struct part *p, unsigned k)
{
    for (unsigned j = p->bits - k; j-- > 0;) {
        size_t half = (size_t)1 << (k + j);
        size_t step = (size_t)1 << j;

        for (size_t chunk = 0; chunk < (size_t)1 << p->bits; chunk += 2 * half) {
            for (size_t i = 2 * half; i-- > half;) {
                sums_push(s, p->base + (chunk + i - half + step) * p->stride,
                    p->base + (chunk + i) * p->stride);
            }
        }
    }
}

static unsigned largest_power_below(unsigned n)
{
    unsigned k = 1;

    while (2 * k < n) {
        k *= 2;
    }
    return k;
}

/* Powers to the novel basis. With k a power of two, x^(2^k) + x is s_k and s_(k+i) = s_i(s_k): so
 * after the expansion in s_k both the coefficients of its powers and those below are such
 * polynomials again. Recursion ends after log2(16) = 4 levels. */
static void convert(struct sums *s, const struct part *p)
{
    unsigned k;

    if (p->bits <= 1 || p->base >= s->span) {
        return;
    }
    k = largest_power_below(p->bits);
    expand(s, p, k);
    for (size_t i = 0; i < (size_t)1 << k; i++) {
        struct part of_powers = {p->base + i * p->stride, p->stride << k, p->bits - k};

        convert(s, &of_powers);
    }
    for (size_t i = 0; i < (size_t)1 << (p->bits - k); i++) {
        struct part below = {p->base + (i << k) * p->stride, p->stride, k};

        convert(s, &below);
    }
}

/* We need the transpose: the sums in reverse order, each the other way round. */
static enum err make_row_sums(struct par2_fourier *f)
{
    struct sums s = {.span = f->span};
    struct part whole = {0, 1, f->bits};

    convert(&s, &whole);
    f->row_sums = calloc(s.count + 1, sizeof *f->row_sums);
    if (f->row_sums == NULL) {
        return ERR_NO_MEMORY;
    }
    f->row_sum_count = s.count;
    s.list = f->row_sums;
    s.count = 0;
    convert(&s, &whole);
    for (size_t i = 0; i < s.count; i++) {
        s.list[i] = (struct par2_row_sum){s.list[i].src, s.list[i].dst};
    }
    for (size_t i = 0; i < s.count / 2; i++) {
        struct par2_row_sum other = s.list[s.count - 1 - i];

        s.list[s.count - 1 - i] = s.list[i];
        s.list[i] = other;
    }
    return OK;
}

enum err par2_fourier_plan(struct par2_fourier *f, const struct par2_task *task)
{
    enum err err;

    f->kernel = task->kernel;
    f->ops = task->kernel->butterflies;
    f->input_count = task->input_count;
    f->order = calloc(task->input_count + 1, sizeof *f->order);
    f->index = calloc(task->input_count + 1, sizeof *f->index);
    if (f->order == NULL || f->index == NULL) {
        return ERR_NO_MEMORY;
    }
    par2_cantor_init(&f->cantor, task->field);
    err = place_exponents(f, task);
    if (err == OK) {
        err = place_inputs(f, task);
    }
    if (err == OK) {
        err = make_tables(f, task);
    }
    return err == OK ? make_row_sums(f) : err;
}
