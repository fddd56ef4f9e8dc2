/* Places by day belong to one version; the newest head that was seen stays. */
#include "io/store/store_head.h"

#include <string.h>

#include "store_fixture.h"

static void a_place_is_one_versions(void **state)
{
    struct fixture *f = *state;
    struct store_head_place place = {f->share, 20000, 2, 7};

    assert_int_equal(store_head_take(f->store, &place), OK);
    assert_int_equal(store_head_take(f->store, &place), OK); /* a second try */
    fixture_reopen(f);
    place.version = 8;
    assert_int_equal(store_head_take(f->store, &place), ERR_EXISTS);
    place.version = 6;
    assert_int_equal(store_head_take(f->store, &place), ERR_EXISTS);
    place.slot = 1;
    assert_int_equal(store_head_take(f->store, &place), OK);
    place.day++;
    place.version = 9;
    assert_int_equal(store_head_take(f->store, &place), OK);
    place.version = 7;
    place.slot = 2;
    assert_int_equal(store_head_take(f->store, &place), OK);
}

/* `version` with a hash of `hash`es is put; then `want` is known, with `want_hash`. */
static const struct {
    uint64_t version, want;
    uint8_t hash, want_hash;
} sights[] = {
    {5, 5, 50, 50}, {4, 5, 40, 50}, {5, 5, 51, 50}, {6, 6, 60, 60}, {1000000, 1000000, 9, 9}};

static void the_newest_head_stays(void **state)
{
    struct fixture *f = *state;
    struct store_head_seen seen = {.fingerprint = {1, 2, 3}};

    assert_int_equal(store_head_seen_get(f->store, &seen), ERR_NO_ROW);
    for (size_t i = 0; i < sizeof(sights) / sizeof(sights[0]); i++) {
        struct store_head_seen other = {.fingerprint = {9}};

        seen.version = sights[i].version;
        memset(seen.hash, sights[i].hash, sizeof(seen.hash));
        assert_int_equal(store_head_seen_put(f->store, &seen), OK);
        fixture_reopen(f);
        assert_int_equal(store_head_seen_get(f->store, &seen), OK);
        assert_int_equal(seen.version, sights[i].want);
        assert_int_equal(seen.hash[0], sights[i].want_hash);
        assert_int_equal(seen.hash[KEY_LEN - 1], sights[i].want_hash);
        assert_int_equal(store_head_seen_get(f->store, &other), ERR_NO_ROW);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_place_is_one_versions, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(the_newest_head_stays, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
