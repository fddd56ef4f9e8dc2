/* Articles that a published share lost are posted again, and the next head tells of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "loss.h"
#include "scene.h"

#include "flow/publish/heal.h"
#include "flow/publish/out_volume_loss.h"
#include "flow/publish/parity_count.h"
#include "io/store/store_health.h"

static const uint64_t BLOCK = PAYLOAD_LEN;

enum { PLACES_MAX = 16, NAMES = 4500 };

struct places {
    uint32_t at[PLACES_MAX];
    size_t count;
};

/* The parity segments of the scene's volume come behind its data. */
static const struct places first_loss = {{0, 1, 2, SCENE_K, SCENE_K + 2}, 5};

static void take(struct world *w, const struct places *places)
{
    for (size_t i = 0; i < places->count; i++) {
        loss_take(w, 1, places->at[i], LOSS_GONE);
    }
}

static void note(struct world *w, const struct places *places)
{
    const struct heal_places lost = {1, places->at, places->count};

    assert_int_equal(heal_volume(w->store, w->share, &lost), OK);
}

/* Published, and then these articles go. */
static void publish_and_lose(struct scene *s, struct world *w, const struct places *places)
{
    scene_open(s, w);
    scene_files(w);
    scene_keep_copy(w);
    scene_begin(s);
    scene_end(s);
    take(w, places);
    note(w, places);
}

static bool is_among(const struct places *places, uint32_t index)
{
    for (size_t i = 0; i < places->count; i++) {
        if (places->at[i] == index) {
            return true;
        }
    }
    return false;
}

/* The volume is LIVE, its places lie under new attempts where they were lost, or are known to be
 * lost for good. */
static void check_volume(struct world *w, const struct places *places, const struct places *left)
{
    struct out_volume *v = scene_volume(w, 1);

    assert_int_equal(v->state, STORE_VOLUME_LIVE);
    assert_int_equal(v->k, SCENE_K);
    for (uint32_t i = 0; i < out_volume_count(v); i++) {
        bool again = is_among(places, i) && !is_among(left, i);

        assert_int_equal(v->attempts[i] >= OUT_VOLUME_ATTEMPT_PUBLISHED, again);
        assert_int_equal(
            out_volume_state_of(v, i), is_among(left, i) ? STORE_LOST : STORE_CONFIRMED);
    }
    out_volume_free(v);
}

/* What is left of the volume's first articles is too little: without those that were posted again
 * nothing comes home. */
static void take_the_rest(struct world *w)
{
    static const struct places rest = {{3, 4, SCENE_K + 1, SCENE_K + 3}, 4};

    take(w, &rest);
}

/* Post again, without a scan, and come home. */
static void heal(struct scene *s, struct world *w, uint64_t version)
{
    static const struct places none = {.count = 0};
    unsigned posts = tap_figures(s->tap).posts;

    assert_int_equal(world_publish(w), OK);
    assert_int_equal(w->published.version, version);
    assert_in_range(tap_figures(s->tap).posts, posts + first_loss.count,
        posts + first_loss.count + SCENE_HEADS);
    check_volume(w, &first_loss, &none);
    take_the_rest(w);
}

static void test_from_the_files(void **state)
{
    struct world *w = *state;
    struct store_health row = {1, 5, SCENE_K, 5, 3, 2, 0, true};
    struct store_health_sum sum;
    struct scene s;

    publish_and_lose(&s, w, &first_loss);
    assert_int_equal(store_health_put(w->store, w->share, &row, 1), OK);
    heal(&s, w, 2);
    assert_int_equal(store_health_sum(w->store, w->share, &sum), OK);
    assert_int_equal(sum.missing, 0);
    assert_int_equal(world_publish(w), OK); /* and now nothing is new any more */
    assert_true(w->published.unchanged);
    scene_close(&s, "copy");
}

static void test_from_parity(void **state)
{
    struct world *w = *state;
    struct scene s;

    publish_and_lose(&s, w, &first_loss);
    world_file(w, "raw", 5 * BLOCK + 1000, 77);
    heal(&s, w, 2);
    scene_close(&s, "copy");
}

/* It dies in between: what was posted is not posted again, and nothing under two bodies. */
static void test_killed_in_between(void **state)
{
    struct world *w = *state;
    struct scene s;

    publish_and_lose(&s, w, &first_loss);
    for (uint32_t posts = 1; posts < first_loss.count; posts += 2) {
        scene_go_on_and_die(&s, 1);
    }
    heal(&s, w, 2);
    scene_close(&s, "copy");
}

/* What was posted again gets lost, too. */
static void test_lost_once_more(void **state)
{
    struct world *w = *state;
    struct scene s;

    publish_and_lose(&s, w, &first_loss);
    assert_int_equal(world_publish(w), OK);
    take(w, &first_loss);
    note(w, &first_loss);
    heal(&s, w, 3);
    scene_close(&s, "copy");
}

/* More is gone than parity makes up for, and the file has changed: what it holds now is sent, what
 * it held stays lost, and nothing is put in its place. */
static void test_too_much_lost(void **state)
{
    static const struct places all = {{0, 1, 2, 3, 4, 5, SCENE_K, SCENE_K + 1, SCENE_K + 2}, 9};
    struct world *w = *state;
    struct scene s;

    publish_and_lose(&s, w, &all);
    world_file(w, "raw", 4 * BLOCK + 500, 7);
    assert_int_equal(world_publish(w), OK);
    assert_int_equal(w->published.version, 2);
    assert_int_equal(w->published.skipped, 0);
    check_volume(w, &all, &all);
    scene_close(&s, "source");
}

/* A share that goes on: files that are new come with what is posted again. */
static void test_with_news(void **state)
{
    struct world *w = *state;
    struct scene s;

    publish_and_lose(&s, w, &first_loss);
    world_file(w, "new", 2 * BLOCK + 7, 5);
    assert_int_equal(world_scan(w), OK);
    assert_int_equal(world_publish(w), OK);
    assert_int_equal(w->published.version, 2);
    take_the_rest(w);
    scene_close(&s, "source");
}

static void test_wrong_places(void **state)
{
    static const uint32_t beyond[] = {SCENE_K + 200};
    struct world *w = *state;
    struct scene s;

    scene_open(&s, w);
    scene_files(w);
    scene_begin_and_die(&s, 2);
    assert_int_equal(
        heal_volume(w->store, w->share, &(struct heal_places){9, beyond, 0}), ERR_NO_ROW);
    assert_int_equal(
        heal_volume(w->store, w->share, &(struct heal_places){1, beyond, 0}), ERR_NO_ROW);
    assert_int_equal(world_publish(w), OK);
    assert_int_equal(
        heal_volume(w->store, w->share, &(struct heal_places){1, beyond, 1}), ERR_BAD_REQUEST);
    scene_close(&s, "source");
}

/* --- the listing ------------------------------------------------------------------------------ */

/* So many names that the listing does not fit the head. */
static void share_listing(struct world *w)
{
    static const char letters[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    char name[256];

    for (unsigned i = 0; i < NAMES; i++) {
        size_t len = (size_t)snprintf(name, sizeof(name), "%u-", i);

        for (uint32_t x = i * 2654435761U + 1; len < 240; len++) {
            x = x * 1664525U + 1013904223U;
            name[len] = letters[x >> 26];
        }
        name[len] = '\0';
        world_file(w, name, 0, 1);
    }
    world_share(w);
}

static void test_a_lost_listing(void **state)
{
    struct world *w = *state;
    struct loss_volume v;

    share_listing(w);
    v = loss_volume(w, STORE_VOLUME_META, 0);
    for (uint32_t i = 0; i < v.k + v.m; i++) {
        loss_take(w, v.number, i, LOSS_GONE);
    }
    assert_int_equal(heal_listing(w->store, w->share, v.number), OK);
    assert_int_equal(world_publish(w), OK);
    assert_int_equal(w->published.version, 2);
    assert_false(w->published.unchanged);
    assert_int_equal(world_restore(w, "target", NULL), OK);
    assert_true(world_same(w, "source", "target"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_from_the_files),
        TEST(test_from_parity),
        TEST(test_killed_in_between),
        TEST(test_lost_once_more),
        TEST(test_too_much_lost),
        TEST(test_with_news),
        TEST(test_wrong_places),
        TEST(test_a_lost_listing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
