/* Scans: a random tree that changes at random is put into the catalogue and must come out as a dumb
 * twin has it; sorted, in pieces and loose; interrupted anywhere; extents kept and lost. */
#include "io/store/store_volume.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "store_fixture.h"

/* --- helpers -----------------------------------------------------------------------------------
 */

/* Of the scan begun last. */
static uint64_t ticket;

static struct store_entry file(const char *name, uint64_t size, int64_t mtime)
{
    return (struct store_entry){.name = bytes_str(name),
        .type = STORE_FILE,
        .mode = 0644,
        .size = size,
        .mtime_ns = mtime,
        .ctime_ns = mtime,
        .inode = 5,
        .device = 1};
}

static struct store_entry folder(const char *name, int64_t mtime)
{
    struct store_entry e = file(name, 0, mtime);

    e.type = STORE_DIRECTORY;
    e.mode = 0755;
    return e;
}

static struct store_listing whole(uint64_t id, const struct store_entry *entries, size_t count)
{
    return (struct store_listing){.ticket = ticket,
        .folder = id,
        .entries = entries,
        .count = count,
        .order = STORE_SORTED,
        .first = true,
        .last = true};
}

static void begin(struct fixture *f)
{
    assert_int_equal(store_scan_begin(f->store, f->share, &ticket), OK);
}

static void put(struct fixture *f, uint64_t id, const struct store_entry *entries, size_t count)
{
    struct store_listing l = whole(id, entries, count);
    struct store_scan_counts counts = {0};

    assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &counts), OK);
}

static struct store_scan_counts end(struct fixture *f)
{
    struct store_scan_counts counts;
    enum err err;

    while ((err = store_scan_end(f->store, f->share)) == ERR_CHANGED) {
    }
    assert_int_equal(err, OK);
    assert_int_equal(store_scan_counts(f->store, f->share, &counts), OK);
    return counts;
}

/* All entries as text: "folder/name type size child sent extents;" */
static enum err on_text(void *arg, const struct store_entry *e)
{
    return buf_printf(arg, "%d/%.*s t%d s%d c%d %s%.*s;", (int)e->folder, (int)e->name.len,
        (const char *)e->name.ptr, (int)e->type, (int)e->size, (int)e->child,
        e->sent ? "sent" : "unsent", (int)e->extents.len, (const char *)e->extents.ptr);
}

static void expect_entries(struct fixture *f, const char *text)
{
    struct buf b = {0};

    assert_int_equal(
        store_entry_after(f->store, f->share, 0, (struct bytes){0}, 100000, on_text, &b), OK);
    assert_int_equal(buf_append_byte(&b, 0), OK);
    assert_string_equal((const char *)b.ptr, text);
    buf_clear(&b);
}

static enum err on_queued_text(void *arg, uint64_t id, struct bytes path)
{
    return buf_printf(arg, "%d:%.*s;", (int)id, (int)path.len, (const char *)path.ptr);
}

static void expect_queue(struct fixture *f, uint64_t after, const char *text)
{
    struct buf b = {0};

    assert_int_equal(store_scan_queued(f->store, f->share, after, on_queued_text, &b), OK);
    assert_int_equal(buf_append_byte(&b, 0), OK);
    assert_string_equal((const char *)b.ptr, text);
    buf_clear(&b);
}

static void send_file(struct fixture *f, uint64_t id, const struct store_entry *e, const char *ext)
{
    struct store_sent sent = {.folder = id,
        .name = e->name,
        .size = e->size,
        .mtime_ns = e->mtime_ns,
        .ctime_ns = e->ctime_ns,
        .inode = e->inode,
        .device = e->device,
        .mode = e->mode,
        .extents = bytes_str(ext)};
    struct store_flush flush = {.sent = &sent, .sent_count = 1};

    assert_int_equal(store_flush(f->store, f->share, &flush), OK);
}

/* --- tests -------------------------------------------------------------------------------------
 */

static void first_scan_and_rescan(void **state)
{
    struct fixture *f = *state;
    struct store_entry root[] = {file("a", 10, 1), folder("b", 1), file("empty", 0, 1)};
    struct store_entry sub[] = {file("x", 20, 1)};
    struct store_scan_counts c;

    begin(f);
    expect_queue(f, 0, "1:;");
    put(f, 1, root, 3);
    expect_queue(f, 0, "2:b;");
    expect_queue(f, 2, "");
    put(f, 2, sub, 1);
    expect_queue(f, 0, "");
    c = end(f);
    assert_int_equal(c.files, 3);
    assert_int_equal(c.directories, 1);
    assert_int_equal(c.bytes, 30);
    assert_int_equal(c.changed_files, 3);
    assert_int_equal(c.changed_bytes, 30);
    assert_int_equal(c.changed_entries, 4);
    expect_entries(f, "1/a t2 s10 c0 unsent;1/b t1 s0 c2 sent;1/empty t2 s0 c0 sent;"
                      "2/x t2 s20 c0 unsent;");

    send_file(f, 1, &root[0], "A");
    send_file(f, 2, &sub[0], "X");
    begin(f);
    root[1].mtime_ns = 2; /* a folder keeps its child whatever its times */
    put(f, 1, root, 3);
    put(f, 2, sub, 1);
    c = end(f);
    assert_int_equal(c.changed_files, 0);
    assert_int_equal(c.changed_entries, 1);
    expect_entries(f, "1/a t2 s10 c0 sentA;1/b t1 s0 c2 sent;1/empty t2 s0 c0 sent;"
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
            struct store_entry e = file("f", 10, 1);
            struct store_listing l = whole(1, &e, 1);
            struct store_scan_counts c = {0};
            struct buf text = {0};

            e.mode = 0644;
            begin(f);
            put(f, 1, &e, 1);
            end(f);
            send_file(f, 1, &e, "EXT");
            rows[i].change(&e);
            l.order = (enum store_listing_order)order;
            begin(f);
            l.ticket = ticket;
            assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &c), OK);
            end(f);
            assert_int_equal(
                store_entry_after(f->store, f->share, 0, (struct bytes){0}, 9, on_text, &text), OK);
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
    struct store_entry root[] = {file("a", 1, 1), folder("b", 1), file("c", 1, 1), file("d", 1, 1)};
    struct store_entry sub[] = {folder("deep", 1), file("x", 1, 1)};
    struct store_entry deep[] = {file("y", 1, 1)};
    struct store_entry left[] = {file("a0", 1, 1), file("c", 1, 1)};
    struct store_scan_counts c;

    begin(f);
    put(f, 1, root, 4);
    put(f, 2, sub, 2);
    put(f, 3, deep, 1);
    end(f);
    begin(f);
    put(f, 1, left, 2);
    c = end(f);
    assert_int_equal(c.removed, 6); /* a, b, d and what lay below b */
    expect_entries(f, "1/a0 t2 s1 c0 unsent;1/c t2 s1 c0 unsent;");
    begin(f);
    put(f, 1, NULL, 0);
    assert_int_equal(end(f).removed, 2);
    expect_entries(f, "");
}

/* A file becomes a folder and the other way round. */
static void types_swap(void **state)
{
    struct fixture *f = *state;
    struct store_entry before[] = {file("a", 5, 1), folder("b", 1)};
    struct store_entry inside[] = {file("x", 1, 1)};
    struct store_entry after[] = {folder("a", 2), file("b", 6, 2)};

    begin(f);
    put(f, 1, before, 2);
    put(f, 2, inside, 1);
    end(f);
    begin(f);
    put(f, 1, after, 2);
    expect_queue(f, 0, "3:a;");
    put(f, 3, NULL, 0);
    assert_int_equal(end(f).removed, 1);
    expect_entries(f, "1/a t1 s0 c3 sent;1/b t2 s6 c0 unsent;");
}

/* A listing in pieces that is started anew counts once, and its folders wait for its end. */
static void pieces_and_crash(void **state)
{
    struct fixture *f = *state;
    struct store_entry e[] = {folder("a", 1), file("b", 1, 1), folder("c", 1), file("d", 1, 1)};
    struct store_scan_counts c = {0};

    for (int order = STORE_SORTED; order <= STORE_LOOSE; order++) {
        struct store_listing l = whole(1, e, 2);

        begin(f);
        l.ticket = ticket;
        l.order = (enum store_listing_order)order;
        l.last = false;
        assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &c), OK);
        expect_queue(f, 0, "1:;");
        fixture_reopen(f); /* crash */
        begin(f);
        assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &c), ERR_CANCELLED);
        l.ticket = ticket;
        assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &c), OK);
        l.first = false;
        l.after = e[1].name;
        l.entries = e + 2;
        l.last = true;
        assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &c), OK);
        expect_queue(f, 0, "2:a;3:c;");
        put(f, 2, NULL, 0);
        put(f, 3, NULL, 0);
        c = end(f);
        assert_int_equal(c.files, 2);
        assert_int_equal(c.directories, 2);
        assert_int_equal(c.bytes, 2);
    }
}

static void hostile_puts(void **state)
{
    struct fixture *f = *state;
    struct store_entry unsorted[] = {file("b", 1, 1), file("a", 1, 1)};
    struct store_entry twice[] = {file("a", 1, 1), file("a", 1, 1)};
    struct store_entry nul = file("a", 1, 1);
    struct store_entry empty = file("", 1, 1);
    struct store_listing rows[] = {
        whole(1, unsorted, 2), whole(1, twice, 2), whole(99, unsorted, 1)};
    struct store_listing bad_names[] = {whole(1, &nul, 1), whole(1, &empty, 1)};
    struct store_scan_counts c = {0};

    nul.name = bytes_at("a\0b", 3);
    assert_int_equal(store_scan_put(f->store, f->share, rows, 1, &c), ERR_BUG); /* not begun */
    begin(f);
    for (size_t i = 0; i < 3; i++) {
        rows[i].ticket = ticket;
        bad_names[i % 2].ticket = ticket;
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(store_scan_put(f->store, f->share, &rows[i], 1, &c), ERR_BUG);
        assert_int_equal(store_scan_put(f->store, f->share, &bad_names[i], 1, &c), ERR_LIMIT);
    }
    assert_int_equal(store_scan_end(f->store, f->share), ERR_BUG); /* the root was not listed */
    expect_entries(f, "");
    put(f, 1, twice, 1);
    assert_int_equal(store_scan_put(f->store, f->share, rows, 1, &c), ERR_BUG); /* done already */
    rows[2].first = false;
    assert_int_equal(store_scan_put(f->store, f->share, &rows[2], 1, &c), ERR_BUG);
    end(f);
}

/* --- the dumb twin -----------------------------------------------------------------------------
 */

enum { TWIN_NAMES = 60, TWIN_ROUNDS = 300 };

struct twin {
    bool there[TWIN_NAMES];
    int64_t mtime[TWIN_NAMES];
    bool sent[TWIN_NAMES];
};

static void twin_mutate(struct twin *t, unsigned *seed)
{
    for (size_t i = 0; i < TWIN_NAMES; i++) {
        int dice = rand_r(seed) % 8;

        if (dice == 0) {
            t->there[i] = !t->there[i];
            t->sent[i] = false;
            t->mtime[i]++;
        } else if (dice == 1) {
            t->mtime[i]++;
            t->sent[i] = false;
        }
    }
}

/* Put the twin's state: whole, in sorted pieces, or loose and shuffled in pieces. */
static void twin_put(struct fixture *f, const struct twin *t, unsigned *seed)
{
    char names[TWIN_NAMES][8];
    struct store_entry e[TWIN_NAMES] = {0};
    struct store_listing l = whole(1, e, 0);
    struct store_scan_counts c = {0};
    size_t count = 0;

    l.order = rand_r(seed) % 2 ? STORE_SORTED : STORE_LOOSE;
    for (unsigned i = 0; i < TWIN_NAMES; i++) {
        unsigned k = l.order == STORE_SORTED ? i : (i * 37 + 11) % TWIN_NAMES;

        if (t->there[k]) {
            (void)snprintf(names[k], 8, "n%03u", k);
            e[count++] = file(names[k], 3, t->mtime[k]);
        }
    }
    do {
        size_t piece = rand_r(seed) % 3 == 0 ? count : (size_t)(rand_r(seed) % 20);

        l.count = piece < count ? piece : count;
        l.last = l.count == count;
        assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &c), OK);
        if (l.count > 0) {
            l.after = l.entries[l.count - 1].name;
        }
        l.first = false;
        l.entries += l.count;
        count -= l.count;
    } while (!l.last);
}

static void twin_check(struct fixture *f, const struct twin *t)
{
    struct buf want = {0};

    for (unsigned i = 0; i < TWIN_NAMES; i++) {
        if (t->there[i]) {
            assert_int_equal(
                buf_printf(&want, "1/n%03u t2 s3 c0 %s;", i, t->sent[i] ? "sentE" : "unsent"), OK);
        }
    }
    assert_int_equal(buf_append_byte(&want, 0), OK);
    expect_entries(f, (const char *)want.ptr);
    buf_clear(&want);
}

static void random_changes_match_the_twin(void **state)
{
    struct fixture *f = *state;
    struct twin t = {0};
    unsigned seed = 1;
    char name[8];

    for (int round = 0; round < TWIN_ROUNDS; round++) {
        unsigned k = (unsigned)rand_r(&seed) % TWIN_NAMES;

        twin_mutate(&t, &seed);
        begin(f);
        twin_put(f, &t, &seed);
        end(f);
        twin_check(f, &t);
        if (t.there[k]) {
            struct store_entry e;

            (void)snprintf(name, 8, "n%03u", k);
            e = file(name, 3, t.mtime[k]);
            send_file(f, 1, &e, "E");
            t.sent[k] = true;
        }
    }
}

/* --- reading -----------------------------------------------------------------------------------
 */

static void unsent_paging_and_totals(void **state)
{
    struct fixture *f = *state;
    struct store_entry root[] = {file("a", 1, 1), folder("b", 1), folder("c", 1), file("d", 2, 1)};
    struct store_entry sub[] = {file("x", 4, 1), file("y", 8, 1)};
    struct store_totals totals;
    struct buf b = {0};

    begin(f);
    put(f, 1, root, 4);
    put(f, 2, sub, 2);
    put(f, 3, NULL, 0);
    end(f);
    send_file(f, 1, &root[0], "A");
    send_file(f, 1, &root[3], "D");
    assert_int_equal(
        store_entry_unsent(f->store, f->share, 0, (struct bytes){0}, 1, on_text, &b), OK);
    assert_int_equal(
        store_entry_unsent(f->store, f->share, 2, bytes_str("x"), 10, on_text, &b), OK);
    assert_int_equal(
        store_entry_unsent(f->store, f->share, 2, bytes_str("y"), 10, on_text, &b), OK);
    assert_int_equal(buf_append_byte(&b, 0), OK);
    assert_string_equal((char *)b.ptr, "2/x t2 s4 c0 unsent;2/y t2 s8 c0 unsent;");
    buf_clear(&b);
    assert_int_equal(store_entry_totals(f->store, f->share, &totals), OK);
    assert_int_equal(totals.files, 4);
    assert_int_equal(totals.directories, 2);
    assert_int_equal(totals.bytes, 15);
    assert_int_equal(totals.unsent_files, 2);
    assert_int_equal(totals.unsent_bytes, 12);
    /* folder 1 was noted as sent: sending a file of it again must bring it back */
    assert_int_equal(store_entry_unsend(f->store, f->share, 1, root[3].name), OK);
    assert_int_equal(
        store_entry_unsent(f->store, f->share, 0, (struct bytes){0}, 1, on_text, &b), OK);
    assert_int_equal(buf_append_byte(&b, 0), OK);
    assert_string_equal((char *)b.ptr, "1/d t2 s2 c0 unsent;");
    buf_clear(&b);
    root[0].mtime_ns = 9; /* folder 1 was noted as sent: it must come back */
    begin(f);
    put(f, 1, root, 4);
    assert_int_equal(
        store_entry_unsent(f->store, f->share, 0, (struct bytes){0}, 1, on_text, &b), OK);
    assert_int_equal(buf_append_byte(&b, 0), OK);
    assert_string_equal((char *)b.ptr, "1/a t2 s1 c0 unsent;");
    buf_clear(&b);
}

static void paths_and_drop(void **state)
{
    struct fixture *f = *state;
    struct store_entry root[] = {folder("top", 1)};
    struct store_entry sub[] = {folder("in\nside", 1)};
    struct store_entry deep[] = {file("x", 1, 1)};
    struct buf path = {0};

    begin(f);
    put(f, 1, root, 1);
    put(f, 2, sub, 1);
    put(f, 3, deep, 1);
    end(f);
    assert_int_equal(store_folder_path(f->store, f->share, 3, &path), OK);
    assert_true(bytes_equal(buf_view(&path), bytes_str("top/in\nside")));
    path.len = 0;
    assert_int_equal(store_folder_path(f->store, f->share, 1, &path), OK);
    assert_int_equal(path.len, 0);
    assert_int_equal(store_folder_path(f->store, f->share, 77, &path), ERR_NO_ROW);
    assert_int_equal(store_entry_drop(f->store, f->share, 3, bytes_str("y")), ERR_NO_ROW);
    assert_int_equal(store_entry_drop(f->store, f->share, 3, bytes_str("x")), OK);
    expect_entries(f, "1/top t1 s0 c2 sent;2/in\nside t1 s0 c3 sent;");
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
        TEST(random_changes_match_the_twin),
        TEST(unsent_paging_and_totals),
        TEST(paths_and_drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
