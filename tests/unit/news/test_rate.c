/* A bucket of tokens, with given times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/news/news_rate.h"

enum { MEGA = 1000000, ARTICLE = 700000 };

static void without_a_limit_all_passes(void **state)
{
    struct rate rate = {0};

    (void)state;
    for (uint64_t now = 0; now < 1000; now++) {
        assert_int_equal(rate_wait(&rate, ARTICLE, now / 100), 0);
        rate_charge(&rate, ARTICLE);
    }
    assert_int_equal(rate.balance, 0);
}

static void nothing_passes_a_flow_of_nothing(void **state)
{
    struct rate rate = {0};

    (void)state;
    rate_set(&rate, -1, 5);
    assert_true(rate_wait(&rate, 0, 5) == UINT64_MAX);
    assert_true(rate_wait(&rate, 1, UINT64_MAX) == UINT64_MAX);
    rate_set(&rate, 0, 6);
    assert_int_equal(rate_wait(&rate, ARTICLE, 6), 0);
}

/* Ask as often as one likes: at every moment no more has passed than the bucket, the flow and the
 * last article; and in the long run no less than the flow. */
static void no_more_passes_than_flows_in(void **state)
{
    static const struct {
        int64_t flow;
        size_t len;
        uint64_t every, ms;
    } rows[] = {
        {MEGA, ARTICLE, 1, 60000},
        {MEGA, ARTICLE, 7, 60000},
        {MEGA, 1000, 1, 20000},
        {1024, ARTICLE, 50, 10000000},
        {100 * MEGA, ARTICLE, 1, 10000},
        {INT64_C(3) << 50, ARTICLE, 1, 20},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t bucket = (uint64_t)rows[i].flow / 1000 * RATE_BUCKET_MS + RATE_BUCKET_MS;
        struct rate rate = {0};
        uint64_t passed = 0;
        uint64_t flowed = 0;

        rate_set(&rate, rows[i].flow, 1000);
        for (uint64_t now = 0; now <= rows[i].ms; now += rows[i].every) {
            flowed =
                (uint64_t)rows[i].flow / 1000 * now + (uint64_t)rows[i].flow % 1000 * now / 1000;
            for (int n = 0; n < 1000 && rate_wait(&rate, rows[i].len, 1000 + now) == 0; n++) {
                rate_charge(&rate, (int64_t)rows[i].len);
                passed += rows[i].len;
                assert_true(passed <= bucket + flowed + rows[i].len);
            }
        }
        if (rows[i].every * 100 < rows[i].ms) {
            assert_true(passed + bucket + rows[i].len >= flowed);
        }
    }
}

static void a_wait_is_exact(void **state)
{
    struct rate rate = {0};
    uint64_t wait;

    (void)state;
    rate_set(&rate, MEGA, 0);
    assert_int_equal(rate_wait(&rate, 1000, 0), 1);
    assert_int_equal(rate_wait(&rate, ARTICLE, 0), RATE_BUCKET_MS); /* larger than the bucket */
    assert_int_equal(rate_wait(&rate, ARTICLE, RATE_BUCKET_MS), 0);
    rate_charge(&rate, ARTICLE);
    wait = rate_wait(&rate, ARTICLE, RATE_BUCKET_MS);
    assert_int_equal(wait, 700);
    assert_int_equal(rate_wait(&rate, ARTICLE, RATE_BUCKET_MS + wait - 1), 1);
    assert_int_equal(rate_wait(&rate, ARTICLE, RATE_BUCKET_MS + wait), 0);
    rate_charge(&rate, ARTICLE);
    rate_charge(&rate, -ARTICLE); /* it did not come after all */
    assert_int_equal(rate_wait(&rate, ARTICLE, RATE_BUCKET_MS + wait), 0);
}

static void a_long_rest_saves_one_bucket(void **state)
{
    struct rate rate = {0};
    unsigned passed = 0;

    (void)state;
    rate_set(&rate, MEGA, 0);
    while (rate_wait(&rate, 1000, UINT64_MAX / 2) == 0) {
        rate_charge(&rate, 1000);
        passed++;
    }
    assert_int_equal(passed, RATE_BUCKET_MS);
}

static void a_change_keeps_the_debt(void **state)
{
    struct rate rate = {0};

    (void)state;
    rate_set(&rate, MEGA, 0);
    assert_int_equal(rate_wait(&rate, ARTICLE, RATE_BUCKET_MS), 0);
    rate_charge(&rate, ARTICLE); /* 450,000 bytes of debt */
    rate_set(&rate, 2 * MEGA, RATE_BUCKET_MS);
    assert_int_equal(rate_wait(&rate, 0, RATE_BUCKET_MS), 225);
    rate_set(&rate, 0, RATE_BUCKET_MS);
    rate_set(&rate, MEGA, RATE_BUCKET_MS);
    assert_int_equal(rate_wait(&rate, 0, RATE_BUCKET_MS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_limit_all_passes),
        cmocka_unit_test(nothing_passes_a_flow_of_nothing),
        cmocka_unit_test(no_more_passes_than_flows_in),
        cmocka_unit_test(a_wait_is_exact),
        cmocka_unit_test(a_long_rest_saves_one_bucket),
        cmocka_unit_test(a_change_keeps_the_debt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
