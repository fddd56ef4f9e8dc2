/* A target that is in use: the rules for what is in the way, and runs that only look. */
#include "flow/restore/restore.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "flow/restore/unfold_room.h"
#include "house.h"

/* --- the rules --- */

#define SECOND 1000000000LL

enum thing { NOTHING, FILE_OLDER, FILE_NEWER, SYMLINK, FOLDER, FIFO };

static void put_thing(struct rig *rig, const char *path, enum thing thing)
{
    char name[256];

    (void)mkdir(rig->target, 0700);
    house_full(rig, path, name);
    switch (thing) {
    case NOTHING:
        break;
    case FILE_OLDER:
        rig_put(rig, path, "mine", MAKER_MTIME_NS - SECOND);
        break;
    case FILE_NEWER:
        rig_put(rig, path, "mine", MAKER_MTIME_NS + SECOND);
        break;
    case SYMLINK:
        assert_int_equal(symlink("/etc/passwd", name), 0);
        break;
    case FOLDER:
        assert_int_equal(mkdir(name, 0700), 0);
        break;
    case FIFO:
        assert_int_equal(mkfifo(name, 0600), 0);
        break;
    }
}

/* What became of the entry "inline" (a file), or of "link" (a symlink), or of "d" (a folder). */
enum outcome { WRITTEN, KEPT, REPLACED, RENAMED, BLOCKED };

struct rule_row {
    const char *path;
    enum restore_conflict rule;
    enum thing thing;
    enum outcome want;
};

static const struct rule_row rule_rows[] = {
    {"inline", RESTORE_KEEP_EXISTING, NOTHING, WRITTEN},
    {"inline", RESTORE_KEEP_EXISTING, FILE_OLDER, KEPT},
    {"inline", RESTORE_KEEP_EXISTING, SYMLINK, KEPT},
    {"inline", RESTORE_KEEP_EXISTING, FOLDER, KEPT},
    {"inline", RESTORE_REPLACE, NOTHING, WRITTEN},
    {"inline", RESTORE_REPLACE, FILE_OLDER, REPLACED},
    {"inline", RESTORE_REPLACE, FILE_NEWER, REPLACED},
    {"inline", RESTORE_REPLACE, SYMLINK, REPLACED},
    {"inline", RESTORE_REPLACE, FOLDER, BLOCKED},
    {"inline", RESTORE_REPLACE, FIFO, BLOCKED},
    {"inline", RESTORE_NEWER, FILE_OLDER, REPLACED},
    {"inline", RESTORE_NEWER, FILE_NEWER, KEPT},
    {"inline", RESTORE_NEWER, NOTHING, WRITTEN},
    {"inline", RESTORE_RENAME, NOTHING, WRITTEN},
    {"inline", RESTORE_RENAME, FILE_OLDER, RENAMED},
    {"inline", RESTORE_RENAME, SYMLINK, RENAMED},
    {"inline", RESTORE_RENAME, FOLDER, RENAMED},
    {"inline", RESTORE_RENAME, FIFO, RENAMED},
    {"link", RESTORE_KEEP_EXISTING, FILE_OLDER, KEPT},
    {"link", RESTORE_REPLACE, FILE_NEWER, REPLACED},
    {"link", RESTORE_REPLACE, SYMLINK, REPLACED},
    {"link", RESTORE_REPLACE, FOLDER, BLOCKED},
    {"link", RESTORE_NEWER, FILE_OLDER, REPLACED},
    {"link", RESTORE_NEWER, FILE_NEWER, KEPT},
    {"link", RESTORE_RENAME, SYMLINK, RENAMED},
    {"d", RESTORE_KEEP_EXISTING, FOLDER, WRITTEN},
    {"d", RESTORE_KEEP_EXISTING, FILE_OLDER, BLOCKED},
    {"d", RESTORE_KEEP_EXISTING, SYMLINK, BLOCKED},
    {"d", RESTORE_NEWER, FILE_OLDER, BLOCKED},
    {"d", RESTORE_REPLACE, FILE_OLDER, WRITTEN},
    {"d", RESTORE_REPLACE, SYMLINK, WRITTEN},
    {"d", RESTORE_REPLACE, FIFO, BLOCKED},
    {"d", RESTORE_RENAME, FILE_OLDER, RENAMED},
    {"d", RESTORE_RENAME, SYMLINK, RENAMED},
};

/* Does the share's entry lie at `path`? */
static bool entry_is_at(struct house *h, const char *path, char kind)
{
    struct rig *rig = &h->rig;
    char name[256], text[32] = {0};
    struct stat st;

    house_full(rig, path, name);
    if (kind == 'd') {
        (void)snprintf(name + strlen(name), 16, "/small");
        return lstat(name, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 11;
    }
    if (kind == 'l') {
        return readlink(name, text, sizeof(text) - 1) == 9 && strcmp(text, "somewhere") == 0;
    }
    return lstat(name, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 11 &&
           st.st_mtim.tv_sec == MAKER_MTIME_NS / SECOND;
}

static void check_row(struct house *h, const struct rule_row *row)
{
    const struct restore_result *r = &h->rig.result;
    char other[64];

    (void)snprintf(other, sizeof(other), "%s~1", row->path);
    assert_int_equal(h->rig.err, row->want == BLOCKED ? ERR_IN_THE_WAY : OK);
    assert_int_equal(r->kept_files, row->want == KEPT);
    assert_int_equal(r->replaced_files, row->want == REPLACED);
    assert_int_equal(r->renamed_files, row->want == RENAMED);
    assert_int_equal(r->blocked_entries, row->want == BLOCKED);
    assert_int_equal(
        entry_is_at(h, row->path, row->path[0]), row->want == WRITTEN || row->want == REPLACED);
    assert_int_equal(entry_is_at(h, other, row->path[0]), row->want == RENAMED);
    if (row->want == KEPT || row->want == RENAMED || row->want == BLOCKED) {
        assert_non_null(strstr(h->rig.events, row->path));
    }
}

static void rules(void **state)
{
    struct house *h = *state;

    for (size_t i = 0; i < sizeof(rule_rows) / sizeof(rule_rows[0]); i++) {
        const struct rule_row *row = &rule_rows[i];
        const char *only[] = {row->path, NULL};

        print_message(
            "row %zu: %s rule %d thing %d\n", i, row->path, (int)row->rule, (int)row->thing);
        h->rig.conflict = row->rule;
        put_thing(&h->rig, row->path, row->thing);
        (void)rig_restore(&h->rig, only);
        check_row(h, row);
        assert_false(rig_marked(&h->rig));
        rig_assert_tidy(&h->rig);
        /* once more: nothing changes, nothing is counted as new */
        if (row->want != BLOCKED) {
            assert_int_equal(rig_restore(&h->rig, only), OK);
            assert_int_equal(h->rig.result.files + h->rig.result.symlinks, 0);
        }
        rig_remove_target(&h->rig);
    }
}

/* The share has itself what a rename would be called. */
static void names_that_meet(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;
    struct maker *m = rig->maker;
    char long_name[256];

    maker_restart(m);
    m->head.n = 2;
    m->head.directories = m->head.symlinks = m->head.others = 0;
    memset(long_name, 'n', 255);
    long_name[255] = '\0';
    maker_inline_file(m, MAKER_TOP, "a", bytes_str("1"));
    maker_inline_file(m, MAKER_TOP, "a~1", bytes_str("22"));
    maker_inline_file(m, MAKER_TOP, long_name, bytes_str("333"));
    maker_publish(m);
    rig_put(rig, "a", "mine", 0);
    rig_put(rig, long_name, "mine", 0);
    rig->conflict = RESTORE_RENAME;
    assert_int_equal(rig_restore(rig, NULL), OK);
    rig_assert_file(rig, "a~1", bytes_str("1"), 0640);
    rig_assert_file(rig, "a~1~1", bytes_str("22"), 0640);
    long_name[253] = '~';
    long_name[254] = '1';
    rig_assert_file(rig, long_name, bytes_str("333"), 0640);
    assert_int_equal(rig->result.renamed_files, 3);
    assert_int_equal(rig_restore(rig, NULL), OK);
    assert_int_equal(rig->result.verified_files, 3);
    assert_int_equal(rig_count(rig), 5);
}

/* What is right there stays what it is: the same inode, under every rule but keep. */
static void right_is_left_alone(void **state)
{
    static const enum restore_conflict all[] = {
        RESTORE_REPLACE, RESTORE_NEWER, RESTORE_RENAME, RESTORE_RESUME};
    struct house *h = *state;
    struct rig *rig = &h->rig;
    struct stat before, after;
    char path[256];

    assert_int_equal(rig_restore(rig, NULL), OK);
    house_full(rig, "big", path);
    assert_int_equal(stat(path, &before), 0);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        unsigned asked = house_data_asked(rig);

        rig->conflict = all[i];
        assert_int_equal(rig_restore(rig, NULL), OK);
        assert_int_equal(stat(path, &after), 0);
        assert_int_equal(before.st_ino, after.st_ino);
        assert_int_equal(house_data_asked(rig), asked);
        assert_int_equal(rig->result.verified_files, 6);
        house_assert_whole(h);
    }
}

/* A hard link is one again where its file had to be replaced. */
static void links_after_replacing(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;
    struct stat first, second;
    char path[256];

    rig_put(rig, "inline", "old", 0);
    rig_put(rig, "same", "old too", 0);
    rig->conflict = RESTORE_REPLACE;
    assert_int_equal(rig_restore(rig, NULL), OK);
    house_assert_whole(h);
    house_full(rig, "inline", path);
    assert_int_equal(stat(path, &first), 0);
    house_full(rig, "same", path);
    assert_int_equal(stat(path, &second), 0);
    assert_int_equal(first.st_ino, second.st_ino);
}

/* --- dry runs --- */

static void only_looking(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;
    const struct restore_result *r = &rig->result;

    rig->dry_run = RESTORE_DRY_RUN;
    assert_int_equal(rig_restore(rig, NULL), OK);
    rig_assert_absent(rig, "");
    assert_int_equal(house_data_asked(rig), 0);
    assert_int_equal(r->files, 5);
    assert_int_equal(r->directories, 1);
    assert_int_equal(r->symlinks, 1);
    assert_int_equal(r->bytes, rig->maker->head.bytes);
    assert_int_equal(r->needed_bytes, rig->maker->head.bytes - PAYLOAD_LEN); /* the hole */
    assert_int_equal(r->needed_articles, rig->maker->data.count);
    rig_put(rig, "inline", "old", 0);
    assert_int_equal(rig_restore(rig, NULL), ERR_NOT_EMPTY);
    rig->conflict = RESTORE_REPLACE;
    assert_int_equal(rig_restore(rig, NULL), OK);
    assert_int_equal(r->replaced_files, 1);
    rig->conflict = RESTORE_KEEP_EXISTING;
    assert_int_equal(rig_restore(rig, NULL), OK);
    assert_int_equal(r->kept_files, 1);
    rig->conflict = RESTORE_RENAME;
    assert_int_equal(rig_restore(rig, NULL), OK);
    assert_int_equal(r->renamed_files, 1);
    assert_int_equal(rig_count(rig), 1);
    assert_int_equal(house_data_asked(rig), 0);
}

/* It says what then happens. */
static void a_dry_run_tells_the_truth(void **state)
{
    static const enum restore_conflict all[] = {
        RESTORE_KEEP_EXISTING, RESTORE_REPLACE, RESTORE_NEWER, RESTORE_RENAME};
    struct house *h = *state;
    struct rig *rig = &h->rig;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct restore_result said;

        rig_put(rig, "inline", "old", 1);
        rig_put(rig, "big", "newer", MAKER_MTIME_NS + SECOND);
        put_thing(rig, "d", SYMLINK);
        put_thing(rig, "empty", FOLDER);
        rig->conflict = all[i];
        rig->dry_run = RESTORE_DRY_RUN;
        (void)rig_restore(rig, NULL);
        said = rig->result;
        assert_int_equal(rig_count(rig), 4);
        rig->dry_run = RESTORE_REAL_RUN;
        (void)rig_restore(rig, NULL);
        assert_int_equal(said.files, rig->result.files);
        assert_int_equal(said.directories, rig->result.directories);
        assert_int_equal(said.symlinks, rig->result.symlinks);
        assert_int_equal(said.kept_files, rig->result.kept_files);
        assert_int_equal(said.replaced_files, rig->result.replaced_files);
        assert_int_equal(said.renamed_files, rig->result.renamed_files);
        assert_int_equal(said.blocked_entries, rig->result.blocked_entries);
        rig_remove_target(rig);
    }
}

/* --- comparing --- */

static void assert_compared(struct rig *rig, uint64_t right, uint64_t differing, uint64_t missing)
{
    size_t count = rig_count(rig);

    rig->dry_run = RESTORE_COMPARE;
    rig->conflict = RESTORE_REPLACE;
    assert_int_equal(rig_restore(rig, NULL), OK);
    assert_int_equal(rig->result.verified_files, right);
    assert_int_equal(rig->result.differing_files, differing);
    assert_int_equal(rig->result.missing_files, missing);
    assert_int_equal(rig->result.replaced_files + rig->result.files, 0);
    assert_int_equal(rig_count(rig), count);
}

/* The house has five files, two of them names of one, and a symlink. */
static void nothing_there_is_all_missing(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;

    rig->dry_run = RESTORE_COMPARE;
    rig->conflict = RESTORE_REPLACE;
    assert_int_equal(rig_restore(rig, NULL), OK);
    assert_int_equal(rig->result.missing_files, 7); /* and the folder */
    assert_int_equal(rig->result.verified_files + rig->result.differing_files, 0);
    rig_assert_absent(rig, "");
}

/* One byte of the file at `path`, its time and mode as they were. */
static void turn_byte(const char *path)
{
    struct stat st;
    char byte;
    int fd = open(path, O_RDWR);

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(pread(fd, &byte, 1, 0), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, 0), 1);
    assert_int_equal(futimens(fd, (struct timespec[2]){st.st_atim, st.st_mtim}), 0);
    close(fd);
}

static void comparing_sees_every_byte(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;
    const struct timespec times[2] = {{1, 0}, {1, 0}};
    struct stat st;
    unsigned asked;
    char path[256];

    assert_int_equal(rig_restore(rig, NULL), OK);
    asked = house_data_asked(rig);
    assert_compared(rig, 6, 0, 0);
    house_full(rig, "big", path);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_int_equal(chmod(path, 0600), 0);
    assert_compared(rig, 6, 0, 0); /* they are no contents, and stay */
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_mtim.tv_sec, 1);
    turn_byte(path);
    assert_compared(rig, 5, 1, 0);
    assert_non_null(strstr(rig->events, "big: differs"));
    assert_int_equal(unlink(path), 0);
    assert_compared(rig, 5, 0, 1);
    assert_non_null(strstr(rig->events, "big: is missing"));
    assert_int_equal(mkdir(path, 0700), 0);
    assert_compared(rig, 5, 1, 0);
    assert_int_equal(house_data_asked(rig), asked);
    rig_assert_tidy(rig);
}

/* A file, a symlink to where it lies, a fifo: no folder, and what should be in it is missing. */
static void comparing_a_folder_that_is_none(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;
    char path[256];
    char away[256];

    assert_int_equal(rig_restore(rig, NULL), OK);
    house_full(rig, "d", path);
    house_full(rig, "away", away);
    assert_int_equal(rename(path, away), 0);
    assert_compared(rig, 5, 0, 2);
    assert_non_null(strstr(rig->events, "d: is missing"));
    assert_int_equal(symlink("away", path), 0);
    assert_compared(rig, 5, 1, 1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_compared(rig, 5, 1, 1);
    assert_non_null(strstr(rig->events, "d: differs"));
    assert_non_null(strstr(rig->events, "d/small: is missing"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rename(away, path), 0);
    assert_compared(rig, 6, 0, 0);
}

static void what_a_verdict_tells(void **state)
{
    static const struct {
        enum err verdict;
        bool untold;
    } rows[] = {{ERR_BAD_SEAL, false}, {ERR_CHANGED, false}, {ERR_PERMISSION, true},
        {ERR_DISK_IO, true}, {ERR_NOT_FOUND, true}, {ERR_ARTICLES_LOST, true},
        {ERR_NO_MEMORY, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(unfold_is_untold(rows[i].verdict), rows[i].untold);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rules, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(names_that_meet, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(right_is_left_alone, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(links_after_replacing, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(only_looking, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(a_dry_run_tells_the_truth, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(nothing_there_is_all_missing, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(comparing_sees_every_byte, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(
            comparing_a_folder_that_is_none, house_setup, house_teardown),
        cmocka_unit_test(what_a_verdict_tells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
