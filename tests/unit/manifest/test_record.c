/* Records and their keys: the page's examples, the rules of names, hostile values. */
#include "../../golden/format/format_example.h"

#include "codec/manifest/record.h"

enum { FILE_SIZE = 5 * PAYLOAD_LEN + 100 };

static void assert_example(const char *name, const struct record *want)
{
    struct buf out = {0};
    struct record got;

    assert_int_equal(record_encode(want, &out), OK);
    format_assert(name, buf_view(&out));
    assert_int_equal(record_decode(buf_view(&out), &got), OK);
    assert_int_equal(got.type, want->type);
    assert_int_equal(got.mode, want->mode);
    assert_true(got.mtime_ns == want->mtime_ns);
    assert_int_equal(got.size, want->size);
    assert_int_equal(got.folder, want->folder);
    assert_int_equal(got.depth, want->depth);
    assert_true(bytes_equal(got.text, want->text));
    assert_true(bytes_equal(got.extents, want->extents));
    buf_clear(&out);
}

static void test_examples(void **state)
{
    struct buf run = {0};
    const int64_t mtime = 1700000000123456789;

    (void)state;
    format_example("extents", &run);
    assert_example("directory record",
        &(struct record){.type = RECORD_DIRECTORY, .mode = 0755, .mtime_ns = mtime, .folder = 2});
    assert_example("file record", &(struct record){.type = RECORD_FILE,
                                      .mode = 0640,
                                      .mtime_ns = mtime,
                                      .size = FILE_SIZE,
                                      .extents = buf_view(&run)});
    assert_example("symlink record",
        &(struct record){
            .type = RECORD_SYMLINK, .mode = 0777, .mtime_ns = -1, .text = bytes_str("../x")});
    assert_example("hard link record",
        &(struct record){.type = RECORD_HARD_LINK, .folder = 2, .text = bytes_str("a.bin")});
    buf_clear(&run);
}

/* Every cut fails; a flip fails or gives a record that is written as it was read. */
static void test_cuts_and_flips(void **state)
{
    static const char *const names[] = {
        "directory record", "file record", "symlink record", "hard link record"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct buf value = {0};
        struct record r;

        format_example(names[i], &value);
        for (size_t len = 0; len < value.len; len++) {
            assert_int_not_equal(record_decode(bytes_at(value.ptr, len), &r), OK);
        }
        for (size_t bit = 0; bit < value.len * 8; bit++) {
            struct buf again = {0};

            value.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
            if (record_decode(buf_view(&value), &r) == OK) {
                assert_int_equal(record_encode(&r, &again), OK);
                assert_true(bytes_equal(buf_view(&again), buf_view(&value)));
            }
            value.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
            buf_clear(&again);
        }
        assert_int_equal(buf_append_byte(&value, 0), OK);
        assert_int_not_equal(record_decode(buf_view(&value), &r), OK);
        buf_clear(&value);
    }
}

#define VALUE(text)                                                                                \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

static const struct {
    const char *what;
    struct bytes value;
    enum err err;
} hostile[] = {
    {"nothing", VALUE(""), ERR_BAD_FORMAT},
    {"type 0", VALUE("\0\0\0\0\1"), ERR_TOO_NEW},
    {"type 5", VALUE("\5\0\0\0\1"), ERR_TOO_NEW},
    {"a flag", VALUE("\1\1\0\0\1"), ERR_TOO_NEW},
    {"directory", VALUE("\1\0\0\0\1"), OK},
    {"directory with something behind", VALUE("\1\0\0\0\1\0"), ERR_BAD_FORMAT},
    {"directory 0", VALUE("\1\0\0\0\0"), ERR_LIMIT},
    {"setuid", VALUE("\1\0\x80\x10\0\1"), ERR_LIMIT},
    {"folder 2^63", VALUE("\1\0\0\0\x80\x80\x80\x80\x80\x80\x80\x80\x80\1"), ERR_LIMIT},
    {"empty file", VALUE("\2\0\0\0\0\0\0"), OK},
    {"empty file with an extent", VALUE("\2\0\0\0\0\0\2\5\1"), ERR_BAD_FORMAT},
    {"empty file with pointers", VALUE("\2\0\0\0\0\1\0"), ERR_BAD_FORMAT},
    {"size without extents", VALUE("\2\0\0\0\7\0\0"), ERR_BAD_FORMAT},
    {"depth 4", VALUE("\2\0\0\0\7\4\0"), ERR_LIMIT},
    {"depth 1 without pointers", VALUE("\2\0\0\0\7\1\0"), ERR_BAD_FORMAT},
    {"depth 1 with rubbish", VALUE("\2\0\0\0\7\1\1x"), ERR_BAD_FORMAT},
    {"hole of another size", VALUE("\2\0\0\0\7\0\2\5\6"), ERR_BAD_FORMAT},
    {"hole of that size", VALUE("\2\0\0\0\7\0\2\5\7"), OK},
    {"symlink to nowhere", VALUE("\3\0\0\0\0"), ERR_LIMIT},
    {"symlink with NUL", VALUE("\3\0\0\0\3a\0b"), ERR_LIMIT},
    {"symlink", VALUE("\3\0\0\0\3a/b"), OK},
    {"hard link", VALUE("\4\0\1\1a"), OK},
    {"hard link up", VALUE("\4\0\1\2.."), ERR_LIMIT},
    {"hard link to a path", VALUE("\4\0\1\3a/b"), ERR_LIMIT},
    {"hard link in folder 0", VALUE("\4\0\0\1a"), ERR_LIMIT},
};

static void test_hostile(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        struct record r;
        enum err err = record_decode(hostile[i].value, &r);

        if (err != hostile[i].err) {
            fail_msg("%s: %s", hostile[i].what, err_name(err));
        }
    }
}

static void test_long_lists(void **state)
{
    uint8_t raw[EXTENTS_INLINE_MAX + 2];
    struct record r = {.type = RECORD_FILE, .size = (uint64_t)PAYLOAD_LEN * 513};
    struct buf out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(raw); i += 2) {
        raw[i] = 4; /* a hole of one block */
        raw[i + 1] = 1;
    }
    r.extents = bytes_at(raw, sizeof(raw));
    assert_int_equal(record_encode(&r, &out), ERR_LIMIT);
    r.extents.len -= 2;
    r.size -= PAYLOAD_LEN;
    assert_int_equal(record_encode(&r, &out), OK);
    buf_clear(&out);
}

static void test_target_length(void **state)
{
    char target[TARGET_MAX_LEN + 1];
    struct record r = {.type = RECORD_SYMLINK};
    struct record got;
    struct buf out = {0};

    (void)state;
    memset(target, 't', sizeof(target));
    r.text = bytes_at(target, TARGET_MAX_LEN + 1);
    assert_int_equal(record_encode(&r, &out), ERR_LIMIT);
    assert_int_equal(out.len, 0);
    r.text.len--;
    assert_int_equal(record_encode(&r, &out), OK);
    assert_int_equal(record_decode(buf_view(&out), &got), OK);
    assert_int_equal(got.text.len, TARGET_MAX_LEN);
    buf_clear(&out);
}

static const struct {
    struct bytes name;
    bool valid;
} name_rows[] = {
    {VALUE(""), false},
    {VALUE("a"), true},
    {VALUE("."), false},
    {VALUE(".."), false},
    {VALUE("..."), true},
    {VALUE(".a"), true},
    {VALUE("a/b"), false},
    {VALUE("/"), false},
    {VALUE("a\0b"), false},
    {VALUE("\xff\xfe"), true}, /* names are bytes */
    {VALUE("-rf *\n\x1b[2J"), true},
};

static void test_names_and_keys(void **state)
{
    uint8_t name[NAME_MAX_LEN + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(name_rows) / sizeof(name_rows[0]); i++) {
        struct buf key = {0};
        struct bytes got = {0};
        uint64_t folder = 0;

        assert_int_equal(record_name_valid(name_rows[i].name), name_rows[i].valid);
        assert_int_equal(
            record_key_put(&key, 77, name_rows[i].name), name_rows[i].valid ? OK : ERR_LIMIT);
        key.len = 0;
        assert_int_equal(buf_append(&key, bytes_at("\0\0\0\0\0\0\0M", 8)), OK);
        assert_int_equal(buf_append(&key, name_rows[i].name), OK);
        assert_int_equal(
            record_key_take(buf_view(&key), &folder, &got), name_rows[i].valid ? OK : ERR_LIMIT);
        assert_int_equal(folder, 77);
        assert_true(bytes_equal(got, name_rows[i].name));
        buf_clear(&key);
    }
    memset(name, 'n', sizeof(name));
    assert_true(record_name_valid(bytes_at(name, NAME_MAX_LEN)));
    assert_false(record_name_valid(bytes_at(name, NAME_MAX_LEN + 1)));
}

static void test_key_order(void **state)
{
    struct buf key = {0};
    uint8_t first[8];
    uint8_t end[8];
    uint64_t folder;
    struct bytes name;

    (void)state;
    assert_int_equal(record_key_put(&key, 1, bytes_str("docs")), OK);
    format_assert("key of docs in folder 1", buf_view(&key));
    record_key_range(1, first, end);
    assert_true(bytes_compare(bytes_at(first, 8), buf_view(&key)) < 0);
    assert_true(bytes_compare(bytes_at(end, 8), buf_view(&key)) > 0);
    record_key_range(0x00ffffffffffffff, first, end);
    assert_memory_equal(end, "\1\0\0\0\0\0\0\0", 8);
    assert_int_equal(record_key_take(bytes_at(key.ptr, 7), &folder, &name), ERR_BAD_FORMAT);
    assert_int_equal(record_key_put(&key, 0, bytes_str("a")), ERR_LIMIT);
    assert_int_equal(record_key_put(&key, (uint64_t)1 << 63, bytes_str("a")), ERR_LIMIT);
    assert_int_equal(
        record_key_take(bytes_at("\x80\0\0\0\0\0\0\0a", 9), &folder, &name), ERR_LIMIT);
    buf_clear(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_cuts_and_flips),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_long_lists),
        cmocka_unit_test(test_target_length),
        cmocka_unit_test(test_names_and_keys),
        cmocka_unit_test(test_key_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
