/* Reading trees that are hostile or change under us. */
#include "io/disk/disk_read.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk_fixture.h"

static struct bytes root_of(struct fixture *f)
{
    return bytes_str(f->dir);
}

static void a_listing_holds_every_kind(void **state)
{
    struct fixture *f = *state;
    struct disk_dir *dir = NULL;
    struct disk_stat st;
    struct bytes name;
    struct buf target = {0};
    int seen[5] = {0};
    enum err err;

    fixture_write(f, "file", "12345");
    assert_int_equal(mkdir(fixture_path(f, "folder"), 0750), 0);
    assert_int_equal(mkfifo(fixture_path(f, "fifo"), 0600), 0);
    assert_int_equal(symlink("no/where", fixture_path(f, "link")), 0);
    assert_int_equal(disk_dir_open(root_of(f), (struct bytes){0}, &dir), OK);
    while ((err = disk_dir_next(dir, &name, &st)) == OK) {
        seen[st.type]++;
        if (st.type == DISK_FILE) {
            assert_int_equal(st.size, 5);
        }
        if (st.type == DISK_SYMLINK) {
            assert_int_equal(disk_dir_readlink(dir, name, &target), OK);
            assert_true(bytes_equal(buf_view(&target), bytes_str("no/where")));
        }
    }
    assert_int_equal(err, ERR_NOT_FOUND);
    assert_int_equal(disk_dir_next(dir, &name, &st), ERR_NOT_FOUND);
    for (int type = DISK_FILE; type <= DISK_OTHER; type++) {
        assert_int_equal(seen[type], 1);
    }
    assert_int_equal(disk_dir_readlink(dir, bytes_str("file"), &target), ERR_CHANGED);
    assert_int_equal(disk_dir_readlink(dir, bytes_str("gone"), &target), ERR_NOT_FOUND);
    assert_int_equal(disk_dir_readlink(dir, bytes_str("../x"), &target), ERR_NOT_FOUND);
    assert_int_equal(disk_dir_stat(dir, &st), OK);
    assert_int_equal(st.type, DISK_DIRECTORY);
    disk_dir_free(dir);
    buf_clear(&target);
}

struct open_row {
    const char *path;
    enum err file, dir;
};

static const struct open_row opens[] = {
    {"file", OK, ERR_NOT_DIRECTORY},
    {"folder", ERR_CHANGED, OK},
    {"folder/inside", OK, ERR_NOT_DIRECTORY},
    {"fifo", ERR_CHANGED, ERR_NOT_DIRECTORY},
    {"link", ERR_CHANGED, ERR_UNSAFE_PATH},
    {"link/inside", ERR_CHANGED, ERR_UNSAFE_PATH},
    {"gone", ERR_NOT_FOUND, ERR_NOT_FOUND},
    {"folder/../file", ERR_CHANGED, ERR_UNSAFE_PATH},
    {"file/x", ERR_NOT_DIRECTORY, ERR_NOT_DIRECTORY},
};

static int opens_hold(struct fixture *f)
{
    int bad = 0;

    for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
        struct disk_file *file = NULL;
        struct disk_dir *dir = NULL;
        enum err as_file = disk_file_open(root_of(f), bytes_str(opens[i].path), &file);
        enum err as_dir = disk_dir_open(root_of(f), bytes_str(opens[i].path), &dir);

        if (as_file != opens[i].file || as_dir != opens[i].dir) {
            fprintf(stderr, "'%s': %s %s\n", opens[i].path, err_name(as_file), err_name(as_dir));
            bad = 1;
        }
        disk_file_free(file);
        disk_dir_free(dir);
    }
    return bad;
}

static void what_opens_and_what_not(void **state)
{
    struct fixture *f = *state;

    fixture_write(f, "file", "x");
    assert_int_equal(mkdir(fixture_path(f, "folder"), 0755), 0);
    fixture_write(f, "folder/inside", "y");
    assert_int_equal(mkfifo(fixture_path(f, "fifo"), 0666), 0);
    assert_int_equal(symlink("folder", fixture_path(f, "link")), 0);
    assert_int_equal(fixture_in_child(f, opens_hold), 0);
    assert_int_equal(fixture_without_openat2(f, opens_hold), 0);
}

static int closed_things(struct fixture *f)
{
    struct disk_file *file = NULL;
    struct disk_dir *dir = NULL;

    return disk_file_open(root_of(f), bytes_str("closed"), &file) != ERR_PERMISSION ||
           disk_dir_open(root_of(f), bytes_str("closed_dir"), &dir) != ERR_PERMISSION;
}

static void closed_things_are_said(void **state)
{
    struct fixture *f = *state;

    fixture_write(f, "closed", "x");
    assert_int_equal(chmod(fixture_path(f, "closed"), 0), 0);
    assert_int_equal(mkdir(fixture_path(f, "closed_dir"), 0700), 0);
    assert_int_equal(chmod(fixture_path(f, "closed_dir"), 0), 0);
    assert_int_equal(fixture_as_nobody(f, closed_things), 0);
}

/* A folder one may list but not enter: each entry says so, and the listing goes on. */
static int entries_without_stat(struct fixture *f)
{
    struct disk_dir *dir = NULL;
    struct disk_stat st;
    struct bytes name;
    int refused = 0;
    enum err err;

    if (disk_dir_open(root_of(f), bytes_str("list_only"), &dir) != OK) {
        return 1;
    }
    while ((err = disk_dir_next(dir, &name, &st)) == ERR_PERMISSION && name.len == 1) {
        refused++;
    }
    disk_dir_free(dir);
    return err != ERR_NOT_FOUND || refused != 2;
}

static void an_entry_that_cannot_be_looked_at(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(mkdir(fixture_path(f, "list_only"), 0700), 0);
    fixture_write(f, "list_only/a", "x");
    fixture_write(f, "list_only/b", "x");
    assert_int_equal(chmod(fixture_path(f, "list_only"), 0744), 0);
    assert_int_equal(fixture_as_nobody(f, entries_without_stat), 0);
}

static void ranges_and_holes(void **state)
{
    struct fixture *f = *state;
    struct disk_file *file = NULL;
    struct disk_stat st;
    uint8_t out[10];
    size_t got;
    uint64_t data = 0;
    int fd;

    fixture_write(f, "file", "0123456789");
    assert_int_equal(disk_file_open(root_of(f), bytes_str("file"), &file), OK);
    assert_int_equal(disk_file_read(file, 2, out, 3, &got), OK);
    assert_int_equal(got, 3);
    assert_memory_equal(out, "234", 3);
    assert_int_equal(disk_file_read(file, 8, out, 10, &got), OK);
    assert_int_equal(got, 2);
    assert_int_equal(disk_file_read(file, 80, out, 10, &got), OK);
    assert_int_equal(got, 0);
    assert_int_equal(disk_file_stat(file, &st), OK);
    assert_int_equal(st.size, 10);
    disk_file_free(file);
    fd = open(fixture_path(f, "holes"), O_WRONLY | O_CREAT, 0600);
    assert_int_equal(pwrite(fd, "x", 1, 1 << 20), 1);
    assert_int_equal(ftruncate(fd, 4 << 20), 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(disk_file_open(root_of(f), bytes_str("holes"), &file), OK);
    assert_int_equal(disk_file_next_data(file, 0, &data), OK);
    assert_true(data <= 1 << 20); /* 0 where the file system knows no holes */
    if (data > 0) {
        assert_int_equal(disk_file_next_data(file, 2 << 20, &data), ERR_NOT_FOUND);
    }
    disk_file_free(file);
    disk_file_free(NULL);
    disk_dir_free(NULL);
}

static void stat_of_one_path(void **state)
{
    struct fixture *f = *state;
    struct disk_stat a, b;

    fixture_write(f, "file", "x");
    assert_int_equal(symlink("file", fixture_path(f, "link")), 0);
    assert_int_equal(disk_stat_path(bytes_str(fixture_path(f, "file")), &a), OK);
    assert_int_equal(a.type, DISK_FILE);
    assert_int_equal(disk_stat_path(bytes_str(fixture_path(f, "link")), &b), OK);
    assert_int_equal(b.type, DISK_SYMLINK);
    assert_false(disk_stat_same(&a, &b));
    assert_true(disk_stat_same(&a, &a));
    assert_int_equal(disk_stat_path(bytes_str(fixture_path(f, "no")), &a), ERR_NOT_FOUND);
    assert_int_equal(disk_stat_path(bytes_str("relative"), &a), ERR_UNSAFE_PATH);
    assert_int_equal(disk_stat_path(bytes_at("/tmp\0x", 6), &a), ERR_UNSAFE_PATH);
}

/* A root whose own path is longer than PATH_MAX. */
static void a_root_deeper_than_path_max(void **state)
{
    enum { DEPTH = 45, NAME = 100 };
    struct fixture *f = *state;
    struct buf path = {0};
    struct disk_dir *dir = NULL;
    struct disk_stat st;
    struct bytes name;
    char part[NAME + 1];
    int at = open(f->dir, O_RDONLY | O_DIRECTORY);

    memset(part, 'p', NAME);
    part[NAME] = 0;
    assert_int_equal(buf_append_str(&path, f->dir), OK);
    for (int i = 0; i < DEPTH; i++) {
        int next;

        assert_int_equal(mkdirat(at, part, 0755), 0);
        next = openat(at, part, O_RDONLY | O_DIRECTORY);
        assert_true(next >= 0);
        assert_int_equal(close(at), 0);
        at = next;
        assert_int_equal(buf_printf(&path, "/%s", part), OK);
    }
    assert_int_equal(close(openat(at, "file", O_CREAT | O_WRONLY, 0600)), 0);
    assert_int_equal(close(at), 0);
    assert_int_equal(disk_dir_open(buf_view(&path), (struct bytes){0}, &dir), OK);
    assert_int_equal(disk_dir_next(dir, &name, &st), OK);
    assert_true(bytes_equal(name, bytes_str("file")));
    disk_dir_free(dir);
    buf_clear(&path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_listing_holds_every_kind),
        TEST(what_opens_and_what_not),
        TEST(closed_things_are_said),
        TEST(an_entry_that_cannot_be_looked_at),
        TEST(ranges_and_holes),
        TEST(stat_of_one_path),
        TEST(a_root_deeper_than_path_max),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
