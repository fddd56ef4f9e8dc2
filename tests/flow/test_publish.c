/* Publishing and getting back, against the embedded server: what goes out comes home. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "refuser.h"
#include "scene.h"

#include "base/ids.h"
#include "flow/publish/parity_count.h"
#include "io/store/store_volume.h"

#define BLOCK ((uint64_t)PAYLOAD_LEN)

enum { HEAD_COPIES = 6 };

/* The articles of a volume with `k` data segments. */
static size_t with_parity(uint32_t k)
{
    return k + parity_count(STORE_VOLUME_DATA, k, PARITY_NORMAL);
}

static void check_round_trip(struct world *w)
{
    world_share(w);
    if (world_restore(w, "target", NULL) != OK) {
        fail_msg("restore: %s: %s; %s", err_name(w->err), w->text, w->last_event);
    }
    assert_true(world_same(w, "source", "target"));
}

static void test_one_small_file(void **state)
{
    struct world *w = *state;

    world_file(w, "hello.txt", 12, 1);
    check_round_trip(w);
    assert_int_equal(world_articles(w, NULL, NULL), HEAD_COPIES); /* which hold all */
}

static void test_empty_things(void **state)
{
    struct world *w = *state;
    char path[1024];

    world_file(w, "empty", 0, 1);
    snprintf(path, sizeof(path), "%s/folder", w->source);
    assert_int_equal(mkdir(path, 0700), 0);
    check_round_trip(w);
}

static void test_sizes_around_a_block(void **state)
{
    static const uint64_t sizes[] = {
        1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK - 1, 3 * BLOCK + 5};
    struct world *w = *state;
    char name[64];

    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        snprintf(name, sizeof(name), "random/%u", i);
        world_file(w, name, sizes[i], i + 1);
        snprintf(name, sizeof(name), "text/%u", i);
        world_file(w, name, sizes[i], 0);
    }
    check_round_trip(w);
}

/* Packs fill and items are cut where they end. */
static void test_many_small_files(void **state)
{
    struct world *w = *state;
    char name[64];

    for (unsigned i = 0; i < 1500; i++) {
        snprintf(name, sizeof(name), "d%u/e%u/f%u", i % 7, i % 3, i);
        world_file(w, name, i * 37 % 9000, i + 1);
    }
    check_round_trip(w);
    assert_true(world_articles(w, NULL, NULL) <= with_parity(9) + HEAD_COPIES);
}

static void test_links_modes_times(void **state)
{
    struct world *w = *state;
    struct timespec times[2] = {{1, 2}, {-86400, 123456789}};
    char path[1024], other[1024];

    world_file(w, "a/file", 100, 1);
    snprintf(path, sizeof(path), "%s/a/file", w->source);
    assert_int_equal(chmod(path, 0754), 0);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    snprintf(path, sizeof(path), "%s/a/link", w->source);
    assert_int_equal(symlink("../nowhere/at all", path), 0);
    snprintf(other, sizeof(other), "%s/a", w->source);
    assert_int_equal(chmod(other, 0750), 0);
    check_round_trip(w);
}

static void test_zeros_cost_nothing(void **state)
{
    struct world *w = *state;
    char path[1024];

    world_file(w, "sparse", 3, 1);
    snprintf(path, sizeof(path), "%s/sparse", w->source);
    assert_int_equal(truncate(path, (off_t)(20 * BLOCK + 77)), 0);
    check_round_trip(w);
    assert_true(world_articles(w, NULL, NULL) <= with_parity(1) + HEAD_COPIES);
}

static void test_next_version_posts_only_changes(void **state)
{
    struct world *w = *state;
    uint64_t first;

    world_file(w, "big", 5 * BLOCK, 1);
    world_file(w, "changes", 2 * BLOCK, 2);
    world_share(w);
    first = w->published.articles;
    assert_int_equal(w->published.version, 1);
    world_file(w, "changes", 2 * BLOCK + 1, 3);
    world_share(w);
    assert_int_equal(w->published.version, 2);
    assert_true(w->published.articles < first);
    assert_int_equal(world_restore(w, "target", NULL), OK);
    assert_int_equal(w->restored.version, 2);
    assert_true(world_same(w, "source", "target"));
}

/* Cancel at many moments, go on as a new process would: it completes, and not from the beginning
 * each time. */
static void test_cancel_and_go_on(void **state)
{
    struct world *w = *state;
    char name[64];
    uint64_t ms = 20;

    for (unsigned i = 0; i < 12; i++) {
        snprintf(name, sizeof(name), "big%u", i);
        world_file(w, name, 4 * BLOCK + i, i + 1);
        snprintf(name, sizeof(name), "small/%u", i);
        world_file(w, name, 1000 + i, i + 100);
    }
    assert_int_equal(world_scan(w), OK);
    w->err = ERR_COUNT;
    while (w->err == ERR_COUNT) {
        struct publish *publish;

        world_publish_begin(w, &publish);
        world_run(w, ms);
        if (w->err == ERR_COUNT) {
            publish_cancel(publish);
            world_restart(w);
        }
        ms += ms / 8 + 5; /* on a slow machine, too, some round is long enough */
    }
    assert_int_equal(w->err, OK);
    assert_int_equal(world_restore(w, "target", NULL), OK);
    assert_true(world_same(w, "source", "target"));
}

struct loss {
    unsigned every, seen;
};

static void lose_some(void *arg, const char *path)
{
    struct loss *loss = arg;

    if (loss->seen++ % loss->every == 0) {
        assert_int_equal(unlink(path), 0);
    }
}

/* Let the server take `count` articles, or the publication end. */
static void wait_articles(struct world *w, size_t count)
{
    while (w->err == ERR_COUNT && world_articles(w, NULL, NULL) < count) {
        world_run(w, 1);
    }
}

static void begin(struct world *w, struct publish **publish)
{
    assert_int_equal(world_scan(w), OK);
    w->err = ERR_COUNT; /* until it is done */
    world_publish_begin(w, publish);
}

static void wait_end(struct world *w)
{
    if (w->err == ERR_COUNT) {
        loop_run(w->home);
    }
    if (w->err != OK) {
        fail_msg("publish: %s: %s; %s", err_name(w->err), w->text, w->last_event);
    }
}

static void check_restored(struct world *w)
{
    assert_int_equal(world_restore(w, "target", NULL), OK);
    assert_true(world_same(w, "source", "target"));
}

/* Accepted articles vanish before they are confirmed: they go out again under another id, and not
 * much more than they. */
static void test_lost_before_confirm(void **state)
{
    struct world *w = *state;
    struct publish *publish;
    struct loss loss = {.every = 3};

    world_file(w, "big", 30 * BLOCK, 1);
    world_file(w, "small", 100000, 0);
    begin(w, &publish);
    wait_articles(w, 10);
    (void)world_articles(w, lose_some, &loss);
    wait_end(w);
    assert_true(w->published.articles <= with_parity(31) + 10 + HEAD_COPIES);
    check_restored(w);
}

static void take_file(void *arg, const struct progress_file *file)
{
    struct progress_file *out = arg;

    assert_true(bytes_equal(file->path, bytes_str("folder/large")));
    out->done = file->done;
    out->total = file->total;
}

/* A file of many blocks counts block by block, and what an earlier run sent of it at once. */
static void test_progress_within_a_file(void **state)
{
    enum { BLOCKS = 40, ENOUGH = 12, SHORT = 5 /* bytes that the last block lacks */ };
    const uint64_t all = BLOCKS * BLOCK - SHORT;
    struct world *w = *state;
    struct progress_file file = {.done = 0};
    struct scene scene;

    world_file(w, "folder/large", all, 1);
    scene_open(&scene, w);
    tap_hold_posts_after(scene.tap, ENOUGH);
    begin(w, &scene.publish);
    while (w->progress.articles_posted < ENOUGH) {
        assert_int_equal(w->err, ERR_COUNT);
        world_run(w, 5);
    }
    assert_in_range(w->progress.bytes_done, ENOUGH * BLOCK - SHORT, ENOUGH * BLOCK);
    assert_int_equal(w->progress.bytes_total, all);
    publish_files(scene.publish, 8, take_file, &file);
    assert_int_equal(file.done, ENOUGH * BLOCK); /* the short one is told at the end */
    assert_int_equal(file.total, all);
    scene_die(&scene);
    w->progress = (struct progress){0};
    begin(w, &scene.publish);
    while (w->progress.bytes_done == 0) {
        assert_int_equal(w->err, ERR_COUNT);
        world_run(w, 1);
    }
    assert_true(w->progress.bytes_done >= ENOUGH * BLOCK - SHORT);
    wait_end(w);
    assert_int_equal(w->progress.bytes_done, all);
    scene_close(&scene, "source");
}

/* A run was cancelled, and what it had not sent is gone: nothing is new, but what it had sent is
 * listed nowhere yet. */
static void test_sent_but_not_published(void **state)
{
    struct world *w = *state;
    struct publish *publish;
    char path[1024];

    world_file(w, "a", 3 * BLOCK, 1);
    world_file(w, "b", 60 * BLOCK, 2);
    begin(w, &publish);
    wait_articles(w, 12);
    assert_int_equal(w->err, ERR_COUNT);
    publish_cancel(publish);
    world_restart(w);
    snprintf(path, sizeof(path), "%s/b", w->source);
    assert_int_equal(unlink(path), 0);
    world_share(w);
    check_restored(w);
}

/* What an earlier run sent is lost while this one sends something else. */
static void test_lost_of_an_earlier_run(void **state)
{
    struct world *w = *state;
    struct publish *publish;
    struct loss loss = {.every = 1};

    world_file(w, "a/big", 6 * BLOCK, 1);
    world_file(w, "b/big", 60 * BLOCK, 2);
    begin(w, &publish);
    wait_articles(w, 12);
    assert_int_equal(w->err, ERR_COUNT);
    publish_cancel(publish); /* all of a is sent */
    world_restart(w);
    begin(w, &publish);
    wait_articles(w, 25);
    (void)world_articles(w, lose_some, &loss);
    wait_end(w);
    check_restored(w);
}

/* Read anew, and not published as a mixture. */
static void test_file_changes_while_it_is_read(void **state)
{
    struct world *w = *state;
    struct publish *publish;

    world_file(w, "grows", 120 * BLOCK, 1);
    world_file(w, "shrinks", 20 * BLOCK, 2);
    begin(w, &publish);
    wait_articles(w, 3);
    world_file(w, "grows", 121 * BLOCK + 1, 3);
    world_file(w, "shrinks", 0, 0);
    wait_end(w);
    assert_int_equal(w->published.skipped, 0);
    check_restored(w);
}

static void test_file_vanishes(void **state)
{
    struct world *w = *state;
    char path[1024];

    world_file(w, "here", 2 * BLOCK, 1);
    world_file(w, "gone", 2 * BLOCK, 2);
    world_file(w, "gone too", 10, 3);
    assert_int_equal(world_scan(w), OK);
    snprintf(path, sizeof(path), "%s/gone", w->source);
    assert_int_equal(unlink(path), 0);
    snprintf(path, sizeof(path), "%s/gone too", w->source);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(world_publish(w), OK);
    assert_int_equal(w->published.skipped, 2);
    check_restored(w);
}

/* More of them than are planned ahead fit into one pack. */
static void test_tiny_files(void **state)
{
    struct world *w = *state;
    char name[64];

    for (unsigned i = 0; i < 66000; i++) {
        snprintf(name, sizeof(name), "d%u/%u", i / 1000, i);
        world_file(w, name, 3, i + 1);
    }
    world_share(w);
    assert_int_equal(w->published.files, 66000);
}

/* Make dir/source/NAME: `blocks` blocks that shrink, each to a little more than `each` bytes. */
static void sparse_file(struct world *w, const char *name, unsigned blocks, size_t each)
{
    uint8_t *noise = malloc(each);
    uint64_t state = 88172645463325252ULL;
    char path[1024];
    int fd;

    assert_non_null(noise);
    snprintf(path, sizeof(path), "%s/%s", w->source, name);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    for (unsigned i = 0; i < blocks; i++) {
        for (size_t j = 0; j < each; j++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            noise[j] = (uint8_t)state;
        }
        assert_int_equal(pwrite(fd, noise, each, (off_t)(i * BLOCK)), each);
    }
    assert_int_equal(ftruncate(fd, (off_t)(blocks * BLOCK)), 0);
    assert_int_equal(close(fd), 0);
    free(noise);
}

/* So many extents that they stay in the catalogue, and so many entries that the listing goes into
 * volumes. */
static void test_very_long_file(void **state)
{
    enum { BLOCKS = 6000, BLOCK_NOISE = 8000, EMPTY = 15001 };
    struct world *w = *state;
    char name[64];

    for (unsigned i = 0; i < EMPTY; i++) {
        snprintf(name, sizeof(name), "empty/%u", i);
        world_file(w, name, 0, 1);
    }
    sparse_file(w, "long", BLOCKS, BLOCK_NOISE);
    world_share(w);
    assert_int_equal(w->published.files, EMPTY + 1); /* bringing 4 GiB back is for the benches */
}

/* A volume that a run made and died before it used it. */
static void test_empty_volume(void **state)
{
    static const uint8_t key[KEY_LEN] = {1};
    struct world *w = *state;
    uint32_t number;

    assert_int_equal(store_volume_add(w->store, w->share, STORE_VOLUME_DATA, 1, key, &number), OK);
    world_file(w, "one", 10, 1);
    world_share(w);
    world_file(w, "two", 3 * BLOCK, 1);
    world_share(w);
    world_file(w, "three", 10, 1);
    world_share(w);
    assert_int_equal(w->published.version, 3);
    check_restored(w);
}

/* A server that refuses articles: the same segment goes out under other ids, wearing other masks.
 */
static void test_refused_articles_get_other_ids(void **state)
{
    struct world *w = *state;
    struct refuser *refuser = refuser_start(newsd_port(w->newsd), 0, 9);

    world_use_port(w, refuser_port(refuser));
    world_file(w, "random", 5 * (uint64_t)PAYLOAD_LEN + 7, 1);
    world_file(w, "text", 3 * (uint64_t)PAYLOAD_LEN, 0);
    world_share(w);
    assert_int_equal(refuser_count(refuser), 9);
    world_use_port(w, newsd_port(w->newsd));
    assert_int_equal(world_restore(w, "target", NULL), OK);
    assert_true(world_same(w, "source", "target"));
    refuser_stop(refuser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_small_file, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_empty_things, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_sizes_around_a_block, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_many_small_files, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_links_modes_times, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_zeros_cost_nothing, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(
            test_next_version_posts_only_changes, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_cancel_and_go_on, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_lost_before_confirm, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_progress_within_a_file, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_sent_but_not_published, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_lost_of_an_earlier_run, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(
            test_file_changes_while_it_is_read, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_file_vanishes, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_tiny_files, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_very_long_file, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(test_empty_volume, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(
            test_refused_articles_get_other_ids, world_setup, world_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
