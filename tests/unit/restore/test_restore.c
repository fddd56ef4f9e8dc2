/* Whole shares through a real connection: what comes out is what went in, to the byte and the
 * nanosecond. */
#include "flow/restore/restore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "restore_rig.h"

static int setup(void **state)
{
    struct rig *rig = malloc(sizeof(*rig));

    assert_non_null(rig);
    rig_init(rig);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    rig_clear(*state);
    free(*state);
    return 0;
}

static void one_inline_file(void **state)
{
    struct rig *rig = *state;

    maker_inline_file(rig->maker, MAKER_TOP, "hello.txt", bytes_str("hello, world\n"));
    maker_publish(rig->maker);
    assert_int_equal(rig_restore(rig, NULL), OK);
    rig_assert_file(rig, "hello.txt", bytes_str("hello, world\n"), 0640);
    rig_assert_folder(rig, "", 0750);
    assert_int_equal(rig->result.files, 1);
    assert_int_equal(rig->result.bytes, 13);
    assert_int_equal(rig->result.version, 1);
    assert_int_equal(rig->bytes_done, 13);
    assert_string_equal(rig->events, "");
}

static void an_empty_share(void **state)
{
    struct rig *rig = *state;

    maker_publish(rig->maker);
    assert_int_equal(rig_restore(rig, NULL), OK);
    rig_assert_folder(rig, "", 0750);
    assert_int_equal(rig_count(rig), 0);
}

/* Many files of all the small sizes, cut where packs end; each segment is fetched once. */
static void small_files_in_packs(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;
    struct buf data[300];
    uint64_t folder = maker_folder(m, MAKER_TOP, "many", 0755);
    char name[32];

    m->tables = MAKER_META;
    for (size_t i = 0; i < 300; i++) {
        data[i] = rig_noise(i * 37 % 16000, (uint32_t)i);
        (void)snprintf(name, sizeof(name), "f%03zu", i);
        maker_file(m, folder, name, buf_view(&data[i]), MAKER_PLAIN);
    }
    maker_publish(m);
    assert_true(m->data.count >= 3);
    assert_int_equal(rig_restore(rig, NULL), OK);
    for (size_t i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof(name), "many/f%03zu", i);
        rig_assert_file(rig, name, buf_view(&data[i]), 0640);
        buf_clear(&data[i]);
    }
    for (uint32_t i = 0; i < m->data.count; i++) {
        assert_int_equal(server_asked(&rig->server, m->data.ids[i]), 1);
    }
    assert_int_equal(rig->result.files, 300);
    assert_int_equal(rig->result.directories, 1);
    rig_assert_folder(rig, "many", 0755);
}

/* Raw blocks, tails, frames, holes, a renamed article and an attempt other than 0, with a window
 * so small that nearly everything waits. */
static void big_files_of_every_kind(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;
    struct buf raw = rig_noise(9 * (size_t)PAYLOAD_LEN + 4321, 1);
    struct buf text = {0};
    struct buf holes = rig_noise(4 * (size_t)PAYLOAD_LEN + 99, 2);
    struct buf exact = rig_noise(2 * (size_t)PAYLOAD_LEN, 3);
    struct buf zeros = {0};

    for (int i = 0; text.len < 3 * (size_t)PAYLOAD_LEN + 1000; i++) {
        assert_int_equal(buf_printf(&text, "line %d of a text that shrinks, %x\n", i, i * 77), OK);
    }
    memset(holes.ptr + PAYLOAD_LEN, 0, 2 * (size_t)PAYLOAD_LEN);
    assert_int_equal(buf_resize(&zeros, 3 * (size_t)PAYLOAD_LEN + 5), OK);
    memset(zeros.ptr, 0, zeros.len);
    m->second_try = 4;
    m->tables = MAKER_META;
    maker_file(m, MAKER_TOP, "raw", buf_view(&raw), MAKER_PLAIN);
    maker_file(m, MAKER_TOP, "text", buf_view(&text), MAKER_ZSTD);
    maker_file(m, MAKER_TOP, "holes", buf_view(&holes), MAKER_PLAIN);
    maker_file(m, MAKER_TOP, "exact", buf_view(&exact), MAKER_PLAIN);
    maker_file(m, MAKER_TOP, "zeros", buf_view(&zeros), MAKER_PLAIN);
    maker_file(m, MAKER_TOP, "empty", bytes_str(""), MAKER_PLAIN);
    maker_publish(m);
    rig->window_bytes = 4 * (size_t)SEGMENT_LEN;
    assert_int_equal(rig_restore(rig, NULL), OK);
    rig_assert_file(rig, "raw", buf_view(&raw), 0640);
    rig_assert_file(rig, "text", buf_view(&text), 0640);
    rig_assert_file(rig, "holes", buf_view(&holes), 0640);
    rig_assert_file(rig, "exact", buf_view(&exact), 0640);
    rig_assert_file(rig, "zeros", buf_view(&zeros), 0640);
    rig_assert_file(rig, "empty", bytes_str(""), 0640);
    assert_int_equal(rig->bytes_done, m->head.bytes);
    assert_int_equal(server_asked(&rig->server, "<renamed@by.server>"), 1);
    buf_clear(&raw);
    buf_clear(&text);
    buf_clear(&holes);
    buf_clear(&exact);
    buf_clear(&zeros);
}

/* Holes are not written: the file takes no blocks of the disk. */
static void holes_stay_holes(void **state)
{
    struct rig *rig = *state;
    struct buf zeros = {0};
    struct stat st;
    char path[128];

    assert_int_equal(buf_resize(&zeros, 8 * (size_t)PAYLOAD_LEN), OK);
    memset(zeros.ptr, 0, zeros.len);
    maker_file(rig->maker, MAKER_TOP, "sparse", buf_view(&zeros), MAKER_PLAIN);
    maker_publish(rig->maker);
    assert_int_equal(rig_restore(rig, NULL), OK);
    (void)snprintf(path, sizeof(path), "%s/sparse", rig->target);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, zeros.len);
    assert_true(st.st_blocks < 64);
    buf_clear(&zeros);
}

/* The tree of the tests on sub-folders. */
static void make_house(struct maker *m)
{
    uint64_t a = maker_folder(m, MAKER_TOP, "a", 0711);
    uint64_t b = maker_folder(m, a, "b", 0500);
    uint64_t c = maker_folder(m, b, "c", 0700);

    maker_folder(m, MAKER_TOP, "hollow", 0555);
    maker_file(m, MAKER_TOP, "top", bytes_str("top"), MAKER_PLAIN);
    maker_file(m, a, "one", bytes_str("one"), MAKER_PLAIN);
    maker_file(m, b, "two", bytes_str("two two"), MAKER_PLAIN);
    maker_file(m, c, "three", bytes_str("three three three"), MAKER_PLAIN);
    maker_symlink(m, b, "away", "../../../../etc/passwd");
    maker_symlink(m, c, "abs", "/nowhere/at all");
    maker_hard_link(m, c, "two-again", b, "two");
    maker_publish(m);
}

static void folders_links_and_times(void **state)
{
    struct rig *rig = *state;
    struct stat first, second;
    char path[128];

    make_house(rig->maker);
    assert_int_equal(rig_restore(rig, NULL), OK);
    rig_assert_folder(rig, "a", 0711);
    rig_assert_folder(rig, "a/b", 0500);
    rig_assert_folder(rig, "a/b/c", 0700);
    rig_assert_folder(rig, "hollow", 0555);
    rig_assert_file(rig, "top", bytes_str("top"), 0640);
    rig_assert_file(rig, "a/b/c/three", bytes_str("three three three"), 0640);
    rig_assert_symlink(rig, "a/b/away", "../../../../etc/passwd");
    rig_assert_symlink(rig, "a/b/c/abs", "/nowhere/at all");
    rig_assert_file(rig, "a/b/c/two-again", bytes_str("two two"), 0640);
    assert_int_equal(rig->result.directories, 4);
    assert_int_equal(rig->result.symlinks, 2);
    assert_int_equal(rig->result.files, 5);
    /* "c" comes before "two" in the walk, so the second name became a file of its own */
    (void)snprintf(path, sizeof(path), "%s/a/b/two", rig->target);
    assert_int_equal(stat(path, &first), 0);
    (void)snprintf(path, sizeof(path), "%s/a/b/c/two-again", rig->target);
    assert_int_equal(stat(path, &second), 0);
    assert_int_equal(first.st_size, second.st_size);
}

/* A second name that comes after the first in the same folder is a hard link. */
static void a_hard_link(void **state)
{
    struct rig *rig = *state;
    struct stat first, second;
    char path[128];

    maker_file(rig->maker, MAKER_TOP, "first", bytes_str("contents"), MAKER_PLAIN);
    maker_hard_link(rig->maker, MAKER_TOP, "second", MAKER_TOP, "first");
    maker_publish(rig->maker);
    assert_int_equal(rig_restore(rig, NULL), OK);
    (void)snprintf(path, sizeof(path), "%s/first", rig->target);
    assert_int_equal(stat(path, &first), 0);
    (void)snprintf(path, sizeof(path), "%s/second", rig->target);
    assert_int_equal(stat(path, &second), 0);
    assert_int_equal(first.st_ino, second.st_ino);
}

static void only_a_folder(void **state)
{
    struct rig *rig = *state;
    const char *only[] = {"/a/b/", "a/b/c/three", NULL};

    make_house(rig->maker);
    assert_int_equal(rig_restore(rig, only), OK);
    rig_assert_folder(rig, "a", 0711);
    rig_assert_folder(rig, "a/b", 0500);
    rig_assert_file(rig, "a/b/two", bytes_str("two two"), 0640);
    rig_assert_file(rig, "a/b/c/three", bytes_str("three three three"), 0640);
    rig_assert_absent(rig, "a/one");
    rig_assert_absent(rig, "top");
    assert_int_equal(rig->result.files, 3);
}

static void only_some_entries(void **state)
{
    struct rig *rig = *state;
    const char *only[] = {"a/b/two", "a/b/away", "top", "hollow", "a/b/c/two-again", NULL};

    make_house(rig->maker);
    assert_int_equal(rig_restore(rig, only), OK);
    rig_assert_file(rig, "a/b/two", bytes_str("two two"), 0640);
    rig_assert_file(rig, "top", bytes_str("top"), 0640);
    rig_assert_symlink(rig, "a/b/away", "../../../../etc/passwd");
    rig_assert_file(rig, "a/b/c/two-again", bytes_str("two two"), 0640);
    rig_assert_folder(rig, "a", 0711);
    rig_assert_folder(rig, "a/b", 0500);
    rig_assert_folder(rig, "hollow", 0555);
    rig_assert_absent(rig, "a/one");
    assert_int_equal(rig_count(rig), 8);
}

static void only_what_is_not_there(void **state)
{
    static const char *const paths[] = {"b", "a/b/two/x", "a//x", "topp", "a/b/c/abs/x"};
    struct rig *rig = *state;

    make_house(rig->maker);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const char *only[] = {"top", paths[i], NULL};

        assert_int_equal(rig_restore(rig, only), ERR_PATH_NOT_IN_SHARE);
        rig_assert_absent(rig, "");
    }
}

/* The tree lies in a meta volume of an earlier version. */
static void an_older_meta_volume(void **state)
{
    struct rig *rig = *state;

    rig->maker->tables = MAKER_OLDER;
    make_house(rig->maker);
    assert_true(rig->maker->head.older.length > 0);
    assert_int_equal(rig_restore(rig, NULL), OK);
    rig_assert_file(rig, "a/b/c/three", bytes_str("three three three"), 0640);
}

/* The tree in meta volumes, long lists of extents in objects of their own. */
static void long_extent_lists(void **state)
{
    struct rig *rig = *state;
    struct maker *m = rig->maker;
    struct buf data = {0};

    m->tables = MAKER_META;
    assert_int_equal(buf_resize(&data, 130 * (size_t)PAYLOAD_LEN + 17), OK);
    for (size_t i = 0; i < data.len; i++) {
        data.ptr[i] = (uint8_t)(i / PAYLOAD_LEN + (i % 97 == 0));
    }
    maker_file(m, MAKER_TOP, "long", buf_view(&data), MAKER_ZSTD);
    maker_publish(m);
    assert_int_equal(rig_restore(rig, NULL), OK);
    rig_assert_file(rig, "long", buf_view(&data), 0640);
    buf_clear(&data);
}

static void target_not_empty(void **state)
{
    struct rig *rig = *state;
    char path[128];
    FILE *out;

    make_house(rig->maker);
    assert_int_equal(mkdir(rig->target, 0700), 0);
    (void)snprintf(path, sizeof(path), "%s/top", rig->target);
    out = fopen(path, "w");
    assert_non_null(out);
    fputs("mine", out);
    fclose(out);
    assert_int_equal(rig_restore(rig, NULL), ERR_NOT_EMPTY);
    assert_int_equal(rig_count(rig), 1);

    rig->conflict = RESTORE_KEEP_EXISTING;
    assert_int_equal(rig_restore(rig, NULL), OK);
    assert_int_equal(rig->result.kept_files, 1);
    rig_assert_file(rig, "a/one", bytes_str("one"), 0640);
    out = fopen(path, "r");
    assert_non_null(out);
    assert_int_equal(fgetc(out), 'm');
    fclose(out);
}

static void target_is_a_file(void **state)
{
    struct rig *rig = *state;
    FILE *out = fopen(rig->target, "w");

    assert_non_null(out);
    fclose(out);
    make_house(rig->maker);
    assert_int_equal(rig_restore(rig, NULL), ERR_NOT_DIRECTORY);
}

/* A hole needs no space. Where the file system has no files of that size, it is this entry's loss
 * alone. */
static void a_hole_larger_than_any_file(void **state)
{
    struct rig *rig = *state;
    struct extent e = {.kind = EXTENT_HOLE, .plain_len = PAYLOAD_LEN * (1ULL << 42)};
    struct extent_writer run = {0};
    struct record record = {.type = RECORD_FILE, .mode = 0600, .size = e.plain_len};

    assert_int_equal(extent_writer_put(&run, &e), OK);
    record.extents = buf_view(&run.out);
    maker_record(rig->maker, MAKER_TOP, "huge", &record);
    maker_inline_file(rig->maker, MAKER_TOP, "small", bytes_str("small"));
    rig->maker->head.files++;
    rig->maker->head.bytes += record.size;
    maker_publish(rig->maker);
    if (rig_restore(rig, NULL) != OK) { /* some file systems have them */
        assert_int_equal(rig->err, ERR_IN_THE_WAY);
        assert_int_equal(rig->result.blocked_entries, 1);
        assert_non_null(strstr(rig->events, "huge: "));
        rig_assert_absent(rig, "huge");
    }
    rig_assert_file(rig, "small", bytes_str("small"), 0640);
    rig_assert_tidy(rig);
    buf_clear(&run.out);
}

/* More bytes than the disk has: nothing is begun. */
static void too_big_for_the_disk(void **state)
{
    struct rig *rig = *state;
    struct extent e = {
        .kind = EXTENT_RAW, .plain_len = 4000 * (uint64_t)PAYLOAD_LEN, .volume = 1, .blocks = 4000};
    struct extent_writer run = {0};
    struct record record = {.type = RECORD_FILE, .mode = 0600};
    char name[16];

    while (run.out.len < EXTENTS_INLINE_MAX - 12) {
        assert_int_equal(extent_writer_put(&run, &e), OK);
        record.size += e.plain_len;
    }
    record.extents = buf_view(&run.out);
    maker_inline_file(rig->maker, MAKER_TOP, "a", bytes_str("a"));
    for (int i = 0; i < 500; i++) { /* 200 TB */
        (void)snprintf(name, sizeof(name), "huge%d", i);
        maker_record(rig->maker, MAKER_TOP, name, &record);
        rig->maker->head.files++;
        rig->maker->head.bytes += record.size;
    }
    maker_publish(rig->maker);
    assert_int_equal(rig_restore(rig, NULL), ERR_DISK_FULL);
    assert_int_equal(rig_count(rig), 0);
    buf_clear(&run.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_inline_file, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_share, setup, teardown),
        cmocka_unit_test_setup_teardown(small_files_in_packs, setup, teardown),
        cmocka_unit_test_setup_teardown(big_files_of_every_kind, setup, teardown),
        cmocka_unit_test_setup_teardown(holes_stay_holes, setup, teardown),
        cmocka_unit_test_setup_teardown(folders_links_and_times, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hard_link, setup, teardown),
        cmocka_unit_test_setup_teardown(only_a_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(only_some_entries, setup, teardown),
        cmocka_unit_test_setup_teardown(only_what_is_not_there, setup, teardown),
        cmocka_unit_test_setup_teardown(an_older_meta_volume, setup, teardown),
        cmocka_unit_test_setup_teardown(long_extent_lists, setup, teardown),
        cmocka_unit_test_setup_teardown(target_not_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(target_is_a_file, setup, teardown),
        cmocka_unit_test_setup_teardown(a_hole_larger_than_any_file, setup, teardown),
        cmocka_unit_test_setup_teardown(too_big_for_the_disk, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
