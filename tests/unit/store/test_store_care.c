/* Published shares and when they are looked at; volumes that are posted again. */
#include "io/store/store_care.h"

#include <string.h>

#include "io/store/store_known.h"
#include "io/store/store_volume.h"
#include "store_fixture.h"

static enum err on_care(void *arg, const struct store_care *care)
{
    *(struct store_care *)arg = *care;
    return OK;
}

static void publish(struct fixture *f, uint64_t n)
{
    struct store_version version = {.n = n, .created = 1, .payload = bytes_str("x")};

    assert_int_equal(store_version_add(f->store, f->share, &version), OK);
    assert_int_equal(store_volume_publish(f->store, f->share, n), OK);
    assert_int_equal(store_version_published(f->store, f->share, n), OK);
}

/* A publication begins everything anew. */
static void plans_are_kept_until_the_next_version(void **state)
{
    struct fixture *f = *state;
    struct store_care care = {0};

    assert_int_equal(store_care_each(f->store, on_care, &care), OK);
    assert_int_equal(care.share, 0); /* not published yet */
    publish(f, 1);
    assert_int_equal(store_care_each(f->store, on_care, &care), OK);
    assert_int_equal(care.share, f->share);
    assert_int_equal(care.checked_at, 0);
    assert_int_equal(care.check_after, 0);
    assert_true(care.published > 0 && care.alive_at == care.published);
    assert_false(care.renew);
    care.checked_at = 55;
    care.check_after = 77;
    care.alive_at = 66;
    assert_int_equal(store_care_plan(f->store, &care), OK);
    assert_int_equal(store_care_renew(f->store, f->share), OK);
    fixture_reopen(f);
    memset(&care, 0, sizeof(care));
    assert_int_equal(store_care_get(f->store, f->share, &care), OK);
    assert_int_equal(care.checked_at, 55);
    assert_int_equal(care.check_after, 77);
    assert_int_equal(care.alive_at, 66);
    assert_true(care.renew);
    publish(f, 2);
    assert_int_equal(store_care_get(f->store, f->share, &care), OK);
    assert_int_equal(care.checked_at, 55); /* that did happen */
    assert_int_equal(care.check_after, 0);
    assert_false(care.renew);
    assert_int_equal(store_care_get(f->store, f->share + 1, &care), ERR_NO_ROW);
}

static void write_volume(
    struct fixture *f, uint32_t number, enum store_volume_state state, uint64_t version)
{
    static uint8_t cids[2 * sizeof(struct cid)] = {[0] = 1, [sizeof(struct cid)] = 2};
    const uint8_t states = STORE_CONFIRMED | STORE_LOST << 2;
    struct store_volume row = {.number = number,
        .state = state,
        .version = version,
        .k = 2,
        .states = bytes_at(&states, 1),
        .cids = bytes_at(cids, sizeof(cids))};
    struct store_flush flush = {.volumes = &row, .volume_count = 1};

    assert_int_equal(store_flush(f->store, f->share, &flush), OK);
}

static enum err on_volume(void *arg, const struct store_volume *volume)
{
    *(enum store_volume_state *)arg = volume->state;
    return OK;
}

static enum store_volume_state state_of(struct fixture *f, uint32_t number)
{
    enum store_volume_state state = 0;

    assert_int_equal(store_volume_get(f->store, f->share, number, on_volume, &state), OK);
    return state;
}

static bool healing(struct fixture *f)
{
    bool yes;

    assert_int_equal(store_volume_healing(f->store, f->share, &yes), OK);
    return yes;
}

/* A volume that was posted again is LIVE with the version it was posted for, and not before. */
static void volumes_heal(void **state)
{
    struct fixture *f = *state;
    const uint8_t key[KEY_LEN] = {1};
    uint32_t number;

    assert_int_equal(store_volume_add(f->store, f->share, STORE_VOLUME_DATA, 1, key, &number), OK);
    write_volume(f, number, STORE_VOLUME_CLOSED, 1);
    publish(f, 1);
    assert_int_equal(state_of(f, number), STORE_VOLUME_LIVE);
    assert_false(healing(f));
    write_volume(f, number, STORE_VOLUME_HEALING, 1);
    assert_true(healing(f));
    publish(f, 2);
    assert_int_equal(state_of(f, number), STORE_VOLUME_HEALING);
    write_volume(f, number, STORE_VOLUME_HEALING, 3);
    publish(f, 3);
    assert_int_equal(state_of(f, number), STORE_VOLUME_LIVE);
    assert_false(healing(f));
}

/* Nothing is found by its content that is known to be lost. */
static void lost_places_are_not_known(void **state)
{
    struct fixture *f = *state;
    const uint8_t key[KEY_LEN] = {1};
    const struct cid there = {.b = {1}}, lost = {.b = {2}};
    uint32_t number, volume, index;

    assert_int_equal(store_volume_add(f->store, f->share, STORE_VOLUME_DATA, 1, key, &number), OK);
    write_volume(f, number, STORE_VOLUME_LIVE, 1);
    assert_int_equal(store_block_note(f->store, f->share, number), OK);
    assert_int_equal(store_block_find(f->store, f->share, &there, &volume, &index), OK);
    assert_int_equal(index, 0);
    assert_int_equal(store_block_find(f->store, f->share, &lost, &volume, &index), ERR_NO_ROW);
}

static void objects_of_a_volume_are_forgotten(void **state)
{
    struct fixture *f = *state;
    struct store_object objects[] = {
        {{1}, {7, 1}, 2},
        {{2}, {7, 2}, 2},
        {{3}, {0x87, 7}, 2},
        {{4}, {8, 7}, 2},
    };
    struct store_object found;
    const uint8_t volume = 7;

    assert_int_equal(store_object_note(f->store, f->share, 1, objects, 4), OK);
    assert_int_equal(store_object_forget(f->store, f->share, bytes_at(&volume, 1)), OK);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(
            store_object_find(f->store, f->share, objects[i].id, &found), i < 2 ? ERR_NO_ROW : OK);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(plans_are_kept_until_the_next_version),
        TEST(volumes_heal),
        TEST(lost_places_are_not_known),
        TEST(objects_of_a_volume_are_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
