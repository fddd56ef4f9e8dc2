/* Lists of every length come back as they were given, in record, chunks and lists of chunks. */
#include "page_store.h"

#include "codec/manifest/record.h"

#define P ((uint64_t)PAYLOAD_LEN)

/* Extent i of a file that nothing can join: items in packs. */
static struct extent nth(size_t i)
{
    struct extent e = {.kind = EXTENT_PACKED,
        .plain_len = P,
        .volume = 1 + (uint32_t)(i / 1000),
        .index = (uint32_t)(i % 1000),
        .offset = (uint32_t)(i * 7919 % PAYLOAD_LEN),
        .stored_len = 1000,
        .coding = CODING_ZSTD};

    format_count_up((uint8_t)i, e.item, ITEM_ID_LEN);
    e.next_index = extent_is_cut(&e) ? e.index + 1 : 0;
    return e;
}

static const struct {
    size_t count;
    uint8_t depth;
} sizes[] = {{0, 0}, {1, 0}, {30, 0}, {50, 1}, {3000, 1}, {30000, 1}, {60000, 2}, {300000, 2}};

/* Walk it and compare with nth(). Returns the last event. */
static enum extent_event walk(
    const struct page_store *s, struct extent_walk *w, size_t count, size_t *seen)
{
    struct extent_item item;
    enum extent_event event = extent_walk_step(w, &item);

    for (*seen = 0; event == EXTENT_WALK_ENTRY || event == EXTENT_WALK_NEED;
         event = extent_walk_step(w, &item)) {
        if (event == EXTENT_WALK_NEED) {
            assert_int_equal(extent_walk_feed(w, page_store_get(s, &item.need)), OK);
            assert_int_equal(extent_walk_feed(w, bytes_str("x")), ERR_BUG);
            continue;
        }
        assert_true(*seen < count);
        struct extent want = nth((*seen)++);
        assert_memory_equal(&item.extent, &want, sizeof(want));
    }
    return event;
}

static void check_record(uint64_t size, uint8_t depth, struct bytes run)
{
    struct record in = {.type = RECORD_FILE, .size = size, .depth = depth, .extents = run};
    struct record got;
    struct buf value = {0};

    assert_int_equal(record_encode(&in, &value), OK);
    assert_int_equal(record_decode(buf_view(&value), &got), OK);
    assert_true(bytes_equal(got.extents, run));
    assert_int_equal(got.depth, depth);
    buf_clear(&value);
}

static void test_sizes(void **state)
{
    struct page_store s = {0};
    struct extent_list *l;

    (void)state;
    assert_int_equal(extent_list_new(page_store_emit, &s, &l), OK);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct extent_walk *w;
        struct buf run = {0};
        uint8_t depth = 9;
        size_t seen;

        for (size_t n = 0; n < sizes[i].count; n++) {
            struct extent e = nth(n);

            assert_int_equal(extent_list_add(l, &e), OK);
        }
        assert_int_equal(extent_list_finish(l, &depth, &run), OK);
        assert_int_equal(depth, sizes[i].depth);
        check_record(sizes[i].count * P, depth, buf_view(&run));
        assert_int_equal(extent_walk_new(depth, buf_view(&run), sizes[i].count * P, &w), OK);
        assert_int_equal(walk(&s, w, sizes[i].count, &seen), EXTENT_WALK_END);
        assert_int_equal(seen, sizes[i].count);
        extent_walk_free(w);
        /* a size that is not the extents' own */
        assert_int_equal(extent_walk_new(depth, buf_view(&run), sizes[i].count * P + 1, &w), OK);
        assert_int_equal(walk(&s, w, sizes[i].count, &seen), EXTENT_WALK_BAD);
        extent_walk_free(w);
        assert_true(s.longest <= PAGE_MAX);
        buf_clear(&run);
    }
    extent_list_free(l);
    page_store_clear(&s);
}

static void add_block(struct extent_list *l, uint32_t volume, uint32_t index)
{
    struct extent e = {
        .kind = EXTENT_RAW, .plain_len = P, .volume = volume, .index = index, .blocks = 1};

    assert_int_equal(extent_list_add(l, &e), OK);
}

static void add_hole(struct extent_list *l, uint64_t len)
{
    struct extent e = {.kind = EXTENT_HOLE, .plain_len = len};

    assert_int_equal(extent_list_add(l, &e), OK);
}

/* Blocks in a row are one run, whatever order the file is told in. */
static void test_joining(void **state)
{
    static const struct {
        enum extent_kind kind;
        uint64_t blocks;
    } want[] = {{EXTENT_RAW, 100}, {EXTENT_RAW, 1}, {EXTENT_RAW, 1}, {EXTENT_HOLE, 5}};
    struct page_store s = {0};
    struct extent_list *l;
    struct extent_reader r = {0};
    struct extent e;
    struct buf run = {0};
    uint8_t depth;
    bool more;

    (void)state;
    assert_int_equal(extent_list_new(page_store_emit, &s, &l), OK);
    for (uint32_t i = 0; i < 100; i++) {
        add_block(l, 4, i);
    }
    add_block(l, 4, 101);
    add_block(l, 5, 102);
    add_hole(l, 2 * P);
    add_hole(l, 3 * P);
    add_hole(l, 17);
    assert_int_equal(extent_list_finish(l, &depth, &run), OK);
    assert_int_equal(depth, 0);
    extent_reader_feed(&r, buf_view(&run));
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(extent_reader_next(&r, &e, &more), OK);
        assert_int_equal(e.kind, want[i].kind);
        assert_int_equal(e.plain_len, want[i].blocks * P);
    }
    assert_int_equal(extent_reader_next(&r, &e, &more), OK);
    assert_int_equal(e.plain_len, 17);
    assert_int_equal(s.count, 0);
    extent_list_free(l);
    buf_clear(&run);
}

static void test_emit_fails(void **state)
{
    struct page_store s = {.fail_at = 3};
    struct extent_list *l;
    enum err err = OK;

    (void)state;
    assert_int_equal(extent_list_new(page_store_emit, &s, &l), OK);
    for (size_t n = 0; n < 100000 && err == OK; n++) {
        struct extent e = nth(n);

        err = extent_list_add(l, &e);
    }
    assert_int_equal(err, ERR_DISK_FULL);
    extent_list_free(l);
    page_store_clear(&s);
}

static void test_hostile_walks(void **state)
{
    struct pointer at = {1, 0, 0, 1, {{0}}};
    struct extent_walk *w;
    struct extent_item item;
    struct buf run = {0};

    (void)state;
    assert_int_equal(extent_walk_new(EXTENT_DEPTH_MAX + 1, bytes_str(""), 1, &w), ERR_LIMIT);
    assert_int_equal(pointer_put(&run, &at), OK);
    assert_int_equal(extent_walk_new(1, buf_view(&run), P, &w), OK);
    assert_int_equal(extent_walk_feed(w, bytes_str("x")), ERR_BUG);
    assert_int_equal(extent_walk_step(w, &item), EXTENT_WALK_NEED);
    assert_int_equal(extent_walk_step(w, &item), EXTENT_WALK_NEED); /* until it is fed */
    assert_int_equal(extent_walk_feed(w, bytes_str("")), ERR_LIMIT);
    assert_int_equal(extent_walk_feed(w, bytes_str("\x09")), OK);
    assert_int_equal(extent_walk_step(w, &item), EXTENT_WALK_BAD);
    assert_int_equal(item.err, ERR_TOO_NEW);
    assert_int_equal(extent_walk_step(w, &item), EXTENT_WALK_BAD);
    extent_walk_free(w);
    /* more than the file's size stops at once, however long the list is */
    assert_int_equal(extent_walk_new(0, bytes_str("\x04\x02\x04\x02"), P, &w), OK);
    assert_int_equal(extent_walk_step(w, &item), EXTENT_WALK_BAD);
    extent_walk_free(w);
    buf_clear(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_joining),
        cmocka_unit_test(test_emit_fails),
        cmocka_unit_test(test_hostile_walks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
