/* The few files to send among very many that are sent. */
#include "io/store/query.h"
#include "scan_fixture.h"

/* Folder 2 has 9,000 files of which six are to be sent, around places where the listing breaks off;
 * 300 folders behind it have one sent file each; the last has one to send. All are noted. */
static void fill(struct fixture *f)
{
    fixture_sql(f,
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 8999)"
        " INSERT INTO entries (share, folder, name, type, mode, size, mtime, ctime, inode, device,"
        " child, sent, seen) SELECT 1, 2, CAST(printf('f%05d', i) AS BLOB), 2, 420, 1, 0, 0, i, 1,"
        " 0, i NOT IN (0, 3998, 3999, 4000, 8000, 8999), 0 FROM n;"
        "WITH RECURSIVE n (i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 302)"
        " INSERT INTO entries (share, folder, name, type, mode, size, mtime, ctime, inode, device,"
        " child, sent, seen) SELECT 1, i, x'78', 2, 420, 1, 0, 0, i, 1, 0, i < 302, 0 FROM n;"
        "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 302)"
        " INSERT INTO unsent (share, folder) SELECT 1, i FROM n;");
}

/* The folders that are noted, into `text`. */
static enum err on_note(void *arg, struct query *q)
{
    return buf_printf(arg, "%d ", (int)query_get_int(q));
}

static void expect_notes(struct fixture *f, const char *want)
{
    static const char sql[] = "SELECT folder FROM unsent WHERE share = 1 ORDER BY folder";
    struct store *store = f->store;
    struct buf text = {0};
    struct query q;

    assert_int_equal(store_look(&store), OK);
    query_init(&q, store, sql);
    assert_int_equal(store_end(store, query_each(&q, on_note, &text)), OK);
    assert_int_equal(buf_append_byte(&text, 0), OK);
    assert_string_equal((const char *)text.ptr, want);
    buf_clear(&text);
}

#define ROW(key) key " t2 s1 c0 unsent;"

static void each_is_found_once(void **state)
{
    static const size_t limits[] = {1, 2, 3, 6, 7, 1000};
    struct fixture *f = *state;

    fill(f);
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        scan_expect_unsent(f, limits[i],
            ROW("2/f00000") ROW("2/f03998") ROW("2/f03999") ROW("2/f04000") ROW("2/f08000")
                ROW("2/f08999") ROW("302/x"));
        expect_notes(f, "2 302 ");
    }
}

/* A folder of any size loses its note when nothing in it is left; what lies in another is not
 * touched. */
static void notes_go(void **state)
{
    struct fixture *f = *state;

    fill(f);
    fixture_sql(f, "UPDATE entries SET sent = 1 WHERE folder = 2");
    scan_expect_unsent(f, 10, ROW("302/x"));
    expect_notes(f, "302 ");
    fixture_sql(f, "UPDATE entries SET sent = 1");
    scan_expect_unsent(f, 10, "");
    expect_notes(f, "");
    scan_expect_unsent(f, 10, "");
}

/* While the listing is at `entry`, a file of folder 3, where nothing was found, has to be sent
 * again. */
static enum err on_late(void *arg, const struct store_entry *entry)
{
    struct fixture *f = arg;

    assert_int_equal(entry->folder, 4);
    return store_entry_unsend(f->store, f->share, 3, bytes_str("x"));
}

static void a_note_that_is_needed_stays(void **state)
{
    struct fixture *f = *state;
    struct store_unsent at = {.limit = 10};

    fill(f);
    fixture_sql(f, "UPDATE entries SET sent = folder <> 4");
    while (!at.done) {
        assert_int_equal(store_entry_unsent(f->store, f->share, &at, on_late, f), OK);
    }
    expect_notes(f, "3 4 ");
    scan_expect_unsent(f, 10, ROW("3/x") ROW("4/x"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_is_found_once),
        TEST(notes_go),
        TEST(a_note_that_is_needed_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
