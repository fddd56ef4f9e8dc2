/* Lost slices come back: any number of them, from any recovery slices, by every kernel. */
#include "codec/par2/par2_repair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/par2/par2_kernel.h"
#include "oracle.h"

enum { INPUTS_MAX = 90, EXPONENTS_MAX = 40 };

/* A set with some inputs lost and some recovery slices at hand. */
struct rig {
    const struct par2_kernel *kernel;
    uint64_t seed;
    size_t inputs;
    size_t len;
    size_t lost;
    size_t spare; /* recovery slices at hand */
    uint32_t missing[INPUTS_MAX];
    uint32_t present[INPUTS_MAX];
    uint32_t exponents[EXPONENTS_MAX + INPUTS_MAX];
    uint8_t **in;
    uint8_t **recovery; /* in the order that the repair asks for */
    uint8_t **out;
};

/* The first `count` of `from` ... `from` + `range` - 1 in a random order. */
static void draw(uint64_t *seed, uint32_t from, size_t range, size_t count, uint32_t *out)
{
    uint32_t all[400] = {0};

    for (size_t i = 0; i < range; i++) {
        all[i] = from + (uint32_t)i;
    }
    for (size_t i = 0; i < count; i++) {
        size_t j = i + oracle_below(seed, range - i);

        out[i] = all[j];
        all[j] = all[i];
    }
}

static void rig_make(struct rig *r)
{
    uint32_t order[INPUTS_MAX];

    r->in = oracle_slices(r->inputs, r->len);
    for (size_t i = 0; i < r->inputs; i++) {
        oracle_fill(&r->seed, r->in[i], r->len);
    }
    draw(&r->seed, 0, r->inputs, r->inputs, order);
    memcpy(r->missing, order, r->lost * sizeof *order);
    memcpy(r->present, order + r->lost, (r->inputs - r->lost) * sizeof *order);
    r->recovery = oracle_slices(r->lost, r->len);
    r->out = oracle_slices(r->lost, r->len);
}

static void rig_free(struct rig *r)
{
    free(r->in);
    free(r->recovery);
    free(r->out);
}

static struct par2_loss loss_of(const struct rig *r)
{
    return (struct par2_loss){r->missing, r->exponents, r->lost, r->spare, r->kernel};
}

/* Take the known inputs out of the recovery slices. */
static void reduce(struct rig *r, const struct par2_repair *repair, size_t from, size_t to)
{
    struct par2_shape shape = {.inputs = r->present,
        .exponents = par2_repair_exponents(repair),
        .input_count = r->inputs - r->lost,
        .exponent_count = r->lost,
        .kernel = r->kernel};
    const uint8_t *in[INPUTS_MAX];
    struct par2_columns columns = {in, r->recovery, from, to, NULL};
    struct par2_encoder *e = NULL;

    for (size_t i = 0; i < shape.input_count; i++) {
        in[i] = r->in[r->present[i]];
    }
    assert_int_equal(par2_encoder_new(&shape, &e), OK);
    columns.work = malloc(par2_encoder_work(e));
    assert_non_null(columns.work);
    par2_encoder_add(e, &columns);
    free(columns.work);
    par2_encoder_free(e);
}

static void solve(struct rig *r, const struct par2_repair *repair, size_t from, size_t to)
{
    struct par2_columns columns = {(const uint8_t *const *)r->recovery, r->out, from, to, NULL};

    columns.work = malloc(par2_repair_work(repair));
    assert_non_null(columns.work);
    reduce(r, repair, from, to);
    par2_repair_solve(repair, &columns);
    free(columns.work);
}

/* The repair works on two bands; each lost slice must be as it was. */
static void check_rig(struct rig *r, const char *what)
{
    struct par2_loss loss = loss_of(r);
    struct par2_repair *repair = NULL;
    enum err err = par2_repair_new(&loss, &repair);
    size_t cut = 2 * oracle_below(&r->seed, r->len / 2);

    if (err != OK) {
        fail_msg("%s: %s", what, err_name(err));
    }
    for (size_t j = 0; j < r->lost; j++) {
        memset(r->out[j], 0xa5, r->len);
        for (size_t i = 0; i < r->inputs; i++) {
            oracle_add(
                (uint32_t)i, par2_repair_exponents(repair)[j], r->in[i], r->recovery[j], r->len);
        }
    }
    solve(r, repair, 0, cut);
    solve(r, repair, cut, r->len);
    for (size_t l = 0; l < r->lost; l++) {
        if (memcmp(r->out[l], r->in[r->missing[l]], r->len) != 0) {
            fail_msg("%s: input %u came back wrong", what, r->missing[l]);
        }
    }
    par2_repair_free(repair);
}

/* Exponents 0 to M - 1, of which `gone` are lost too. */
static const struct {
    const char *what;
    size_t inputs;
    size_t m;
    size_t lost;
    size_t gone;
    uint32_t first;
    size_t len;
} rows[] = {
    {"nothing lost", 20, 5, 0, 0, 0, 100},
    {"one lost", 20, 5, 1, 0, 0, 100},
    {"one lost, one left", 20, 5, 1, 4, 0, 100},
    {"as many as possible", 20, 5, 5, 0, 0, 100},
    {"as many as possible, odd exponents", 20, 9, 5, 4, 0, 100},
    {"all inputs", 12, 20, 12, 0, 0, 64},
    {"all inputs from a choice", 12, 20, 12, 8, 0, 64},
    {"a run at 1000", 30, 10, 10, 0, 1000, 300},
    {"the last exponents", 30, 10, 10, 0, 65525, 300},
    {"many", 90, 40, 40, 0, 0, 600},
    {"many from a choice", 90, 40, 33, 6, 0, 600},
};

static void test_rows(void **state)
{
    struct rig r = {.seed = 11};

    (void)state;
    for (size_t k = 0; (r.kernel = par2_kernel_get(k)) != NULL; k++) {
        for (size_t i = 0; r.kernel->usable() && i < sizeof rows / sizeof rows[0]; i++) {
            char what[128];

            r.inputs = rows[i].inputs;
            r.len = rows[i].len;
            r.lost = rows[i].lost;
            r.spare = rows[i].m - rows[i].gone;
            draw(&r.seed, rows[i].first, rows[i].m, r.spare, r.exponents);
            snprintf(what, sizeof what, "%s, %s", rows[i].what, r.kernel->name);
            rig_make(&r);
            check_rig(&r, what);
            rig_free(&r);
        }
    }
}

/* 0 to M lost of random sets, then one more than M. */
static void test_random(void **state)
{
    struct rig r = {.seed = 12};

    (void)state;
    for (size_t i = 0; i < 150; i++) {
        size_t m = 1 + oracle_below(&r.seed, 20);
        size_t gone = oracle_below(&r.seed, m);
        char what[64];

        do {
            r.kernel = par2_kernel_get(oracle_below(&r.seed, 3));
        } while (r.kernel == NULL || !r.kernel->usable());
        r.inputs = 1 + oracle_below(&r.seed, INPUTS_MAX);
        r.len = 2 + 2 * oracle_below(&r.seed, 300);
        r.spare = m - gone;
        r.lost = oracle_below(&r.seed, (r.inputs < r.spare ? r.inputs : r.spare) + 1);
        draw(&r.seed, (uint32_t)oracle_below(&r.seed, 50), m, r.spare, r.exponents);
        snprintf(what, sizeof what, "random %zu, %s", i, r.kernel->name);
        rig_make(&r);
        check_rig(&r, what);
        rig_free(&r);
    }
}

static void expect(const struct par2_loss *loss, enum err err)
{
    struct par2_repair *repair = NULL;

    assert_int_equal(par2_repair_new(loss, &repair), err);
    assert_true(err == OK || repair == NULL);
    par2_repair_free(repair);
}

static void test_too_much_lost(void **state)
{
    static const uint32_t missing[] = {3, 1, 4};
    static const uint32_t exponents[] = {7, 9, 9};
    struct par2_loss loss = {missing, exponents, 1, 0, NULL};

    (void)state;
    expect(&loss, ERR_TOO_MUCH_LOST);
    loss.exponent_count = 1;
    expect(&loss, OK);
    loss.missing_count = 3;
    loss.exponent_count = 2;
    expect(&loss, ERR_TOO_MUCH_LOST);
    loss.exponent_count = 3; /* one of them twice */
    expect(&loss, ERR_TOO_MUCH_LOST);
}

static void test_limits(void **state)
{
    static const uint32_t twice[] = {3, 1, 3};
    static const uint32_t high[] = {3, 32768, 4};
    static const uint32_t exponents[] = {1, 2, 65535};
    struct par2_loss loss = {twice, exponents, 3, 2, NULL};

    (void)state;
    expect(&loss, ERR_LIMIT);
    loss.missing = high;
    expect(&loss, ERR_LIMIT);
    loss.missing_count = 1;
    expect(&loss, OK);
    loss.exponent_count = 3;
    expect(&loss, ERR_LIMIT);
}

/* Inputs whose constants are 2^1 and 2^256: exponents that are 257 apart see both alike. */
static uint32_t twin_of_first(void)
{
    uint32_t i = 1;

    while (oracle_constant(i) != oracle_power(2, 256)) {
        i++;
    }
    return i;
}

static void test_singular(void **state)
{
    uint32_t missing[] = {0, twin_of_first()};
    static const uint32_t exponents[] = {0, 257, 514};
    struct par2_loss loss = {missing, exponents, 2, 2, NULL};

    (void)state;
    expect(&loss, ERR_SINGULAR);
    loss.exponent_count = 3;
    expect(&loss, ERR_SINGULAR);
}

/* The first two recovery slices are of no use together; the third helps. */
static void test_other_rows(void **state)
{
    static const uint32_t exponents[] = {0, 257, 300};
    struct rig r = {.seed = 13, .inputs = 90, .len = 60, .lost = 2, .spare = 3};
    uint32_t twin = twin_of_first();
    struct par2_repair *repair = NULL;
    struct par2_loss loss;

    (void)state;
    assert_in_range(twin, 1, 400);
    memcpy(r.exponents, exponents, sizeof exponents);
    r.missing[0] = 0;
    r.missing[1] = twin;
    loss = loss_of(&r);
    assert_int_equal(par2_repair_new(&loss, &repair), OK);
    assert_int_equal(par2_repair_exponents(repair)[0], 0);
    assert_int_equal(par2_repair_exponents(repair)[1], 300);
    r.in = oracle_slices(2, r.len);
    r.recovery = oracle_slices(2, r.len);
    r.out = oracle_slices(2, r.len);
    for (size_t i = 0; i < 2; i++) {
        oracle_fill(&r.seed, r.in[i], r.len);
        oracle_add(r.missing[i], 0, r.in[i], r.recovery[0], r.len);
        oracle_add(r.missing[i], 300, r.in[i], r.recovery[1], r.len);
    }
    r.inputs = 2; /* none is present */
    solve(&r, repair, 0, r.len);
    assert_memory_equal(r.out[0], r.in[0], r.len);
    assert_memory_equal(r.out[1], r.in[1], r.len);
    par2_repair_free(repair);
    rig_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_too_much_lost),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_singular),
        cmocka_unit_test(test_other_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
