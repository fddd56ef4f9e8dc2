/* Segments put together again from the files they were made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "world.h"

#include "flow/publish/out_volume.h"
#include "flow/publish/reseal.h"

enum { PLACES_MAX = 256 };

static const uint64_t BLOCK = PAYLOAD_LEN;

/* All data segments of the share, and what each came to. */
struct all {
    struct publish_ctx *ctx;
    uint64_t places[PLACES_MAX];
    struct cid cids[PLACES_MAX];
    size_t count;
    size_t walks, wrong;
};

static enum err note_volume(void *arg, const struct store_volume *row)
{
    struct all *all = arg;

    if (row->kind != STORE_VOLUME_DATA) {
        return OK;
    }
    for (uint32_t i = 0; i < row->k; i++) {
        assert_in_range(all->count, 0, PLACES_MAX - 1);
        all->places[all->count] = reseal_place(row->number, i);
        memcpy(
            &all->cids[all->count++], row->cids.ptr + i * sizeof(struct cid), sizeof(struct cid));
    }
    return OK;
}

/* Put all of them together, with at most `items_max` items a walk. */
static void reseal_all(struct world *w, struct all *all, size_t items_max)
{
    struct publish_options options = {.loop = w->home,
        .workers = w->workers,
        .store = w->store,
        .news = w->news,
        .share = w->share};
    struct reseal *reseal = NULL;
    struct reseal_maker *maker;
    struct buf payload = {0};

    memset(all, 0, sizeof(*all));
    assert_int_equal(publish_ctx_new(&options, &all->ctx), OK);
    assert_int_equal(store_volume_after(w->store, w->share, 0, SIZE_MAX, note_volume, all), OK);
    assert_int_equal(reseal_maker_new(all->ctx, &maker), OK);
    for (size_t i = 0; i < all->count; i++) {
        enum err err;

        if (!reseal_covers(reseal, all->places[i])) {
            struct reseal_want want = {&all->places[i], all->count - i, items_max, NULL};

            reseal_free(reseal);
            all->walks++;
            assert_int_equal(reseal_new(all->ctx, &want, &reseal), OK);
            assert_true(reseal_covers(reseal, all->places[i]));
        }
        err = reseal_make(reseal, maker, all->places[i], &all->cids[i], &payload);
        if (err != OK) {
            assert_int_equal(err, ERR_CHANGED);
            all->wrong++;
        }
    }
    assert_false(reseal_covers(reseal, reseal_place(99, 0)));
    buf_clear(&payload);
    reseal_maker_free(maker);
    reseal_free(reseal);
    publish_ctx_unpin(all->ctx);
}

/* Raw blocks, tails, compressed blocks that packs cut, small files, the same bytes twice. */
static void make_tree(struct world *w)
{
    char name[64];

    world_file(w, "raw", 5 * BLOCK + 77, 1);
    world_file(w, "text", 3 * BLOCK + 5, 0);
    world_file(w, "tail", 700000, 2);
    world_file(w, "another tail", 700000, 3);
    world_file(w, "a third", 700001, 4);
    for (unsigned i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof(name), "small/%u", i);
        world_file(w, name, 100 + i, i + 10);
    }
}

static void test_unchanged_files_make_the_same_segments(void **state)
{
    struct world *w = *state;
    struct all all;

    make_tree(w);
    world_share(w);
    reseal_all(w, &all, 0);
    assert_true(all.count >= 8);
    assert_int_equal(all.wrong, 0);
    assert_int_equal(all.walks, 1);
}

/* What does not fit into memory waits for another walk; what never will is said to be lost. */
static void test_few_items_at_a_time(void **state)
{
    struct world *w = *state;
    struct all all;

    make_tree(w);
    world_share(w);
    reseal_all(w, &all, 400);
    assert_int_equal(all.wrong, 0);
    reseal_all(w, &all, 2);
    assert_true(all.walks > 2);
    assert_in_range(all.wrong, 1, all.count - 5); /* packs are, raw blocks are not */
    reseal_all(w, &all, 1);
    assert_true(all.walks > 4);
}

/* A file that changed, or is gone, takes only the segments its bytes lie in. */
static void test_changed_files_do_not(void **state)
{
    struct world *w = *state;
    char path[1024];
    struct all all;
    FILE *file;

    make_tree(w);
    world_share(w);
    (void)snprintf(path, sizeof(path), "%s/raw", w->source);
    file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 2 * (long)BLOCK, SEEK_SET), 0);
    assert_true(fputs("x", file) >= 0);
    assert_int_equal(fclose(file), 0);
    reseal_all(w, &all, 0);
    assert_in_range(all.wrong, 5, 7); /* its stat is another: nothing of it is trusted */
    (void)snprintf(path, sizeof(path), "%s/text", w->source);
    assert_int_equal(unlink(path), 0);
    reseal_all(w, &all, 0);
    assert_in_range(all.wrong, 6, all.count - 1);
}

/* The scan has seen that a file is another: its bytes lie nowhere any more. */
static void test_forgotten_bytes(void **state)
{
    struct world *w = *state;
    struct all before, after;

    make_tree(w);
    world_share(w);
    world_file(w, "raw", 5 * BLOCK + 78, 99);
    assert_int_equal(world_scan(w), OK);
    reseal_all(w, &before, 0);
    assert_in_range(before.wrong, 5, 7);
    world_file(w, "twin", 5 * BLOCK + 77, 1); /* the bytes that raw had */
    world_share(w);
    reseal_all(w, &after, 0);
    assert_in_range(after.wrong, 0, before.wrong - 5);
}

static void test_stop(void **state)
{
    struct world *w = *state;
    struct publish_options options = {.store = w->store, .share = w->share};
    uint64_t place = reseal_place(1, 0);
    atomic_int stop = 1;
    struct reseal_want want = {&place, 1, 0, &stop};
    struct publish_ctx *ctx;
    struct reseal *reseal;

    assert_int_equal(publish_ctx_new(&options, &ctx), OK);
    assert_int_equal(reseal_new(ctx, &want, &reseal), ERR_CANCELLED);
    publish_ctx_unpin(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_unchanged_files_make_the_same_segments, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_few_items_at_a_time, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_changed_files_do_not, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_forgotten_bytes, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_stop, world_setup, world_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
