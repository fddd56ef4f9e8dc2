/* Scans of real trees: every kind of entry, what changes, what vanishes, cancelling and going on,
 * large folders, unreadable ones, several paths. */
#include "index_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 20000 };

/* --- help --------------------------------------------------------------------------------------
 */

static enum err on_entry(void *arg, const struct store_entry *e)
{
    return buf_printf(arg, "%d/%.*s %c%o %d%s%.*s;", (int)e->folder, (int)e->name.len,
        (const char *)e->name.ptr, "?dfl"[e->type], (unsigned)e -> mode, (int)e -> size,
        e -> target.len > 0 ? "->" : "", (int)e->target.len, (const char *)e->target.ptr);
}

static void expect_entries(struct fixture *f, const char *want)
{
    struct buf text = {0};

    assert_int_equal(
        store_entry_after(f->store, f->share, 0, (struct bytes){0}, 1000, on_entry, &text), OK);
    assert_int_equal(buf_append_byte(&text, 0), OK);
    assert_string_equal((char *)text.ptr, want);
    buf_clear(&text);
}

/* --- tests -------------------------------------------------------------------------------------
 */

static void every_kind_of_entry(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    uint32_t mode;
    int64_t mtime;

    write_file(f, "tree/a", "12345");
    assert_int_equal(chmod(at(f, "tree/a"), 04751), 0);
    write_file(f, "tree/new\nline", "");
    assert_int_equal(chmod(at(f, "tree/new\nline"), 0644), 0);
    make_folder(f, "tree/sub");
    write_file(f, "tree/sub/x", "1");
    assert_int_equal(chmod(at(f, "tree/sub/x"), 0600), 0);
    assert_int_equal(symlink("sub", at(f, "tree/link")), 0);
    assert_int_equal(mkfifo(at(f, "tree/fi\x1b"
                                  "fo"),
                         0600),
        0);
    make_folder(f, "tree/empty");
    make_folder(f, "tree/state");
    write_file(f, "tree/state/secret", "1");
    share_tree(f);
    f->options.exclude = at(f, "tree/state");
    scan(f);
    assert_int_equal(f->err, OK);
    expect_entries(f, "1/a f751 5;1/empty d755 0;1/link l777 0->sub;1/new\nline f644 0;"
                      "1/sub d755 0;3/x f600 1;");
    assert_int_equal(f->counts.files, 3);
    assert_int_equal(f->counts.directories, 2);
    assert_int_equal(f->counts.symlinks, 1);
    assert_int_equal(f->counts.bytes, 6);
    assert_int_equal(f->counts.changed_files, 3);
    assert_int_equal(f->progress.entries_found, 6);
    assert_int_equal(f->progress.bytes_found, 6);
    assert_int_equal(f->progress.skipped, 1);
    assert_int_equal(f->progress.phase, PROGRESS_SCAN);
    assert_non_null(strstr((char *)f->events.ptr, "tree/fi\\x1bfo"));
    assert_int_equal(stat(at(f, "tree"), &st), 0);
    assert_int_equal(store_root_get(f->store, f->share, &mode, &mtime), OK);
    assert_int_equal(mode, 0755);
    assert_true(mtime == st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
}

static void a_rescan_sees_what_changed(void **state)
{
    struct fixture *f = *state;

    write_file(f, "tree/a", "12345");
    make_folder(f, "tree/sub");
    make_folder(f, "tree/sub/deep");
    write_file(f, "tree/sub/deep/x", "");
    write_file(f, "tree/sub/y", "");
    share_tree(f);
    scan(f);
    assert_int_equal(f->counts.changed_entries, 5);
    scan(f);
    assert_int_equal(f->err, OK);
    assert_int_equal(f->counts.changed_entries, 0);
    assert_int_equal(f->counts.removed, 0);
    assert_int_equal(f->counts.files, 3);
    write_file(f, "tree/sub/y", "new");
    scan(f);
    assert_int_equal(f->counts.changed_entries, 1);
    assert_int_equal(f->counts.changed_files, 2); /* and `a`, which was never sent */
    assert_int_equal(f->counts.changed_bytes, 8);
    assert_int_equal(unlink(at(f, "tree/sub/deep/x")), 0);
    assert_int_equal(rmdir(at(f, "tree/sub/deep")), 0);
    scan(f);
    assert_int_equal(f->counts.removed, 2);
    assert_int_equal(f->counts.files, 2);
    expect_entries(f, "1/a f644 5;1/sub d755 0;2/y f644 3;");
}

static void make_many(struct fixture *f, const char *folder, int count)
{
    int fd = open(at(f, folder), O_RDONLY | O_DIRECTORY);

    assert_true(fd >= 0);
    for (int i = 0; i < count; i++) {
        char name[32];
        int file;

        (void)snprintf(name, sizeof(name), "file%05d", i * 7919 % count);
        file = openat(fd, name, O_CREAT | O_WRONLY, 0644);
        assert_true(file >= 0);
        assert_int_equal(close(file), 0);
    }
    assert_int_equal(close(fd), 0);
}

/* More than is sorted at once: it goes in loose pieces. */
static void a_large_folder(void **state)
{
    struct fixture *f = *state;

    make_folder(f, "tree/big");
    make_folder(f, "tree/big/under");
    write_file(f, "tree/big/under/x", "1");
    make_many(f, "tree/big", MANY);
    share_tree(f);
    scan(f);
    assert_int_equal(f->err, OK);
    assert_int_equal(f->counts.files, MANY + 1);
    assert_int_equal(f->counts.directories, 2);
    assert_int_equal(f->progress.entries_found, MANY + 3);
    scan(f);
    assert_int_equal(f->counts.files, MANY + 1);
    assert_int_equal(f->counts.changed_entries, 0);
    assert_int_equal(unlink(at(f, "tree/big/file12345")), 0);
    assert_int_equal(unlink(at(f, "tree/big/file00000")), 0);
    scan(f);
    assert_int_equal(f->counts.files, MANY - 1);
    assert_int_equal(f->counts.removed, 2);
}

/* Just more than one put takes, and just what is sorted. */
static void folders_at_the_limits(void **state)
{
    static const int sizes[] = {999, 1000, 1001, 2000, 16384, 16385};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "tree/d%d", sizes[i]);
        make_folder(f, name);
        make_many(f, name, sizes[i]);
    }
    share_tree(f);
    for (int round = 0; round < 2; round++) {
        struct store_totals totals;

        scan(f);
        assert_int_equal(f->err, OK);
        assert_int_equal(f->counts.files, 999 + 1000 + 1001 + 2000 + 16384 + 16385);
        assert_int_equal(f->counts.removed, 0);
        assert_int_equal(store_entry_totals(f->store, f->share, &totals), OK);
        assert_int_equal(totals.files, f->counts.files);
        assert_int_equal(totals.directories, 6);
    }
}

static void cancel_when_enough(void *arg, const struct progress *p)
{
    struct fixture *f = arg;

    on_changed(arg, p);
    if (f->index != NULL && p->entries_found >= f->cancel_at && !f->stop_task.queued) {
        loop_post(f->loop, &f->stop_task, stop_loop, f);
    }
}

/* Let what is on its way home arrive. */
static void turn_loop(struct fixture *f)
{
    if (!f->stop_task.queued) {
        loop_post(f->loop, &f->stop_task, stop_loop, f);
    }
    loop_run(f->loop);
}

/* Cancelled at many places and started again at once, while jobs are still out; in the end all is
 * as if never cancelled. The folders are so small that what three jobs have in hand when they are
 * cancelled (16 folders each, which they still put) is never the scan's last. */
static void cancelled_and_gone_on(void **state)
{
    enum { FOLDERS = 600, FILES = 4 };
    struct fixture *f = *state;
    struct store_totals totals;
    struct store_share share;

    for (int i = 0; i < FOLDERS; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "tree/d%d", i);
        make_folder(f, name);
        make_many(f, name, FILES);
    }
    share_tree(f);
    f->options.sink.changed = cancel_when_enough;
    for (f->cancel_at = 1; f->cancel_at < 2000; f->cancel_at += 300) {
        f->progress = (struct progress){0};
        assert_int_equal(index_start(&f->options, on_done, f, &f->index), OK);
        loop_run(f->loop);
        index_cancel(f->index);
        f->index = NULL;
        turn_loop(f);
    }
    workers_settle(f->workers); /* what they still have frees itself on its way home */
    turn_loop(f);
    assert_int_equal(f->done, 0);
    f->options.sink.changed = on_changed;
    scan(f);
    assert_int_equal(f->err, OK);
    assert_int_equal(store_share_get(f->store, f->share, &share), OK);
    assert_int_equal(share.scan, 1); /* one scan all the time */
    assert_int_equal(f->counts.files, FOLDERS * FILES);
    assert_int_equal(f->counts.directories, FOLDERS);
    assert_int_equal(f->progress.entries_found, FOLDERS * FILES + FOLDERS);
    assert_int_equal(store_entry_totals(f->store, f->share, &totals), OK);
    assert_int_equal(totals.files, FOLDERS * FILES);
    index_cancel(NULL);
}

/* --- paths and permissions ---------------------------------------------------------------------
 */

static void several_paths_at_the_top(void **state)
{
    static const char *const paths[][2] = {
        {"tree", "tree"}, {"single", "single"}, {"link", "link"}};
    struct fixture *f = *state;

    write_file(f, "tree/a", "1");
    write_file(f, "single", "22");
    assert_int_equal(symlink("single", at(f, "link")), 0);
    open_share(f, paths, 3);
    scan(f);
    assert_int_equal(f->err, OK);
    expect_entries(f, "1/link l777 0->single;1/single f644 2;1/tree d755 0;2/a f644 1;");
    assert_int_equal(f->counts.files, 2);
    assert_int_equal(unlink(at(f, "single")), 0);
    scan(f);
    assert_int_equal(f->err, ERR_NOT_FOUND);
    assert_non_null(strstr((char *)f->events.ptr, "/single: no such file"));
    write_file(f, "single", "333");
    scan(f);
    assert_int_equal(f->err, OK);
    assert_int_equal(f->counts.bytes, 4);
}

static void paths_that_cannot_be_shared(void **state)
{
    static const struct {
        const char *path, *name;
        enum err err;
    } rows[] = {
        {"missing", "", ERR_NOT_FOUND}, {"file", "", ERR_NOT_DIRECTORY},
        {"fifo", "fifo", ERR_NOTHING_TO_SHARE},
        {"tree", "", ERR_NOTHING_TO_SHARE}, /* the state folder itself */
    };
    struct fixture *f = *state;

    write_file(f, "file", "x");
    assert_int_equal(mkfifo(at(f, "fifo"), 0600), 0);
    share_tree(f);
    f->options.exclude = at(f, "tree");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct store_share share = {.title = "t"};
        struct store_path path = {bytes_str(at(f, rows[i].path)), bytes_str(rows[i].name)};

        assert_int_equal(store_share_add(f->store, &share, &path, 1, &f->options.share), OK);
        scan(f);
        if (f->err != rows[i].err || strstr((char *)f->events.ptr, rows[i].path) == NULL) {
            fail_msg("%s: %s, %s", rows[i].path, err_name(f->err), (char *)f->events.ptr);
        }
    }
    f->options.share = 99;
    scan(f);
    assert_int_equal(f->err, ERR_NOTHING_TO_SHARE); /* no such share */
}

/* In a child, since there is no way back from being nobody. */
static void as_nobody(struct fixture *f, void (*check)(struct fixture *f))
{
    int status;
    pid_t child;

    (void)fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 &&
            (setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0)) {
            _exit(3);
        }
        share_tree(f);
        scan(f);
        check(f);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define CHILD_MUST(what)                                                                           \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            fprintf(stderr, "%s: %s\n%s", #what, err_name(f->err), (char *)f->events.ptr);         \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static void check_unreadable(struct fixture *f)
{
    CHILD_MUST(f->err == OK);
    CHILD_MUST(f->progress.skipped == 3);
    CHILD_MUST(f->counts.directories == 3);
    CHILD_MUST(f->counts.files == 2); /* `open/x`, and `shut_file`, whose stat can be read */
    CHILD_MUST(strstr((char *)f->events.ptr, "/tree/shut: permission denied") != NULL);
    CHILD_MUST(strstr((char *)f->events.ptr, "/tree/list/a: permission denied") != NULL);
}

static void unreadable_entries_are_told(void **state)
{
    struct fixture *f = *state;

    make_folder(f, "tree/shut");
    write_file(f, "tree/shut/x", "1");
    make_folder(f, "tree/list");
    write_file(f, "tree/list/a", "1");
    write_file(f, "tree/list/b", "1");
    make_folder(f, "tree/open");
    write_file(f, "tree/open/x", "1");
    write_file(f, "tree/shut_file", "1");
    assert_int_equal(chmod(at(f, "tree/shut"), 0700), 0);
    assert_int_equal(chmod(at(f, "tree/list"), 0744), 0);
    assert_int_equal(chmod(at(f, "tree/shut_file"), 0600), 0);
    if (geteuid() != 0) {
        assert_int_equal(chmod(at(f, "tree/shut"), 0), 0);
        assert_int_equal(chmod(at(f, "tree/list"), 0444), 0);
    }
    as_nobody(f, check_unreadable);
}

static void check_top(struct fixture *f)
{
    CHILD_MUST(f->err == ERR_PERMISSION);
    CHILD_MUST(strstr((char *)f->events.ptr, "/tree: permission denied") != NULL);
}

static void an_unreadable_top_fails(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(chmod(at(f, "tree"), geteuid() == 0 ? 0700 : 0), 0);
    as_nobody(f, check_top);
}

/* A fifo too many: the first hundred by name, then a count. */
static void many_skipped_are_counted(void **state)
{
    enum { TOLD = 10000, FIFOS = TOLD + 50 };
    struct fixture *f = *state;
    int lines = 0;

    for (int i = 0; i < FIFOS; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "tree/fifo%d", i);
        assert_int_equal(mkfifo(at(f, name), 0600), 0);
    }
    share_tree(f);
    scan(f);
    assert_int_equal(f->progress.skipped, FIFOS);
    for (size_t i = 0; i < f->events.len; i++) {
        lines += f->events.ptr[i] == '\n';
    }
    assert_int_equal(lines, TOLD + 1);
    assert_non_null(strstr((char *)f->events.ptr, "left out: 50 more"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_kind_of_entry),
        TEST(a_rescan_sees_what_changed),
        TEST(a_large_folder),
        TEST(folders_at_the_limits),
        TEST(cancelled_and_gone_on),
        TEST(several_paths_at_the_top),
        TEST(paths_that_cannot_be_shared),
        TEST(unreadable_entries_are_told),
        TEST(an_unreadable_top_fails),
        TEST(many_skipped_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
