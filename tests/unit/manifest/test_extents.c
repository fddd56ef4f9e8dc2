/* Extents: the page's example, random files both ways, and runs that nobody should believe. */
#include "../../golden/format/format_example.h"

#include "codec/manifest/extents.h"
#include "random_stream.h"

#define P ((uint64_t)PAYLOAD_LEN)

enum { FILES = 300, EXTENTS_MAX = 60 };

static const struct extent example[] = {
    {.kind = EXTENT_RAW, .plain_len = 2 * P, .volume = 2, .index = 9, .blocks = 2},
    {.kind = EXTENT_PACKED,
        .plain_len = P,
        .volume = 2,
        .index = 11,
        .offset = 700000,
        .stored_len = 300000,
        .next_index = 14,
        .coding = CODING_ZSTD},
    {.kind = EXTENT_HOLE, .plain_len = 2 * P},
    {.kind = EXTENT_PACKED,
        .plain_len = 100,
        .volume = 2,
        .index = 14,
        .offset = 40,
        .stored_len = 100},
};

static void test_example(void **state)
{
    struct extent_writer w = {0};
    struct extent_reader r = {0};
    struct extent e;
    bool more;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct extent in = example[i];

        format_count_up(i == 1 ? 0xa0 : 0xb0, in.item, in.kind == EXTENT_PACKED ? ITEM_ID_LEN : 0);
        assert_int_equal(extent_writer_put(&w, &in), OK);
    }
    format_assert("extents", buf_view(&w.out));
    assert_int_equal(extents_check(buf_view(&w.out), 5 * P + 100), OK);
    assert_int_equal(extents_check(buf_view(&w.out), 5 * P + 99), ERR_BAD_FORMAT);
    extent_reader_feed(&r, buf_view(&w.out));
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(extent_reader_next(&r, &e, &more), OK);
        assert_true(more);
        memset(e.item, 0, sizeof(e.item));
        assert_memory_equal(&e, &example[i], sizeof(e));
    }
    assert_int_equal(extent_reader_next(&r, &e, &more), OK);
    assert_false(more);
    assert_true(extent_is_cut(&example[1]) && !extent_is_cut(&example[3]));
    buf_clear(&w.out);
}

/* A valid extent; only the last one of a file may be short. */
static struct extent random_extent(uint64_t *seed, bool last)
{
    struct extent e;

    memset(&e, 0, sizeof(e));
    e.kind = (enum extent_kind)random_below(seed, 3);
    if (e.kind == EXTENT_HOLE) {
        e.plain_len = last ? 1 + random_below(seed, P - 1) : P * (1 + random_below(seed, 1000));
        return e;
    }
    e.volume = 1 + (uint32_t)random_below(seed, VOLUME_NUMBER_MAX);
    e.index = (uint32_t)random_below(seed, VOLUME_DATA_MAX - 1);
    if (e.kind == EXTENT_RAW) {
        e.blocks = 1 + (uint32_t)random_below(seed, VOLUME_DATA_MAX - e.index);
        e.plain_len = P * e.blocks;
        return e;
    }
    e.plain_len = last ? 1 + random_below(seed, P) : P;
    e.coding = e.plain_len > 1 ? (enum extent_coding)random_below(seed, 2) : CODING_RAW;
    e.stored_len =
        (uint32_t)(e.coding == CODING_RAW ? e.plain_len : 1 + random_below(seed, e.plain_len - 1));
    e.offset = (uint32_t)random_below(seed, P);
    e.next_index = extent_is_cut(&e) ? e.index + 1 : 0;
    format_count_up((uint8_t)random_next(seed), e.item, ITEM_ID_LEN);
    return e;
}

static void check_file(const struct extent *want, size_t count, const struct extent_writer *w)
{
    struct extent_reader r = {0};
    struct extent e;
    uint64_t size = 0;
    bool more;

    extent_reader_feed(&r, buf_view(&w->out));
    for (size_t i = 0; i < count; i++) {
        size += want[i].plain_len;
        assert_int_equal(extent_reader_next(&r, &e, &more), OK);
        assert_true(more);
        assert_memory_equal(&e, &want[i], sizeof(e));
    }
    assert_int_equal(extents_check(buf_view(&w->out), size), OK);
}

/* No cut or changed run may be believed to be the whole file under another size, or crash. */
static void break_file(struct extent_writer *w, uint64_t size)
{
    for (size_t len = 0; len < w->out.len; len++) {
        assert_int_not_equal(extents_check(bytes_at(w->out.ptr, len), size), OK);
    }
    for (size_t bit = 0; bit < w->out.len * 8; bit++) {
        w->out.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
        (void)!extents_check(buf_view(&w->out), size);
        w->out.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void test_random_files(void **state)
{
    uint64_t seed = 20;

    (void)state;
    for (int f = 0; f < FILES; f++) {
        struct extent want[EXTENTS_MAX];
        struct extent_writer w = {0};
        size_t count = 1 + (size_t)random_below(&seed, EXTENTS_MAX);
        uint64_t size = 0;

        for (size_t i = 0; i < count; i++) {
            want[i] = random_extent(&seed, i + 1 == count);
            size += want[i].plain_len;
            assert_int_equal(extent_writer_put(&w, &want[i]), OK);
        }
        check_file(want, count, &w);
        if (f % 20 == 0) {
            break_file(&w, size);
        }
        buf_clear(&w.out);
    }
}

static const struct {
    const char *what;
    struct extent e;
} invalid[] = {
    {"raw in the inline stream",
        {.kind = EXTENT_RAW, .plain_len = P, .volume = 0, .index = 0, .blocks = 1}},
    {"raw of no blocks", {.kind = EXTENT_RAW, .plain_len = 0, .volume = 1, .blocks = 0}},
    {"raw, length wrong", {.kind = EXTENT_RAW, .plain_len = P - 1, .volume = 1, .blocks = 1}},
    {"raw over the volume's end",
        {.kind = EXTENT_RAW, .plain_len = 2 * P, .volume = 1, .index = 4095, .blocks = 2}},
    {"raw, volume too high",
        {.kind = EXTENT_RAW, .plain_len = P, .volume = VOLUME_NUMBER_MAX + 1, .blocks = 1}},
    {"empty item", {.kind = EXTENT_PACKED, .volume = 1}},
    {"item longer than a block",
        {.kind = EXTENT_PACKED, .plain_len = P + 1, .stored_len = PAYLOAD_LEN + 1, .volume = 1}},
    {"item stored longer", {.kind = EXTENT_PACKED, .plain_len = 5, .stored_len = 6, .volume = 1}},
    {"zstd that saves nothing", {.kind = EXTENT_PACKED,
                                    .plain_len = 5,
                                    .stored_len = 5,
                                    .volume = 1,
                                    .coding = CODING_ZSTD}},
    {"item behind the payload", {.kind = EXTENT_PACKED,
                                    .plain_len = 5,
                                    .stored_len = 5,
                                    .volume = 1,
                                    .offset = PAYLOAD_LEN}},
    {"cut onto itself", {.kind = EXTENT_PACKED,
                            .plain_len = 5,
                            .stored_len = 5,
                            .volume = 1,
                            .offset = PAYLOAD_LEN - 1,
                            .index = 3,
                            .next_index = 3}},
    {"next without a cut",
        {.kind = EXTENT_PACKED, .plain_len = 5, .stored_len = 5, .volume = 1, .next_index = 3}},
    {"next too high", {.kind = EXTENT_PACKED,
                          .plain_len = 5,
                          .stored_len = 5,
                          .volume = 1,
                          .offset = PAYLOAD_LEN - 1,
                          .next_index = VOLUME_DATA_MAX}},
    {"inline with an index", {.kind = EXTENT_PACKED, .plain_len = 5, .stored_len = 5, .index = 1}},
    {"inline beyond the head",
        {.kind = EXTENT_PACKED, .plain_len = 5, .stored_len = 5, .offset = HEAD_CORE_LEN - 4}},
    {"empty hole", {.kind = EXTENT_HOLE}},
    {"hole, no whole blocks", {.kind = EXTENT_HOLE, .plain_len = P + 1}},
    {"no such kind", {.kind = (enum extent_kind)3, .plain_len = 1}},
};

static void test_invalid(void **state)
{
    struct extent_writer w = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
        if (extent_writer_put(&w, &invalid[i].e) != ERR_LIMIT) {
            fail_msg("written: %s", invalid[i].what);
        }
    }
    assert_int_equal(w.out.len, 0);
    buf_clear(&w.out);
}

/* Runs made by hand: tag, then varints of one byte each (zigzag of 1 is 2). */
static const struct {
    const char *what;
    enum err err;
    size_t len;
    uint8_t run[40];
} hostile[] = {
    {"nothing", OK, 0, {0}},
    {"unknown tag 0", ERR_TOO_NEW, 1, {0}},
    {"unknown tag 6", ERR_TOO_NEW, 2, {6, 1}},
    {"raw run", OK, 4, {1, 2, 0, 1}},
    {"volume below 0", ERR_LIMIT, 4, {1, 1, 0, 1}},
    {"index below 0", ERR_LIMIT, 4, {1, 2, 1, 1}},
    {"raw of 0 blocks", ERR_LIMIT, 4, {1, 2, 0, 0}},
    {"raw in volume 0", ERR_LIMIT, 4, {1, 0, 0, 1}},
    {"count too high", ERR_LIMIT, 5, {1, 2, 0, 0x81, 0x20}},
    {"volume back to 0", ERR_LIMIT, 8, {1, 2, 0, 1, 1, 1, 0, 1}},
    {"a tail hole in front of more", ERR_BAD_FORMAT, 4, {5, 1, 4, 1}},
    {"two holes", OK, 4, {4, 1, 5, 1}},
    {"hole of nothing", ERR_LIMIT, 2, {4, 0}},
    {"tail hole of nothing", ERR_LIMIT, 2, {5, 0}},
    {"item, cut short", ERR_BAD_FORMAT, 20, {2, 2, 0, 0, 1}},
    {"item", OK, 21, {2, 2, 0, 0, 1}},
    {"item of 0 bytes", ERR_LIMIT, 21, {2, 2, 0, 0, 0}},
    {"zstd that grows nothing", ERR_LIMIT, 22, {3, 2, 0, 0, 9, 9}},
    {"zstd", OK, 22, {3, 2, 0, 0, 9, 10}},
    {"long varint", ERR_BAD_FORMAT, 3, {4, 0x81, 0}},
    {"hole of 2^64 - 1 blocks", ERR_LIMIT, 11, {4, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1}},
    {"delta of -2^63", ERR_LIMIT, 13, {1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 1}},
};

static void test_hostile(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        struct extent_reader r = {0};
        struct extent e;
        bool more = true;
        enum err err = OK;

        extent_reader_feed(&r, bytes_at(hostile[i].run, hostile[i].len));
        while (err == OK && more) {
            err = extent_reader_next(&r, &e, &more);
        }
        if (err != hostile[i].err) {
            fail_msg("%s: %s", hostile[i].what, err_name(err));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_random_files),
        cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_hostile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
