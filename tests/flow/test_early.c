/* While a share goes out its articles are asked for: never more often than they are posted, over
 * the same connections; and what the server does not keep goes out again under another id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tap.h"
#include "world.h"

#include "base/ids.h"
#include "flow/publish/parity_count.h"

enum { BLOCKS = 40, BATCH = 8, HELD = 10, GONE = 3, STORY = 4096 };

static unsigned data_articles(void)
{
    return BLOCKS + parity_count(STORE_VOLUME_DATA, BLOCKS, PARITY_NORMAL);
}

static struct tap *begin(struct world *w, size_t batch)
{
    struct tap *tap = tap_start(newsd_port(w->newsd));

    world_use_port(w, tap_port(tap));
    world_file(w, "big", BLOCKS * (uint64_t)PAYLOAD_LEN, 3);
    w->early_ms[0] = 1;
    w->early_ms[1] = 2;
    w->early_batch = batch;
    return tap;
}

static void end(struct world *w, struct tap *tap)
{
    assert_int_equal(world_restore(w, "target", NULL), OK);
    assert_true(world_same(w, "source", "target"));
    world_use_port(w, newsd_port(w->newsd));
    tap_stop(tap);
}

/* Up to the last article of the data: as many questions as articles at most, at any time. What was
 * seen is not asked for at the end. */
static void test_never_more_questions_than_articles(void **state)
{
    struct world *w = *state;
    struct tap *tap = begin(w, BATCH);
    struct tap_figures figures;
    char story[STORY];
    unsigned posts = 0, early = 0;

    world_share(w);
    tap_story(tap, story, sizeof(story));
    for (size_t i = 0; story[i] != '\0' && posts < data_articles(); i++) {
        posts += story[i] == 'P';
        early += story[i] == 'S';
        assert_true(early <= posts);
    }
    assert_int_equal(posts, data_articles());
    assert_true(early >= BATCH);
    figures = tap_figures(tap);
    assert_true(figures.stats <= data_articles() + BATCH); /* the last batch may be asked again */
    assert_int_equal(figures.again, 0);
    assert_true(figures.most <= WORLD_CONNECTIONS);
    end(w, tap);
}

static void take_one(void *arg, const char *path)
{
    unsigned *left = arg;

    if (*left > 0) {
        assert_int_equal(unlink(path), 0);
        --*left;
    }
}

/* The server takes articles, and does not keep some. They are missing twice before all is out. */
static void test_lost_on_the_way(void **state)
{
    struct world *w = *state;
    struct tap *tap = begin(w, HELD + 2);
    struct publish *publish;
    struct tap_figures figures;
    unsigned left = GONE;

    tap_hold_posts_after(tap, HELD);
    assert_int_equal(world_scan(w), OK);
    w->watch = "3 articles were missing twice";
    world_publish_begin(w, &publish);
    while (tap_figures(tap).accepted < HELD) {
        world_run(w, 20);
    }
    (void)world_articles(w, take_one, &left);
    assert_int_equal(left, 0);
    tap_hold_posts_after(tap, UINT32_MAX);
    loop_run(w->home);
    assert_int_equal(w->err, OK);
    assert_int_equal(w->watched, 1);
    figures = tap_figures(tap);
    assert_int_equal(figures.again, 0); /* under other ids */
    assert_int_equal(figures.two_bodies, 0);
    assert_int_equal(figures.accepted, data_articles() + GONE + 6);
    end(w, tap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_never_more_questions_than_articles, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_lost_on_the_way, world_setup, world_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
