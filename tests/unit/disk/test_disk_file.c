/* Our own small files: replaced as one step, read within limits, locked. */
#include "io/disk/disk_file.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk_fixture.h"

static void folders_are_made_once(void **state)
{
    struct fixture *f = *state;
    struct stat st;

    assert_int_equal(disk_make_dirs(fixture_path(f, "a/b//c/"), 0700), OK);
    assert_int_equal(disk_make_dirs(fixture_path(f, "a/b/c"), 0700), OK);
    assert_int_equal(stat(fixture_path(f, "a/b/c"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    fixture_write(f, "file", "x");
    assert_int_equal(disk_make_dirs(fixture_path(f, "file"), 0700), ERR_NOT_DIRECTORY);
    assert_int_equal(disk_make_dirs(fixture_path(f, "file/d"), 0700), ERR_NOT_DIRECTORY);
    assert_int_equal(disk_make_dirs("/", 0700), OK);
    assert_int_equal(disk_make_dirs("", 0700), ERR_NOT_FOUND);
}

static int entries_in(const char *path)
{
    DIR *dir = opendir(path);
    int count = 0;

    while (dir != NULL && readdir(dir) != NULL) {
        count++;
    }
    (void)closedir(dir);
    return count - 2;
}

static void replacing_is_one_step(void **state)
{
    struct fixture *f = *state;
    struct stat st;

    assert_int_equal(disk_replace(fixture_path(f, "f"), bytes_str("one"), 0600), OK);
    assert_int_equal(disk_replace(fixture_path(f, "f"), bytes_str("two!"), 0644), OK);
    assert_true(fixture_holds(f, "f", "two!"));
    assert_int_equal(stat(fixture_path(f, "f"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    assert_int_equal(mkdir(fixture_path(f, "d"), 0700), 0);
    assert_int_equal(disk_replace(fixture_path(f, "d"), bytes_str("x"), 0600), ERR_IS_DIRECTORY);
    assert_int_equal(disk_replace(fixture_path(f, "no/f"), bytes_str("x"), 0600), ERR_NOT_FOUND);
    assert_int_equal(entries_in(f->dir), 2); /* no temporary file is left */
}

static void slurping_has_a_limit(void **state)
{
    struct fixture *f = *state;
    struct buf out = {0};

    fixture_write(f, "f", "0123456789");
    assert_int_equal(buf_append_str(&out, "before:"), OK);
    assert_int_equal(disk_slurp(fixture_path(f, "f"), 9, &out), ERR_LIMIT);
    assert_int_equal(out.len, 7);
    assert_int_equal(disk_slurp(fixture_path(f, "f"), 10, &out), OK);
    assert_true(bytes_equal(buf_view(&out), bytes_str("before:0123456789")));
    assert_int_equal(disk_slurp(fixture_path(f, "no"), 10, &out), ERR_NOT_FOUND);
    assert_int_equal(disk_slurp(f->dir, 10, &out), ERR_IS_DIRECTORY);
    buf_clear(&out);
}

static long expected_holder;

static int second_daemon(struct fixture *f)
{
    struct disk_lock *lock = NULL;
    long holder = -1;
    enum err err = disk_lock(fixture_path(f, "lock"), &lock, &holder);

    if (expected_holder == 0) { /* it is free again */
        return err != OK;
    }
    return err != ERR_LOCKED || holder != expected_holder || lock != NULL;
}

static void one_daemon_at_a_time(void **state)
{
    struct fixture *f = *state;
    struct disk_lock *lock = NULL;
    long holder;

    fixture_write(f, "lock", "99999999 longer than any pid we write\n"); /* a dead one's */
    assert_int_equal(disk_lock(fixture_path(f, "lock"), &lock, &holder), OK);
    expected_holder = (long)getpid();
    assert_int_equal(fixture_in_child(f, second_daemon), 0);
    disk_unlock(lock);
    expected_holder = 0;
    assert_int_equal(fixture_in_child(f, second_daemon), 0);
    disk_unlock(NULL);
    assert_int_equal(disk_lock(fixture_path(f, "no/lock"), &lock, &holder), ERR_NOT_FOUND);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(folders_are_made_once),
        TEST(replacing_is_one_step),
        TEST(slurping_has_a_limit),
        TEST(one_daemon_at_a_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
