/* The next version of a share: it sends only what is new. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "world.h"

#include "base/ids.h"
#include "flow/publish/parity_count.h"

/* Articles of a volume that needs but one, for data or for pages. */
#define ONE_SEGMENT (1 + parity_count(STORE_VOLUME_META, 1, 0))

/* The same bytes under other names, and bytes that were only partly changed, cost what is new. */
static void test_known_bytes_are_not_sent_again(void **state)
{
    struct world *w = *state;
    char from[1024], to[1024];
    FILE *file;

    world_file(w, "big", 6 * (uint64_t)PAYLOAD_LEN + 1000, 1);
    world_file(w, "text", 3 * (uint64_t)PAYLOAD_LEN, 0);
    world_file(w, "small", 5000, 2);
    world_share(w);
    assert_true(w->published.articles >= 7 + 6);
    (void)snprintf(from, sizeof(from), "%s/big", w->source);
    (void)snprintf(to, sizeof(to), "%s/moved", w->source);
    assert_int_equal(rename(from, to), 0);
    world_file(w, "copy of small", 5000, 2);
    world_file(w, "copy of text", 3 * (uint64_t)PAYLOAD_LEN, 0);
    world_share(w);
    assert_int_equal(w->published.version, 2);
    assert_int_equal(w->published.articles, 3); /* the head, whose day's places are taken */
    file = fopen(to, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 2 * (long)PAYLOAD_LEN + 5, SEEK_SET), 0);
    assert_int_equal(fputs("in the middle of the third block", file) >= 0, 1);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    assert_int_equal(fputs("at the end", file) >= 0, 1);
    assert_int_equal(fclose(file), 0);
    world_share(w);
    assert_true(w->published.articles <=
                6 + 2 + parity_count(STORE_VOLUME_DATA, 2, 0)); /* the block, the tail's pack */
    assert_int_equal(world_restore(w, "target", NULL), OK);
    assert_int_equal(w->restored.version, 3);
    assert_true(world_same(w, "source", "target"));
}

static void test_nothing_new_is_no_version(void **state)
{
    struct world *w = *state;
    char path[1024];

    world_file(w, "a", 2 * (uint64_t)PAYLOAD_LEN, 1);
    world_file(w, "b", 100, 2);
    world_share(w);
    world_restart(w);
    world_share(w);
    assert_true(w->published.unchanged);
    assert_int_equal(w->published.version, 1);
    assert_int_equal(w->published.articles, 0);
    (void)snprintf(path, sizeof(path), "%s/b", w->source);
    assert_int_equal(chmod(path, 0600), 0); /* no byte is new, but something is */
    world_share(w);
    assert_false(w->published.unchanged);
    assert_int_equal(w->published.version, 2);
    assert_int_equal(world_restore(w, "target", NULL), OK);
    assert_true(world_same(w, "source", "target"));
}

/* A listing that is too long for the head: the next version writes only its changed pages. */
static void test_listing_is_copied_on_write(void **state)
{
    struct world *w = *state;
    char name[64];
    uint64_t first;

    for (unsigned i = 0; i < 16000; i++) {
        (void)snprintf(
            name, sizeof(name), "folder%03u/a file with quite a long name %u", i / 200, i);
        world_file(w, name, i % 3 == 0 ? 30 : 0, i + 1);
    }
    world_share(w);
    first = w->published.articles;
    for (unsigned version = 2; version <= 4; version++) {
        (void)snprintf(name, sizeof(name), "folder%03u/new", version * 17);
        world_file(w, name, 300000, version);
        world_restart(w);
        world_share(w);
        assert_int_equal(w->published.version, version);
        assert_true(w->published.articles <= 6 + 2 * ONE_SEGMENT); /* head, listing, data */
        assert_true(w->published.articles <= first);
        world_share(w);
        assert_true(w->published.unchanged);
        assert_int_equal(w->published.articles, 0);
    }
    /* A part is enough: its pages lie in the volumes of several versions. */
    assert_int_equal(world_restore(w, "part", "folder068"), OK);
    assert_int_equal(w->restored.version, 4);
    assert_int_equal(w->restored.files, 201);
    assert_int_equal(world_restore(w, "one", "folder034/new"), OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_known_bytes_are_not_sent_again, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(
            test_nothing_new_is_no_version, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(
            test_listing_is_copied_on_write, world_setup, world_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
