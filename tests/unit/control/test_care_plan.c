/* When shares are looked at, on a clock that the test turns. */
#include "app/control/care_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define PUBLISHED INT64_C(1000000000)

/* A share is published, and looked at whenever that is due. */
static void a_share_in_its_first_months(void **state)
{
    static const int64_t days[] = {1, 7, 37, 67, 97};
    struct control_waits waits;
    struct store_care care = {.published = PUBLISHED, .checked_at = PUBLISHED};

    (void)state;
    control_waits_default(&waits);
    for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
        care.checked_at = care_plan_check(&waits, &care);
        assert_int_equal(care.checked_at - PUBLISHED, days[i] * DAY);
    }
    assert_int_equal(care_plan_alive(&waits, PUBLISHED), PUBLISHED + 7 * DAY);
}

/* All since the publication. */
static const struct {
    const char *what;
    int64_t last, put_off, want;
} rows[] = {
    {"a version before it was checked last", -3 * DAY, 0, 1 * DAY},
    {"somebody asked for a check at once", HOUR, 0, 1 * DAY},
    {"the first was late, but before the second", 3 * DAY, 0, 7 * DAY},
    {"the first came when the second was due", 7 * DAY, 0, 37 * DAY},
    {"the first was very late", 100 * DAY, 0, 130 * DAY},
    {"for ever", 9000 * DAY, 0, 9030 * DAY},
    {"one was begun in vain: not at once again", 3 * DAY, 7 * DAY + HOUR, 7 * DAY + HOUR},
    {"that was long ago", 3 * DAY, 4 * DAY, 7 * DAY},
};

static void checks_that_were_not_on_time(void **state)
{
    struct control_waits waits;

    (void)state;
    control_waits_default(&waits);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct store_care care = {.published = PUBLISHED,
            .checked_at = PUBLISHED + rows[i].last,
            .check_after = PUBLISHED + rows[i].put_off};
        int64_t at = care_plan_check(&waits, &care);

        if (at != PUBLISHED + rows[i].want) {
            fail_msg("%s: after %lld s", rows[i].what, (long long)(at - PUBLISHED));
        }
    }
}

static void what_the_settings_say(void **state)
{
    struct control_waits waits;
    struct store_care care = {.published = PUBLISHED};

    (void)state;
    control_waits_default(&waits);
    waits.check_ms[0] = 500; /* less than a second is one */
    waits.check_ms[1] = 0;
    assert_int_equal(care_plan_check(&waits, &care), PUBLISHED + 1);
    care.checked_at = PUBLISHED + 9;
    assert_int_equal(care_plan_check(&waits, &care), PUBLISHED + 10);
    waits.check_ms[0] = CONTROL_WAIT_NEVER;
    waits.alive_ms = CONTROL_WAIT_NEVER;
    assert_true(care_plan_check(&waits, &care) == INT64_MAX);
    care.checked_at = 0;
    assert_true(care_plan_check(&waits, &care) == INT64_MAX);
    assert_true(care_plan_alive(&waits, PUBLISHED) == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share_in_its_first_months),
        cmocka_unit_test(checks_that_were_not_on_time),
        cmocka_unit_test(what_the_settings_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
