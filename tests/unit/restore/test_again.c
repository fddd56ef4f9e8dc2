/* A second restore into the same target: what is right there is kept and not fetched, what is not
 * is. */
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

#include "house.h"

/* The marker as a broken-off restore would have left it. */
static void mark(struct rig *rig, uint64_t version)
{
    char text[128], hex[33];

    for (size_t i = 0; i < 16; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", rig->maker->link.fingerprint[i]);
    }
    (void)snprintf(text, sizeof(text), "usenetsync restore 1\nshare %s\nversion %020llu\n", hex,
        (unsigned long long)version);
    rig_put(rig, ".usenetsync-restore", text, 0);
}

/* --- going on --- */

static void after_success_it_is_not_ours(void **state)
{
    struct house *h = *state;

    assert_int_equal(rig_restore(&h->rig, NULL), OK);
    house_assert_whole(h);
    assert_false(rig_marked(&h->rig));
    assert_int_equal(rig_restore(&h->rig, NULL), ERR_NOT_EMPTY);
    house_assert_whole(h);
}

/* Everything is there already: nothing is fetched, and what is left is finished. */
static void all_right_already(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;
    unsigned asked;
    char path[256];

    assert_int_equal(rig_restore(rig, NULL), OK);
    asked = house_data_asked(rig);
    mark(rig, 1);
    house_full(rig, "big", path);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(rig_restore(rig, NULL), OK);
    assert_int_equal(house_data_asked(rig), asked);
    assert_int_equal(rig->result.verified_files, 6);
    assert_int_equal(rig->result.files, 0);
    assert_int_equal(rig->bytes_done, rig->maker->head.bytes);
    assert_false(rig_marked(rig));
    house_assert_whole(h);
}

/* The same, without the marker, when the caller knows. */
static void the_caller_knows(void **state)
{
    struct house *h = *state;

    assert_int_equal(rig_restore(&h->rig, NULL), OK);
    h->rig.conflict = RESTORE_RESUME;
    assert_int_equal(rig_restore(&h->rig, NULL), OK);
    assert_int_equal(h->rig.result.verified_files, 6);
    house_assert_whole(h);
    assert_false(rig_marked(&h->rig));
}

static void write_at(struct rig *rig, const char *path, off_t offset, char byte)
{
    struct timespec times[2] = {
        {0, UTIME_OMIT}, {MAKER_MTIME_NS / 1000000000, MAKER_MTIME_NS % 1000000000}};
    char name[256];
    int fd;

    house_full(rig, path, name);
    fd = open(name, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, &byte, 1, offset), 1);
    assert_int_equal(futimens(fd, times), 0);
    assert_int_equal(close(fd), 0);
}

/* One byte is other than it should be, size and mtime are right: only reading tells. */
static void wrong_bytes(void **state)
{
    static const struct {
        const char *path;
        off_t offset;
        unsigned segments; /* that must come again */
    } rows[] = {
        {"big", 5, 3},
        {"big", PAYLOAD_LEN + 4000, 3},              /* in the hole */
        {"big", BIG_BLOCKS * (off_t)PAYLOAD_LEN, 3}, /* in the tail */
        {"big", 2 * (off_t)PAYLOAD_LEN, 3},
        {"inline", 3, 0},
    };
    struct house *h = *state;
    struct rig *rig = &h->rig;

    assert_int_equal(rig_restore(rig, NULL), OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned asked = house_data_asked(rig);

        write_at(rig, rows[i].path, rows[i].offset, '#');
        mark(rig, 1);
        assert_int_equal(rig_restore(rig, NULL), OK);
        assert_int_equal(house_data_asked(rig) - asked, rows[i].segments);
        assert_true(rig->result.replaced_files >= 1);
        house_assert_whole(h);
    }
}

/* Leftovers go, what only looks like one stays. */
static void leftovers(void **state)
{
    static const char *const ours[] = {
        ".usenetsync-abcdefghijklmnop", "d/.usenetsync-2222222222222222"};
    static const char *const others[] = {".usenetsync-abcdefghijklmno1",
        ".usenetsync-abcdefghijklmno", ".usenetsync-abcdefghijklmnopq", ".usenetsync-x"};
    struct house *h = *state;
    struct rig *rig = &h->rig;
    char path[256], folder[256];
    int held;

    assert_int_equal(rig_restore(rig, NULL), OK);
    for (size_t i = 0; i < 2; i++) {
        rig_put(rig, ours[i], "part of something", 0);
    }
    for (size_t i = 0; i < 4; i++) {
        rig_put(rig, others[i], "a user's", 0);
    }
    house_full(rig, ".usenetsync-bbbbbbbbbbbbbbbb", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    rig_put(rig, ".usenetsync-cccccccccccccccc", "of somebody who lives", 0);
    house_full(rig, ".usenetsync-cccccccccccccccc", path);
    held = open(path, O_RDONLY);
    assert_int_equal(flock(held, LOCK_EX), 0);
    mark(rig, 1);
    assert_int_equal(rig_restore(rig, NULL), OK);
    rig_assert_absent(rig, ours[0]);
    rig_assert_absent(rig, ours[1]);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    for (size_t i = 0; i < 4; i++) {
        house_full(rig, others[i], path);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(close(held), 0);
    (void)chmod(rig->target, 0750);
    assert_false(rig_marked(rig));
}

struct mark_row {
    const char *name;
    const char *text; /* NULL: our marker, of `version` */
    uint64_t version;
    uint64_t wanted;
    enum err want;
};

static const struct mark_row mark_rows[] = {
    {"of this version", NULL, 1, 0, OK},
    {"of any version", NULL, 0, 0, OK},
    {"of this version, asked for", NULL, 1, 1, OK},
    {"of a version that is nowhere", NULL, 7, 0, ERR_SHARE_NOT_FOUND},
    {"of another version than asked for", NULL, 7, 1, ERR_NOT_EMPTY},
    {"empty", "", 0, 0, ERR_NOT_EMPTY},
    {"of another share",
        "usenetsync restore 1\nshare 00112233445566778899aabbccddeeff\n"
        "version 00000000000000000001\n",
        0, 0, ERR_NOT_EMPTY},
    {"with something behind it", "usenetsync restore 1\nshare", 0, 0, ERR_NOT_EMPTY},
};

static void markers(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;

    for (size_t i = 0; i < sizeof(mark_rows) / sizeof(mark_rows[0]); i++) {
        const struct mark_row *row = &mark_rows[i];

        if (row->text == NULL) {
            mark(rig, row->version);
        } else {
            rig_put(rig, ".usenetsync-restore", row->text, 0);
        }
        rig_put(rig, "mine", "mine", 0);
        rig->version = row->wanted;
        if (rig_restore(rig, NULL) != row->want) {
            fail_msg("%s: %s", row->name, err_name(rig->err));
        }
        assert_int_equal(rig_marked(rig), row->want != OK);
    }
}

/* A whole restore by another rule is the end of what was begun, too; of a part it is not. */
static void another_rule(void **state)
{
    const char *only[] = {"inline", NULL};
    struct house *h = *state;
    struct rig *rig = &h->rig;

    mark(rig, 1);
    rig->conflict = RESTORE_KEEP_EXISTING;
    assert_int_equal(rig_restore(rig, only), OK);
    assert_true(rig_marked(rig));
    assert_int_equal(rig_restore(rig, NULL), OK);
    assert_false(rig_marked(rig));
    house_assert_whole(h);
}

/* A symlink that is there without its time: killed between the two steps. */
static void half_a_symlink(void **state)
{
    static const enum restore_conflict all[] = {
        RESTORE_INTO_EMPTY, RESTORE_REPLACE, RESTORE_RENAME};
    struct house *h = *state;
    struct rig *rig = &h->rig;
    char path[256];

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        mark(rig, 1);
        house_full(rig, "link", path);
        (void)unlink(path);
        assert_int_equal(symlink("somewhere", path), 0);
        rig->conflict = all[i];
        assert_int_equal(rig_restore(rig, NULL), OK);
        assert_int_equal(rig->result.renamed_files, 0);
        if (all[i] != RESTORE_RENAME) {
            house_assert_whole(h);
        }
        assert_int_equal(rig_count(rig), 7);
    }
}

/* The marker is another's while somebody holds it. */
static void two_at_once(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;
    char path[256];
    int fd;

    mark(rig, 1);
    house_full(rig, ".usenetsync-restore", path);
    fd = open(path, O_RDONLY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(rig_restore(rig, NULL), ERR_NOT_EMPTY);
    assert_int_equal(close(fd), 0);
    assert_int_equal(rig_restore(rig, NULL), OK);
    house_assert_whole(h);
}

/* What was lost stays marked; when the articles are back, a second run completes it. */
static void lost_and_found(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;
    const char *id = rig->maker->data.ids[0];
    struct server_article *a = NULL;
    uint8_t *body;
    size_t len;

    for (size_t i = 0; i < rig->server.count; i++) {
        if (strcmp(rig->server.articles[i].id, id) == 0) {
            a = &rig->server.articles[i];
        }
    }
    if (a == NULL) {
        fail();
        return;
    }
    len = a->len;
    body = malloc(len);
    assert_non_null(body);
    memcpy(body, a->body, len);
    assert_true(server_remove(&rig->server, id));
    assert_int_equal(rig_restore(rig, NULL), ERR_ARTICLES_LOST);
    assert_true(rig_marked(rig));
    rig_assert_absent(rig, "big");
    server_add(&rig->server, id, body, len);
    free(body);
    assert_int_equal(rig_restore(rig, NULL), OK);
    assert_int_equal(rig->result.verified_files, 5);
    house_assert_whole(h);
    assert_false(rig_marked(rig));
}

/* Cancelled at every moment: each next one goes on, and in the end all is there. */
static void cancelled_again_and_again(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;

    for (uint64_t ms = 0; ms < 60; ms += 3) {
        struct restore *restore = rig_start(rig, NULL);

        rig_pass(rig, ms);
        if (rig->calls > 0) {
            break;
        }
        restore_cancel(restore);
        rig->conflict = RESTORE_RESUME; /* it may have been just through */
    }
    if (rig->calls == 0) {
        assert_int_equal(rig_restore(rig, NULL), OK);
    }
    assert_int_equal(rig->err, OK);
    house_assert_whole(h);
    assert_false(rig_marked(rig));
}

static void an_older_version(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;
    struct maker *m = rig->maker;
    const char *only[] = {"inline", NULL};

    memcpy(m->head.prev, "the hash of the first", 21);
    maker_restart(m);
    m->head.n = 2;
    m->head.directories = m->head.symlinks = m->head.others = 0;
    maker_inline_file(m, MAKER_TOP, "inline", bytes_str("the second version"));
    maker_publish(m);
    rig->version = 1;
    assert_int_equal(rig_restore(rig, only), OK);
    assert_int_equal(rig->result.version, 1);
    rig_assert_file(rig, "inline", bytes_str("in the head"), 0640);
    rig->version = 0;
    rig->conflict = RESTORE_REPLACE;
    assert_int_equal(rig_restore(rig, NULL), OK);
    assert_int_equal(rig->result.version, 2);
    assert_int_equal(rig->result.replaced_files, 1);
    rig_assert_file(rig, "inline", bytes_str("the second version"), 0640);
    rig->version = 9;
    assert_int_equal(rig_restore(rig, NULL), ERR_SHARE_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(after_success_it_is_not_ours, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(all_right_already, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(the_caller_knows, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(wrong_bytes, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(leftovers, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(markers, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(another_rule, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(half_a_symlink, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(two_at_once, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(lost_and_found, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(cancelled_again_and_again, house_setup, house_teardown),
        cmocka_unit_test_setup_teardown(an_older_version, house_setup, house_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
