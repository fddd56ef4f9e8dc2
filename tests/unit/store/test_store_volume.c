/* Volumes, and the flush: all of it or nothing. */
#include "io/store/store_volume.h"

#include <string.h>

#include "store_fixture.h"

static enum err on_volume(void *arg, const struct store_volume *v)
{
    return buf_printf(arg, "%u kind%d state%d v%d key%d k%u m%u %.*s %.*s %.*s;", v->number,
        (int)v->kind, (int)v->state, (int)v->version, v->key[KEY_LEN - 1], v->k, v->m,
        (int)v->states.len, (const char *)v->states.ptr, (int)v->cids.len,
        (const char *)v->cids.ptr, (int)v->exceptions.len, (const char *)v->exceptions.ptr);
}

static enum err on_number(void *arg, const struct store_volume *v)
{
    return buf_printf(arg, "%u ", v->number);
}

static void expect(struct fixture *f, uint32_t after, size_t limit, const char *want)
{
    struct buf text = {0};

    assert_int_equal(store_volume_after(f->store, f->share, after, limit, on_volume, &text), OK);
    assert_int_equal(buf_append_byte(&text, 0), OK);
    assert_string_equal((char *)text.ptr, want);
    buf_clear(&text);
}

static uint32_t add(struct fixture *f, enum store_volume_kind kind, uint64_t version)
{
    uint8_t key[KEY_LEN];
    uint32_t number;

    memset(key, 7, sizeof(key));
    assert_int_equal(store_volume_add(f->store, f->share, kind, version, key, &number), OK);
    return number;
}

static void volumes_live(void **state)
{
    struct fixture *f = *state;
    struct buf text = {0};
    struct store_volume v = {.number = 2,
        .state = STORE_VOLUME_CLOSED,
        .version = 1,
        .k = 3,
        .m = 1,
        .states = bytes_str("S"),
        .cids = bytes_str("CC"),
        .exceptions = bytes_str("E")};
    struct store_flush flush = {.volumes = &v, .volume_count = 1};
    uint32_t volume;
    uint64_t folder;

    assert_int_equal(add(f, STORE_VOLUME_DATA, 1), 1);
    assert_int_equal(add(f, STORE_VOLUME_META, 1), 2);
    assert_int_equal(add(f, STORE_VOLUME_DATA, 2), 3);
    assert_int_equal(store_next_numbers(f->store, f->share, &volume, &folder), OK);
    assert_int_equal(volume, 4);
    assert_int_equal(folder, 2);
    assert_int_equal(store_flush(f->store, f->share, &flush), OK);
    assert_int_equal(store_volume_open(f->store, f->share, on_number, &text), OK);
    assert_memory_equal(text.ptr, "1 3 ", text.len);
    assert_int_equal(text.len, 4); /* 2 is closed */
    text.len = 0;
    assert_int_equal(store_volume_publish(f->store, f->share, 1), OK);
    fixture_reopen(f);
    expect(f, 0, 9,
        "1 kind1 state3 v1 key7 k0 m0   ;2 kind2 state3 v1 key7 k3 m1 S CC E;"
        "3 kind1 state1 v2 key7 k0 m0   ;");
    expect(f, 1, 1, "2 kind2 state3 v1 key7 k3 m1 S CC E;");
    expect(f, 3, 1, "");
    assert_int_equal(store_volume_get(f->store, f->share, 9, on_volume, &text), ERR_NO_ROW);
    assert_int_equal(store_volume_get(f->store, f->share, 1, on_volume, &text), OK);
    buf_clear(&text);
}

static enum err on_piece(void *arg, const struct store_piece *p)
{
    return buf_printf(arg, "%d+%d %.*s;", (int)p->block, (int)p->count, (int)p->extents.len,
        (const char *)p->extents.ptr);
}

static void expect_pieces(struct fixture *f, const char *want)
{
    struct buf text = {0};

    assert_int_equal(store_piece_each(f->store, f->share, 1, bytes_str("f"), on_piece, &text), OK);
    assert_int_equal(buf_append_byte(&text, 0), OK);
    assert_string_equal((char *)text.ptr, want);
    buf_clear(&text);
}

static void put_file(struct fixture *f, int64_t mtime)
{
    struct store_entry e = {
        .name = bytes_str("f"), .type = STORE_FILE, .size = 9, .mtime_ns = mtime};
    struct store_listing l = {.folder = 1, .entries = &e, .count = 1, .first = true, .last = true};
    struct store_scan_counts c = {0};

    assert_int_equal(store_scan_begin(f->store, f->share, &l.ticket), OK);
    assert_int_equal(store_scan_put(f->store, f->share, &l, 1, &c), OK);
    assert_int_equal(store_scan_end(f->store, f->share), OK);
}

static void pieces_come_and_go(void **state)
{
    struct fixture *f = *state;
    struct store_piece pieces[] = {{1, bytes_str("f"), 10, 2, bytes_str("ten")},
        {1, bytes_str("f"), 2, 8, bytes_str("two")}, {1, bytes_str("g"), 0, 1, bytes_str("g")}};
    struct store_flush flush = {.pieces = pieces, .piece_count = 3};
    struct store_sent sent = {
        .folder = 1, .name = bytes_str("f"), .size = 9, .mtime_ns = 2, .extents = bytes_str("X")};
    struct store_flush done = {.sent = &sent, .sent_count = 1};
    struct store_totals totals;

    put_file(f, 1);
    assert_int_equal(store_flush(f->store, f->share, &flush), OK);
    expect_pieces(f, "2+8 two;10+2 ten;");
    pieces[0].count = 3; /* the same piece once more replaces it */
    assert_int_equal(store_flush(f->store, f->share, &flush), OK);
    expect_pieces(f, "2+8 two;10+3 ten;");
    put_file(f, 1); /* unchanged: they stay */
    expect_pieces(f, "2+8 two;10+3 ten;");
    put_file(f, 2); /* changed: they are of other contents */
    expect_pieces(f, "");
    assert_int_equal(store_flush(f->store, f->share, &flush), OK);
    assert_int_equal(store_flush(f->store, f->share, &done), OK);
    expect_pieces(f, "");
    assert_int_equal(store_entry_totals(f->store, f->share, &totals), OK);
    assert_int_equal(totals.unsent_files, 0);
    sent.name = bytes_str("no such file");
    assert_int_equal(store_flush(f->store, f->share, &done), OK); /* a scan removed it */
    assert_int_equal(store_entry_totals(f->store, f->share, &totals), OK);
    assert_int_equal(totals.files, 1);
}

static void a_flush_is_all_or_nothing(void **state)
{
    struct fixture *f = *state;
    struct store_volume volumes[2] = {
        {.number = 1, .state = STORE_VOLUME_CLOSED, .k = 1}, {.number = 77}};
    struct store_flush flush = {.volumes = volumes, .volume_count = 2};

    (void)add(f, STORE_VOLUME_DATA, 1);
    assert_int_equal(store_flush(f->store, f->share, &flush), ERR_BUG);
    expect(f, 0, 9, "1 kind1 state1 v1 key7 k0 m0   ;");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(volumes_live),
        TEST(pieces_come_and_go),
        TEST(a_flush_is_all_or_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
