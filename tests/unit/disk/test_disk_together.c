/* Many files made durable together: what is asked of the kernel, and what an error means. Its fsync
 * and syncfs are ours here, and counted. */
#include "io/disk/disk_write.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk_fixture.h"

enum { FILES = 8, FEW = 3, MODE = 0640 };

static unsigned fsyncs, syncs;
static int sync_errno;   /* what syncfs fails with, 0: it works */
static unsigned bad_one; /* the fsync that fails, counted from 1; 0: none */

int fsync(int fd)
{
    (void)fd;
    fsyncs++;
    if (fsyncs == bad_one) {
        errno = EIO;
        return -1;
    }
    return 0;
}

int syncfs(int fd)
{
    (void)fd;
    syncs++;
    errno = sync_errno;
    return sync_errno == 0 ? 0 : -1;
}

struct files {
    struct disk_root *root;
    struct disk_out *outs[FILES];
    enum err errs[FILES];
};

/* `count` settled files; those of outs beyond are NULL. */
static void open_files(struct fixture *f, struct files *files, size_t count)
{
    *files = (struct files){0};
    fsyncs = syncs = bad_one = 0;
    sync_errno = 0;
    assert_int_equal(disk_root_open(bytes_str(fixture_path(f, "root")), &files->root), OK);
    for (size_t i = 0; i < count; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "f%zu", i);
        assert_int_equal(disk_out_open(files->root, bytes_str(name), 4, &files->outs[i]), OK);
        assert_int_equal(disk_out_write(files->outs[i], 0, bytes_str("text")), OK);
        assert_int_equal(disk_out_settle(files->outs[i], MODE, (int64_t)i * 1000000000), OK);
    }
}

static void commit_files(struct fixture *f, struct files *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char path[32];
        struct stat st;

        (void)snprintf(path, sizeof(path), "root/f%zu", i);
        assert_int_equal(disk_out_commit(files->outs[i], 0777, 5), OK); /* it is settled */
        assert_true(fixture_holds(f, path, "text"));
        assert_int_equal(stat(fixture_path(f, path), &st), 0);
        assert_int_equal(st.st_mode & 07777, MODE);
        assert_int_equal(st.st_mtim.tv_sec, i);
    }
    disk_root_free(files->root);
}

static void many_are_one_sync(void **state)
{
    struct files files;

    open_files(*state, &files, FILES);
    disk_out_make_durable(files.outs, FILES, files.errs);
    for (size_t i = 0; i < FILES; i++) {
        assert_int_equal(files.errs[i], OK);
    }
    /* one call where the file system is known to sync as a whole, else one a file */
    assert_true((syncs == 1 && fsyncs == 0) || (syncs == 0 && fsyncs == FILES));
    fsyncs = 0;
    commit_files(*state, &files, FILES);
    assert_int_equal(fsyncs, 0); /* they were durable */
}

static void few_are_asked_one_by_one(void **state)
{
    struct files files;

    open_files(*state, &files, FEW);
    disk_out_make_durable(files.outs, FILES, files.errs);
    assert_int_equal(syncs, 0);
    assert_int_equal(fsyncs, FEW);
    commit_files(*state, &files, FEW);
    assert_int_equal(fsyncs, FEW);
}

static void what_is_only_settled_is_made_durable_by_its_commit(void **state)
{
    struct files files;

    open_files(*state, &files, FILES);
    commit_files(*state, &files, FILES);
    assert_int_equal(fsyncs, FILES);
}

/* The file system's error may be about somebody else's file. */
static void an_error_is_its_own_files(void **state)
{
    struct files files;
    size_t failed = 0;

    open_files(*state, &files, FILES);
    sync_errno = EIO;
    bad_one = 2;
    disk_out_make_durable(files.outs, FILES, files.errs);
    assert_int_equal(fsyncs, FILES);
    for (size_t i = 0; i < FILES; i++) {
        failed += files.errs[i] == ERR_DISK_IO;
        assert_true(files.errs[i] == OK || i == 1);
        disk_out_abort(files.outs[i]);
    }
    assert_int_equal(failed, 1);
    disk_root_free(files.root);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(many_are_one_sync),
        TEST(few_are_asked_one_by_one),
        TEST(what_is_only_settled_is_made_durable_by_its_commit),
        TEST(an_error_is_its_own_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
