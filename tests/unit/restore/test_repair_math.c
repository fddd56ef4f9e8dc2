/* The arithmetic of a repair alone: any losses, any recovery slices, against what was there. */
#include "flow/restore/repair_math.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/par2/par2_encoder.h"
#include "restore_rig.h"

enum { K = 9, M = 9, SETS = 14 };

struct bench {
    struct loop *loop;
    struct workers *workers;
    struct restore_ctx ctx;
    struct disk_scratch *scratch;
    uint8_t *data[K];
    uint8_t *slices[M];
    enum err err; /* of the last answer */
    struct repair_math *math;
    unsigned bands;
};

static void on_wake(void *arg)
{
    (void)arg;
}

static void make_slices(struct bench *b)
{
    struct par2_shape shape = {.input_count = K, .exponent_count = M};
    struct par2_columns columns = {
        .in = (const uint8_t *const *)b->data, .out = b->slices, .to = SEGMENT_LEN};
    struct par2_encoder *encoder;

    assert_int_equal(par2_encoder_new(&shape, &encoder), OK);
    columns.work = malloc(par2_encoder_work(encoder) + 1);
    assert_non_null(columns.work);
    par2_encoder_add(encoder, &columns);
    free(columns.work);
    par2_encoder_free(encoder);
}

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    struct disk_scratch_want want = {.folder = bytes_str("/tmp")};
    struct restore_env env = {0};

    assert_non_null(b);
    assert_int_equal(loop_new(&b->loop), OK);
    assert_int_equal(workers_new(b->loop, 3, &b->workers), OK);
    env.loop = b->loop;
    env.workers = b->workers;
    assert_int_equal(restore_ctx_init(&b->ctx, &env, on_wake, b), OK);
    assert_int_equal(disk_scratch_new(&want, &b->scratch), OK);
    for (uint32_t i = 0; i < K; i++) {
        b->data[i] = rig_noise(SEGMENT_LEN, i + 1).ptr;
    }
    for (uint32_t j = 0; j < M; j++) {
        b->slices[j] = calloc(1, SEGMENT_LEN);
        assert_non_null(b->slices[j]);
    }
    make_slices(b);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    restore_ctx_clear(&b->ctx);
    workers_free(b->workers);
    loop_free(b->loop);
    disk_scratch_drop(b->scratch);
    for (uint32_t i = 0; i < K; i++) {
        free(b->data[i]);
    }
    for (uint32_t j = 0; j < M; j++) {
        free(b->slices[j]);
    }
    free(b);
    return 0;
}

static void on_chosen(void *arg, enum err err, struct repair_math *math)
{
    struct bench *b = arg;

    b->err = err;
    b->math = math;
    loop_stop(b->loop);
}

static void on_band(void *arg, enum err err)
{
    struct bench *b = arg;

    b->err = b->err == OK ? err : b->err;
    if (--b->bands == 0) {
        loop_stop(b->loop);
    }
}

static enum err choose(struct bench *b, const struct repair_loss *loss)
{
    assert_int_equal(repair_choose_start(&b->ctx, loss, on_chosen, b), OK);
    loop_run(b->loop);
    return b->err;
}

/* All bands at once, in any order. */
static enum err make(struct bench *b)
{
    struct repair_band band = {b->math, b->scratch, 0};

    for (; band.from < SEGMENT_LEN; band.from += repair_math_width(b->math)) {
        assert_int_equal(repair_band_start(&b->ctx, &band, on_band, b), OK);
        b->bands++;
    }
    loop_run(b->loop);
    repair_math_drop(b->math);
    b->math = NULL;
    return b->err;
}

static void put(struct bench *b, uint32_t place, const uint8_t *bytes)
{
    assert_int_equal(
        disk_scratch_write(b->scratch, (uint64_t)place * SEGMENT_LEN, bytes_at(bytes, SEGMENT_LEN)),
        OK);
}

static void assert_data(struct bench *b)
{
    uint8_t *got = malloc(SEGMENT_LEN);

    assert_non_null(got);
    for (uint32_t i = 0; i < K; i++) {
        assert_int_equal(
            disk_scratch_read(b->scratch, (uint64_t)i * SEGMENT_LEN, got, SEGMENT_LEN), OK);
        assert_memory_equal(got, b->data[i], SEGMENT_LEN);
    }
    free(got);
}

/* Bit i of `lost`: segment i is lost. Bit j of `have`: recovery slice j is there. */
static const struct {
    const char *what;
    uint32_t lost, have;
} sets[SETS] = {
    {"the first, from the first slice", 0x001, 0x001},
    {"the last, from the last slice", 0x100, 0x100},
    {"one, with slices to choose from", 0x010, 0x1ff},
    {"two, from a run", 0x021, 0x00c},
    {"two, from slices with a gap", 0x021, 0x041},
    {"a burst", 0x03c, 0x0f0},
    {"a burst, with gaps", 0x03c, 0x155},
    {"every second one", 0x155, 0x1f0},
    {"all but one", 0x1fe, 0x0ff},
    {"all", 0x1ff, 0x1ff},
    {"five, from slices behind one another's places", 0x0b5, 0x1d6},
    {"more slices than are lost", 0x003, 0x0fe},
    {"one of the middle, from one of the middle", 0x010, 0x010},
    {"six of nine", 0x1f8, 0x1ee},
};

static void any_set(void **state)
{
    struct bench *b = *state;

    for (size_t s = 0; s < SETS; s++) {
        uint32_t lost[K], exponents[M], places[M];
        struct repair_loss loss = {.k = K, .lost = lost, .exponents = exponents, .places = places};

        for (uint32_t i = 0; i < K; i++) {
            put(b, i, b->data[i]);
            if (sets[s].lost >> i & 1) {
                lost[loss.lost_count++] = i;
            }
        }
        for (uint32_t j = 0; j < M; j++) { /* to the lost ones' places, from behind; then beyond */
            if (sets[s].have >> j & 1) {
                size_t n = loss.exponent_count++;

                exponents[n] = j;
                places[n] = n < loss.lost_count ? lost[loss.lost_count - 1 - n] : K + (uint32_t)n;
                put(b, places[n], b->slices[j]);
            }
        }
        if (choose(b, &loss) != OK || make(b) != OK) {
            fail_msg("%s: %s", sets[s].what, err_name(b->err));
        }
        assert_data(b);
    }
}

/* Logarithms of inputs 0 and 642 differ by 1285, and 51 * 1285 = 65535: exponents 0 and 51 cannot
 * tell the two apart. One more slice can. */
static void two_that_look_alike(void **state)
{
    struct bench *b = *state;
    const uint32_t exponents[] = {0, 51, 52}, places[] = {0, 642, 700};
    uint32_t lost[] = {0, 0};
    struct repair_loss loss = {.k = 700,
        .lost = lost,
        .lost_count = 2,
        .exponents = exponents,
        .places = places,
        .exponent_count = 2};
    unsigned alike = 0;

    for (lost[1] = 1; lost[1] < 700; lost[1]++) {
        if (choose(b, &loss) == ERR_SINGULAR) {
            alike++;
            assert_int_equal(lost[1], 642);
        }
        repair_math_drop(b->math);
    }
    assert_int_equal(alike, 1);
    lost[1] = 642;
    loss.exponent_count = 3;
    assert_int_equal(choose(b, &loss), OK);
    repair_math_drop(b->math);
}

static void too_few_slices(void **state)
{
    struct bench *b = *state;
    const uint32_t lost[] = {1, 2}, exponents[] = {4}, places[] = {1};
    struct repair_loss loss = {K, lost, 2, exponents, places, 1};

    assert_int_equal(choose(b, &loss), ERR_TOO_MUCH_LOST);
    assert_null(b->math);
}

/* The largest volume that the format allows takes bands, not memory. */
static void the_largest(void **state)
{
    struct bench *b = *state;
    enum { LARGE = 4096, LOST = 100 };
    uint32_t lost[LOST], exponents[LOST], places[LOST];
    struct repair_loss loss = {LARGE, lost, LOST, exponents, places, LOST};

    for (uint32_t i = 0; i < LOST; i++) {
        lost[i] = 40 * i;
        exponents[i] = 3 * i;
        places[i] = lost[i];
    }
    assert_int_equal(choose(b, &loss), OK);
    assert_int_equal(repair_math_width(b->math) % 2, 0);
    assert_true((LARGE + LOST) * repair_math_width(b->math) <= REPAIR_BAND_BYTES);
    repair_math_drop(b->math);
}

/* A scratch file that is too short: the error comes home. */
static void unreadable(void **state)
{
    struct bench *b = *state;
    const uint32_t lost[] = {0}, exponents[] = {0}, places[] = {0};
    struct repair_loss loss = {K, lost, 1, exponents, places, 1};

    put(b, 0, b->slices[0]);
    assert_int_equal(choose(b, &loss), OK);
    assert_int_equal(make(b), ERR_DISK_IO);
}

/* Forgotten with workers in the middle of it. */
static void forgotten(void **state)
{
    struct bench *b = *state;
    const uint32_t lost[] = {0}, exponents[] = {0}, places[] = {0};
    struct repair_loss loss = {K, lost, 1, exponents, places, 1};
    struct repair_band band = {.scratch = b->scratch};

    assert_int_equal(choose(b, &loss), OK);
    band.math = b->math;
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(repair_band_start(&b->ctx, &band, on_band, b), OK);
        assert_int_equal(repair_choose_start(&b->ctx, &loss, on_chosen, b), OK);
    }
    repair_math_drop(b->math);
    b->math = NULL;
    errands_forget(&b->ctx.errands);
    workers_settle(b->workers);
    assert_null(b->math);
    assert_int_equal(b->bands, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_set, setup, teardown),
        cmocka_unit_test_setup_teardown(two_that_look_alike, setup, teardown),
        cmocka_unit_test_setup_teardown(too_few_slices, setup, teardown),
        cmocka_unit_test_setup_teardown(the_largest, setup, teardown),
        cmocka_unit_test_setup_teardown(unreadable, setup, teardown),
        cmocka_unit_test_setup_teardown(forgotten, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
