/* Builder and cursor against a sorted array, which is always right; and trees made by an enemy. */
#include "page_store.h"

#include "codec/manifest/tree_builder.h"
#include "codec/manifest/tree_cursor.h"
#include "random_stream.h"

enum { ENTRIES_MAX = 200000, KEY_LEN_MAX = 24, RANGES = 60 };

/* The twin: sorted keys; the value of key i says i and has a length of its own. */
struct twin {
    size_t count;
    struct {
        uint8_t len;
        uint8_t b[KEY_LEN_MAX];
    } * keys;
};

static struct bytes twin_key(const struct twin *t, size_t i)
{
    return bytes_at(t->keys[i].b, t->keys[i].len);
}

static int compare(const void *a, const void *b)
{
    const uint8_t *x = a;
    const uint8_t *y = b;

    return bytes_compare(bytes_at(x + 1, x[0]), bytes_at(y + 1, y[0]));
}

static struct twin twin_new(size_t count, uint64_t seed)
{
    struct twin t = {0, calloc(count + 1, sizeof(*t.keys))};
    size_t kept = 0;

    assert_non_null(t.keys);
    for (size_t i = 0; i < count; i++) {
        t.keys[i].len = (uint8_t)(1 + random_below(&seed, KEY_LEN_MAX));
        for (size_t b = 0; b < t.keys[i].len; b++) {
            t.keys[i].b[b] = (uint8_t)(random_below(&seed, 4) * 64);
        }
    }
    qsort(t.keys, count, sizeof(*t.keys), compare);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || compare(&t.keys[kept - 1], &t.keys[i]) != 0) {
            t.keys[kept++] = t.keys[i];
        }
    }
    t.count = kept;
    return t;
}

static struct bytes twin_value(size_t i, uint8_t *room)
{
    memset(room, (int)(i * 31), 60);
    memcpy(room, &i, sizeof(i));
    return bytes_at(room, sizeof(i) + i % 50);
}

static struct pointer build(const struct twin *t, struct page_store *s, size_t skip)
{
    struct tree_builder *b;
    struct pointer root;
    uint8_t room[64];

    assert_int_equal(tree_builder_new(page_store_emit, s, &b), OK);
    for (size_t i = 0; i < t->count; i++) {
        if (i != skip) {
            assert_int_equal(tree_builder_add(b, twin_key(t, i), twin_value(i, room)), OK);
        }
    }
    assert_int_equal(tree_builder_finish(b, &root), OK);
    tree_builder_free(b);
    return root;
}

/* Read [first, end) and compare with the twin's entries from `from` on. Returns the pages fed. */
static size_t read_range(const struct twin *t, const struct page_store *s,
    const struct pointer *root, struct bytes first, struct bytes end)
{
    struct tree_cursor *c;
    struct tree_item item;
    enum tree_event event;
    uint8_t room[64];
    size_t fed = 0;
    size_t at = 0;

    while (at < t->count && first.len > 0 && bytes_compare(twin_key(t, at), first) < 0) {
        at++;
    }
    assert_int_equal(tree_cursor_new(root, first, end, &c), OK);
    for (event = tree_cursor_step(c, &item); event == TREE_ENTRY || event == TREE_NEED;
         event = tree_cursor_step(c, &item)) {
        if (event == TREE_NEED) {
            assert_int_equal(tree_cursor_feed(c, page_store_get(s, &item.need)), OK);
            fed++;
            continue;
        }
        assert_true(at < t->count);
        assert_true(bytes_equal(item.key, twin_key(t, at)));
        assert_true(bytes_equal(item.value, twin_value(at, room)));
        at++;
    }
    assert_int_equal(event, TREE_END);
    assert_true(at == t->count || (end.len > 0 && bytes_compare(twin_key(t, at), end) >= 0));
    tree_cursor_free(c);
    return fed;
}

static void test_against_the_twin(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 10, 500, 2000, 20000, ENTRIES_MAX};
    uint64_t seed = 5;

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct twin t = twin_new(sizes[i], 77 + i);
        struct page_store s = {0};
        struct pointer root = build(&t, &s, SIZE_MAX);

        assert_int_equal(root.length == 0, t.count == 0);
        assert_true(s.longest <= PAGE_MAX);
        assert_int_equal(read_range(&t, &s, &root, (struct bytes){0}, (struct bytes){0}), s.count);
        for (int r = 0; r < RANGES && t.count > 0; r++) {
            struct bytes first = twin_key(&t, (size_t)random_below(&seed, t.count));
            struct bytes end = twin_key(&t, (size_t)random_below(&seed, t.count));
            uint8_t odd[KEY_LEN_MAX];

            memcpy(odd, first.ptr, first.len); /* mostly a key that is not there */
            odd[first.len - 1] = (uint8_t)(odd[first.len - 1] + r % 3);
            first.ptr = odd;
            (void)read_range(&t, &s, &root, first, end);
        }
        free(t.keys);
        page_store_clear(&s);
    }
}

/* One entry costs one page a level, or two where it is not there and the next page has to say so.
 */
static void test_pages_for_one_entry(void **state)
{
    struct twin t = twin_new(ENTRIES_MAX, 9);
    struct page_store s = {0};
    struct pointer root = build(&t, &s, SIZE_MAX);
    uint64_t seed = 1;

    (void)state;
    assert_true(s.count > 100);
    for (int i = 0; i < RANGES; i++) {
        struct bytes key = twin_key(&t, (size_t)random_below(&seed, t.count));
        uint8_t end[KEY_LEN_MAX + 1] = {0};

        memcpy(end, key.ptr, key.len);
        assert_true(read_range(&t, &s, &root, key, bytes_at(end, key.len + 1)) <= 3);
    }
    free(t.keys);
    page_store_clear(&s);
}

/* The same tree without one entry: all but a few pages are the same bytes. */
static void test_small_change_few_pages(void **state)
{
    struct twin t = twin_new(50000, 4);
    struct page_store before = {0};
    struct page_store after = {0};
    size_t fresh = 0;

    (void)state;
    (void)build(&t, &before, SIZE_MAX);
    (void)build(&t, &after, t.count / 2);
    for (size_t i = 0; i < after.count; i++) {
        bool known = false;

        for (size_t j = 0; j < before.count && !known; j++) {
            known = bytes_equal(buf_view(&after.objects[i]), buf_view(&before.objects[j]));
        }
        fresh += after.objects[i].ptr[1] == 0 && !known; /* leaves: pointers are the store's own */
    }
    assert_true(after.count > 40);
    assert_in_range(fresh, 1, 3);
    free(t.keys);
    page_store_clear(&before);
    page_store_clear(&after);
}

static void test_builder_refuses(void **state)
{
    static const uint8_t large[TREE_VALUE_MAX + 1];
    struct page_store s = {0};
    struct tree_builder *b;
    struct pointer root;

    (void)state;
    assert_int_equal(tree_builder_new(page_store_emit, &s, &b), OK);
    assert_int_equal(tree_builder_add(b, bytes_str("b"), bytes_str("")), OK);
    assert_int_equal(tree_builder_add(b, bytes_str("b"), bytes_str("")), ERR_LIMIT);
    assert_int_equal(tree_builder_add(b, bytes_str("a"), bytes_str("")), ERR_LIMIT);
    assert_int_equal(tree_builder_add(b, bytes_str(""), bytes_str("")), ERR_LIMIT);
    assert_int_equal(
        tree_builder_add(b, bytes_at(large, TREE_KEY_MAX + 1), bytes_str("")), ERR_LIMIT);
    assert_int_equal(
        tree_builder_add(b, bytes_str("c"), bytes_at(large, sizeof(large))), ERR_LIMIT);
    for (char key[] = "c0"; key[1] <= '9'; key[1]++) {
        assert_int_equal(tree_builder_add(b, bytes_str(key), bytes_at(large, TREE_VALUE_MAX)), OK);
    }
    assert_int_equal(tree_builder_finish(b, &root), OK);
    assert_true(s.longest <= PAGE_MAX && s.count >= 10);
    /* the builder is ready for another tree, with lower keys */
    assert_int_equal(tree_builder_add(b, bytes_str("a"), bytes_str("")), OK);
    s.fail_at = s.count + 1;
    assert_int_equal(tree_builder_finish(b, &root), ERR_DISK_FULL);
    tree_builder_free(b);
    page_store_clear(&s);
}

#define HASH "0123456789abcdef0123456789abcdef"
#define CHILD(key) "\0\1" key "\x24\1\0\0\1" HASH
#define PAGE(text)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

/* Pages in the order they are asked for; the tree goes bad at the last one. */
static const struct {
    const char *what;
    struct bytes pages[3];
} hostile[] = {
    {"the root is no page", {PAGE("x")}},
    {"the child is no page", {PAGE("\2\1\1" CHILD("b")), PAGE("")}},
    {"child on the level of its parent", {PAGE("\2\1\1" CHILD("b")), PAGE("\2\1\1" CHILD("b"))}},
    {"child two levels down", {PAGE("\2\2\1" CHILD("b")), PAGE("\1\0\1\0\1b\0")}},
    {"child begins below its key", {PAGE("\2\1\1" CHILD("b")), PAGE("\1\0\1\0\1a\0")}},
    {"child begins above its key", {PAGE("\2\1\1" CHILD("b")), PAGE("\1\0\1\0\1c\0")}},
    {"child reaches into its sibling",
        {PAGE("\2\1\2" CHILD("b") CHILD("d")), PAGE("\1\0\2\0\1b\0\0\1d\0")}},
    {"the same child twice",
        {PAGE("\2\1\2" CHILD("b") CHILD("d")), PAGE("\1\0\1\0\1b\0"), PAGE("\1\0\1\0\1b\0")}},
    {"grandchild beyond the bound of its grandparent",
        {PAGE("\2\2\2" CHILD("b") CHILD("d")), PAGE("\2\1\1" CHILD("b")),
            PAGE("\1\0\2\0\1b\0\0\1e\0")}},
};

static void test_hostile_trees(void **state)
{
    struct pointer root = {1, 0, 0, 1, {{0}}};

    (void)state;
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        struct tree_cursor *c;
        struct tree_item item;
        enum tree_event event;
        size_t fed = 0;

        assert_int_equal(tree_cursor_new(&root, bytes_str(""), bytes_str(""), &c), OK);
        assert_int_equal(tree_cursor_step(c, &item), TREE_NEED);
        do {
            assert_true(fed < 3);
            assert_int_equal(tree_cursor_feed(c, hostile[i].pages[fed++]), OK);
            do {
                event = tree_cursor_step(c, &item);
            } while (event == TREE_ENTRY);
        } while (event == TREE_NEED);
        if (event != TREE_BAD || item.err == OK) {
            fail_msg("%s", hostile[i].what);
        }
        assert_true(fed == 3 || hostile[i].pages[fed].ptr == NULL);
        assert_int_equal(tree_cursor_step(c, &item), TREE_BAD);
        assert_int_equal(tree_cursor_feed(c, hostile[i].pages[0]), ERR_BUG);
        tree_cursor_free(c);
    }
}

/* Six levels are read; the page that would make a seventh is refused. */
static void test_height(void **state)
{
    struct pointer root = {1, 0, 0, 1, {{0}}};
    uint8_t page[64] = "\2\5\1" CHILD("b");
    struct tree_cursor *c;
    struct tree_item item;

    (void)state;
    assert_int_equal(tree_cursor_new(&root, bytes_str("b"), bytes_str(""), &c), OK);
    for (uint8_t level = TREE_HEIGHT_MAX - 1; level > 0; level--) {
        assert_int_equal(tree_cursor_step(c, &item), TREE_NEED);
        page[1] = level;
        assert_int_equal(tree_cursor_feed(c, bytes_at(page, sizeof("\2\5\1" CHILD("b")) - 1)), OK);
    }
    assert_int_equal(tree_cursor_step(c, &item), TREE_NEED);
    assert_int_equal(tree_cursor_feed(c, bytes_at("\1\0\1\0\1b\1v", 8)), OK);
    assert_int_equal(tree_cursor_feed(c, bytes_at("\1\0\1\0\1b\1v", 8)), ERR_BUG);
    assert_int_equal(tree_cursor_step(c, &item), TREE_ENTRY);
    assert_true(bytes_equal(item.value, bytes_str("v")));
    assert_int_equal(tree_cursor_step(c, &item), TREE_END);
    tree_cursor_free(c);
    assert_int_equal(tree_cursor_new(&root, bytes_str(""), bytes_str(""), &c), OK);
    page[1] = TREE_HEIGHT_MAX;
    assert_int_equal(tree_cursor_feed(c, bytes_at(page, sizeof("\2\5\1" CHILD("b")) - 1)), OK);
    assert_int_equal(tree_cursor_step(c, &item), TREE_BAD);
    tree_cursor_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_the_twin),
        cmocka_unit_test(test_pages_for_one_entry),
        cmocka_unit_test(test_small_change_few_pages),
        cmocka_unit_test(test_builder_refuses),
        cmocka_unit_test(test_hostile_trees),
        cmocka_unit_test(test_height),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
