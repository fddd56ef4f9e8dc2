/* Pointers: the page's example, the bounds, every cut. */
#include "../../golden/format/format_example.h"

#include "codec/manifest/pointer.h"

static void test_example(void **state)
{
    struct pointer p = {3, 5, 700, 1200, {{0}}};
    struct pointer got;
    struct buf out = {0};
    struct bytes in;

    (void)state;
    format_count_up(0xc0, p.hash.b, sizeof(p.hash.b));
    assert_int_equal(pointer_put(&out, &p), OK);
    format_assert("pointer", buf_view(&out));
    in = buf_view(&out);
    assert_int_equal(pointer_take(&in, &got), OK);
    assert_int_equal(in.len, 0);
    assert_memory_equal(&got, &p, sizeof(p));
    for (size_t len = 0; len < out.len; len++) {
        in = bytes_at(out.ptr, len);
        assert_int_equal(pointer_take(&in, &got), ERR_BAD_FORMAT);
    }
    buf_clear(&out);
}

static const struct {
    const char *what;
    struct pointer p;
    bool valid;
} rows[] = {
    {"none", {0, 0, 0, 0, {{0}}}, false},
    {"inline", {0, 0, 0, 1, {{0}}}, true},
    {"inline, at the end", {0, 0, HEAD_CORE_LEN - 10, 10, {{0}}}, true},
    {"inline, beyond the end", {0, 0, HEAD_CORE_LEN - 10, 11, {{0}}}, false},
    {"inline, offset beyond", {0, 0, HEAD_CORE_LEN + 1, 1, {{0}}}, false},
    {"inline has no segments", {0, 1, 0, 1, {{0}}}, false},
    {"last volume", {VOLUME_NUMBER_MAX, 0, 0, 1, {{0}}}, true},
    {"volume too high", {VOLUME_NUMBER_MAX + 1, 0, 0, 1, {{0}}}, false},
    {"last segment, to its end", {1, 63, PAYLOAD_LEN - 5, 5, {{0}}}, true},
    {"last segment, cut", {1, 63, PAYLOAD_LEN - 5, 6, {{0}}}, false},
    {"cut", {1, 62, PAYLOAD_LEN - 1, OBJECT_STORED_MAX, {{0}}}, true},
    {"segment too high", {1, 64, 0, 1, {{0}}}, false},
    {"segment far too high", {1, UINT32_MAX, 0, 1, {{0}}}, false},
    {"offset at the end", {1, 0, PAYLOAD_LEN, 1, {{0}}}, false},
    {"too long", {1, 0, 0, OBJECT_STORED_MAX + 1, {{0}}}, false},
};

static void test_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf out = {0};
        enum err err = pointer_put(&out, &rows[i].p);

        if (pointer_valid(&rows[i].p) != rows[i].valid || err != (rows[i].valid ? OK : ERR_LIMIT)) {
            fail_msg("%s: %s", rows[i].what, err_name(err));
        }
        buf_clear(&out);
    }
}

/* The same rows, as somebody else would have written them. */
static void test_hostile(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct pointer *p = &rows[i].p;
        const uint32_t numbers[4] = {p->volume, p->segment, p->offset, p->length};
        struct buf raw = {0};
        struct pointer got;
        struct bytes in;
        enum err err;

        for (int n = 0; n < 4; n++) {
            uint32_t v = numbers[n];

            for (; v >= 128; v >>= 7) {
                assert_int_equal(buf_append_byte(&raw, (uint8_t)(v | 128)), OK);
            }
            assert_int_equal(buf_append_byte(&raw, (uint8_t)v), OK);
        }
        assert_int_equal(buf_append(&raw, bytes_at(p->hash.b, 32)), OK);
        in = buf_view(&raw);
        err = pointer_take(&in, &got);
        if (err != (rows[i].valid ? OK : ERR_LIMIT)) {
            fail_msg("%s: %s", rows[i].what, err_name(err));
        }
        buf_clear(&raw);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_hostile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
