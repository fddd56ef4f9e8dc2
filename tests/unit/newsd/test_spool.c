/* The spool over restarts, damage and a full disk. */
#include "app/newsd/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "client.h"

/* The disk: every write to a file goes through here, and may find it full. */
static long long room = -1; /* octets left; -1: no limit */

ssize_t write(int fd, const void *data, size_t len) /* NOLINT: libc names them otherwise */
{
    struct stat st;

    if (room >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        if (room == 0) {
            errno = ENOSPC;
            return -1;
        }
        len = len > (size_t)room ? (size_t)room : len; /* a short write comes first */
        room -= (long long)len;
    }
    return syscall(SYS_write, fd, data, len);
}

struct fixture {
    char dir[64];
    struct spool_options options;
    struct spool *spool;
};

static void open_new(struct fixture *f)
{
    *f = (struct fixture){.spool = NULL};
    strcpy(f->dir, "/tmp/spool-test-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    f->options.dir = f->dir;
    assert_int_equal(spool_open(&f->options, &f->spool), OK);
}

static void reopen(struct fixture *f)
{
    spool_close(f->spool);
    f->spool = NULL;
    assert_int_equal(spool_open(&f->options, &f->spool), OK);
}

static void end(struct fixture *f)
{
    spool_close(f->spool);
    remove_tree(f->dir);
}

static enum err put(struct fixture *f, const char *id, const char *text, int group)
{
    struct spool_draft draft;
    struct spool_filing filing = {
        .id = bytes_str(id), .head_len = 4, .groups = {group}, .group_count = 1};
    struct bytes part = bytes_str(text);
    enum err err = spool_draft_begin(f->spool, &draft);

    if (err == OK) {
        err = spool_draft_write(&draft, &part, 1);
    }
    if (err == OK) {
        return spool_draft_commit(f->spool, &draft, &filing);
    }
    spool_draft_drop(f->spool, &draft);
    return err;
}

static int holds(struct fixture *f, const char *id, const char *text)
{
    int64_t row = spool_find(f->spool, bytes_str(id));
    struct spool_file file;
    char got[256] = {0};

    if (row == SPOOL_NONE || spool_read(f->spool, row, &file) != OK) {
        return 0;
    }
    assert_int_equal(file.head_len, 4);
    assert_int_equal(pread(file.fd, got, sizeof(got) - 1, 0), strlen(text));
    close(file.fd);
    return strcmp(got, text) == 0;
}

static int count_files(const char *dir, const char *below)
{
    char path[200];
    struct dirent *e;
    int count = 0;
    DIR *d;

    snprintf(path, sizeof(path), "%s/%s", dir, below);
    d = opendir(path);
    assert_non_null(d);
    while ((e = readdir(d)) != NULL) {
        char inner[100];

        if (e->d_name[0] == '.') {
            continue;
        }
        snprintf(inner, sizeof(inner), "%s/%.20s", below, e->d_name);
        count += e->d_type == DT_DIR ? count_files(dir, inner) : 1;
    }
    closedir(d);
    return count;
}

static void test_restart(void **state)
{
    struct fixture f;
    char id[40];

    (void)state;
    open_new(&f);
    for (int i = 0; i < 3000; i++) {
        snprintf(id, sizeof(id), "<%d@x.y>", i);
        assert_int_equal(put(&f, id, id, i % 2), OK);
        assert_int_equal(put(&f, id, "again", i % 2), ERR_DUPLICATE);
    }
    reopen(&f);
    for (int i = 0; i < 3000; i++) {
        snprintf(id, sizeof(id), "<%d@x.y>", i);
        assert_true(holds(&f, id, id));
        assert_int_equal(put(&f, id, "again", i % 2), ERR_DUPLICATE);
        assert_true(spool_group_row(f.spool, i % 2, (uint32_t)i / 2 + 1) ==
                    spool_find(f.spool, bytes_str(id)));
    }
    assert_int_equal(spool_group_high(f.spool, 0), 1500);
    assert_int_equal(spool_find(f.spool, bytes_str("<none@x.y>")), SPOOL_NONE);
    assert_int_equal(count_files(f.dir, "tmp"), 0);
    assert_int_equal(count_files(f.dir, "articles"), 3000);
    end(&f);
}

static void test_second_server_is_locked_out(void **state)
{
    struct spool *second = NULL;
    struct fixture f;

    (void)state;
    open_new(&f);
    assert_int_equal(spool_open(&f.options, &second), ERR_LOCKED);
    assert_null(second);
    end(&f);
}

static void change_index(struct fixture *f, off_t at, const char *text, off_t cut)
{
    char path[128];
    int fd;

    snprintf(path, sizeof(path), "%s/index", f->dir);
    fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    if (cut >= 0) {
        assert_int_equal(ftruncate(fd, cut), 0);
    }
    if (text != NULL) {
        off_t to = at >= 0 ? at : lseek(fd, 0, SEEK_END);

        assert_int_equal(pwrite(fd, text, strlen(text), to), strlen(text));
    }
    close(fd);
}

static off_t index_size(struct fixture *f)
{
    struct stat st;
    char path[128];

    snprintf(path, sizeof(path), "%s/index", f->dir);
    assert_int_equal(stat(path, &st), 0);
    return st.st_size;
}

/* Every cut of the last line: the articles before it stay, and new ones can be put. */
static void test_torn_index(void **state)
{
    struct fixture f;
    off_t two, three;

    (void)state;
    open_new(&f);
    assert_int_equal(put(&f, "<1@x.y>", "text 1", 0), OK);
    assert_int_equal(put(&f, "<2@x.y>", "text 2", 0), OK);
    two = index_size(&f);
    for (off_t cut = two;; cut++) {
        assert_int_equal(put(&f, "<3@x.y>", "text 3", 0), OK);
        three = index_size(&f);
        if (cut == three) {
            break;
        }
        change_index(&f, 0, NULL, cut);
        reopen(&f);
        assert_int_equal(index_size(&f), two);
        assert_true(holds(&f, "<1@x.y>", "text 1"));
        assert_true(holds(&f, "<2@x.y>", "text 2"));
        assert_false(holds(&f, "<3@x.y>", "text 3"));
        assert_int_equal(spool_group_high(f.spool, 0), 2);
    }
    reopen(&f);
    assert_true(holds(&f, "<3@x.y>", "text 3"));
    end(&f);
}

static void test_damaged_line_and_garbage(void **state)
{
    struct fixture f;
    off_t one;

    (void)state;
    open_new(&f);
    assert_int_equal(put(&f, "<1@x.y>", "text 1", 0), OK);
    one = index_size(&f);
    assert_int_equal(put(&f, "<2@x.y>", "text 2", 0), OK);
    assert_int_equal(put(&f, "<3@x.y>", "text 3", 0), OK);
    change_index(&f, one + 33, "9", -1); /* the second line's length */
    change_index(&f, -1, "garbage\n\n\n0123456789abcdef 1 1 a:1 00000000\n", -1);
    reopen(&f);
    assert_true(holds(&f, "<1@x.y>", "text 1"));
    assert_false(holds(&f, "<2@x.y>", "text 2"));
    assert_true(holds(&f, "<3@x.y>", "text 3"));
    assert_int_equal(spool_group_high(f.spool, 0), 3); /* numbers do not move */
    assert_int_equal(spool_group_row(f.spool, 0, 2), SPOOL_NONE);
    assert_int_equal(put(&f, "<4@x.y>", "text 4", 0), OK);
    reopen(&f);
    assert_true(holds(&f, "<4@x.y>", "text 4"));
    assert_int_equal(spool_group_high(f.spool, 0), 4);
    end(&f);
}

/* The disk is full after any number of octets: the article is wholly there or wholly not. */
static void test_full_disk(void **state)
{
    struct fixture f;
    long long need = -1;

    (void)state;
    open_new(&f);
    f.options.sync = SPOOL_SYNC_EACH;
    reopen(&f);
    for (long long left = 0; need < 0; left++) {
        enum err err;

        room = left;
        err = put(&f, "<1@x.y>", "some text", 0);
        room = -1;
        if (err == OK) {
            need = left;
            break;
        }
        assert_int_equal(err, ERR_DISK_FULL);
        assert_int_equal(spool_find(f.spool, bytes_str("<1@x.y>")), SPOOL_NONE);
        assert_int_equal(count_files(f.dir, "tmp"), 0);
        assert_int_equal(count_files(f.dir, "articles"), 0);
        assert_int_equal(index_size(&f), 0);
    }
    assert_true(need > 9 && need == 9 + index_size(&f));
    reopen(&f);
    assert_true(holds(&f, "<1@x.y>", "some text"));
    end(&f);
}

static void test_full_disk_over_the_wire(void **state)
{
    static struct client c;
    static uint8_t body[300000];
    struct server s;

    (void)state;
    memset(body, 'x', sizeof(body));
    memcpy(body + sizeof(body) - 2, "\r\n", 2);
    server_start(&s, &(struct newsd_options){.port = 0});
    client_open(&c, newsd_port(s.newsd));
    client_expect(&c, NULL, "200 *");
    room = 150000;
    client_post(&c, "<f@x.y>", body, sizeof(body), "441 436 The server's disk is full*");
    assert_int_equal(count_files(s.dir, "tmp"), 0);
    client_expect(&c, "STAT <f@x.y>", "430 *");
    room = -1;
    client_post(&c, "<f@x.y>", body, sizeof(body), "240 *");
    server_restart(&s);
    client_close(&c);
    client_open(&c, newsd_port(s.newsd));
    client_expect(&c, "STAT <f@x.y>", "200 *\n223 *");
    client_post(&c, "<f@x.y>", body, sizeof(body), "441 435 Duplicate");
    client_close(&c);
    server_end(&s);
}

static int damage_one(const char *path, const struct stat *st, int type)
{
    (void)st;
    if (type == FTW_F && strstr(path, "/articles/") != NULL) {
        assert_int_equal(truncate(path, 3), 0);
    }
    return 0;
}

static void test_lost_and_damaged_files(void **state)
{
    struct fixture f;
    struct spool_file file;
    int64_t row;

    (void)state;
    open_new(&f);
    assert_int_equal(put(&f, "<1@x.y>", "some text", 0), OK);
    row = spool_find(f.spool, bytes_str("<1@x.y>"));
    assert_int_equal(ftw(f.dir, damage_one, 8), 0);
    assert_int_equal(spool_read(f.spool, row, &file), ERR_NO_ARTICLE);
    assert_int_equal(put(&f, "<1@x.y>", "some text", 0), ERR_DUPLICATE); /* its id stays taken */
    end(&f);
}

static void test_groups(void **state)
{
    static const char *const more[] = {"alt.more", "alt.test"};
    static const char *const bad[] = {"not a group"};
    struct spool *spool = NULL;
    struct fixture f;

    (void)state;
    open_new(&f);
    f.options.groups = more;
    f.options.group_count = 2;
    reopen(&f);
    assert_int_equal(spool_group_count(f.spool), 3);
    assert_int_equal(put(&f, "<1@x.y>", "some text", 2), OK);
    f.options.group_count = 0;
    reopen(&f); /* it is remembered */
    assert_int_equal(spool_group_find(f.spool, bytes_str("alt.more")), 2);
    assert_string_equal(spool_group_name(f.spool, 2), "alt.more");
    assert_int_equal(spool_group_high(f.spool, 2), 1);
    spool_close(f.spool);
    f.spool = NULL;
    f.options.groups = bad;
    f.options.group_count = 1;
    assert_int_equal(spool_open(&f.options, &spool), ERR_BAD_REQUEST);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_second_server_is_locked_out),
        cmocka_unit_test(test_torn_index),
        cmocka_unit_test(test_damaged_line_and_garbage),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_full_disk_over_the_wire),
        cmocka_unit_test(test_lost_and_damaged_files),
        cmocka_unit_test(test_groups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
