/* Pages: the page's examples, seeking, and pages that lie. */
#include "../../golden/format/format_example.h"

#include "codec/manifest/page.h"

static const struct page_place anywhere = {-1, {0}, {0}};

static void test_examples(void **state)
{
    struct buf leaf = {0};
    struct buf inner = {0};
    struct page_reader r;
    bool more;

    (void)state;
    format_example("leaf page: docs in folder 1, a.bin in folder 2", &leaf);
    format_example("inner page: the same keys, the pointer above, one to 50 bytes at 3/6/0 with "
                   "hash e0 .. ff",
        &inner);
    assert_int_equal(page_check(buf_view(&leaf), &anywhere), OK);
    assert_int_equal(page_check(buf_view(&inner), &anywhere), OK);
    assert_int_equal(page_open(&r, buf_view(&leaf)), OK);
    assert_int_equal(page_next(&r, &more), OK);
    format_assert("key of docs in folder 1", page_key(&r));
    format_assert("directory record", r.value);
    assert_int_equal(page_next(&r, &more), OK);
    assert_true(more);
    assert_true(bytes_equal(page_key(&r), bytes_at("\0\0\0\0\0\0\0\2a.bin", 13)));
    format_assert("file record", r.value);
    assert_int_equal(page_next(&r, &more), OK);
    assert_false(more);
    buf_clear(&leaf);
    buf_clear(&inner);
}

#define PAGE(text)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }
#define HASH "0123456789abcdef0123456789abcdef"

static const struct {
    const char *what;
    struct bytes page;
    enum err err;
} hostile[] = {
    {"nothing", PAGE(""), ERR_BAD_FORMAT},
    {"kind 3", PAGE("\3\0\1\0\1a\0"), ERR_TOO_NEW},
    {"leaf on level 1", PAGE("\1\1\1\0\1a\0"), ERR_BAD_FORMAT},
    {"inner on level 0", PAGE("\2\0\1\0\1a\0"), ERR_BAD_FORMAT},
    {"too high", PAGE("\2\6\1\0\1a\x24\1\0\0\1" HASH), ERR_LIMIT},
    {"no entries", PAGE("\1\0\0"), ERR_BAD_FORMAT},
    {"one entry", PAGE("\1\0\1\0\1a\1v"), OK},
    {"one entry and more", PAGE("\1\0\1\0\1a\1vx"), ERR_BAD_FORMAT},
    {"one entry, two said", PAGE("\1\0\2\0\1a\1v"), ERR_BAD_FORMAT},
    {"a great many said", PAGE("\1\0\xff\xff\3\0\1a\1v"), ERR_BAD_FORMAT},
    {"more than any page has", PAGE("\1\0\xff\xff\xff\x7f\0\1a\1v"), ERR_LIMIT},
    {"empty key", PAGE("\1\0\1\0\0\1v"), ERR_LIMIT},
    {"a prefix of nothing", PAGE("\1\0\1\1\1a\1v"), ERR_BAD_FORMAT},
    {"prefix longer than the key", PAGE("\1\0\2\0\1a\0\2\1b\0"), ERR_BAD_FORMAT},
    {"two entries", PAGE("\1\0\2\0\1a\0\0\1b\0"), OK},
    {"shared prefix", PAGE("\1\0\2\0\1a\0\1\1b\0"), OK},
    {"unordered", PAGE("\1\0\2\0\1b\0\0\1a\0"), ERR_BAD_FORMAT},
    {"twice the same", PAGE("\1\0\2\0\1a\0\0\1a\0"), ERR_BAD_FORMAT},
    {"the same, all shared", PAGE("\1\0\2\0\1a\0\1\0\0"), ERR_BAD_FORMAT},
    {"back to a prefix", PAGE("\1\0\2\0\2ab\0\1\0\0"), ERR_BAD_FORMAT},
    {"value cut short", PAGE("\1\0\1\0\1a\2v"), ERR_BAD_FORMAT},
    {"value of 4 GB", PAGE("\1\0\1\0\1a\xff\xff\xff\xff\x0fv"), ERR_LIMIT},
    {"key of 264 bytes", PAGE("\1\0\1\0\x88\2"), ERR_LIMIT},
    {"inner", PAGE("\2\1\1\0\1a\x24\1\0\0\1" HASH), OK},
    {"inner, pointer to nothing", PAGE("\2\1\1\0\1a\x24\1\0\0\0" HASH), ERR_LIMIT},
    {"inner, pointer and more", PAGE("\2\1\1\0\1a\x25\1\0\0\1" HASH "x"), ERR_BAD_FORMAT},
    {"inner with a value", PAGE("\2\1\1\0\1a\1v"), ERR_BAD_FORMAT},
};

static void test_hostile(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        enum err err = page_check(hostile[i].page, &anywhere);

        if (err != hostile[i].err) {
            fail_msg("%s: %s", hostile[i].what, err_name(err));
        }
    }
}

static void test_long_keys(void **state)
{
    uint8_t page[PAGE_MAX + 1] = {1, 0, 2, 0, 0x87, 2}; /* a key of 263 bytes */
    struct page_reader r;

    (void)state;
    memset(page + 6, 'k', TREE_KEY_MAX);
    memcpy(page + 6 + TREE_KEY_MAX, "\0\x87\2\1z\0", 6); /* then 263 shared and one more */
    assert_int_equal(page_check(bytes_at(page, 6 + TREE_KEY_MAX + 6), &anywhere), ERR_LIMIT);
    page[2] = 1;
    assert_int_equal(page_check(bytes_at(page, 6 + TREE_KEY_MAX + 1), &anywhere), OK);
    assert_int_equal(page_open(&r, bytes_at(page, sizeof(page))), ERR_LIMIT);
}

/* Where a page may stand: its keys are b, d, f. */
static const struct {
    struct page_place place;
    enum err err;
} places[] = {
    {{0, PAGE("b"), PAGE("g")}, OK},
    {{-1, PAGE(""), PAGE("")}, OK},
    {{1, PAGE("b"), PAGE("g")}, ERR_BAD_FORMAT},
    {{0, PAGE("a"), PAGE("g")}, ERR_BAD_FORMAT},
    {{0, PAGE("c"), PAGE("g")}, ERR_BAD_FORMAT},
    {{0, PAGE("b"), PAGE("f")}, ERR_BAD_FORMAT},
    {{0, PAGE("b"), PAGE("e")}, ERR_BAD_FORMAT},
    {{0, PAGE("b"), PAGE("b")}, ERR_BAD_FORMAT},
    {{0, PAGE("b"), PAGE("f\1")}, OK},
};

static const struct bytes bdf = PAGE("\1\0\3\0\1b\1B\0\1d\1D\0\1f\1F");

static void test_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        assert_int_equal(page_check(bdf, &places[i].place), places[i].err);
    }
}

/* key sought: entry found in a leaf, child found in an inner page; '-' none. */
static const struct {
    const char *key;
    char leaf;
    char inner;
} seeks[] = {{"a", 'b', 'b'}, {"b", 'b', 'b'}, {"bb", 'd', 'b'}, {"c", 'd', 'b'}, {"d", 'd', 'd'},
    {"e", 'f', 'd'}, {"f", 'f', 'f'}, {"g", '-', 'f'}};

static char seek(struct bytes page, const char *key)
{
    struct page_reader r;
    bool more;

    assert_int_equal(page_open(&r, page), OK);
    assert_int_equal(page_seek(&r, bytes_str(key), &more), OK);
    return more ? (char)page_key(&r).ptr[0] : '-';
}

static void test_seek(void **state)
{
    static const struct bytes inner =
        PAGE("\2\1\3\0\1b\x24\1\0\0\1" HASH "\0\1d\x24\1\0\0\1" HASH "\0\1f\x24\1\0\0\1" HASH);

    (void)state;
    assert_int_equal(page_check(inner, &anywhere), OK);
    for (size_t i = 0; i < sizeof(seeks) / sizeof(seeks[0]); i++) {
        assert_int_equal(seek(bdf, seeks[i].key), seeks[i].leaf);
        assert_int_equal(seek(inner, seeks[i].key), seeks[i].inner);
    }
}

static void test_cuts_and_flips(void **state)
{
    struct buf page = {0};

    (void)state;
    format_example("leaf page: docs in folder 1, a.bin in folder 2", &page);
    for (size_t len = 0; len < page.len; len++) {
        assert_int_not_equal(page_check(bytes_at(page.ptr, len), &anywhere), OK);
    }
    for (size_t bit = 0; bit < page.len * 8; bit++) {
        page.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
        (void)!page_check(buf_view(&page), &anywhere);
        page.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    buf_clear(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_long_keys),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_seek),
        cmocka_unit_test(test_cuts_and_flips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
