/* What a restore remembers of where things went: exact keys, replacing, and a bound in bytes. */
#include "flow/restore/places.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(const struct places *places, uint64_t folder, const char *name, const char *want)
{
    struct bytes path = {0};
    enum place_kind kind;

    assert_true(places_get(places, folder, bytes_str(name), &path, &kind));
    assert_true(bytes_equal(path, bytes_str(want)));
    assert_int_equal(kind, want[0] == 'u' ? PLACE_USED : PLACE_FRESH);
}

static void keys_are_exact(void **state)
{
    struct places places = {0};
    struct bytes path;
    enum place_kind kind;

    (void)state;
    assert_false(places_get(&places, 1, (struct bytes){0}, &path, &kind));
    places_put(&places, 1, (struct bytes){0}, bytes_str("folder"), PLACE_FRESH);
    places_put(&places, 1, bytes_str("a"), bytes_str("folder/a"), PLACE_FRESH);
    places_put(&places, 2, bytes_str("a"), bytes_str("used/a"), PLACE_USED);
    expect(&places, 1, "", "folder");
    expect(&places, 1, "a", "folder/a");
    expect(&places, 2, "a", "used/a");
    assert_false(places_get(&places, 2, (struct bytes){0}, &path, &kind));
    assert_false(places_get(&places, 1, bytes_str("ab"), &path, &kind));
    places_put(&places, 1, bytes_str("a"), bytes_str("used"), PLACE_USED);
    expect(&places, 1, "a", "used");
    places_clear(&places);
    assert_int_equal(places.bytes, 0);
    assert_false(places_get(&places, 1, bytes_str("a"), &path, &kind));
}

static void it_stays_bounded(void **state)
{
    static uint8_t text[4096];
    struct places places = {0};
    struct bytes path;
    enum place_kind kind;
    uint64_t known = 0;

    (void)state;
    for (uint64_t i = 0; i < 20000; i++) {
        places_put(&places, i, (struct bytes){0}, bytes_at(text, sizeof(text)), PLACE_FRESH);
    }
    assert_true(places.bytes <= PLACES_BYTES_MAX);
    for (uint64_t i = 0; i < 20000; i++) {
        known += places_get(&places, i, (struct bytes){0}, &path, &kind);
    }
    assert_true(known > 15000 && known < 20000);
    places_put(&places, 3, (struct bytes){0}, bytes_str("short"), PLACE_FRESH); /* makes room */
    expect(&places, 3, "", "short");
    places_clear(&places);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_exact),
        cmocka_unit_test(it_stays_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
