/* Writing below a root: the traps an archive can set, names taken, full disks, names of every kind;
 * the same with and without openat2. */
#include "io/disk/disk_write.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk_fixture.h"

static struct disk_root *open_root(struct fixture *f)
{
    struct disk_root *root = NULL;

    assert_int_equal(disk_root_open(bytes_str(fixture_path(f, "root")), &root), OK);
    return root;
}

static enum err write_file(struct disk_root *root, struct bytes path, const char *text)
{
    struct disk_out *out = NULL;
    enum err err = disk_out_open(root, path, strlen(text), &out);

    if (err != OK) {
        return err;
    }
    err = disk_out_write(out, 0, bytes_str(text));
    if (err != OK) {
        disk_out_abort(out);
        return err;
    }
    return disk_out_commit(out, 0644, 1234567890123456789);
}

/* --- traps -------------------------------------------------------------------------------------
 */

struct path_row {
    const char *path;
    size_t len;
    enum err err;
};

/* root/link -> ../outside (a folder), root/file, root/dir, outside/secret */
static const struct path_row traps[] = {
    {"../evil", 7, ERR_UNSAFE_PATH},
    {"dir/../../evil", 14, ERR_UNSAFE_PATH},
    {"/tmp/evil", 9, ERR_UNSAFE_PATH},
    {"/evil", 5, ERR_UNSAFE_PATH},
    {"dir/./evil", 10, ERR_UNSAFE_PATH},
    {"dir//evil", 9, ERR_UNSAFE_PATH},
    {"dir/evil/", 9, ERR_UNSAFE_PATH},
    {"dir/..", 6, ERR_UNSAFE_PATH},
    {".", 1, ERR_UNSAFE_PATH},
    {"..", 2, ERR_UNSAFE_PATH},
    {"", 0, ERR_UNSAFE_PATH},
    {"dir/e\0vil", 9, ERR_UNSAFE_PATH},
    {"d\0r/evil", 8, ERR_UNSAFE_PATH},
    {"link/evil", 9, ERR_UNSAFE_PATH},
    {"dir/link/evil", 13, ERR_UNSAFE_PATH},
    {"file/evil", 9, ERR_NOT_DIRECTORY},
    {"missing/evil", 12, ERR_NOT_FOUND},
    {"link", 4, ERR_EXISTS},
    {"dir", 3, ERR_EXISTS},
    {"file", 4, ERR_EXISTS},
    {"dir/good", 8, OK},
    {"...", 3, OK},
};

static int traps_hold(struct fixture *f)
{
    struct disk_root *root = NULL;
    int bad = 0;

    if (disk_root_open(bytes_str(fixture_path(f, "root")), &root) != OK) {
        return 1;
    }
    for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
        enum err err = write_file(root, bytes_at(traps[i].path, traps[i].len), "evil");

        if (err != traps[i].err) {
            fprintf(
                stderr, "'%s': %s, not %s\n", traps[i].path, err_name(err), err_name(traps[i].err));
            bad = 1;
        }
    }
    bad |= disk_root_mkdir(root, bytes_str("link/sub")) != ERR_UNSAFE_PATH;
    bad |= disk_root_mkdir(root, bytes_str("link")) != ERR_NOT_DIRECTORY;
    bad |= disk_root_finish_dir(root, bytes_str("link"), 0777, 0) != ERR_UNSAFE_PATH;
    bad |= disk_root_symlink(root, bytes_str("link/s"), bytes_str("x"), 0) != ERR_UNSAFE_PATH;
    bad |= disk_root_link(root, bytes_str("link/secret"), bytes_str("mine")) != ERR_UNSAFE_PATH;
    bad |= disk_root_link(root, bytes_str("file"), bytes_str("link/out")) != ERR_UNSAFE_PATH;
    disk_root_free(root);
    return bad;
}

static void set_traps(struct fixture *f)
{
    assert_int_equal(mkdir(fixture_path(f, "root"), 0777), 0);
    assert_int_equal(mkdir(fixture_path(f, "outside"), 0755), 0);
    assert_int_equal(mkdir(fixture_path(f, "root/dir"), 0777), 0);
    fixture_write(f, "root/file", "mine");
    fixture_write(f, "outside/secret", "secret");
    assert_int_equal(symlink("../outside", fixture_path(f, "root/link")), 0);
    assert_int_equal(symlink(fixture_path(f, "outside"), fixture_path(f, "root/dir/link")), 0);
}

static void expect_untouched(struct fixture *f)
{
    assert_int_equal(access(fixture_path(f, "evil"), F_OK), -1);
    assert_int_equal(access(fixture_path(f, "outside/evil"), F_OK), -1);
    assert_int_equal(access(fixture_path(f, "outside/out"), F_OK), -1);
    assert_int_equal(access(fixture_path(f, "root/mine"), F_OK), -1);
    assert_true(fixture_holds(f, "root/file", "mine"));
    assert_true(fixture_holds(f, "root/dir/good", "evil"));
}

static void nothing_leaves_the_root(void **state)
{
    set_traps(*state);
    assert_int_equal(fixture_in_child(*state, traps_hold), 0);
    expect_untouched(*state);
}

static void nothing_leaves_the_root_without_openat2(void **state)
{
    set_traps(*state);
    assert_int_equal(fixture_without_openat2(*state, traps_hold), 0);
    expect_untouched(*state);
}

/* The folder is replaced by a symlink after the file was begun: it lands in the old folder. */
static void a_folder_replaced_meanwhile(void **state)
{
    struct fixture *f = *state;
    struct disk_root *root = open_root(f);
    struct disk_out *out = NULL;

    assert_int_equal(mkdir(fixture_path(f, "elsewhere"), 0777), 0);
    assert_int_equal(disk_root_mkdir(root, bytes_str("d")), OK);
    assert_int_equal(disk_out_open(root, bytes_str("d/f"), 1, &out), OK);
    assert_int_equal(rename(fixture_path(f, "root/d"), fixture_path(f, "root/old")), 0);
    assert_int_equal(symlink("../elsewhere", fixture_path(f, "root/d")), 0);
    assert_int_equal(disk_out_write(out, 0, bytes_str("x")), OK);
    assert_int_equal(disk_out_commit(out, 0644, 0), OK);
    assert_true(fixture_holds(f, "root/old/f", "x"));
    assert_int_equal(access(fixture_path(f, "elsewhere/f"), F_OK), -1);
    assert_int_equal(disk_out_open(root, bytes_str("d/g"), 1, &out), ERR_UNSAFE_PATH);
    disk_root_free(root);
}

/* --- files -------------------------------------------------------------------------------------
 */

struct mtime_row {
    int64_t ns;
    long seconds, nanoseconds;
};

static void mode_and_time_are_exact(void **state)
{
    static const struct mtime_row rows[] = {
        {0, 0, 0},
        {1234567890123456789, 1234567890, 123456789},
        {-1, -1, 999999999},
        {-1000000000, -1, 0},
        {-1500000000, -2, 500000000},
    };
    struct fixture *f = *state;
    struct disk_root *root = open_root(f);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct disk_out *out = NULL;
        struct disk_stat seen;
        struct stat st;

        assert_int_equal(disk_out_open(root, bytes_str("f"), 10, &out), OK);
        assert_int_equal(disk_out_write(out, 8, bytes_str("xy")), OK);
        assert_int_equal(disk_out_commit(out, 07751, rows[i].ns), OK);
        assert_int_equal(stat(fixture_path(f, "root/f"), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0751); /* never setuid */
        assert_int_equal(st.st_size, 10);
        assert_int_equal(st.st_mtim.tv_sec, rows[i].seconds);
        assert_int_equal(st.st_mtim.tv_nsec, rows[i].nanoseconds);
        assert_int_equal(disk_root_stat(root, bytes_str("f"), &seen), OK);
        assert_true(seen.mtime_ns == rows[i].ns);
        assert_int_equal(unlink(fixture_path(f, "root/f")), 0);
    }
    disk_root_free(root);
}

static void a_file_appears_when_complete_and_replaces_nothing(void **state)
{
    struct fixture *f = *state;
    struct disk_root *root = open_root(f);
    struct disk_out *out = NULL;

    assert_int_equal(disk_root_check_empty(root), OK);
    assert_int_equal(disk_out_open(root, bytes_str("f"), 4, &out), OK);
    assert_int_equal(disk_out_write(out, 0, bytes_str("ours")), OK);
    assert_int_equal(access(fixture_path(f, "root/f"), F_OK), -1);
    assert_int_equal(disk_root_check_empty(root), OK); /* our own leftovers do not count */
    fixture_write(f, "root/f", "theirs");
    assert_int_equal(disk_out_commit(out, 0644, 0), ERR_EXISTS);
    assert_true(fixture_holds(f, "root/f", "theirs"));
    assert_int_equal(disk_root_check_empty(root), ERR_NOT_EMPTY);
    assert_int_equal(unlink(fixture_path(f, "root/f")), 0);
    assert_int_equal(rmdir(fixture_path(f, "root")), 0); /* no temporary file is left */
    disk_root_free(root);
    root = open_root(f);
    assert_int_equal(disk_out_open(root, bytes_str("f"), 4, &out), OK);
    disk_out_abort(out);
    disk_out_abort(NULL);
    assert_int_equal(rmdir(fixture_path(f, "root")), 0);
    disk_root_free(root);
}

static void folders_links_and_symlinks(void **state)
{
    struct fixture *f = *state;
    struct disk_root *root = open_root(f);
    struct disk_stat st;
    char target[100] = "";

    assert_int_equal(disk_root_mkdir(root, bytes_str("d")), OK);
    assert_int_equal(disk_root_mkdir(root, bytes_str("d")), OK);
    assert_int_equal(disk_root_stat(root, bytes_str("d"), &st), OK);
    assert_int_equal(st.mode, 0700);
    assert_int_equal(write_file(root, bytes_str("d/f"), "text"), OK);
    assert_int_equal(disk_root_mkdir(root, bytes_str("d/f")), ERR_NOT_DIRECTORY);
    assert_int_equal(disk_root_mkdir(root, bytes_str("no/such")), ERR_NOT_FOUND);
    assert_int_equal(disk_root_link(root, bytes_str("d/f"), bytes_str("g")), OK);
    assert_int_equal(disk_root_link(root, bytes_str("d/f"), bytes_str("g")), ERR_EXISTS);
    assert_int_equal(disk_root_stat(root, bytes_str("g"), &st), OK);
    assert_int_equal(st.links, 2);
    assert_int_equal(disk_root_symlink(root, bytes_str("s"), bytes_str("/etc/passwd"), 99), OK);
    assert_int_equal(disk_root_symlink(root, bytes_str("s"), bytes_str("x"), 0), ERR_EXISTS);
    assert_int_equal(disk_root_symlink(root, bytes_str("t"), bytes_str(""), 0), ERR_LIMIT);
    assert_int_equal(disk_root_stat(root, bytes_str("s"), &st), OK);
    assert_int_equal(st.type, DISK_SYMLINK);
    assert_int_equal(st.mtime_ns, 99);
    assert_true(readlink(fixture_path(f, "root/s"), target, sizeof(target) - 1) > 0);
    assert_string_equal(target, "/etc/passwd");
    assert_int_equal(disk_root_finish_dir(root, bytes_str("d"), 07555, 5), OK);
    assert_int_equal(disk_root_stat(root, bytes_str("d"), &st), OK);
    assert_int_equal(st.mode, 0555);
    assert_int_equal(st.mtime_ns, 5);
    assert_int_equal(disk_root_finish_dir(root, (struct bytes){0}, 0750, 6), OK);
    assert_int_equal(disk_root_stat(root, (struct bytes){0}, &st), OK);
    assert_int_equal(st.mode, 0750);
    assert_int_equal(disk_root_stat(root, bytes_str("nothing"), &st), ERR_NOT_FOUND);
    disk_root_free(root);
}

static void the_target_is_made_or_refused(void **state)
{
    struct fixture *f = *state;
    struct disk_root *root = NULL;
    uint64_t space = 0;

    fixture_write(f, "file", "x");
    assert_int_equal(disk_root_open(bytes_str(fixture_path(f, "file")), &root), ERR_NOT_DIRECTORY);
    assert_int_equal(
        disk_root_open(bytes_str(fixture_path(f, "file/sub")), &root), ERR_NOT_DIRECTORY);
    assert_int_equal(disk_root_open(bytes_str("relative"), &root), ERR_UNSAFE_PATH);
    assert_int_equal(disk_root_open(bytes_str(fixture_path(f, "a/b/c")), &root), OK);
    assert_int_equal(disk_root_space(root, &space), OK);
    assert_true(space > 0);
    disk_root_free(root);
}

/* --- names -------------------------------------------------------------------------------------
 */

static int names_of_every_kind(struct fixture *f)
{
    static const char *const names[] = {
        "new\nline", "\xff\xfe not utf-8", "-rf", "a'b\"c$(x)`y`", "\xe2\x80\xae rtl", " "};
    struct disk_root *root = NULL;
    char longest[256];
    int bad = disk_root_open(bytes_str(fixture_path(f, "root")), &root) != OK;

    for (size_t i = 0; !bad && i < sizeof(names) / sizeof(names[0]); i++) {
        char path[100];

        (void)snprintf(path, sizeof(path), "root/%s", names[i]);
        bad |= write_file(root, bytes_str(names[i]), "x") != OK;
        bad |= !fixture_holds(f, path, "x");
    }
    memset(longest, 'n', sizeof(longest));
    bad |= bad || write_file(root, bytes_at(longest, 255), "x") != OK;
    bad |= bad || write_file(root, bytes_at(longest, 256), "x") == OK;
    disk_root_free(root);
    return bad;
}

static void names_are_bytes(void **state)
{
    assert_int_equal(fixture_in_child(*state, names_of_every_kind), 0);
}

static void names_are_bytes_without_openat2(void **state)
{
    assert_int_equal(fixture_without_openat2(*state, names_of_every_kind), 0);
}

/* 60 folders with names of 100 bytes: deeper than PATH_MAX. */
static int deep_path(struct fixture *f)
{
    enum { DEPTH = 60, NAME = 100 };
    struct disk_root *root = NULL;
    struct buf path = {0};
    struct disk_stat st;
    char name[NAME];
    int bad = disk_root_open(bytes_str(fixture_path(f, "root")), &root) != OK;

    memset(name, 'd', sizeof(name));
    for (int i = 0; !bad && i < DEPTH; i++) {
        bad |= buf_append(&path, bytes_at(name, sizeof(name))) != OK;
        bad |= disk_root_mkdir(root, buf_view(&path)) != OK;
        bad |= buf_append_byte(&path, '/') != OK;
    }
    bad |= bad || buf_append_str(&path, "file") != OK;
    bad |= bad || write_file(root, buf_view(&path), "deep") != OK;
    bad |= bad || disk_root_stat(root, buf_view(&path), &st) != OK;
    bad |= bad || st.size != 4;
    buf_clear(&path);
    disk_root_free(root);
    return bad;
}

static void a_path_deeper_than_path_max(void **state)
{
    assert_int_equal(fixture_in_child(*state, deep_path), 0);
}

static void a_path_deeper_than_path_max_without_openat2(void **state)
{
    assert_int_equal(fixture_without_openat2(*state, deep_path), 0);
}

/* --- the machine says no -----------------------------------------------------------------------
 */

enum { CANNOT_MOUNT = 77 };

static int on_a_small_disk(struct fixture *f)
{
    static uint8_t data[2 << 20];
    struct disk_root *root = NULL;
    struct disk_out *out = NULL;
    struct disk_stat st;
    int bad = 0;

    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", f->dir, "tmpfs", 0, "size=1m") != 0) {
        return CANNOT_MOUNT;
    }
    bad |= disk_root_open(bytes_str(fixture_path(f, "root")), &root) != OK;
    bad |= disk_out_open(root, bytes_str("f"), sizeof(data), &out) != OK;
    bad |= disk_out_write(out, 0, bytes_at(data, sizeof(data))) != ERR_DISK_FULL;
    disk_out_abort(out);
    bad |= disk_root_stat(root, bytes_str("f"), &st) != ERR_NOT_FOUND;
    bad |= disk_root_check_empty(root) != OK;
    bad |= write_file(root, bytes_str("small"), "fits again") != OK;
    disk_root_free(root);
    return bad;
}

static void a_full_disk_is_said(void **state)
{
    int result = fixture_in_child(*state, on_a_small_disk);

    if (result == CANNOT_MOUNT) {
        print_message("skipped: this user may not mount a small tmpfs\n");
        skip();
    }
    assert_int_equal(result, 0);
}

static int in_a_closed_folder(struct fixture *f)
{
    struct disk_root *root = NULL;
    struct disk_out *out = NULL;
    int bad = disk_root_open(bytes_str(fixture_path(f, "root")), &root) != OK;

    bad |= bad || disk_out_open(root, bytes_str("closed/f"), 1, &out) != ERR_PERMISSION;
    bad |= bad || disk_root_mkdir(root, bytes_str("closed/d")) != ERR_PERMISSION;
    disk_root_free(root);
    return bad;
}

static void a_closed_folder_is_said(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(mkdir(fixture_path(f, "root"), 0755), 0);
    assert_int_equal(mkdir(fixture_path(f, "root/closed"), 0555), 0);
    assert_int_equal(fixture_as_nobody(f, in_a_closed_folder), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(nothing_leaves_the_root),
        TEST(nothing_leaves_the_root_without_openat2),
        TEST(a_folder_replaced_meanwhile),
        TEST(mode_and_time_are_exact),
        TEST(a_file_appears_when_complete_and_replaces_nothing),
        TEST(folders_links_and_symlinks),
        TEST(the_target_is_made_or_refused),
        TEST(names_are_bytes),
        TEST(names_are_bytes_without_openat2),
        TEST(a_path_deeper_than_path_max),
        TEST(a_path_deeper_than_path_max_without_openat2),
        TEST(a_full_disk_is_said),
        TEST(a_closed_folder_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
