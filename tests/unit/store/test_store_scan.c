/* Scans: sorted, in pieces and loose; interrupted anywhere; extents kept and lost. */
#include "io/store/store_volume.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "scan_fixture.h"

/* --- tests -------------------------------------------------------------------------------------
 */

static void first_scan_and_rescan(void **state)
{
    struct fixture *f = *state;
    struct store_entry root[] = {
        scan_file("a", 10, 1), scan_folder("b", 1), scan_file("empty", 0, 1)};
    struct store_entry sub[] = {scan_file("x", 20, 1)};
    struct store_scan_counts c;

    scan_begin(f);
    scan_expect_queue(f, 0, "1:;");
    scan_put(f, 1, root, 3);
    scan_expect_queue(f, 0, "2:b;");
    scan_expect_queue(f, 2, "");
    scan_put(f, 2, sub, 1);
    scan_expect_queue(f, 0, "");
    c = scan_end(f);
    assert_int_equal(c.files, 3);
    assert_int_equal(c.directories, 1);
    assert_int_equal(c.bytes, 30);
    assert_int_equal(c.changed_files, 3);
    assert_int_equal(c.changed_bytes, 30);
    assert_int_equal(c.changed_entries, 4);
    scan_expect(f, "1/a t2 s10 c0 unsent;1/b t1 s0 c2 sent;1/empty t2 s0 c0 sent;"
                   "2/x t2 s20 c0 unsent;");

    scan_send(f, 1, &root[0], "A");
    scan_send(f, 2, &sub[0], "X");
    scan_begin(f);
    root[1].mtime_ns = 2; /* a folder keeps its child whatever its times */
    scan_put(f, 1, root, 3);
    scan_put(f, 2, sub, 1);
    c = scan_end(f);
    assert_int_equal(c.changed_files, 0);
    assert_int_equal(c.changed_entries, 1);
    scan_expect(f, "1/a t2 s10 c0 sentA;1/b t1 s0 c2 sent;1/empty t2 s0 c0 sent;"
                   "2/x t2 s20 c0 sentX;");
}

struct change_row {
    const char *what;
    void (*change)(struct store_entry *e);
    bool kept;
};

static void change_nothing(struct store_entry *e)
{
    (void)e;
}
static void change_mode(struct store_entry *e)
{
    e->mode = 0600;
}
static void change_size(struct store_entry *e)
{
    e->size++;
}
static void change_mtime(struct store_entry *e)
{
    e->mtime_ns++;
}
static void change_ctime(struct store_entry *e)
{
    e->ctime_ns++;
}
static void change_inode(struct store_entry *e)
{
    e->inode++;
}
static void change_device(struct store_entry *e)
{
    e->device++;
}
static void change_type(struct store_entry *e)
{
    e->type = STORE_SYMLINK;
    e->target = bytes_str("there");
}

static void what_keeps_extents(void **state)
{
    static const struct change_row rows[] = {
        {"nothing", change_nothing, true},
        {"mode", change_mode, true},
        {"size", change_size, false},
        {"mtime", change_mtime, false},
        {"ctime", change_ctime, false},
        {"inode", change_inode, false},
        {"device", change_device, false},
        {"type", change_type, false},
    };
    struct fixture *f = *state;

    for (int order = STORE_SORTED; order <= STORE_LOOSE; order++) {
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            struct store_entry e = scan_file("f", 10, 1);
            struct store_listing l = scan_whole(f, 1, &e, 1);
            struct store_scan_counts c = {0};
            struct buf text = {0};

            e.mode = 0644;
            scan_begin(f);
            scan_put(f, 1, &e, 1);
            scan_end(f);
            scan_send(f, 1, &e, "EXT");
            rows[i].change(&e);
            l.order = (enum store_listing_order)order;
            scan_begin(f);
            l.ticket = f->ticket;
            assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &c), OK);
            scan_end(f);
            assert_int_equal(
                store_entry_after(f->store, f->share, 0, (struct bytes){0}, 9, scan_text, &text),
                OK);
            assert_int_equal(buf_append_byte(&text, 0), OK);
            if ((strstr((char *)text.ptr, "EXT") != NULL) != rows[i].kept) {
                fail_msg("%s: %s", rows[i].what, (char *)text.ptr);
            }
            buf_clear(&text);
        }
    }
}

static void vanished_entries_go(void **state)
{
    struct fixture *f = *state;
    struct store_entry root[] = {
        scan_file("a", 1, 1), scan_folder("b", 1), scan_file("c", 1, 1), scan_file("d", 1, 1)};
    struct store_entry sub[] = {scan_folder("deep", 1), scan_file("x", 1, 1)};
    struct store_entry deep[] = {scan_file("y", 1, 1)};
    struct store_entry left[] = {scan_file("a0", 1, 1), scan_file("c", 1, 1)};
    struct store_scan_counts c;

    scan_begin(f);
    scan_put(f, 1, root, 4);
    scan_put(f, 2, sub, 2);
    scan_put(f, 3, deep, 1);
    scan_end(f);
    scan_begin(f);
    scan_put(f, 1, left, 2);
    c = scan_end(f);
    assert_int_equal(c.removed, 6); /* a, b, d and what lay below b */
    scan_expect(f, "1/a0 t2 s1 c0 unsent;1/c t2 s1 c0 unsent;");
    scan_begin(f);
    scan_put(f, 1, NULL, 0);
    assert_int_equal(scan_end(f).removed, 2);
    scan_expect(f, "");
}

/* A file becomes a folder and the other way round. */
static void types_swap(void **state)
{
    struct fixture *f = *state;
    struct store_entry before[] = {scan_file("a", 5, 1), scan_folder("b", 1)};
    struct store_entry inside[] = {scan_file("x", 1, 1)};
    struct store_entry after[] = {scan_folder("a", 2), scan_file("b", 6, 2)};

    scan_begin(f);
    scan_put(f, 1, before, 2);
    scan_put(f, 2, inside, 1);
    scan_end(f);
    scan_begin(f);
    scan_put(f, 1, after, 2);
    scan_expect_queue(f, 0, "3:a;");
    scan_put(f, 3, NULL, 0);
    assert_int_equal(scan_end(f).removed, 1);
    scan_expect(f, "1/a t1 s0 c3 sent;1/b t2 s6 c0 unsent;");
}

/* A listing in pieces that is started anew counts once, and its folders wait for its end. */
static void pieces_and_crash(void **state)
{
    struct fixture *f = *state;
    struct store_entry e[] = {
        scan_folder("a", 1), scan_file("b", 1, 1), scan_folder("c", 1), scan_file("d", 1, 1)};
    struct store_scan_counts c = {0};

    for (int order = STORE_SORTED; order <= STORE_LOOSE; order++) {
        struct store_listing l = scan_whole(f, 1, e, 2);

        scan_begin(f);
        l.ticket = f->ticket;
        l.order = (enum store_listing_order)order;
        l.last = false;
        assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &c), OK);
        scan_expect_queue(f, 0, "1:;");
        fixture_reopen(f); /* crash */
        scan_begin(f);
        assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &c), ERR_CANCELLED);
        l.ticket = f->ticket;
        assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &c), OK);
        l.first = false;
        l.after = e[1].name;
        l.entries = e + 2;
        l.last = true;
        assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &c), OK);
        scan_expect_queue(f, 0, "2:a;3:c;");
        scan_put(f, 2, NULL, 0);
        scan_put(f, 3, NULL, 0);
        c = scan_end(f);
        assert_int_equal(c.files, 2);
        assert_int_equal(c.directories, 2);
        assert_int_equal(c.bytes, 2);
    }
}

static void hostile_puts(void **state)
{
    struct fixture *f = *state;
    struct store_entry unsorted[] = {scan_file("b", 1, 1), scan_file("a", 1, 1)};
    struct store_entry twice[] = {scan_file("a", 1, 1), scan_file("a", 1, 1)};
    struct store_entry nul = scan_file("a", 1, 1);
    struct store_entry empty = scan_file("", 1, 1);
    struct store_listing rows[] = {
        scan_whole(f, 1, unsorted, 2), scan_whole(f, 1, twice, 2), scan_whole(f, 99, unsorted, 1)};
    struct store_listing bad_names[] = {scan_whole(f, 1, &nul, 1), scan_whole(f, 1, &empty, 1)};
    struct store_scan_counts c = {0};

    nul.name = bytes_at("a\0b", 3);
    assert_int_equal(store_scan_put(f->store, f->share, rows, 1, &c), ERR_BUG); /* not begun */
    scan_begin(f);
    for (size_t i = 0; i < 3; i++) {
        rows[i].ticket = f->ticket;
        bad_names[i % 2].ticket = f->ticket;
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(store_scan_put(f->store, f->share, &rows[i], 1, &c), ERR_BUG);
        assert_int_equal(store_scan_put(f->store, f->share, &bad_names[i], 1, &c), ERR_LIMIT);
    }
    assert_int_equal(store_scan_end(f->store, f->share), ERR_BUG); /* the root was not listed */
    scan_expect(f, "");
    scan_put(f, 1, twice, 1);
    assert_int_equal(store_scan_put(f->store, f->share, rows, 1, &c), ERR_BUG); /* done already */
    rows[2].first = false;
    assert_int_equal(store_scan_put(f->store, f->share, &rows[2], 1, &c), ERR_BUG);
    scan_end(f);
}

/* --- reading -----------------------------------------------------------------------------------
 */

static void unsent_paging_and_totals(void **state)
{
    struct fixture *f = *state;
    struct store_entry root[] = {
        scan_file("a", 1, 1), scan_folder("b", 1), scan_folder("c", 1), scan_file("d", 2, 1)};
    struct store_entry sub[] = {scan_file("x", 4, 1), scan_file("y", 8, 1)};
    struct store_totals totals;

    scan_begin(f);
    scan_put(f, 1, root, 4);
    scan_put(f, 2, sub, 2);
    scan_put(f, 3, NULL, 0);
    scan_end(f);
    scan_send(f, 1, &root[0], "A");
    scan_send(f, 1, &root[3], "D");
    scan_expect_unsent(f, 1, "2/x t2 s4 c0 unsent;2/y t2 s8 c0 unsent;");
    assert_int_equal(store_entry_totals(f->store, f->share, &totals), OK);
    assert_int_equal(totals.files, 4);
    assert_int_equal(totals.directories, 2);
    assert_int_equal(totals.bytes, 15);
    assert_int_equal(totals.unsent_files, 2);
    assert_int_equal(totals.unsent_bytes, 12);
    /* folder 1 was noted as sent: sending a file of it again must bring it back */
    assert_int_equal(store_entry_unsend(f->store, f->share, 1, root[3].name), OK);
    scan_expect_unsent(f, 2, "1/d t2 s2 c0 unsent;2/x t2 s4 c0 unsent;2/y t2 s8 c0 unsent;");
    root[0].mtime_ns = 9; /* folder 1 was noted as sent: it must come back */
    scan_begin(f);
    scan_put(f, 1, root, 4);
    scan_expect_unsent(
        f, 10, "1/a t2 s1 c0 unsent;1/d t2 s2 c0 unsent;2/x t2 s4 c0 unsent;2/y t2 s8 c0 unsent;");
}

static void paths_and_drop(void **state)
{
    struct fixture *f = *state;
    struct store_entry root[] = {scan_folder("top", 1)};
    struct store_entry sub[] = {scan_folder("in\nside", 1)};
    struct store_entry deep[] = {scan_file("x", 1, 1)};
    struct buf path = {0};

    scan_begin(f);
    scan_put(f, 1, root, 1);
    scan_put(f, 2, sub, 1);
    scan_put(f, 3, deep, 1);
    scan_end(f);
    assert_int_equal(store_folder_path(f->store, f->share, 3, &path), OK);
    assert_true(bytes_equal(buf_view(&path), bytes_str("top/in\nside")));
    path.len = 0;
    assert_int_equal(store_folder_path(f->store, f->share, 1, &path), OK);
    assert_int_equal(path.len, 0);
    assert_int_equal(store_folder_path(f->store, f->share, 77, &path), ERR_NO_ROW);
    assert_int_equal(store_entry_drop(f->store, f->share, 3, bytes_str("y")), ERR_NO_ROW);
    assert_int_equal(store_entry_drop(f->store, f->share, 3, bytes_str("x")), OK);
    scan_expect(f, "1/top t1 s0 c2 sent;2/in\nside t1 s0 c3 sent;");
    buf_clear(&path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(first_scan_and_rescan),
        TEST(what_keeps_extents),
        TEST(vanished_entries_go),
        TEST(types_swap),
        TEST(pieces_and_crash),
        TEST(hostile_puts),
        TEST(unsent_paging_and_totals),
        TEST(paths_and_drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
