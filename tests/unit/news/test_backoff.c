/* Waits, gates and paces, with given times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/news/news_backoff.h"

static void waits_double_between_bounds(void **state)
{
    static const struct {
        uint64_t last, min, max, next;
    } rows[] = {
        {0, 1000, 60000, 1000},
        {1000, 1000, 60000, 2000},
        {32000, 1000, 60000, 60000},
        {60000, 1000, 60000, 60000},
        {UINT64_MAX, 1000, 60000, 60000},
        {UINT64_MAX, 1, UINT64_MAX, UINT64_MAX},
        {5, 0, 0, 0},
        {0, 0, 10, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(backoff_next(rows[i].last, rows[i].min, rows[i].max), rows[i].next);
    }
}

static void jitter_stays_within_an_eighth(void **state)
{
    (void)state;
    for (uint32_t dice = 0; dice < 5000; dice++) {
        uint64_t wait = backoff_jitter(800, dice);

        assert_true(wait >= 700 && wait <= 900);
        assert_int_equal(backoff_jitter(7, dice), 7);
        assert_int_equal(backoff_jitter(0, dice), 0);
    }
    assert_int_equal(backoff_jitter(800, 0), 700);
    assert_int_equal(backoff_jitter(800, 200), 900);
}

static void a_gate_halves_and_probes(void **state)
{
    struct gate gate = {.max = 20, .allowed = 20};

    (void)state;
    assert_false(gate_probe(&gate, 1000, 30)); /* all are allowed */
    gate_refused(&gate, 6, 1000, 30);
    assert_int_equal(gate.allowed, 10);
    gate_refused(&gate, 3, 1001, 30);
    assert_int_equal(gate.allowed, 5);
    assert_false(gate_probe(&gate, 1030, 30));
    assert_true(gate_probe(&gate, 1031, 30));
    assert_int_equal(gate.allowed, 6);
    assert_false(gate_probe(&gate, 1060, 30)); /* one at a time */
    gate_refused(&gate, 5, 1060, 30);          /* the probe: only that is taken back */
    assert_int_equal(gate.allowed, 5);
    gate_refused(&gate, 2, 1061, 30); /* no probe: the server allows less than before */
    assert_int_equal(gate.allowed, 2);
    gate_refused(&gate, 0, 1062, 30);
    gate_refused(&gate, 0, 1063, 30);
    assert_int_equal(gate.allowed, 1);
    for (uint64_t now = 1063; gate.allowed < gate.max; now += 30) {
        assert_true(now < 3000);
        (void)gate_probe(&gate, now, 30);
    }
    assert_false(gate_probe(&gate, 100000, 30));
    assert_int_equal(gate.allowed, 20);
}

static void troubles_of_one_moment_count_once(void **state)
{
    struct pace_limits limits = {1000, 8000};
    struct pace pace = {0};
    static const uint64_t waits[] = {1000, 2000, 4000, 8000, 8000};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        uint32_t epoch = pace.epoch;

        pace_failed(&pace, epoch, 100000, limits, 0);
        assert_int_equal(pace.wait, waits[i]);
        assert_int_equal(pace.open_at, 100000 + waits[i] - waits[i] / 8);
        assert_int_equal(pace.failures, i + 1);
        pace_failed(&pace, epoch, 200000, limits, 0); /* was opened before that trouble */
        pace_trouble(&pace, epoch, 200000, limits, 0);
        assert_int_equal(pace.failures, i + 1);
        assert_int_equal(pace.wait, waits[i]);
    }
    pace_ready(&pace);
    assert_int_equal(pace.failures, 0);
    assert_int_equal(pace.wait, 8000); /* logging in proves little: it may say 400 again */
    assert_true(pace.proven);
    pace_trouble(&pace, pace.epoch, 300000, limits, 0);
    assert_int_equal(pace.failures, 0);
    assert_true(pace.proven);
    pace_worked(&pace);
    assert_int_equal(pace.wait, 0);
    pace_failed(&pace, pace.epoch, 400000, limits, 0);
    assert_int_equal(pace.wait, 1000);
    assert_false(pace.proven);
}

static void the_ramp_is_spread(void **state)
{
    struct pace_limits limits = {1000, 8000};
    struct pace pace = {0};

    (void)state;
    pace_opened(&pace, 5000, limits);
    assert_int_equal(pace.open_at, 5050);
    pace.open_at = 9000; /* a longer wait stays */
    pace_opened(&pace, 5050, limits);
    assert_int_equal(pace.open_at, 9000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_between_bounds),
        cmocka_unit_test(jitter_stays_within_an_eighth),
        cmocka_unit_test(a_gate_halves_and_probes),
        cmocka_unit_test(troubles_of_one_moment_count_once),
        cmocka_unit_test(the_ramp_is_spread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
