/* A second run over a root: what is tidied and what is not, replacing names, reading back, notes.
 */
#include "io/disk/disk_again.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk_fixture.h"

static struct disk_root *open_root(struct fixture *f)
{
    struct disk_root *root = NULL;

    assert_int_equal(disk_root_open(bytes_str(fixture_path(f, "root")), &root), OK);
    return root;
}

static int is_there(struct fixture *f, const char *name)
{
    struct stat st;

    return lstat(fixture_path(f, name), &st) == 0;
}

/* --- temporary names --- */

struct name_row {
    const char *name;
    int ours;
};

static const struct name_row names[] = {
    {".usenetsync-abcdefghijklmnop", 1},
    {".usenetsync-234567qrstuvwxyz", 1},
    {".usenetsync-abcdefghijklmno", 0},
    {".usenetsync-abcdefghijklmnopq", 0},
    {".usenetsync-abcdefghijklmno1", 0},
    {".usenetsync-abcdefghijklmno8", 0},
    {".usenetsync-Abcdefghijklmnop", 0},
    {".usenetsyncXabcdefghijklmnop", 0},
    {".usenetsync-restore", 0},
    {"", 0},
};

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(disk_again_is_temp(bytes_str(names[i].name)), names[i].ours);
    }
}

/* The name of an open temporary file is one of ours, and it is not tidied while it is open. */
static void test_tidy(void **state)
{
    struct fixture *f = *state;
    struct disk_root *root = open_root(f);
    struct disk_out *out = NULL;
    struct disk_stat stat;

    fixture_write(f, "root/.usenetsync-abcdefghijklmnop", "dead");
    fixture_write(f, "root/.usenetsync-abc", "no");
    fixture_write(f, "outside", "no");
    assert_int_equal(mkdir(fixture_path(f, "root/.usenetsync-bbbbbbbbbbbbbbbb"), 0700), 0);
    assert_int_equal(mkfifo(fixture_path(f, "root/.usenetsync-cccccccccccccccc"), 0600), 0);
    assert_int_equal(
        symlink("../outside", fixture_path(f, "root/.usenetsync-dddddddddddddddd")), 0);
    assert_int_equal(disk_out_open(root, bytes_str("alive"), 3, &out), OK);
    assert_int_equal(disk_again_tidy(root, bytes_str("")), OK);
    assert_false(is_there(f, "root/.usenetsync-abcdefghijklmnop"));
    assert_true(is_there(f, "root/.usenetsync-abc"));
    assert_true(is_there(f, "root/.usenetsync-bbbbbbbbbbbbbbbb"));
    assert_true(is_there(f, "root/.usenetsync-cccccccccccccccc"));
    assert_true(is_there(f, "root/.usenetsync-dddddddddddddddd"));
    assert_true(is_there(f, "outside"));
    assert_int_equal(disk_out_write(out, 0, bytes_str("abc")), OK);
    assert_int_equal(disk_out_commit(out, 0600, 1), OK);
    assert_int_equal(disk_root_stat(root, bytes_str("alive"), &stat), OK);
    assert_int_equal(disk_again_tidy(root, bytes_str("nowhere")), ERR_NOT_FOUND);
    disk_root_free(root);
}

/* --- replacing --- */

static enum err put_over(struct disk_root *root, const char *name)
{
    struct disk_out *out = NULL;

    assert_int_equal(disk_out_open(root, bytes_str(name), 3, &out), OK);
    assert_int_equal(disk_out_write(out, 0, bytes_str("new")), OK);
    return disk_out_commit_over(out, 0600, 5);
}

static void test_over(void **state)
{
    struct fixture *f = *state;
    struct disk_root *root = open_root(f);
    struct stat first, second;

    fixture_write(f, "outside", "old");
    fixture_write(f, "root/file", "old");
    assert_int_equal(symlink("../outside", fixture_path(f, "root/link")), 0);
    assert_int_equal(mkdir(fixture_path(f, "root/folder"), 0700), 0);
    assert_int_equal(put_over(root, "file"), OK);
    assert_int_equal(put_over(root, "link"), OK);
    assert_int_equal(put_over(root, "free"), OK);
    assert_int_equal(put_over(root, "folder"), ERR_IS_DIRECTORY);
    assert_true(fixture_holds(f, "root/file", "new"));
    assert_true(fixture_holds(f, "root/link", "new"));
    assert_true(fixture_holds(f, "outside", "old"));
    assert_int_equal(
        disk_root_symlink_over(root, bytes_str("file"), bytes_str("x"), 1000000000), OK);
    assert_int_equal(
        disk_root_symlink_over(root, bytes_str("file"), bytes_str("x"), 2000000000), OK);
    assert_int_equal(lstat(fixture_path(f, "root/file"), &first), 0);
    assert_true(S_ISLNK(first.st_mode));
    assert_int_equal(first.st_mtim.tv_sec, 2);
    assert_int_equal(
        disk_root_symlink_over(root, bytes_str("folder"), bytes_str("x"), 0), ERR_IS_DIRECTORY);
    assert_int_equal(disk_root_link_over(root, bytes_str("free"), bytes_str("file")), OK);
    assert_int_equal(disk_root_link_over(root, bytes_str("free"), bytes_str("file")), OK);
    assert_int_equal(lstat(fixture_path(f, "root/file"), &first), 0);
    assert_int_equal(lstat(fixture_path(f, "root/free"), &second), 0);
    assert_int_equal(first.st_ino, second.st_ino);
    assert_int_equal(first.st_nlink, 2);
    assert_int_equal(disk_root_link_over(root, bytes_str("folder"), bytes_str("l")), ERR_NOT_FOUND);
    assert_int_equal(disk_root_remove(root, bytes_str("folder")), ERR_IS_DIRECTORY);
    assert_int_equal(disk_root_remove(root, bytes_str("link")), OK);
    assert_int_equal(disk_again_tidy(root, bytes_str("")), OK);
    assert_int_equal(rmdir(fixture_path(f, "root/folder")), 0);
    disk_root_free(root);
}

/* A folder that was finished with a mode that keeps us out. */
static int locked_folder(struct fixture *f)
{
    struct disk_root *root = NULL;
    struct disk_out *out = NULL;
    int bad = disk_root_open(bytes_str(fixture_path(f, "root")), &root) != OK;

    bad |= disk_root_mkdir(root, bytes_str("d")) != OK;
    bad |= disk_root_finish_dir(root, bytes_str("d"), 0, 0) != OK;
    bad |= disk_out_open(root, bytes_str("d/f"), 0, &out) == OK;
    bad |= disk_root_unlock_dir(root, bytes_str("d")) != OK;
    bad |= disk_out_open(root, bytes_str("d/f"), 0, &out) != OK;
    disk_out_abort(out);
    disk_root_free(root);
    return bad;
}

static void test_unlock(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(mkdir(fixture_path(f, "root"), 0777), 0);
    assert_int_equal(chmod(fixture_path(f, "root"), 0777), 0);
    assert_int_equal(fixture_as_nobody(f, locked_folder), 0);
}

/* --- reading back --- */

static void test_read(void **state)
{
    struct fixture *f = *state;
    struct disk_root *root = open_root(f);
    struct disk_stat stat;
    struct disk_in *in = NULL;
    uint8_t got[8];
    uint64_t at;

    fixture_write(f, "root/file", "12345");
    assert_int_equal(truncate(fixture_path(f, "root/file"), 1 << 20), 0);
    assert_int_equal(symlink("file", fixture_path(f, "root/link")), 0);
    assert_int_equal(mkfifo(fixture_path(f, "root/fifo"), 0600), 0);
    assert_int_equal(disk_in_open(root, bytes_str("link"), &stat, &in), ERR_CHANGED);
    assert_int_equal(disk_in_open(root, bytes_str("fifo"), &stat, &in), ERR_CHANGED);
    assert_int_equal(disk_in_open(root, bytes_str("../x"), &stat, &in), ERR_CHANGED);
    assert_int_equal(disk_in_open(root, bytes_str("none"), &stat, &in), ERR_NOT_FOUND);
    assert_int_equal(disk_in_open(root, bytes_str("file"), &stat, &in), OK);
    assert_int_equal(stat.size, 1 << 20);
    assert_int_equal(disk_in_read(in, 3, got, 4), OK);
    assert_memory_equal(got, "45\0\0", 4);
    assert_int_equal(disk_in_read(in, (1 << 20) - 4, got, 5), ERR_CHANGED);
    assert_int_equal(disk_in_next_data(in, 1 << 20, &at), ERR_NOT_FOUND);
    assert_int_equal(disk_in_next_data(in, 2, &at), OK);
    assert_int_equal(at, 2);
    assert_int_equal(disk_in_chmod(in, 06640), OK);
    disk_in_free(in);
    assert_int_equal(disk_root_stat(root, bytes_str("file"), &stat), OK);
    assert_int_equal(stat.mode, 0640);
    disk_root_free(root);
}

/* --- notes --- */

static void test_note(void **state)
{
    struct fixture *f = *state;
    struct disk_root *root = open_root(f);
    struct disk_note *note = NULL, *other = NULL;
    struct buf text = {0};

    assert_int_equal(disk_note_read(root, ".note", &text), ERR_NOT_FOUND);
    assert_int_equal(disk_note_hold(root, ".note", bytes_str("one"), &note), OK);
    assert_int_equal(disk_note_hold(root, ".note", bytes_str("two"), &other), ERR_LOCKED);
    assert_int_equal(disk_note_read(root, ".note", &text), OK);
    assert_true(bytes_equal(buf_view(&text), bytes_str("one")));
    assert_int_equal(disk_note_change(note, bytes_str("TWO")), OK);
    assert_true(fixture_holds(f, "root/.note", "TWO"));
    disk_note_free(note);
    assert_int_equal(disk_note_hold(root, ".note", bytes_str("abc"), &note), OK);
    assert_true(fixture_holds(f, "root/.note", "TWO"));
    assert_int_equal(disk_note_remove(note), OK);
    disk_note_free(note);
    assert_int_equal(disk_root_check_empty(root), OK);
    assert_int_equal(symlink("x", fixture_path(f, "root/.note")), 0);
    assert_int_equal(disk_note_read(root, ".note", &text), ERR_CHANGED);
    assert_int_not_equal(disk_note_hold(root, ".note", bytes_str("abc"), &note), OK);
    assert_false(is_there(f, "root/x"));
    buf_clear(&text);
    disk_root_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test_setup_teardown(test_tidy, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_over, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_unlock, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_read, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_note, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
