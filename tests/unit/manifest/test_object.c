/* Objects: round trips, lies about their length, every cut and flip. */
#include "../../golden/format/format_example.h"

#include "base/endian.h"
#include "codec/manifest/object.h"
#include "random_stream.h"

static void test_example(void **state)
{
    struct buf stored = {0};
    struct buf plain = {0};

    (void)state;
    format_example("leaf page as an object, as it is", &stored);
    assert_int_equal(object_unpack(buf_view(&stored), PAGE_MAX, &plain), OK);
    format_assert("leaf page: docs in folder 1, a.bin in folder 2", buf_view(&plain));
    buf_clear(&stored);
    buf_clear(&plain);
}

static void test_round_trip(void **state)
{
    static const size_t lengths[] = {1, 2, 100, 65535, 65536, 65537, OBJECT_PLAIN_MAX};
    uint64_t seed = 1;

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]) * 2; i++) {
        size_t len = lengths[i / 2];
        struct buf in = {0};
        struct buf stored = {0};
        struct buf plain = {0};

        assert_int_equal(buf_resize(&in, len), OK);
        for (size_t b = 0; b < len; b++) {
            in.ptr[b] = (uint8_t)(i % 2 == 0 ? random_next(&seed) >> 56 : b / 100);
        }
        assert_int_equal(buf_append_str(&stored, "kept"), OK);
        assert_int_equal(object_pack(buf_view(&in), &stored), OK);
        assert_memory_equal(stored.ptr, "kept", 4);
        assert_true(stored.len <= 4 + OBJECT_HEADER_LEN + len);
        buf_drop(&stored, 4);
        assert_int_equal(stored.ptr[0], i % 2 == 0 || len < 100 ? 0 : 1);
        assert_int_equal(object_unpack(buf_view(&stored), len, &plain), OK);
        assert_true(bytes_equal(buf_view(&plain), buf_view(&in)));
        assert_int_equal(object_unpack(buf_view(&stored), len - 1, &plain), ERR_LIMIT);
        buf_clear(&in);
        buf_clear(&stored);
        buf_clear(&plain);
    }
}

static void test_limits(void **state)
{
    static const uint8_t zeros[OBJECT_PLAIN_MAX + 1];
    struct buf out = {0};

    (void)state;
    assert_int_equal(object_pack((struct bytes){0}, &out), ERR_LIMIT);
    assert_int_equal(object_pack(bytes_at(zeros, sizeof(zeros)), &out), ERR_LIMIT);
    assert_int_equal(out.len, 0);
    buf_clear(&out);
}

/* The header says another length or coding than the rest. */
static void test_lies(void **state)
{
    struct buf stored = {0};
    struct buf plain = {0};
    uint8_t text[1000] = {0};

    (void)state;
    assert_int_equal(object_pack(bytes_at(text, sizeof(text)), &stored), OK);
    assert_int_equal(stored.ptr[0], 1);
    for (uint32_t said = 0; said < 3000; said++) {
        enum err err;

        stored.ptr[1] = (uint8_t)said;
        stored.ptr[2] = (uint8_t)(said >> 8);
        err = object_unpack(buf_view(&stored), 2000, &plain);
        assert_int_equal(err, said == 1000               ? OK
                              : said == 0 || said > 2000 ? ERR_LIMIT
                                                         : ERR_BAD_FORMAT);
        assert_int_equal(plain.len, said == 1000 ? 1000 : 0);
    }
    stored.ptr[1] = 1000 & 255;
    stored.ptr[2] = 1000 >> 8;
    stored.ptr[0] = 0;
    assert_int_equal(object_unpack(buf_view(&stored), 2000, &plain), ERR_BAD_FORMAT);
    stored.ptr[0] = 2;
    assert_int_equal(object_unpack(buf_view(&stored), 2000, &plain), ERR_TOO_NEW);
    stored.ptr[0] = 1;
    stored.ptr[4] = 0xff; /* four gigabytes */
    assert_int_equal(object_unpack(buf_view(&stored), SIZE_MAX, &plain), ERR_LIMIT);
    stored.ptr[4] = 0;
    assert_int_equal(buf_append_byte(&stored, 0), OK); /* something behind the frame */
    assert_int_equal(object_unpack(buf_view(&stored), 2000, &plain), ERR_BAD_FORMAT);
    buf_clear(&stored);
    buf_clear(&plain);
}

/* Two frames that together make the length said are not one frame. */
static void test_two_frames(void **state)
{
    static const uint8_t zeros[1000];
    struct buf first = {0};
    struct buf second = {0};
    struct buf plain = {0};

    (void)state;
    assert_int_equal(object_pack(bytes_at(zeros, sizeof(zeros)), &first), OK);
    assert_int_equal(object_pack(bytes_at(zeros, sizeof(zeros)), &second), OK);
    assert_int_equal(first.ptr[0], 1);
    buf_drop(&second, OBJECT_HEADER_LEN);
    assert_int_equal(buf_append(&first, buf_view(&second)), OK);
    put_le32(first.ptr + 1, 2 * sizeof(zeros));
    assert_int_equal(object_unpack(buf_view(&first), PAGE_MAX, &plain), ERR_BAD_FORMAT);
    assert_int_equal(plain.len, 0);
    buf_clear(&first);
    buf_clear(&second);
    buf_clear(&plain);
}

static void test_cuts_and_flips(void **state)
{
    struct buf stored = {0};
    struct buf plain = {0};
    uint8_t text[500];

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (uint8_t)(i * i / 50);
    }
    assert_int_equal(object_pack(bytes_at(text, sizeof(text)), &stored), OK);
    for (size_t len = 0; len < stored.len; len++) {
        assert_int_not_equal(object_unpack(bytes_at(stored.ptr, len), PAGE_MAX, &plain), OK);
    }
    for (size_t bit = 0; bit < stored.len * 8; bit++) {
        stored.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (object_unpack(buf_view(&stored), PAGE_MAX, &plain) == OK) {
            assert_int_equal(plain.len, get_le32(stored.ptr + 1));
        }
        stored.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    buf_clear(&stored);
    buf_clear(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_two_frames),
        cmocka_unit_test(test_cuts_and_flips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
