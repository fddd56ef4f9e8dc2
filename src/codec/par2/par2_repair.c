/* Chooses the equations, inverts their matrix once, and multiplies columns with it. */
#include "codec/par2/par2_repair.h"

#include <stdlib.h>
#include <string.h>

#include "codec/par2/par2_field.h"
#include "codec/par2/par2_inverse.h"
#include "codec/par2/par2_kernel.h"
#include "codec/par2/par2_matrix.h"

struct par2_repair {
    struct par2_field field;
    const struct par2_rows *rows;
    uint32_t *missing;
    uint32_t *exponents; /* those to use first */
    uint16_t *inverse;
    uint8_t *tables; /* not aligned */
    size_t lost;
};

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* A sorted copy; NULL when there is no memory. */
static uint32_t *sorted(const uint32_t *from, size_t count)
{
    uint32_t *out = calloc(count + 1, sizeof *out);

    if (out != NULL && count > 0) {
        memcpy(out, from, count * sizeof *out);
        qsort(out, count, sizeof *out, by_number);
    }
    return out;
}

static enum err check_missing(const struct par2_loss *loss)
{
    uint32_t *numbers = sorted(loss->missing, loss->missing_count);
    enum err err = numbers == NULL ? ERR_NO_MEMORY : OK;

    for (size_t i = 0; i < loss->missing_count && err == OK; i++) {
        if (numbers[i] >= PAR2_SET_MAX || (i > 0 && numbers[i] == numbers[i - 1])) {
            err = ERR_LIMIT;
        }
    }
    free(numbers);
    return err;
}

static enum err check(const struct par2_loss *loss)
{
    if (loss->missing_count > PAR2_SET_MAX || loss->exponent_count > PAR2_EXPONENT_MAX + 1) {
        return ERR_LIMIT;
    }
    for (size_t j = 0; j < loss->exponent_count; j++) {
        if (loss->exponents[j] > PAR2_EXPONENT_MAX) {
            return ERR_LIMIT;
        }
    }
    return check_missing(loss);
}

/* Drop exponents that stand twice in a sorted list. */
static size_t unique(uint32_t *numbers, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || numbers[kept - 1] != numbers[i]) {
            numbers[kept] = numbers[i];
            kept++;
        }
    }
    return kept;
}

/* Where `length` numbers without a gap start in a sorted list; `count` if nowhere. */
static size_t find_run(const uint32_t *numbers, size_t count, size_t length)
{
    for (size_t i = 0; i + length <= count; i++) {
        if (numbers[i + length - 1] - numbers[i] == length - 1) {
            return i;
        }
    }
    return count;
}

static enum err invert(struct par2_repair *r, size_t exponents)
{
    struct par2_system system = {
        &r->field, r->rows, par2_aligned(r->tables), r->missing, r->exponents, r->lost, exponents};
    size_t run;

    if (r->lost == 0) {
        return OK;
    }
    run = find_run(r->exponents, exponents, r->lost);
    if (run == exponents) {
        return par2_inverse_any(&system, r->inverse);
    }
    memmove(r->exponents, r->exponents + run, r->lost * sizeof *r->exponents);
    return par2_inverse_run(&system, r->exponents[0], r->inverse);
}

static enum err fill(struct par2_repair *r, const struct par2_loss *loss)
{
    size_t exponents;

    r->rows = (loss->kernel != NULL ? loss->kernel : par2_kernel_best())->rows;
    r->lost = loss->missing_count;
    r->exponents = sorted(loss->exponents, loss->exponent_count);
    r->missing = calloc(r->lost + 1, sizeof *r->missing);
    r->inverse = calloc(r->lost * r->lost + 1, sizeof *r->inverse);
    r->tables = malloc(PAR2_ALIGN + r->rows->tables_len);
    if (r->exponents == NULL || r->missing == NULL || r->inverse == NULL || r->tables == NULL) {
        return ERR_NO_MEMORY;
    }
    exponents = unique(r->exponents, loss->exponent_count);
    if (exponents < r->lost) {
        return ERR_TOO_MUCH_LOST;
    }
    if (r->lost > 0) {
        memcpy(r->missing, loss->missing, r->lost * sizeof *r->missing);
    }
    par2_field_init(&r->field);
    r->rows->prepare(par2_aligned(r->tables));
    return invert(r, exponents);
}

enum err par2_repair_new(const struct par2_loss *loss, struct par2_repair **out)
{
    struct par2_repair *r;
    enum err err = check(loss);

    if (err != OK) {
        return err;
    }
    if (loss->missing_count > loss->exponent_count) {
        return ERR_TOO_MUCH_LOST;
    }
    r = calloc(1, sizeof *r);
    if (r == NULL) {
        return ERR_NO_MEMORY;
    }
    err = fill(r, loss);
    if (err != OK) {
        par2_repair_free(r);
        return err;
    }
    *out = r;
    return OK;
}

void par2_repair_free(struct par2_repair *repair)
{
    if (repair != NULL) {
        free(repair->missing);
        free(repair->exponents);
        free(repair->inverse);
        free(repair->tables);
        free(repair);
    }
}

const uint32_t *par2_repair_exponents(const struct par2_repair *repair)
{
    return repair->exponents;
}

size_t par2_repair_work(const struct par2_repair *repair)
{
    return par2_matrix_work(repair->rows, repair->lost);
}

void par2_repair_solve(const struct par2_repair *repair, const struct par2_columns *columns)
{
    struct par2_matrix m = {repair->rows, par2_aligned(repair->tables), repair->inverse,
        repair->lost, repair->lost, repair->lost};

    for (size_t l = 0; l < repair->lost; l++) {
        memset(columns->out[l] + columns->from, 0, columns->to - columns->from);
    }
    par2_matrix_add(&m, columns);
}
