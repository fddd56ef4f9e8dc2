/* Volumes that an earlier run left without all of their articles, and files that are others by now.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "loss.h"
#include "scene.h"

#include "flow/publish/parity_count.h"

static const uint64_t BLOCK = PAYLOAD_LEN;

/* Take away the articles of the first `count` places, from `index` on, that the server has. */
static void lose_accepted(struct world *w, uint32_t index, unsigned count)
{
    struct out_volume *v = scene_volume(w, 1);

    assert_non_null(v);
    for (; count > 0; index++) {
        assert_in_range(index, 0, out_volume_count(v) - 1);
        if (out_volume_state_of(v, index) != STORE_PLANNED) {
            loss_take(w, 1, index, LOSS_GONE);
            count--;
        }
    }
    out_volume_free(v);
}

/* --- earlier runs ----------------------------------------------------------------------------- */

/* Die after every second article: nothing goes out twice, whatever was being done. */
static void test_die_and_go_on(void **state)
{
    struct world *w = *state;
    uint32_t all = scene_all_of(SCENE_K);
    struct out_volume *v;
    struct scene s;

    scene_open(&s, w);
    scene_files(w);
    for (uint32_t i = 2; i < all; i += 2) {
        scene_begin_and_die(&s, 2);
    }
    scene_begin(&s);
    scene_end(&s);
    assert_int_equal(tap_figures(s.tap).posts, all + SCENE_HEADS);
    v = scene_volume(w, 1);
    assert_int_equal(v->m, parity_count(STORE_VOLUME_DATA, SCENE_K, 0));
    out_volume_free(v);
    scene_close(&s, "source");
}

/* What the last run did since its last flush is not in the catalogue: it is asked for, not sent. */
static void test_die_without_a_flush(void **state)
{
    struct world *w = *state;
    uint32_t all = scene_all_of(SCENE_K);
    struct out_volume *v;
    struct publish_ctx *ctx;
    struct scene s;

    scene_open(&s, w);
    scene_files(w);
    scene_begin_and_die(&s, all - 1);
    v = scene_volume(w, 1);
    ctx = scene_context(w);
    assert_int_equal(v->state, STORE_VOLUME_CLOSED);
    for (uint32_t i = SCENE_K; i < all; i++) {
        out_volume_set_state(v, i, STORE_PLANNED);
    }
    assert_int_equal(out_volume_store(ctx, v), OK);
    out_volume_free(v);
    publish_ctx_unpin(ctx);
    scene_begin(&s);
    scene_end(&s);
    assert_int_equal(tap_figures(s.tap).posts, all + SCENE_HEADS);
    scene_close(&s, "source");
}

/* The file is gone: what it had sent is fetched back, since the parity needs it. */
static void test_file_gone_before_the_parity(void **state)
{
    struct world *w = *state;
    char path[1024];
    struct scene s;
    struct out_volume *v;

    scene_open(&s, w);
    scene_files(w);
    scene_begin_and_die(&s, 4);
    (void)snprintf(path, sizeof(path), "%s/raw", w->source);
    assert_int_equal(unlink(path), 0);
    world_file(w, "small", 6000, 3);
    world_file(w, "another", 3 * BLOCK, 4);
    scene_begin(&s);
    scene_end(&s);
    v = scene_volume(w, 1);
    assert_true(v->m > 0);
    assert_true(tap_figures(s.tap).bodies >= 3);
    out_volume_free(v);
    scene_close(&s, "source");
}

/* Gone from the server too: nobody needs it, and its place is filled. */
static void test_file_and_articles_gone(void **state)
{
    struct world *w = *state;
    char path[1024];
    struct scene s;

    scene_open(&s, w);
    scene_files(w);
    scene_begin_and_die(&s, 4);
    lose_accepted(w, 0, 2);
    (void)snprintf(path, sizeof(path), "%s/raw", w->source);
    assert_int_equal(unlink(path), 0);
    world_file(w, "another", 3 * BLOCK, 4);
    scene_begin(&s);
    scene_end(&s);
    scene_close(&s, "source");
}

/* Parity that is made after a restart is as good as any: data of a changed file comes out of it. */
static void test_parity_of_a_resumed_run(void **state)
{
    struct world *w = *state;
    struct scene s;

    scene_open(&s, w);
    scene_files(w);
    scene_keep_copy(w);
    scene_begin_and_die(&s, 3);
    scene_begin_until_confirm(&s, scene_all_of(SCENE_K) - 3);
    loss_take(w, 1, 0, LOSS_GONE);
    loss_take(w, 1, 4, LOSS_GONE);
    world_file(w, "raw", 5 * BLOCK + 1000, 7);
    scene_go_on(&s);
    scene_close(&s, "copy");
}

/* Cut off after every article that mending posts: each run makes the rest out of the parity again.
 */
static void test_die_while_mending(void **state)
{
    static const uint32_t lost[] = {0, 1, 3, SCENE_K + 2};
    struct world *w = *state;
    struct scene s;
    unsigned posts;

    scene_open(&s, w);
    scene_files(w);
    scene_keep_copy(w);
    scene_begin_until_confirm(&s, scene_all_of(SCENE_K));
    for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
        loss_take(w, 1, lost[i], LOSS_GONE);
    }
    world_file(w, "raw", 5 * BLOCK + 1000, 7);
    scene_die(&s);
    posts = tap_figures(s.tap).posts;
    for (size_t i = 0; i + 1 < sizeof(lost) / sizeof(lost[0]); i++) {
        scene_go_on_and_die(&s, 1);
        assert_int_equal(tap_figures(s.tap).posts, ++posts);
    }
    assert_int_equal(world_publish(w), OK);
    assert_int_equal(tap_figures(s.tap).posts, posts + 1 + SCENE_HEADS);
    scene_close(&s, "copy");
}

/* Not all of the parity was out, and some of that is lost as well as data of a file that is another
 * by now: what is left makes up for it. */
static void test_die_between_losses(void **state)
{
    struct world *w = *state;
    struct scene s;

    scene_open(&s, w);
    scene_files(w);
    scene_keep_copy(w);
    scene_begin_and_die(&s, scene_all_of(SCENE_K) - 2);
    loss_take(w, 1, 2, LOSS_GONE);
    lose_accepted(w, SCENE_K, 1);
    world_file(w, "raw", 5 * BLOCK + 1000, 7);
    assert_int_equal(world_publish(w), OK);
    scene_close(&s, "copy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_die_and_go_on, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_die_without_a_flush, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(
            test_file_gone_before_the_parity, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_file_and_articles_gone, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_parity_of_a_resumed_run, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_die_while_mending, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_die_between_losses, world_setup, world_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
