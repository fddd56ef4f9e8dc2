/* What file systems have beside names and bytes: files with several names, holes. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "world.h"

#include "base/ids.h"

static int setup(void **state)
{
    struct world *w = malloc(sizeof(*w));

    assert_non_null(w);
    world_open(w);
    world_make_share(w);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}

static const char *at(struct world *w, const char *name)
{
    static char buffers[4][2 * WORLD_PATH_MAX];
    static unsigned next;
    char *path = buffers[next++ % 4];

    (void)snprintf(path, sizeof(buffers[0]), "%s/%s", w->dir, name);
    return path;
}

static void look(struct world *w, const char *name, struct stat *st)
{
    if (lstat(at(w, name), st) != 0) {
        fail_msg("no %s", name);
    }
}

static bool same_file(struct world *w, const char *a, const char *b)
{
    struct stat x, y;

    look(w, a, &x);
    look(w, b, &y);
    return x.st_ino == y.st_ino;
}

static void name_again(struct world *w, const char *name, const char *other)
{
    assert_int_equal(link(at(w, name), at(w, other)), 0);
}

static void publish_again(struct world *w, const char *target)
{
    world_share(w);
    if (world_restore(w, target, NULL) != OK) {
        fail_msg("restore: %s: %s; %s", err_name(w->err), w->text, w->last_event);
    }
    assert_true(world_same(w, "source", target));
}

/* --- files with several names ------------------------------------------------------------------
 */

/* `len` says whether the file rides in the head, fits a pack, or has segments of its own. */
static void several_names(struct world *w, uint64_t len)
{
    world_file(w, "a", len, 1);
    world_file(w, "single", len, 2);
    world_file(w, "sub/x", 10, 3);
    name_again(w, "source/a", "source/b");
    name_again(w, "source/a", "source/sub/c");
    publish_again(w, "target");
    assert_true(same_file(w, "target/a", "target/b"));
    assert_true(same_file(w, "target/a", "target/sub/c"));
    assert_false(same_file(w, "target/a", "target/single"));
    assert_int_equal(w->published.bytes, 2 * len + 10); /* its bytes count once */
    assert_int_equal(w->published.files, 5);
}

static void test_names_in_the_head(void **state)
{
    several_names(*state, 1000);
}

static void test_names_of_a_large_file(void **state)
{
    struct world *w = *state;

    several_names(w, 3 * (uint64_t)PAYLOAD_LEN + 7);
    assert_true(w->published.bytes_posted < 25 * (uint64_t)PAYLOAD_LEN); /* not twice more */
}

/* Folders beside each other, met in an order that is not that of their numbers. */
static void test_names_across_folders(void **state)
{
    struct world *w = *state;

    world_file(w, "a/deep/one", 300, 1);
    world_file(w, "m/two", 2 * (uint64_t)PAYLOAD_LEN, 2);
    world_file(w, "a/x", 5, 3);
    name_again(w, "source/a/deep/one", "source/m/one");
    name_again(w, "source/a/deep/one", "source/m/uno");
    name_again(w, "source/m/two", "source/a/deep/two");
    name_again(w, "source/m/two", "source/a/two");
    name_again(w, "source/m/two", "source/two");
    publish_again(w, "target");
    assert_true(same_file(w, "target/m/one", "target/a/deep/one"));
    assert_true(same_file(w, "target/m/one", "target/m/uno"));
    assert_true(same_file(w, "target/m/two", "target/a/deep/two"));
    assert_true(same_file(w, "target/m/two", "target/a/two"));
    assert_true(same_file(w, "target/m/two", "target/two"));
    assert_int_equal(world_restore(w, "part", "a"), OK); /* the first name is not asked for */
    assert_true(same_file(w, "part/a/two", "part/a/deep/two"));
}

/* The first name goes between two versions: the next one has the bytes. */
static void test_the_first_name_goes(void **state)
{
    struct world *w = *state;

    several_names(w, 600000);
    assert_int_equal(unlink(at(w, "source/a")), 0);
    publish_again(w, "second");
    assert_true(same_file(w, "second/b", "second/sub/c"));
    assert_int_equal(w->published.files, 4);
    assert_int_equal(unlink(at(w, "source/b")), 0);
    publish_again(w, "third");
    assert_int_equal(w->published.files, 3);
}

/* It goes after the scan, when the others were not planned to be read. */
static void test_the_first_name_vanishes(void **state)
{
    struct world *w = *state;

    world_file(w, "a", 500000, 1);
    name_again(w, "source/a", "source/b");
    name_again(w, "source/a", "source/c");
    world_file(w, "z", 700000, 2);
    assert_int_equal(world_scan(w), OK);
    assert_int_equal(unlink(at(w, "source/a")), 0);
    assert_int_equal(unlink(at(w, "source/b")), 0);
    assert_int_equal(world_publish(w), OK);
    assert_int_equal(w->published.skipped, 2);
    assert_int_equal(world_restore(w, "target", NULL), OK);
    assert_true(world_same(w, "source", "target"));
}

/* It is another file by the time it is read: the others are not links to that. */
static void test_the_first_name_is_replaced(void **state)
{
    struct world *w = *state;

    world_file(w, "a", 500000, 1);
    name_again(w, "source/a", "source/b");
    name_again(w, "source/a", "source/c");
    assert_int_equal(world_scan(w), OK);
    assert_int_equal(unlink(at(w, "source/a")), 0);
    world_file(w, "a", 400000, 5);
    assert_int_equal(world_publish(w), OK);
    assert_int_equal(w->published.skipped, 0);
    assert_int_equal(world_restore(w, "target", NULL), OK);
    assert_true(world_same(w, "source", "target"));
    assert_true(same_file(w, "target/b", "target/c"));
    assert_false(same_file(w, "target/a", "target/b"));
}

/* --- holes -------------------------------------------------------------------------------------
 */

enum { SPARSE_BLOCKS = 400 };

/* Bytes at the front, in the middle and at the very end of much nothing. */
static void make_sparse(struct world *w, const char *name)
{
    static const uint64_t places[] = {
        0, (uint64_t)PAYLOAD_LEN * 99 + 12345, (uint64_t)PAYLOAD_LEN * SPARSE_BLOCKS + 77};
    int fd = open(at(w, name), O_WRONLY | O_CREAT | O_EXCL, 0644);

    assert_true(fd >= 0);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        assert_int_equal(pwrite(fd, "some bytes", 10, (off_t)places[i]), 10);
    }
    assert_int_equal(close(fd), 0);
}

static void test_holes_stay_holes(void **state)
{
    struct world *w = *state;
    struct stat st;
    int fd;

    make_sparse(w, "source/sparse");
    fd = open(at(w, "source/nothing"), O_WRONLY | O_CREAT | O_EXCL, 0644);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 100LL * PAYLOAD_LEN + 5), 0);
    assert_int_equal(close(fd), 0);
    publish_again(w, "target");
    look(w, "target/sparse", &st);
    assert_int_equal(st.st_size, (uint64_t)PAYLOAD_LEN * SPARSE_BLOCKS + 87);
    assert_true(st.st_blocks * 512 <= 4 * (int64_t)PAYLOAD_LEN);
    look(w, "target/nothing", &st);
    assert_int_equal(st.st_blocks, 0);
    assert_true(w->published.articles < 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names_in_the_head, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_of_a_large_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_across_folders, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_first_name_goes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_first_name_vanishes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_first_name_is_replaced, setup, teardown),
        cmocka_unit_test_setup_teardown(test_holes_stay_holes, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
