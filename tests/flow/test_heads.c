/* Heads and time: what lies in a day's places, and that nobody is led back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "loss.h"
#include "tap.h"
#include "world.h"

#include "base/clock.h"

/* The places of a day are the same for each version that goes out on it. Those where the first was
 * sent, and lost, get no other bytes under its id. */
static void test_no_place_gets_two_heads(void **state)
{
    struct world *w = *state;
    struct tap *tap = tap_start(newsd_port(w->newsd));
    uint32_t day = clock_utc_day();
    struct tap_figures figures;

    world_use_port(w, tap_port(tap));
    world_file(w, "a", 1000, 1);
    world_share(w);
    for (uint32_t slot = 0; slot < 3 && day == clock_utc_day(); slot++) {
        loss_take_head_of_day(w, day, slot);
    }
    world_file(w, "b", 1000, 2);
    world_share(w);
    assert_int_equal(w->published.version, 2);
    figures = tap_figures(tap);
    assert_int_equal(figures.two_bodies, 0);
    assert_int_equal(world_restore(w, "target", NULL), OK);
    assert_int_equal(w->restored.version, 2);
    assert_true(world_same(w, "source", "target"));
    world_use_port(w, newsd_port(w->newsd));
    tap_stop(tap);
}

/* Who saw a version takes no older one for the newest, but by its number. */
static void test_nobody_is_led_back(void **state)
{
    struct world *w = *state;

    w->remembers = true;
    world_file(w, "a", 1000, 1);
    world_share(w);
    assert_int_equal(world_restore(w, "first", NULL), OK);
    assert_int_equal(w->restored.version, 1);
    world_file(w, "b", 1000, 2);
    world_share(w);
    assert_int_equal(world_restore(w, "second", NULL), OK);
    assert_int_equal(w->restored.version, 2);
    for (uint32_t slot = 0; slot < 3; slot++) {
        loss_take_head(w, 2, slot);
    }
    assert_int_equal(world_restore(w, "third", NULL), ERR_OLDER_VERSION);
    assert_string_equal(w->text, "it was version 2; the newest there now is 1");
    w->version = 1;
    assert_int_equal(world_restore(w, "fourth", NULL), OK);
    assert_true(world_same(w, "first", "fourth"));
    w->version = 0;
    w->remembers = false;
    assert_int_equal(world_restore(w, "fifth", NULL), OK); /* somebody new cannot know */
    assert_int_equal(w->restored.version, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_place_gets_two_heads, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_nobody_is_led_back, world_setup, world_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
