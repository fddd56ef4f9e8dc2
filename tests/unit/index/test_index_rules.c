/* Scans that leave out: ignore files at every level, the share's own rules, another file system,
 * what lies too deep; and files with several names. */
#include "index_fixture.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* "folder/name " */
static enum err on_name(void *arg, const struct store_entry *e)
{
    return buf_printf(arg, "%d/%.*s ", (int)e->folder, (int)e->name.len, (const char *)e->name.ptr);
}

static enum err on_tail(void *arg, const struct store_entry *e)
{
    return buf_append(arg, e->name);
}

static void expect_names(struct fixture *f, const char *want)
{
    struct buf text = {0};

    assert_int_equal(
        store_entry_after(f->store, f->share, 0, (struct bytes){0}, 1000, on_name, &text), OK);
    assert_int_equal(buf_append_byte(&text, 0), OK);
    assert_string_equal((char *)text.ptr, want);
    buf_clear(&text);
}

static void ignore_files(void **state)
{
    struct fixture *f = *state;

    write_file(f, "tree/.usenetsyncignore", "*.o\n/out/\nlater\n!kept.o\n");
    make_folder(f, "tree/out");
    write_file(f, "tree/out/x", "1");
    make_folder(f, "tree/sub");
    make_folder(f, "tree/sub/out");
    write_file(f, "tree/sub/.usenetsyncignore", "!a.o\n/only\n");
    write_file(f, "tree/sub/a.o", "1");
    write_file(f, "tree/sub/b.o", "1");
    write_file(f, "tree/sub/kept.o", "1");
    write_file(f, "tree/sub/only", "1");
    make_folder(f, "tree/sub/deep");
    write_file(f, "tree/sub/deep/a.o", "1");
    write_file(f, "tree/sub/deep/only", "1");
    make_folder(f, "tree/tub");
    write_file(f, "tree/tub/a.o", "1");
    write_file(f, "tree/tub/only", "1");
    assert_int_equal(mkfifo(at(f, "tree/later"), 0600), 0);
    share_tree(f);
    scan(f);
    assert_int_equal(f->err, OK);
    assert_int_equal(f->progress.skipped, 0); /* what was told to be left out is not told of */
    expect_names(f, "1/.usenetsyncignore 1/sub 1/tub 2/.usenetsyncignore 2/a.o 2/deep 2/kept.o"
                    " 2/out 3/only 4/a.o 4/only ");
    /* The next scan goes by the rules as they are then. */
    write_file(f, "tree/.usenetsyncignore", "sub\n!later");
    scan(f);
    assert_int_equal(f->err, OK);
    assert_int_equal(f->progress.skipped, 1);
    expect_names(f, "1/.usenetsyncignore 1/out 1/tub 3/a.o 3/only 6/x ");
}

/* Hundreds of folders go to several jobs: each finds the rules of its own way. */
static void many_folders(void **state)
{
    struct fixture *f = *state;
    struct buf want = {0};
    struct buf got = {0};
    char name[64];

    for (int i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof(name), "tree/%03d", i);
        make_folder(f, name);
        (void)snprintf(name, sizeof(name), "tree/%03d/" INDEX_IGNORE_FILE, i);
        write_file(f, name, i % 2 == 0 ? INDEX_IGNORE_FILE "\nx" : INDEX_IGNORE_FILE "\ny");
        (void)snprintf(name, sizeof(name), "tree/%03d/s", i);
        make_folder(f, name);
        (void)snprintf(name, sizeof(name), "tree/%03d/s/x", i);
        write_file(f, name, "1");
        (void)snprintf(name, sizeof(name), "tree/%03d/s/y", i);
        write_file(f, name, "1");
    }
    share_tree(f);
    scan(f);
    assert_int_equal(f->err, OK);
    assert_int_equal(f->counts.files, 100);
    assert_int_equal(
        store_entry_after(f->store, f->share, 102, (struct bytes){0}, 1000, on_tail, &got), OK);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(buf_append_str(&want, i % 2 == 0 ? "y" : "x"), OK);
    }
    /* Folder numbers depend on who was first: as many of each. */
    assert_int_equal(got.len, want.len);
    buf_clear(&want);
    buf_clear(&got);
}

static void the_shares_own_rules(void **state)
{
    static const char *const paths[][2] = {{"tree/a", "a"}, {"tree/b", "b"}};
    struct fixture *f = *state;

    make_folder(f, "tree/a");
    make_folder(f, "tree/b");
    write_file(f, "tree/a/x", "1");
    write_file(f, "tree/a/y", "1");
    write_file(f, "tree/b/x", "1");
    write_file(f, "tree/b/y", "1");
    write_file(f, "tree/b/.usenetsyncignore", "!y");
    open_share(f, paths, 2);
    f->options.ignore = bytes_str("/a/x\ny\nb"); /* a path that was named is never left out */
    scan(f);
    assert_int_equal(f->err, OK);
    expect_names(f, "1/a 1/b 3/.usenetsyncignore 3/x 3/y ");
}

/* Rules that cannot be read: nothing of the folder is taken, and that is told. */
static void rules_that_cannot_be_used(void **state)
{
    struct fixture *f = *state;
    struct buf long_text = {0};

    for (int i = 0; i <= IGNORE_PATTERN_MAX; i++) {
        assert_int_equal(buf_append_byte(&long_text, 'a'), OK);
    }
    assert_int_equal(buf_append_byte(&long_text, 0), OK);
    make_folder(f, "tree/sub");
    write_file(f, "tree/sub/.usenetsyncignore", (char *)long_text.ptr);
    write_file(f, "tree/sub/secret", "1");
    write_file(f, "tree/x", "1");
    share_tree(f);
    scan(f);
    assert_int_equal(f->err, OK);
    assert_int_equal(f->progress.skipped, 1);
    assert_non_null(strstr((char *)f->events.ptr, "tree/sub/.usenetsyncignore: "));
    expect_names(f, "1/sub 1/x ");
    write_file(f, "tree/.usenetsyncignore", (char *)long_text.ptr);
    scan(f); /* of the share's own path: no version without its files is made */
    assert_int_equal(f->err, ERR_LIMIT);
    f->options.ignore = bytes_at(long_text.ptr, long_text.len - 1);
    assert_int_equal(index_start(&f->options, on_done, f, &f->index), ERR_LIMIT);
    buf_clear(&long_text);
}

/* What is named so but no file says nothing. */
static void no_ignore_files(void **state)
{
    struct fixture *f = *state;

    make_folder(f, "tree/a");
    make_folder(f, "tree/a/.usenetsyncignore");
    make_folder(f, "tree/b");
    write_file(f, "rules", "*");
    assert_int_equal(symlink("../../rules", at(f, "tree/b/.usenetsyncignore")), 0);
    write_file(f, "tree/a/x", "1");
    write_file(f, "tree/b/x", "1");
    share_tree(f);
    scan(f);
    assert_int_equal(f->err, OK);
    expect_names(f, "1/a 1/b 2/.usenetsyncignore 2/x 3/.usenetsyncignore 3/x ");
}

/* --- limits of paths ---------------------------------------------------------------------------
 */

static void too_deep(void **state)
{
    struct fixture *f = *state;
    char name[2 * 300 + 8];
    size_t len = 4;

    memcpy(name, "tree", 5);
    for (int i = 0; i < 255; i++) {
        memcpy(name + len, "/d", 3);
        len += 2;
        assert_int_equal(mkdir(at(f, name), 0755), 0);
    }
    memcpy(name + len, "/f", 3);
    write_file(f, name, "1"); /* the 256th component */
    memcpy(name + len, "/d", 3);
    assert_int_equal(mkdir(at(f, name), 0755), 0);
    memcpy(name + len + 2, "/x", 3);
    write_file(f, name, "1"); /* the 257th */
    share_tree(f);
    scan(f);
    assert_int_equal(f->err, OK);
    assert_int_equal(f->counts.files, 1);
    assert_int_equal(f->counts.directories, 256);
    assert_int_equal(f->progress.skipped, 1);
    assert_non_null(strstr((char *)f->events.ptr, "x: it lies in more than 255 folders"));
}

/* 16 folders of 240 bytes and a name: 4,096 bytes are the most. */
static void too_long(void **state)
{
    struct fixture *f = *state;
    char folder[241], name[256];
    int here = open(at(f, "tree"), O_RDONLY | O_DIRECTORY);

    memset(folder, 'f', sizeof(folder) - 1);
    folder[240] = 0;
    memset(name, 'n', sizeof(name) - 1);
    name[255] = 0;
    for (int i = 0; i < 16; i++) {
        int next;

        assert_int_equal(mkdirat(here, folder, 0755), 0);
        next = openat(here, folder, O_RDONLY | O_DIRECTORY);
        (void)close(here);
        here = next;
        assert_true(here >= 0);
    }
    name[4096 - 16 * 241] = 0;
    assert_int_equal(mkdirat(here, name, 0755), 0);
    name[4096 - 16 * 241] = 'm';
    name[4096 - 16 * 241 + 1] = 0;
    assert_int_equal(mkdirat(here, name, 0755), 0);
    (void)close(here);
    share_tree(f);
    scan(f);
    assert_int_equal(f->err, OK);
    assert_int_equal(f->counts.directories, 17);
    assert_int_equal(f->progress.skipped, 1);
    assert_non_null(strstr((char *)f->events.ptr, "longer than 4096 bytes"));
}

/* --- mounts ------------------------------------------------------------------------------------
 */

/* In a child with mounts of its own. Exit code 77: this machine does not let us. */
static int scan_mounts(struct fixture *f)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", at(f, "tree/mnt"), "tmpfs", 0, "size=1m") != 0) {
        return 77;
    }
    write_file(f, "tree/mnt/inside", "1");
    share_tree(f);
    scan(f);
    if (f->err != OK || f->counts.files != 2 || f->counts.directories != 1) {
        return 1;
    }
    f->options.reach = INDEX_ONE_FILE_SYSTEM;
    scan(f);
    if (f->err != OK || f->counts.files != 1 || f->counts.directories != 1 ||
        f->counts.removed != 1) {
        return 2;
    }
    return umount2(at(f, "tree/mnt"), MNT_DETACH) == 0 ? 0 : 3;
}

static void one_file_system(void **state)
{
    struct fixture *f = *state;
    int status;
    pid_t child;

    make_folder(f, "tree/mnt");
    write_file(f, "tree/outside", "1");
    (void)fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(scan_mounts(f));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* --- names of one file -------------------------------------------------------------------------
 */

static enum err on_links(void *arg, const struct store_entry *e)
{
    return buf_printf(
        arg, "%.*s=%u ", (int)e->name.len, (const char *)e->name.ptr, (unsigned)e->links);
}

static void links_are_noted(void **state)
{
    struct fixture *f = *state;
    struct buf text = {0};

    write_file(f, "tree/a", "1");
    write_file(f, "tree/c", "1");
    make_folder(f, "tree/d");
    make_folder(f, "tree/d/e");
    assert_int_equal(link(at(f, "tree/a"), at(f, "tree/b")), 0);
    assert_int_equal(symlink("a", at(f, "tree/s")), 0);
    assert_int_equal(link(at(f, "tree/s"), at(f, "tree/t")), 0);
    share_tree(f);
    scan(f);
    assert_int_equal(
        store_entry_after(f->store, f->share, 0, (struct bytes){0}, 100, on_links, &text), OK);
    assert_int_equal(buf_append_byte(&text, 0), OK);
    assert_string_equal((char *)text.ptr, "a=2 b=2 c=1 d=1 s=1 t=1 e=1 ");
    buf_clear(&text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(ignore_files),
        TEST(many_folders),
        TEST(the_shares_own_rules),
        TEST(rules_that_cannot_be_used),
        TEST(no_ignore_files),
        TEST(too_deep),
        TEST(too_long),
        TEST(one_file_system),
        TEST(links_are_noted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
