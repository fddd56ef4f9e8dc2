/* What the publisher protects the reader repairs: articles of a real share vanish from the server's
 * spool, any of them, as many as its recovery data makes up for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "world.h"

enum { ARTICLES_MAX = 256, ROUNDS = 12, BLOCKS = 24 };

/* The articles of the spool. */
struct heap {
    char paths[ARTICLES_MAX][WORLD_PATH_MAX];
    size_t count;
};

static void note(void *arg, const char *path)
{
    struct heap *h = arg;

    assert_true(h->count < ARTICLES_MAX);
    (void)snprintf(h->paths[h->count++], WORLD_PATH_MAX, "%s", path);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static struct heap *heap_new(struct world *w)
{
    struct heap *h = calloc(1, sizeof(*h));

    assert_non_null(h);
    (void)world_articles(w, note, h);
    qsort(h->paths, h->count, sizeof(h->paths[0]), by_name);
    return h;
}

static void hide(const char *path)
{
    char aside[2 * WORLD_PATH_MAX];

    (void)snprintf(aside, sizeof(aside), "%s.aside", path);
    assert_int_equal(rename(path, aside), 0);
}

static void show(const char *path)
{
    char aside[2 * WORLD_PATH_MAX];

    (void)snprintf(aside, sizeof(aside), "%s.aside", path);
    (void)rename(aside, path);
}

/* Hide `count` of them; which ones, the seed decides. */
static void hide_some(struct heap *h, size_t count, unsigned *seed)
{
    for (size_t i = 0; i < count && i < h->count; i++) {
        size_t j = i + (size_t)rand_r(seed) % (h->count - i);
        char kept[WORLD_PATH_MAX];

        memcpy(kept, h->paths[i], sizeof(kept));
        memcpy(h->paths[i], h->paths[j], sizeof(kept));
        memcpy(h->paths[j], kept, sizeof(kept));
        hide(h->paths[i]);
    }
}

static void show_all(struct heap *h)
{
    for (size_t i = 0; i < h->count; i++) {
        show(h->paths[i]);
    }
}

static void remove_target(struct world *w, const char *name)
{
    char command[2 * WORLD_PATH_MAX];

    (void)snprintf(command, sizeof(command), "rm -rf '%s/%s'", w->dir, name);
    /* NOLINTNEXTLINE(cert-env33-c): the shell is the plainest way */
    assert_int_equal(system(command), 0);
}

static void fill(struct world *w)
{
    char name[32];

    world_file(w, "big", BLOCKS * (uint64_t)PAYLOAD_LEN + 777, 3);
    world_file(w, "text", 2 * (uint64_t)PAYLOAD_LEN, 0);
    for (unsigned i = 0; i < 60; i++) {
        (void)snprintf(name, sizeof(name), "d%u/f%u", i % 5, i);
        world_file(w, name, 1000 + i * 1777, i + 10);
    }
}

/* Ten recovery segments for some 27 data segments; nine of all the articles are gone. Two versions:
 * the second brings a volume of its own, as well protected, and both lose some. */
static void any_articles(void **state)
{
    struct world *w = *state;
    unsigned seed = 7;
    uint64_t repaired = 0;
    struct heap *h;

    fill(w);
    world_share(w);
    world_file(w, "more", 6 * (uint64_t)PAYLOAD_LEN + 5, 99);
    world_share(w);
    h = heap_new(w);
    for (unsigned i = 0; i < ROUNDS; i++) {
        hide_some(h, i % 7, &seed);
        if (world_restore(w, "target", NULL) != OK) {
            fail_msg("round %u: %s: %s", i, err_name(w->err), w->last_event);
        }
        assert_true(world_same(w, "source", "target"));
        assert_int_equal(w->restored.lost_segments, w->restored.repaired_segments);
        repaired += w->restored.repaired_segments;
        remove_target(w, "target");
        show_all(h);
    }
    assert_true(repaired > ROUNDS);
    free(h);
}

/* More is gone than comes back: the files are named, the others are there; when the articles are
 * found again, the rest comes. */
static void too_many_articles(void **state)
{
    struct world *w = *state;
    unsigned seed = 1;
    struct heap *h;

    fill(w);
    world_share(w);
    h = heap_new(w);
    do { /* until the head is not among them */
        show_all(h);
        remove_target(w, "target");
        hide_some(h, h->count * 6 / 10, &seed);
        (void)world_restore(w, "target", NULL);
    } while (w->err == ERR_SHARE_NOT_FOUND);
    assert_int_equal(w->err, ERR_ARTICLES_LOST);
    assert_true(w->restored.lost_files > 0);
    assert_int_equal(w->restored.repaired_segments, 0);
    show_all(h);
    assert_int_equal(world_restore(w, "target", NULL), OK);
    assert_true(world_same(w, "source", "target"));
    free(h);
}

/* One file of a share that lost articles: what is not of its volume stays where it is. */
static void one_file(void **state)
{
    struct world *w = *state;
    unsigned seed = 3;
    struct heap *h;

    fill(w);
    world_share(w);
    world_file(w, "more", 6 * (uint64_t)PAYLOAD_LEN + 5, 99);
    world_share(w);
    h = heap_new(w);
    do {
        show_all(h);
        remove_target(w, "target");
        hide_some(h, 6, &seed);
        assert_int_equal(world_restore(w, "target", "more"), OK);
    } while (w->restored.repaired_segments == 0);
    assert_true(w->restored.articles < 20); /* the other volume has more */
    free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_articles, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(too_many_articles, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(one_file, world_setup, world_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
