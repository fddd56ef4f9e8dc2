/* Two ways to an inverse.
 *
 * Exponents e0, e0 + 1 ...: recovery slice j, the known inputs taken out, is the sum over l of
 * X_l^(e0 + j) D_l, a Vandermonde matrix. Its inverse's row l holds the coefficients of the
 * polynomial that is 1 at X_l and 0 at all other X_m, divided by X_l^e0 (Lagrange; the same numbers
 * as Forney's formula gives for erasures, Forney 1965): L^2 steps.
 *
 * Any exponents: Gauss-Jordan elimination in place. The spare equations take part until they are
 * needed as a pivot, so that a set of equations that fits is found if there is one. */
#include "codec/par2/par2_inverse.h"

#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "codec/par2/par2_matrix.h"

/* ---- a run ---- */

/* p = the product of all (x - X_l): p[k] counts x^k. */
static void master_polynomial(const struct par2_system *s, uint16_t *p)
{
    p[0] = 1;
    for (size_t l = 0; l < s->unknowns; l++) {
        uint16_t x = par2_input_power(s->field, s->missing[l], 1);

        p[l + 1] = p[l];
        for (size_t k = l; k > 0; k--) {
            p[k] = p[k - 1] ^ par2_mul(s->field, p[k], x);
        }
        p[0] = par2_mul(s->field, p[0], x);
    }
}

/* row = p / (x - X), scaled to X^-e0 at X. */
static void lagrange_row(
    const struct par2_system *s, const uint16_t *p, uint32_t input, uint32_t first, uint16_t *row)
{
    const struct par2_field *f = s->field;
    uint16_t x = par2_input_power(f, input, 1);
    uint16_t value = 0;
    uint16_t carry = 0;
    uint16_t scale;

    for (size_t k = s->unknowns; k > 0; k--) {
        carry = p[k] ^ par2_mul(f, carry, x);
        row[k - 1] = carry;
        value = par2_mul(f, value, x) ^ carry;
    }
    scale = par2_inverse(f, par2_mul(f, value, par2_input_power(f, input, first)));
    for (size_t k = 0; k < s->unknowns; k++) {
        row[k] = par2_mul(f, row[k], scale);
    }
}

enum err par2_inverse_run(
    const struct par2_system *system, uint32_t first_exponent, uint16_t *inverse)
{
    uint16_t *p = calloc(system->unknowns + 1, sizeof *p);

    if (p == NULL) {
        return ERR_NO_MEMORY;
    }
    master_polynomial(system, p);
    for (size_t l = 0; l < system->unknowns; l++) {
        lagrange_row(system, p, system->missing[l], first_exponent, inverse + l * system->unknowns);
    }
    free(p);
    return OK;
}

/* ---- any exponents ---- */

/* The matrix as bytes, since its rows go through the kernels as slices do. */
struct elimination {
    struct par2_system *s;
    uint8_t *memory; /* owned */
    uint8_t **row;   /* owned; `stride` bytes each */
    uint8_t *pivot;  /* a copy of the pivot's row, scaled */
    uint8_t *staged; /* and staged */
    size_t stride;
};

static void elimination_clear(struct elimination *g)
{
    free(g->memory);
    free(g->row);
}

static enum err elimination_init(struct elimination *g, struct par2_system *s)
{
    size_t strips = par2_round_up(2 * s->unknowns, s->rows->strip) / s->rows->strip;
    uint8_t *at;

    *g = (struct elimination){.s = s};
    g->stride = strips * s->rows->strip;
    g->memory =
        calloc(1, PAR2_ALIGN + (s->equations + 1) * g->stride + strips * s->rows->staged_len);
    g->row = calloc(s->equations, sizeof *g->row);
    if (g->memory == NULL || g->row == NULL) {
        elimination_clear(g);
        return ERR_NO_MEMORY;
    }
    g->pivot = par2_aligned(g->memory);
    g->staged = g->pivot + g->stride;
    at = g->staged + strips * s->rows->staged_len;
    for (size_t j = 0; j < s->equations; j++) {
        g->row[j] = at + j * g->stride;
        for (size_t l = 0; l < s->unknowns; l++) {
            put_le16(g->row[j] + 2 * l, par2_input_power(s->field, s->missing[l], s->exponents[j]));
        }
    }
    return OK;
}

/* row ^= factor * what is staged. */
static void add_staged(const struct elimination *g, uint16_t factor, uint8_t *row)
{
    const struct par2_rows *rows = g->s->rows;
    const uint8_t *staged = g->staged;

    for (size_t at = 0; at < g->stride && factor != 0; at += rows->strip) {
        rows->row(g->s->tables, &factor, staged, 1, row + at);
        staged += rows->staged_len;
    }
}

static void stage_row(const struct elimination *g, const uint8_t *row)
{
    const struct par2_rows *rows = g->s->rows;

    for (size_t at = 0; at < g->stride; at += rows->strip) {
        rows->stage(row + at, g->staged + at / rows->strip * rows->staged_len);
    }
}

static uint16_t take(uint8_t *row, size_t col, uint16_t replacement)
{
    uint16_t v = get_le16(row + 2 * col);

    put_le16(row + 2 * col, replacement);
    return v;
}

/* Bring an equation that knows unknown `k` to place k. */
static enum err find_pivot(struct elimination *g, size_t k)
{
    size_t j = k;
    uint8_t *row;
    uint32_t exponent;

    while (j < g->s->equations && get_le16(g->row[j] + 2 * k) == 0) {
        j++;
    }
    if (j == g->s->equations) {
        return ERR_SINGULAR;
    }
    row = g->row[j];
    g->row[j] = g->row[k];
    g->row[k] = row;
    exponent = g->s->exponents[j];
    g->s->exponents[j] = g->s->exponents[k];
    g->s->exponents[k] = exponent;
    return OK;
}

/* Scale equation k to 1 at unknown k, and take unknown k out of all others. What column k loses
 * makes room for the inverse's column k. */
static void eliminate(struct elimination *g, size_t k)
{
    uint16_t scale = par2_inverse(g->s->field, take(g->row[k], k, 1));

    stage_row(g, g->row[k]);
    memset(g->pivot, 0, g->stride);
    add_staged(g, scale, g->pivot);
    memcpy(g->row[k], g->pivot, g->stride);
    stage_row(g, g->row[k]);
    for (size_t j = 0; j < g->s->equations; j++) {
        if (j != k) {
            add_staged(g, take(g->row[j], k, 0), g->row[j]);
        }
    }
}

enum err par2_inverse_any(struct par2_system *system, uint16_t *inverse)
{
    struct elimination g;
    enum err err = elimination_init(&g, system);

    if (err != OK) {
        return err;
    }
    for (size_t k = 0; k < system->unknowns && err == OK; k++) {
        err = find_pivot(&g, k);
        if (err == OK) {
            eliminate(&g, k);
        }
    }
    for (size_t l = 0; l < system->unknowns && err == OK; l++) {
        for (size_t j = 0; j < system->unknowns; j++) {
            inverse[l * system->unknowns + j] = get_le16(g.row[l] + 2 * j);
        }
    }
    elimination_clear(&g);
    return err;
}
