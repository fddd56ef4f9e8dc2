/* Articles that the network lost before they were confirmed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "loss.h"
#include "scene.h"

#include "flow/publish/parity_count.h"

static const uint64_t BLOCK = PAYLOAD_LEN;

/* The volume is published; what it has is what it had, and only `lost` places went out twice. */
static void check_same_contents(
    struct world *w, const struct out_volume *before, const uint32_t *lost, size_t lost_count)
{
    struct out_volume *v = scene_volume(w, before->number);

    assert_int_equal(v->state, STORE_VOLUME_LIVE);
    assert_int_equal(v->k, before->k);
    assert_int_equal(v->m, before->m);
    for (uint32_t i = 0; i < out_volume_count(v); i++) {
        struct cid is = out_volume_cid(v, i), was = out_volume_cid(before, i);
        uint32_t attempt = 0;

        for (size_t j = 0; j < lost_count; j++) {
            attempt += lost[j] == i;
        }
        assert_memory_equal(&is, &was, sizeof(is));
        assert_int_equal(v->attempts[i], attempt);
        assert_int_equal(out_volume_state_of(v, i), STORE_CONFIRMED);
    }
    out_volume_free(v);
}

/* --- losses ----------------------------------------------------------------------------------- */

struct loss_case {
    const char *label;
    uint32_t lost[8];
    size_t count;
    bool change; /* the file that most of it lies in */
};

/* Lose these between posting and confirming, and see them come back with the same contents. */
static void check_loss(struct world *w, const struct loss_case *c)
{
    struct scene s;
    struct out_volume *before;
    unsigned posts;

    scene_open(&s, w);
    scene_files(w);
    scene_keep_copy(w);
    scene_begin_until_confirm(&s, scene_all_of(SCENE_K));
    before = scene_volume(w, 1);
    assert_int_equal(before->k, SCENE_K);
    assert_int_equal(before->m, parity_count(STORE_VOLUME_DATA, SCENE_K, 0));
    posts = tap_figures(s.tap).posts;
    assert_int_equal(posts, SCENE_K + before->m);
    for (size_t i = 0; i < c->count; i++) {
        loss_take(w, 1, c->lost[i], LOSS_GONE);
    }
    if (c->change) {
        world_file(w, "raw", 5 * BLOCK + 1000, 7);
    }
    scene_go_on(&s);
    assert_int_equal(tap_figures(s.tap).posts, posts + c->count + SCENE_HEADS);
    check_same_contents(w, before, c->lost, c->count);
    out_volume_free(before);
    scene_close(&s, "copy");
}

static void test_lost_data(void **state)
{
    static const struct loss_case c = {"data", {0, 3}, 2, false};

    check_loss(*state, &c);
}

static void test_lost_parity(void **state)
{
    static const struct loss_case c = {"parity", {SCENE_K, SCENE_K + 2}, 2, false};

    check_loss(*state, &c);
}

static void test_lost_data_and_parity(void **state)
{
    static const struct loss_case c = {"both", {1, 5, SCENE_K + 1}, 3, false};

    check_loss(*state, &c);
}

/* The files are others by now: what was lost comes out of the parity. */
static void test_lost_data_of_a_changed_file(void **state)
{
    static const struct loss_case c = {"solved", {0, 2, 3}, 3, true};

    check_loss(*state, &c);
}

static void test_lost_data_and_parity_of_a_changed_file(void **state)
{
    static const struct loss_case c = {"solved, and parity made", {1, 4, SCENE_K + 3}, 3, true};

    check_loss(*state, &c);
}

/* More is lost than the parity makes up for, and the files have changed: given up, and what the
 * files hold now goes out. */
static void test_too_much_lost(void **state)
{
    struct world *w = *state;
    struct scene s;

    scene_open(&s, w);
    scene_files(w);
    scene_begin_until_confirm(&s, scene_all_of(SCENE_K));
    for (uint32_t i = 0; i < SCENE_K; i++) {
        loss_take(w, 1, i, LOSS_GONE);
    }
    world_file(w, "raw", 4 * BLOCK + 500, 7);
    world_file(w, "more", 2 * BLOCK, 8);
    scene_go_on(&s);
    assert_int_equal(w->published.skipped, 0);
    assert_int_equal(world_scan(w), OK); /* `more` came too late for the version */
    assert_int_equal(world_publish(w), OK);
    scene_close(&s, "source");
}

/* One segment is the whole volume. */
static void test_lost_volume_of_one(void **state)
{
    struct world *w = *state;
    struct scene s;

    scene_open(&s, w);
    world_file(w, "one", 500000, 1);
    scene_keep_copy(w);
    scene_begin_until_confirm(&s, scene_all_of(1));
    loss_take(w, 1, 0, LOSS_GONE);
    world_file(w, "one", 500000, 2);
    scene_go_on(&s);
    scene_close(&s, "copy");
}

/* A loss in every volume, and more than is dealt with together. */
static void test_lost_in_many_volumes(void **state)
{
    enum { VOLUMES = 5, K = 4 };
    static const uint32_t lost[VOLUMES][2] = {{0, 5}, {1, 2}, {3, 4}, {0, 6}, {2, 3}};
    struct world *w = *state;
    struct out_volume *before[VOLUMES];
    struct scene s;
    unsigned posts;

    w->volume_k = K;
    w->lost_batch = 3;
    scene_open(&s, w);
    world_file(w, "raw", (uint64_t)VOLUMES * K * BLOCK, 1);
    scene_keep_copy(w);
    scene_begin_until_confirm(&s, VOLUMES * scene_all_of(K));
    posts = tap_figures(s.tap).posts;
    assert_int_equal(posts, VOLUMES * scene_all_of(K));
    for (uint32_t i = 0; i < VOLUMES; i++) {
        before[i] = scene_volume(w, i + 1);
        loss_take(w, i + 1, lost[i][0], LOSS_GONE);
        loss_take(w, i + 1, lost[i][1], LOSS_GONE);
    }
    scene_go_on(&s);
    assert_int_equal(tap_figures(s.tap).posts, posts + 2 * VOLUMES + SCENE_HEADS);
    for (uint32_t i = 0; i < VOLUMES; i++) {
        check_same_contents(w, before[i], lost[i], 2);
        out_volume_free(before[i]);
    }
    scene_close(&s, "copy");
}

/* The server says that it has everything, but what it has is damaged: one is fetched, and that one
 * goes out again. */
static void test_damaged_sample(void **state)
{
    struct world *w = *state;
    struct out_volume *v;
    struct scene s;
    uint32_t again = 0;

    scene_open(&s, w);
    scene_files(w);
    scene_begin_until_confirm(&s, scene_all_of(SCENE_K));
    for (uint32_t i = 0; i < scene_all_of(SCENE_K); i++) {
        loss_take(w, 1, i, LOSS_DAMAGED);
    }
    scene_go_on(&s);
    v = scene_volume(w, 1);
    for (uint32_t i = 0; i < out_volume_count(v); i++) {
        again += v->attempts[i];
    }
    assert_int_equal(again, 1);
    out_volume_free(v);
    assert_int_equal(tap_figures(s.tap).posts, scene_all_of(SCENE_K) + 1 + SCENE_HEADS);
    tap_stop(s.tap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lost_data, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_lost_parity, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_lost_data_and_parity, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(
            test_lost_data_of_a_changed_file, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(
            test_lost_data_and_parity_of_a_changed_file, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_too_much_lost, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_lost_volume_of_one, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_lost_in_many_volumes, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_damaged_sample, world_setup, world_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
