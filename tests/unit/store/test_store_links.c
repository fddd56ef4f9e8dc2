/* Files with several names: only the first is to be sent, and the next one takes over when it goes,
 * whatever makes it go. */
#include "io/store/store_volume.h"

#include "io/store/store_unsent.h"
#include "store_fixture.h"

static struct store_entry named(const char *name, uint64_t inode, uint32_t links)
{
    return (struct store_entry){.name = bytes_str(name),
        .type = STORE_FILE,
        .mode = 0644,
        .size = 10,
        .inode = inode,
        .device = 1,
        .links = links};
}

static void put(struct fixture *f, const struct store_entry *entries, size_t count)
{
    struct store_listing l = {.ticket = 0,
        .folder = STORE_ROOT_FOLDER,
        .entries = entries,
        .count = count,
        .order = STORE_SORTED,
        .first = true,
        .last = true};
    struct store_scan_counts counts = {0};

    assert_int_equal(store_scan_begin(f->store, f->share, &l.ticket), OK);
    assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &counts), OK);
    assert_int_equal(store_scan_end(f->store, f->share), OK);
}

static enum err on_name(void *arg, const struct store_entry *e)
{
    return buf_printf(arg, "%.*s ", (int)e->name.len, (const char *)e->name.ptr);
}

static void expect_unsent(struct fixture *f, const char *want)
{
    struct store_unsent at = {.limit = 100};
    struct buf text = {0};

    while (!at.done) {
        assert_int_equal(store_entry_unsent(f->store, f->share, &at, on_name, &text), OK);
    }
    assert_int_equal(buf_append_byte(&text, 0), OK);
    assert_string_equal((char *)text.ptr, want);
    buf_clear(&text);
}

static void send(struct fixture *f, const char *name, uint64_t inode)
{
    struct store_sent sent = {.folder = STORE_ROOT_FOLDER,
        .name = bytes_str(name),
        .size = 10,
        .mode = 0644,
        .inode = inode,
        .device = 1,
        .extents = bytes_str("somewhere")};

    assert_int_equal(
        store_flush(f->store, f->share, &(struct store_flush){.sent = &sent, .sent_count = 1}), OK);
}

static void expect_first(struct fixture *f, uint64_t inode, const char *want)
{
    struct store_entry e = named("?", inode, 2);
    struct buf name = {0};

    assert_int_equal(store_entry_first(f->store, f->share, &e, on_name, &name), OK);
    assert_int_equal(buf_append_byte(&name, 0), OK);
    assert_string_equal((char *)name.ptr, want);
    buf_clear(&name);
}

static void only_the_first_is_sent(void **state)
{
    struct fixture *f = *state;
    struct store_entry entries[] = {
        named("a", 5, 1), named("b", 7, 3), named("c", 7, 3),
        named("d", 8, 2),                   /* its other name lies elsewhere */
        named("e", 7, 3), named("f", 5, 1), /* the inode was used again: no link */
    };
    struct store_totals t;
    struct store_entry one = named("a", 5, 1);

    put(f, entries, 6);
    expect_unsent(f, "a b d f ");
    expect_first(f, 7, "b ");
    expect_first(f, 8, "d ");
    assert_int_equal(store_entry_first(f->store, f->share, &one, on_name, NULL), ERR_NO_ROW);
    assert_int_equal(store_entry_totals(f->store, f->share, &t), OK);
    assert_int_equal(t.files, 4);
    assert_int_equal(t.links, 2);
    assert_int_equal(t.bytes, 40);
    assert_int_equal(t.unsent_files, 4);
    assert_int_equal(t.unsent_bytes, 40);
}

/* A folder in which all is sent is not looked into any more; the heir must be found all the same.
 */
static void the_next_name_takes_over(void **state)
{
    struct fixture *f = *state;
    struct store_entry entries[] = {named("a", 7, 3), named("b", 7, 3), named("c", 7, 3)};
    struct store_totals t;

    put(f, entries, 3);
    send(f, "a", 7);
    expect_unsent(f, "");
    put(f, entries + 1, 2); /* its stat did not change: it was told to be left out */
    expect_unsent(f, "b ");
    send(f, "b", 7);
    expect_unsent(f, "");
    assert_int_equal(store_entry_drop(f->store, f->share, 1, bytes_str("b")), OK);
    expect_unsent(f, "c ");
    assert_int_equal(store_entry_totals(f->store, f->share, &t), OK);
    assert_int_equal(t.files, 1);
    assert_int_equal(t.links, 0);
    assert_int_equal(t.unsent_files, 1);
}

/* The first name became another file, seen by a scan or by the sender. */
static void a_name_that_changes_hands(void **state)
{
    struct fixture *f = *state;
    struct store_entry entries[] = {named("a", 7, 3), named("b", 7, 3), named("c", 7, 3)};

    put(f, entries, 3);
    send(f, "a", 7);
    expect_unsent(f, "");
    send(f, "a", 9); /* it was replaced while it was read */
    expect_unsent(f, "b ");
    send(f, "b", 7);
    expect_unsent(f, "");
    entries[0] = named("a", 9, 1);
    entries[1] = named("b", 10, 1);
    put(f, entries, 3);
    expect_unsent(f, "b c ");
}

/* A catalogue from before links were told: nothing is read again for it. */
static void links_alone_change_nothing(void **state)
{
    struct fixture *f = *state;
    struct store_entry entries[] = {named("a", 7, 1), named("b", 7, 1)};

    put(f, entries, 2);
    send(f, "a", 7);
    send(f, "b", 7);
    expect_unsent(f, "");
    entries[0].links = entries[1].links = 2;
    put(f, entries, 2);
    expect_unsent(f, "");
    expect_first(f, 7, "a ");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(only_the_first_is_sent),
        TEST(the_next_name_takes_over),
        TEST(a_name_that_changes_hands),
        TEST(links_alone_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
