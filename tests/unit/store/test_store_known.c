/* What a share has on the server already: found while it is confirmed, and never when it has gone
 * stale. */
#include "io/store/store_known.h"

#include <string.h>

#include "store_fixture.h"

#include "io/store/store_volume.h"

enum { SEGMENTS = 4 };

/* One data volume whose segment i has a content id of 32 bytes `i + 1`, all in `state`. */
static uint32_t put_volume(struct fixture *f, enum store_segment_state state)
{
    static const uint8_t key[KEY_LEN] = {7};
    uint8_t cids[SEGMENTS * sizeof(struct cid)], states[1] = {0};
    struct store_volume volume = {
        .state = STORE_VOLUME_OPEN,
        .k = SEGMENTS,
        .states = bytes_at(states, sizeof(states)),
        .cids = bytes_at(cids, sizeof(cids)),
    };
    struct store_flush flush = {.volumes = &volume, .volume_count = 1};

    for (unsigned i = 0; i < SEGMENTS; i++) {
        memset(cids + i * sizeof(struct cid), (int)i + 1, sizeof(struct cid));
        states[0] |= (uint8_t)((unsigned)state << (2 * i));
    }
    assert_int_equal(
        store_volume_add(f->store, f->share, STORE_VOLUME_DATA, 1, key, &volume.number), OK);
    assert_int_equal(store_flush(f->store, f->share, &flush), OK);
    return volume.number;
}

static enum err find_block(struct fixture *f, int byte, uint32_t *index)
{
    struct cid cid;
    uint32_t volume;

    memset(&cid, byte, sizeof(cid));
    return store_block_find(f->store, f->share, &cid, &volume, index);
}

static void blocks_are_found_when_confirmed(void **state)
{
    struct fixture *f = *state;
    uint32_t index = 99;
    uint32_t number = put_volume(f, STORE_ACCEPTED);

    assert_int_equal(store_block_note(f->store, f->share, number), OK);
    assert_int_equal(find_block(f, 2, &index), ERR_NO_ROW); /* accepted is not confirmed */
    number = put_volume(f, STORE_CONFIRMED);
    assert_int_equal(find_block(f, 2, &index), ERR_NO_ROW); /* nobody noted it */
    assert_int_equal(store_block_note(f->store, f->share, number), OK);
    assert_int_equal(store_block_note(f->store, f->share, number), OK); /* again: no harm */
    assert_int_equal(find_block(f, 2, &index), OK);
    assert_int_equal(index, 1);
    assert_int_equal(find_block(f, 77, &index), ERR_NO_ROW);
}

static void the_whole_id_counts(void **state)
{
    struct fixture *f = *state;
    uint32_t number = put_volume(f, STORE_CONFIRMED);
    uint32_t volume, index;
    struct cid cid;

    assert_int_equal(store_block_note(f->store, f->share, number), OK);
    memset(&cid, 2, sizeof(cid));
    cid.b[31] ^= 1; /* the same first bytes */
    assert_int_equal(store_block_find(f->store, f->share, &cid, &volume, &index), ERR_NO_ROW);
    cid.b[31] ^= 1;
    assert_int_equal(store_block_find(f->store, f->share, &cid, &volume, &index), OK);
    assert_int_equal(store_block_find(f->store, 99, &cid, &volume, &index), ERR_NO_ROW);
}

static void a_segment_that_is_planned_again_is_not_found(void **state)
{
    struct fixture *f = *state;
    uint32_t number = put_volume(f, STORE_CONFIRMED);
    uint8_t cids[SEGMENTS * sizeof(struct cid)] = {0}, states[1] = {0xa2}; /* segment 1: planned */
    struct store_volume volume = {
        .number = number,
        .state = STORE_VOLUME_OPEN,
        .k = SEGMENTS,
        .states = bytes_at(states, 1),
        .cids = bytes_at(cids, sizeof(cids)),
    };
    struct store_flush flush = {.volumes = &volume, .volume_count = 1};
    uint32_t index;

    for (unsigned i = 0; i < SEGMENTS; i++) {
        memset(cids + i * sizeof(struct cid), (int)i + 1, sizeof(struct cid));
    }
    assert_int_equal(store_block_note(f->store, f->share, number), OK);
    assert_int_equal(store_flush(f->store, f->share, &flush), OK);
    assert_int_equal(find_block(f, 2, &index), ERR_NO_ROW);
    assert_int_equal(find_block(f, 3, &index), OK);
}

static void items_need_all_their_segments(void **state)
{
    struct fixture *f = *state;
    uint32_t good = put_volume(f, STORE_CONFIRMED);
    uint32_t open = put_volume(f, STORE_ACCEPTED);
    struct store_item items[] = {
        {{1, 2, 3}, bytes_str("whole"), good, 0, 0},
        {{9}, bytes_str("cut"), good, 1, 2},
        {{8}, bytes_str("waiting"), open, 0, 0},
        {{9}, bytes_str("newer"), good, 1, 3},
    };
    struct store_flush flush = {.items = items, .item_count = 4};
    struct buf extent = {0};
    uint8_t unknown[ITEM_ID_LEN] = {1, 2};

    assert_int_equal(store_flush(f->store, f->share, &flush), OK);
    assert_int_equal(store_item_find(f->store, f->share, items[0].id, &extent), OK);
    assert_int_equal(store_item_find(f->store, f->share, items[1].id, &extent), OK);
    assert_true(bytes_equal(buf_view(&extent), bytes_str("wholenewer")));
    assert_int_equal(store_item_find(f->store, f->share, items[2].id, &extent), ERR_NO_ROW);
    assert_int_equal(store_item_find(f->store, f->share, unknown, &extent), ERR_NO_ROW);
    assert_int_equal(store_item_find(f->store, 99, items[0].id, &extent), ERR_NO_ROW);
    assert_int_equal(store_item_forget(f->store, f->share, good), OK);
    assert_int_equal(store_item_find(f->store, f->share, items[0].id, &extent), ERR_NO_ROW);
    buf_clear(&extent);
}

static void objects_are_remembered(void **state)
{
    struct fixture *f = *state;
    struct store_object objects[] = {
        {{1}, "pointer one", 11}, {{2}, "pointer two", 11}, {{1}, "newer", 5}};
    struct store_object found;

    assert_int_equal(store_object_note(f->store, f->share, 1, objects, 2), OK);
    assert_int_equal(store_object_find(f->store, f->share, objects[0].id, &found), OK);
    assert_memory_equal(found.pointer, "pointer one", found.pointer_len);
    assert_int_equal(store_object_note(f->store, f->share, 2, &objects[2], 1), OK);
    assert_int_equal(store_object_find(f->store, f->share, objects[0].id, &found), OK);
    assert_int_equal(found.pointer_len, 5);
    assert_int_equal(store_object_find(f->store, 99, objects[0].id, &found), ERR_NO_ROW);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(blocks_are_found_when_confirmed),
        TEST(the_whole_id_counts),
        TEST(a_segment_that_is_planned_again_is_not_found),
        TEST(items_need_all_their_segments),
        TEST(objects_are_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
