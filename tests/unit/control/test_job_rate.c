/* Rates over ten seconds and an ETA that is not invented. */
#include "app/control/job_rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { START = 100000 };

/* `bytes` every `step` ms for `total` ms, then silence for `quiet` ms. */
struct row {
    const char *what;
    uint64_t step, total, bytes, quiet, left;
    int64_t now, average, eta;
};

static const struct row rows[] = {
    {"nothing yet", 100, 0, 0, 0, 1000, -1, -1, -1},
    {"half a second is too early for a rate", 100, 500, 100, 0, 1000, -1, -1, -1},
    {"two seconds: a rate, no ETA yet", 100, 2000, 100, 0, 1000, 1000, 1000, -1},
    {"five seconds at 1000 B/s", 100, 5000, 100, 0, 10000, 1000, 1000, 10},
    {"an ETA is rounded up", 100, 5000, 100, 0, 10001, 1000, 1000, 11},
    {"nothing left", 100, 5000, 100, 0, 0, 1000, 1000, 0},
    {"a minute at 1000 B/s", 100, 60000, 100, 0, 60000, 1000, 1000, 60},
    {"stalled for 20 s: no rate, no ETA", 100, 20000, 100, 20000, 1000, 0, 500, -1},
    {"slow steps of 5 s", 5000, 60000, 5000, 0, 1000, 1000, 1000, 1},
    {"more than 2^32 bytes a second", 1000, 20000, UINT64_C(10000000000), 0, UINT64_C(100000000000),
        INT64_C(10000000000), INT64_C(10000000000), 10},
};

static void test_rates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct job_rate rate;
        uint64_t bytes = 7; /* a phase need not start at nothing */
        uint64_t now = START;

        job_rate_reset(&rate, now, bytes);
        for (uint64_t at = row->step; at <= row->total; at += row->step) {
            bytes += row->bytes;
            now = START + at;
            job_rate_add(&rate, now, bytes);
        }
        now += row->quiet;
        print_message("%s\n", row->what);
        assert_int_equal(job_rate_now(&rate, now), row->now);
        assert_int_equal(job_rate_average(&rate, now), row->average);
        assert_int_equal(job_rate_eta(&rate, now, row->left), row->eta);
    }
}

/* The window forgets: a fast start does not colour the rate of now. */
static void test_window(void **state)
{
    struct job_rate rate;
    uint64_t bytes = 0;

    (void)state;
    job_rate_reset(&rate, START, 0);
    for (uint64_t at = 500; at <= 40000; at += 500) {
        bytes += at <= 20000 ? 1000000 : 50;
        job_rate_add(&rate, START + at, bytes);
    }
    assert_int_equal(job_rate_now(&rate, START + 40000), 100);
    assert_true(job_rate_average(&rate, START + 40000) > 900000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
