/* Recovery slices: hand-made vectors, then every kernel and method against the definition, in sets,
 * batches and column ranges of all kinds. */
#include "codec/par2/par2_encoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/par2/par2_kernel.h"
#include "oracle.h"

static const enum par2_method methods[] = {PAR2_AUTO, PAR2_ROWS, PAR2_FROBENIUS, PAR2_FOURIER};

enum { METHODS = sizeof methods / sizeof methods[0] };

/* Make an encoder, or NULL when this processor or kernel cannot. */
static struct par2_encoder *encoder_for(
    struct par2_shape shape, const struct par2_kernel *kernel, enum par2_method method)
{
    struct par2_encoder *e = NULL;
    enum err err;

    if (!kernel->usable()) {
        return NULL;
    }
    shape.kernel = kernel;
    shape.method = method;
    err = par2_encoder_new(&shape, &e);
    if (err != OK) {
        assert_int_equal(err, ERR_BUG);
        assert_true(method == PAR2_FROBENIUS || method == PAR2_FOURIER);
        return NULL;
    }
    return e;
}

static void run(const struct par2_encoder *e, struct par2_columns columns,
    void (*way)(const struct par2_encoder *, const struct par2_columns *))
{
    columns.work = malloc(par2_encoder_work(e));
    assert_non_null(columns.work);
    way(e, &columns);
    free(columns.work);
}

static void add(const struct par2_encoder *e, struct par2_columns columns)
{
    run(e, columns, par2_encoder_add);
}

/* One word an input, and what its recovery slices hold. */
static const struct {
    const char *what;
    uint16_t in[4];
    uint32_t first;
    uint16_t out[3];
} vectors[] = {
    {"nothing", {0, 0, 0, 0}, 0, {0, 0, 0}},
    {"the first alone", {1, 0, 0, 0}, 0, {1, 2, 4}},
    {"the fourth alone: 2^7", {0, 0, 0, 1}, 0, {1, 0x80, 0x4000}},
    {"two equal ones", {1, 1, 0, 0}, 0, {0, 2 ^ 4, 4 ^ 16}},
    {"over the edge: (2^4)^4 and on", {0, 0, 1, 0}, 4, {0x100b, 0x100b << 4 ^ 0x1100b, 0x1bbb}},
    {"a word of more bits", {0x8001, 0, 0, 0}, 0, {0x8001, 0x1009, 0x2012}},
    {"the highest exponents: 1/4, 1/2", {4, 0, 0, 0}, 65533, {1, 2, 0}},
};

static void check_vector(size_t v, const struct par2_kernel *kernel, enum par2_method method)
{
    struct par2_shape shape = {.input_count = 4, .exponent_count = 3};
    uint8_t in[4][2];
    uint8_t out[3][2] = {{0}};
    const uint8_t *ins[4] = {in[0], in[1], in[2], in[3]};
    uint8_t *outs[3] = {out[0], out[1], out[2]};
    struct par2_encoder *e;

    shape.first_exponent = vectors[v].first;
    shape.exponent_count = shape.first_exponent > 65532 ? 2 : 3;
    for (size_t i = 0; i < 4; i++) {
        in[i][0] = (uint8_t)vectors[v].in[i];
        in[i][1] = (uint8_t)(vectors[v].in[i] >> 8);
    }
    e = encoder_for(shape, kernel, method);
    if (e == NULL) {
        return;
    }
    add(e, (struct par2_columns){ins, outs, 0, 2, NULL});
    for (size_t j = 0; j < shape.exponent_count; j++) {
        uint16_t word = (uint16_t)(out[j][0] | out[j][1] << 8);

        if (word != (uint16_t)vectors[v].out[j]) {
            fail_msg("%s, %s: exponent %zu gives %04x, not %04x", vectors[v].what, kernel->name,
                shape.first_exponent + j, word, vectors[v].out[j]);
        }
    }
    par2_encoder_free(e);
}

static void test_vectors(void **state)
{
    const struct par2_kernel *kernel;

    (void)state;
    for (size_t k = 0; (kernel = par2_kernel_get(k)) != NULL; k++) {
        for (size_t v = 0; v < sizeof vectors / sizeof vectors[0]; v++) {
            for (size_t m = 0; m < METHODS; m++) {
                check_vector(v, kernel, methods[m]);
            }
        }
    }
}

/* A set made at random, and what must come of it. */
struct set {
    uint32_t inputs[700];
    uint32_t exponents[300];
    struct par2_shape shape;
    size_t len; /* of a slice */
    size_t from;
    size_t to;
    uint8_t **in;
    uint8_t **expected; /* starts with noise, not with zeros */
    uint8_t **out;
    uint8_t noise[2 * 4096 + 64];
};

static const struct geometry {
    const char *what;
    size_t inputs;
    size_t exponents;
    size_t first;
    size_t len;
    enum { RUN, SCATTERED } kind;
} geometries[] = {
    {"one of each, one word", 1, 1, 0, 2, RUN},
    {"one input", 1, 5, 0, 66, RUN},
    {"no input", 0, 5, 0, 64, RUN},
    {"no exponent", 9, 0, 0, 64, RUN},
    {"a group", 8, 8, 0, 128, RUN},
    {"a group and one", 9, 9, 0, 130, RUN},
    {"a whole step", 20, 3, 0, 512, RUN},
    {"a step and a strip", 20, 3, 0, 512 + 64, RUN},
    {"steps and a rest", 33, 17, 0, 5 * 512 + 258, RUN},
    {"more than the plain strip", 5, 4, 0, 2 * 4096 + 6, RUN},
    {"a block", 256, 20, 0, 300, RUN},
    {"a block and one", 257, 20, 0, 300, RUN},
    {"blocks", 700, 31, 0, 700, RUN},
    {"exponents from 1", 60, 20, 1, 200, RUN},
    {"exponents from 1000", 60, 40, 1000, 600, RUN},
    {"the last exponents", 60, 40, 65495, 200, RUN},
    {"many exponents", 40, 300, 0, 90, RUN},
    {"cosets of 2^7", 90, 100, 0, 130, RUN},
    {"cosets of 2^8, just", 50, 129, 0, 130, RUN},
    {"cosets of 2^8, full, from 5", 50, 256, 5, 64, RUN},
    {"cosets of 2^9", 30, 280, 3, 1100, RUN},
    {"scattered", 100, 50, 0, 400, SCATTERED},
    {"scattered blocks", 600, 40, 0, 200, SCATTERED},
};

static void set_make(struct set *s, const struct geometry *g, uint64_t *seed)
{
    s->shape = (struct par2_shape){
        NULL, NULL, g->inputs, g->exponents, (uint32_t)g->first, PAR2_AUTO, NULL};
    for (size_t i = 0; i < g->inputs; i++) {
        s->inputs[i] = (uint32_t)(g->kind == RUN ? i : oracle_below(seed, 2000));
    }
    for (size_t j = 0; j < g->exponents; j++) {
        s->exponents[j] =
            g->kind == RUN ? (uint32_t)(g->first + j) : (uint32_t)oracle_below(seed, 65535);
    }
    if (g->kind == SCATTERED) {
        s->shape.inputs = s->inputs;
        s->shape.exponents = s->exponents;
    }
    s->len = g->len;
    assert_in_range(s->len, 2, sizeof s->noise);
    memset(s->noise, 0x5a, sizeof s->noise);
    s->in = oracle_slices(g->inputs, g->len);
    s->expected = oracle_slices(g->exponents, g->len);
    s->out = oracle_slices(g->exponents, g->len);
    for (size_t i = 0; i < g->inputs; i++) {
        oracle_fill(seed, s->in[i], g->len);
    }
    for (size_t j = 0; j < g->exponents; j++) {
        memset(s->expected[j], 0x5a, g->len);
        for (size_t i = 0; i < g->inputs; i++) {
            oracle_add(s->inputs[i], s->exponents[j], s->in[i], s->expected[j], g->len);
        }
    }
}

static void set_free(struct set *s)
{
    free(s->in);
    free(s->expected);
    free(s->out);
}

/* Columns outside of [from, to) must keep the noise. */
static bool row_is_right(const struct set *s, size_t j)
{
    size_t after = s->len - s->to;

    return memcmp(s->out[j] + s->from, s->expected[j] + s->from, s->to - s->from) == 0 &&
           memcmp(s->out[j], s->noise, s->from) == 0 &&
           memcmp(s->out[j] + s->to, s->noise, after) == 0;
}

static void check_range(struct set *s, const struct par2_encoder *e, const char *what,
    void (*way)(const struct par2_encoder *, const struct par2_columns *))
{
    for (size_t j = 0; j < s->shape.exponent_count; j++) {
        memcpy(s->out[j], s->noise, s->len);
    }
    run(e, (struct par2_columns){(const uint8_t *const *)s->in, s->out, s->from, s->to, NULL}, way);
    for (size_t j = 0; j < s->shape.exponent_count; j++) {
        for (size_t i = s->from; i < s->to && way == par2_encoder_set; i++) {
            s->out[j][i] ^= s->noise[i]; /* it was not to be looked at */
        }
        if (!row_is_right(s, j)) {
            fail_msg("%s: row %zu of [%zu, %zu)", what, j, s->from, s->to);
        }
    }
}

static void check_set(struct set *s, const char *what, uint64_t *seed)
{
    const struct par2_kernel *kernel;

    for (size_t k = 0; (kernel = par2_kernel_get(k)) != NULL; k++) {
        for (size_t m = 0; m < METHODS; m++) {
            struct par2_encoder *e = encoder_for(s->shape, kernel, methods[m]);
            char name[128];

            if (e == NULL) {
                continue;
            }
            snprintf(name, sizeof name, "%s, %s, method %d", what, kernel->name, (int)methods[m]);
            s->from = 0;
            s->to = s->len;
            check_range(s, e, name, par2_encoder_add);
            s->from = 2 * oracle_below(seed, s->len / 2);
            s->to = s->from + 2 * oracle_below(seed, (s->len - s->from) / 2 + 1);
            check_range(s, e, name, par2_encoder_add);
            check_range(s, e, name, par2_encoder_set);
            par2_encoder_free(e);
        }
    }
}

static void test_geometries(void **state)
{
    uint64_t seed = 3;

    (void)state;
    for (size_t i = 0; i < sizeof geometries / sizeof geometries[0]; i++) {
        struct set s;

        set_make(&s, &geometries[i], &seed);
        check_set(&s, geometries[i].what, &seed);
        set_free(&s);
    }
}

static void test_random_geometries(void **state)
{
    uint64_t seed = 4;

    (void)state;
    for (size_t i = 0; i < 40; i++) {
        struct geometry g = {"random", oracle_below(&seed, 120), oracle_below(&seed, 40),
            oracle_below(&seed, 200), 2 + 2 * oracle_below(&seed, 700), RUN};
        struct set s;

        g.kind = i % 3 == 0 ? SCATTERED : RUN;
        set_make(&s, &g, &seed);
        check_set(&s, g.what, &seed);
        set_free(&s);
    }
}

/* Few rows far apart: the transform's larger cosets. Each input stands once. */
static void test_wide_spans(void **state)
{
    static const uint32_t spans[] = {513, 1024, 2000, 4096, 5000, 8193, 20000, 65535};
    uint64_t seed = 6;

    (void)state;
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        struct geometry g = {"wide", 40, 5, 0, 600, RUN};
        struct par2_encoder *e;
        struct set s;

        set_make(&s, &g, &seed);
        s.shape.exponents = s.exponents;
        for (size_t j = 0; j < g.exponents; j++) {
            s.exponents[j] = (uint32_t)(j * (spans[i] - 1) / (g.exponents - 1));
            memset(s.expected[j], 0x5a, g.len);
            for (uint32_t n = 0; n < g.inputs; n++) {
                oracle_add(n, s.exponents[j], s.in[n], s.expected[j], g.len);
            }
        }
        s.from = 0;
        s.to = s.len;
        e = encoder_for(s.shape, par2_kernel_best(), PAR2_FOURIER);
        if (e != NULL) {
            check_range(&s, e, "wide", par2_encoder_add);
            par2_encoder_free(e);
        }
        set_free(&s);
    }
}

/* So many products that their tables are made chunk by chunk, and a transform whose cosets are
 * full: against every factor multiplied out. */
static void test_large_set(void **state)
{
    enum { N = 32768, R_MOST = 2100, R_LARGE_TABLES = 560, LEN = 4 };
    const struct par2_planes *planes = par2_kernel_best()->planes;
    size_t rows = planes != NULL && planes->product_len > 16 ? R_LARGE_TABLES : R_MOST;
    static const enum par2_method fast[] = {PAR2_FROBENIUS, PAR2_FOURIER};
    struct par2_shape shape = {.input_count = N, .exponent_count = rows, .first_exponent = 3};
    struct par2_encoder *e = encoder_for(shape, par2_kernel_best(), PAR2_ROWS);
    uint8_t **in = oracle_slices(N, LEN);
    uint8_t **out = oracle_slices(rows, LEN);
    uint8_t **expected = oracle_slices(rows, LEN);
    uint64_t seed = 7;

    (void)state;
    oracle_fill(&seed, in[0], (size_t)N * LEN);
    add(e, (struct par2_columns){(const uint8_t *const *)in, expected, 0, LEN, NULL});
    par2_encoder_free(e);
    for (size_t m = 0; m < sizeof fast / sizeof fast[0]; m++) {
        e = encoder_for(shape, par2_kernel_best(), fast[m]);
        if (e != NULL) {
            memset(out[0], 0, rows * LEN);
            add(e, (struct par2_columns){(const uint8_t *const *)in, out, 0, LEN, NULL});
            assert_memory_equal(out[0], expected[0], rows * LEN);
        }
        par2_encoder_free(e);
    }
    free(in);
    free(out);
    free(expected);
}

/* Large sets go the transform's way where there is one, small ones never. */
static void test_choice(void **state)
{
    struct par2_shape small = {.input_count = 1366, .exponent_count = 137};
    struct par2_shape large = {.input_count = 4096, .exponent_count = 410};
    struct par2_encoder *e = NULL;
    bool transform = par2_kernel_best()->butterflies != NULL;

    (void)state;
    assert_int_equal(par2_encoder_new(&small, &e), OK);
    assert_int_not_equal(par2_encoder_method(e), PAR2_FOURIER);
    par2_encoder_free(e);
    assert_int_equal(par2_encoder_new(&large, &e), OK);
    assert_true((par2_encoder_method(e) == PAR2_FOURIER) == transform);
    par2_encoder_free(e);
}

/* Batches of a volume, columns split between two workers: the same as at once. */
static void test_batches(void **state)
{
    enum { N = 150, R = 16, LEN = 1000, CUT = 514 };
    static const size_t cuts[] = {0, 1, 64, 65, 149, N};
    struct geometry g = {"batches", N, R, 0, LEN, RUN};
    uint64_t seed = 5;
    struct set s;

    (void)state;
    set_make(&s, &g, &seed);
    for (size_t j = 0; j < R; j++) {
        memset(s.out[j], 0x5a, LEN);
    }
    for (size_t b = 0; b + 1 < sizeof cuts / sizeof cuts[0]; b++) {
        struct par2_shape shape = {.inputs = s.inputs + cuts[b],
            .input_count = cuts[b + 1] - cuts[b],
            .exponent_count = R};
        struct par2_encoder *e = encoder_for(shape, par2_kernel_best(), PAR2_AUTO);
        const uint8_t *const *in = (const uint8_t *const *)s.in + cuts[b];

        assert_non_null(e);
        add(e, (struct par2_columns){in, s.out, CUT, LEN, NULL});
        add(e, (struct par2_columns){in, s.out, 0, CUT, NULL});
        par2_encoder_free(e);
    }
    for (size_t j = 0; j < R; j++) {
        assert_memory_equal(s.out[j], s.expected[j], LEN);
    }
    set_free(&s);
}

static void test_limits(void **state)
{
    static const uint32_t good[] = {32767, 65534};
    static const uint32_t bad_input[] = {0, 32768};
    static const uint32_t bad_exponent[] = {0, 65535};
    static const struct {
        const char *what;
        struct par2_shape shape;
        enum err err;
    } rows[] = {
        {"the greatest",
            {.inputs = good, .exponents = good + 1, .input_count = 1, .exponent_count = 1}, OK},
        {"an input too high", {.inputs = bad_input, .input_count = 2, .exponent_count = 1},
            ERR_LIMIT},
        {"too many inputs", {.input_count = 32769, .exponent_count = 1}, ERR_LIMIT},
        {"an exponent too high", {.input_count = 1, .exponents = bad_exponent, .exponent_count = 2},
            ERR_LIMIT},
        {"a run that ends too high",
            {.input_count = 1, .first_exponent = 65530, .exponent_count = 6}, ERR_LIMIT},
        {"a run that just fits", {.input_count = 1, .first_exponent = 65530, .exponent_count = 5},
            OK},
        {"a run that starts beyond all",
            {.input_count = 1, .first_exponent = 0xffffffff, .exponent_count = 1}, ERR_LIMIT},
        {"too many exponents", {.input_count = 1, .exponent_count = 65536}, ERR_LIMIT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct par2_encoder *e = NULL;
        enum err err = par2_encoder_new(&rows[i].shape, &e);

        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].what, err_name(err));
        }
        par2_encoder_free(e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_geometries),
        cmocka_unit_test(test_random_geometries),
        cmocka_unit_test(test_wide_spans),
        cmocka_unit_test(test_large_set),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
