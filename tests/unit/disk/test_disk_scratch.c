/* Files without a name: they hold bytes, show nowhere, and take no more room than there is. */
#include "io/disk/disk_scratch.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "disk_fixture.h"

#define MIB ((uint64_t)1 << 20)

static struct disk_scratch *make(struct fixture *f, const char *name, uint64_t size)
{
    struct disk_scratch_want want = {.folder = bytes_str(fixture_path(f, name)), .size = size};
    struct disk_scratch *s = NULL;

    assert_int_equal(disk_scratch_new(&want, &s), OK);
    return s;
}

static size_t entries(const char *path)
{
    DIR *dir = opendir(path);
    size_t count = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL) {
        count++;
    }
    closedir(dir);
    return count - 2;
}

static void test_holds_bytes(void **state)
{
    struct disk_scratch *s = make(*state, ".", MIB);
    char got[8] = "";

    assert_int_equal(disk_scratch_write(s, 3 * MIB, bytes_str("beyond")), OK);
    assert_int_equal(disk_scratch_write(s, 1, bytes_str("inside")), OK);
    assert_int_equal(disk_scratch_read(s, 3 * MIB, got, 6), OK);
    assert_string_equal(got, "beyond");
    assert_int_equal(disk_scratch_read(s, 1, got, 6), OK);
    assert_string_equal(got, "inside");
    assert_int_equal(disk_scratch_read(s, 3 * MIB + 3, got, 6), ERR_DISK_IO);
    disk_scratch_drop(s);
}

static void test_shows_nowhere(void **state)
{
    struct fixture *f = *state;
    struct disk_scratch *s = make(f, ".", MIB);

    assert_int_equal(disk_scratch_write(s, 0, bytes_str("here")), OK);
    assert_int_equal(entries(f->dir), 0);
    disk_scratch_drop(disk_scratch_keep(s));
    assert_int_equal(disk_scratch_write(s, 0, bytes_str("still here")), OK);
    disk_scratch_drop(s);
    disk_scratch_drop(NULL);
}

/* Where the folder is not there yet, the nearest one will do: nothing is made. */
static void test_nearest_folder(void **state)
{
    struct fixture *f = *state;

    fixture_write(f, "file", "x");
    disk_scratch_drop(make(f, "not/there", 0));
    disk_scratch_drop(make(f, "file/below", 0));
    disk_scratch_drop(make(f, "not/there/either/", 0));
    assert_int_equal(entries(f->dir), 1);
}

static void test_wrong_paths(void **state)
{
    static const char *const paths[] = {"relative", "", "/proc"};

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct disk_scratch_want want = {.folder = bytes_str(paths[i])};
        struct disk_scratch *s = NULL;

        assert_int_not_equal(disk_scratch_new(&want, &s), OK);
        assert_null(s);
    }
}

/* More than there is: seen at once, and the disk is not filled for it. What others on the same file
 * system need counts as well, what others elsewhere need does not. */
static void test_too_much(void **state)
{
    struct fixture *f = *state;
    struct disk_scratch_want want = {.folder = bytes_str(f->dir), .size = MIB};
    struct disk_scratch *s = NULL;
    struct statvfs st;
    uint64_t all;

    assert_int_equal(statvfs(f->dir, &st), 0);
    all = (st.f_blocks + 1) * st.f_frsize;
    want.size = all;
    assert_int_equal(disk_scratch_new(&want, &s), ERR_DISK_FULL);
    want.size = UINT64_MAX;
    assert_int_equal(disk_scratch_new(&want, &s), ERR_FILE_TOO_LARGE);
    want.size = MIB;
    want.leave = all;
    want.beside = bytes_str(fixture_path(f, "not/there/yet"));
    assert_int_equal(disk_scratch_new(&want, &s), ERR_DISK_FULL);
    assert_null(s);
    want.beside = bytes_str("/proc");
    assert_int_equal(disk_scratch_new(&want, &s), OK);
    disk_scratch_drop(s);
}

/* What is forgotten reads as zeros, where the file system can forget; the rest stays. */
static void test_forget(void **state)
{
    struct disk_scratch *s = make(*state, ".", 3 * MIB);
    char got[8] = "";
    enum err err;

    assert_int_equal(disk_scratch_write(s, MIB, bytes_str("gone")), OK);
    assert_int_equal(disk_scratch_write(s, 2 * MIB, bytes_str("kept")), OK);
    err = disk_scratch_forget(s, MIB, MIB);
    assert_int_equal(disk_scratch_read(s, MIB, got, 4), OK);
    assert_memory_equal(got, err == OK ? "\0\0\0\0" : "gone", 4);
    assert_int_equal(disk_scratch_read(s, 2 * MIB, got, 4), OK);
    assert_memory_equal(got, "kept", 4);
    disk_scratch_drop(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_holds_bytes, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_shows_nowhere, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_nearest_folder, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_wrong_paths, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_too_much, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_forget, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
