/* Drafts: what was written is there when they are opened again, nobody else has them meanwhile, and
 * they get their name in one step. */
#include "io/disk/disk_draft.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk_fixture.h"

#define MIB UINT64_C(0x100000)

static struct disk_root *root_of(struct fixture *f)
{
    struct disk_root *root = NULL;

    assert_int_equal(disk_root_open(bytes_str(f->dir), &root), OK);
    return root;
}

static void test_goes_on(void **state)
{
    struct disk_root *root = root_of(*state);
    struct bytes name = bytes_str("draft");
    struct disk_scratch *draft = NULL, *other = NULL;
    uint64_t size = 1, data = 0;
    char got[8] = "";

    assert_int_equal(disk_draft_open(root, name, DISK_DRAFT_THERE, &draft), ERR_NOT_FOUND);
    assert_int_equal(disk_draft_open(root, name, DISK_DRAFT_MAKE, &draft), OK);
    assert_int_equal(disk_draft_size(draft, &size), OK);
    assert_int_equal(size, 0);
    assert_int_equal(disk_draft_resize(draft, 8 * MIB), OK);
    assert_int_equal(disk_scratch_write(draft, 5 * MIB, bytes_str("middle")), OK);
    assert_int_equal(disk_draft_next_data(draft, 0, &data), OK);
    assert_true(data <= 5 * MIB);
    assert_int_equal(disk_draft_open(root, name, DISK_DRAFT_MAKE, &other), ERR_LOCKED);
    disk_scratch_drop(draft);

    assert_int_equal(disk_draft_open(root, name, DISK_DRAFT_THERE, &draft), OK);
    assert_int_equal(disk_draft_size(draft, &size), OK);
    assert_int_equal(size, 8 * MIB);
    assert_int_equal(disk_scratch_read(draft, 5 * MIB, got, 6), OK);
    assert_string_equal(got, "middle");
    assert_int_equal(disk_draft_resize(draft, 5 * MIB + 3), OK);
    assert_int_equal(disk_scratch_read(draft, 5 * MIB, got, 6), ERR_DISK_IO);
    assert_int_equal(disk_draft_next_data(draft, 6 * MIB, &data), ERR_NOT_FOUND);
    disk_scratch_drop(draft);
    disk_root_free(root);
}

static void test_gets_its_name(void **state)
{
    struct fixture *f = *state;
    struct disk_root *root = root_of(f);
    struct disk_draft_name name = {bytes_str("draft"), bytes_str("done"), 0640};
    struct disk_scratch *draft = NULL;
    struct stat st;

    assert_int_equal(disk_draft_open(root, name.to, DISK_DRAFT_MAKE, &draft), OK); /* in its way */
    disk_scratch_drop(draft);
    assert_int_equal(disk_draft_open(root, name.from, DISK_DRAFT_MAKE, &draft), OK);
    assert_int_equal(disk_scratch_write(draft, 0, bytes_str("text")), OK);
    assert_int_equal(disk_draft_rename(draft, root, &name), OK);
    assert_int_equal(stat(fixture_path(f, "done"), &st), 0);
    assert_int_equal(st.st_size, 4);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_not_equal(stat(fixture_path(f, "draft"), &st), 0);
    disk_scratch_drop(draft);
    disk_root_free(root);
}

static void test_is_a_file(void **state)
{
    struct fixture *f = *state;
    struct disk_root *root = root_of(f);
    struct disk_scratch *draft = NULL;

    assert_int_equal(mkdir(fixture_path(f, "folder"), 0700), 0);
    assert_int_equal(mkfifo(fixture_path(f, "fifo"), 0600), 0);
    assert_int_equal(symlink("nowhere", fixture_path(f, "link")), 0);
    assert_int_equal(
        disk_draft_open(root, bytes_str("folder"), DISK_DRAFT_MAKE, &draft), ERR_CHANGED);
    assert_int_equal(
        disk_draft_open(root, bytes_str("fifo"), DISK_DRAFT_MAKE, &draft), ERR_CHANGED);
    assert_int_equal(
        disk_draft_open(root, bytes_str("link"), DISK_DRAFT_MAKE, &draft), ERR_CHANGED);
    assert_int_equal(
        disk_draft_open(root, bytes_str("../x"), DISK_DRAFT_MAKE, &draft), ERR_UNSAFE_PATH);
    disk_root_free(root);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_goes_on),
        TEST(test_gets_its_name),
        TEST(test_is_a_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
