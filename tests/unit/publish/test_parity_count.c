/* How many parity segments: the figures of docs/format.md and DESIGN.md, and what must hold for
 * all. */
#include "flow/publish/parity_count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/manifest/manifest_limits.h"

static const struct row {
    enum store_volume_kind kind;
    uint32_t k;
    unsigned percent;
    uint32_t m;
} rows[] = {
    {STORE_VOLUME_DATA, 1024, PARITY_NORMAL, 103},
    {STORE_VOLUME_DATA, 1024, PARITY_LEAN, 52},
    {STORE_VOLUME_DATA, 1024, PARITY_LONG_TERM, 154},
    {STORE_VOLUME_DATA, 1024, 0, 103}, /* not said: normal */
    {STORE_VOLUME_DATA, 1, PARITY_NORMAL, 4},
    {STORE_VOLUME_DATA, 1, PARITY_LEAN, 3},
    {STORE_VOLUME_DATA, 4, PARITY_NORMAL, 5},
    {STORE_VOLUME_DATA, 100, PARITY_NORMAL, 18}, /* 5 + 11 + 2 */
    {STORE_VOLUME_DATA, 256, PARITY_NORMAL, 33}, /* 12.8 + 17.6 + 2, rounded up */
    {STORE_VOLUME_META, 64, PARITY_NORMAL, 32},
    {STORE_VOLUME_META, 1, PARITY_NORMAL, 4},
    {STORE_VOLUME_META, 9, PARITY_NORMAL, 6},
    {STORE_VOLUME_META, 9, PARITY_LONG_TERM, 8},
};

static void test_figures(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *r = &rows[i];

        if (parity_count(r->kind, r->k, r->percent) != r->m) {
            fail_msg("row %zu: %u", i, parity_count(r->kind, r->k, r->percent));
        }
    }
}

/* Is m at least r K, and m - 2 at least r/2 K + 11 r sqrt K? Without a root and without rounding.
 */
static bool enough(uint32_t k, unsigned percent, uint32_t m)
{
    int64_t p = percent;
    int64_t over = 200 * ((int64_t)m - 2) - p * k; /* to be at least 22 p sqrt K */

    return (int64_t)m * 100 >= p * k && over >= 0 && over * over >= 484 * p * p * k;
}

static void test_all(void **state)
{
    static const unsigned percents[] = {PARITY_LEAN, PARITY_NORMAL, PARITY_LONG_TERM};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        uint32_t before = 0;

        for (uint32_t k = 1; k <= VOLUME_DATA_MAX; k++) {
            uint32_t most = k > VOLUME_PARITY_FLOOR ? k : VOLUME_PARITY_FLOOR;
            uint32_t m = parity_count(STORE_VOLUME_DATA, k, percents[i]);

            assert_true(m <= most);
            assert_true(m == most || enough(k, percents[i], m));
            assert_false(enough(k, percents[i], m - 1));
            assert_true(m >= before);
            before = m;
        }
    }
}

static void test_meta_has_half(void **state)
{
    (void)state;
    for (uint32_t k = 1; k <= META_DATA_MAX; k++) {
        uint32_t m = parity_count(STORE_VOLUME_META, k, PARITY_LEAN);

        assert_true(2 * m >= k);
        assert_true(m >= parity_count(STORE_VOLUME_DATA, k, PARITY_LEAN));
        assert_true(m <= (k > VOLUME_PARITY_FLOOR ? k : VOLUME_PARITY_FLOOR));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_meta_has_half),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
