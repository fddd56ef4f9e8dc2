/* Names: the page's examples, their shape, and that none comes twice. */
#include "seal_fixture.h"

#include <ctype.h>

enum { NAMES = 500 };

static struct seal_place example_place(struct fixture *f, unsigned modulus, size_t len)
{
    struct seal_place place = {{{0}}, 3, 0};
    uint8_t *bytes = fixture_bytes(len, modulus);

    assert_int_equal(seal_cid(f->s, f->share.ck, bytes_at(bytes, len), &place.cid), OK);
    free(bytes);
    return place;
}

static void test_segment_examples(void **state)
{
    struct fixture *f = *state;
    struct seal_place place = example_place(f, 251, PAYLOAD_LEN);
    struct seal_names n;

    assert_int_equal(seal_segment_names(f->s, &f->volume, &place, &n), OK);
    format_assert("id", bytes_str(n.id.text));
    format_assert("from", bytes_str(n.from));
    format_assert("subject", bytes_str(n.subject));
    format_assert("file name", bytes_str(n.file_name));
    place.attempt = 0x80000001;
    assert_int_equal(seal_segment_names(f->s, &f->volume, &place, &n), OK);
    format_assert("id, attempt 2147483649", bytes_str(n.id.text));
    format_assert("subject, attempt 2147483649", bytes_str(n.subject));
    place = example_place(f, 241, SEGMENT_LEN);
    place.index = 7;
    assert_int_equal(seal_segment_names(f->s, &f->volume, &place, &n), OK);
    format_assert("parity id", bytes_str(n.id.text));
}

static void test_head_examples(void **state)
{
    struct fixture *f = *state;
    struct seal_slot version = {SEAL_BY_VERSION, 5, 2};
    struct seal_slot day = {SEAL_BY_DAY, 20000, 0};
    struct seal_names n;

    assert_int_equal(seal_head_names(f->s, &f->read, &version, &n), OK);
    format_assert("version id", bytes_str(n.id.text));
    format_assert("version from", bytes_str(n.from));
    assert_int_equal(seal_head_names(f->s, &f->read, &day, &n), OK);
    format_assert("day id", bytes_str(n.id.text));
    format_assert("day subject", bytes_str(n.subject));
}

static bool all_lower(const char *text)
{
    for (; *text != '\0'; text++) {
        if (isupper((unsigned char)*text) || (unsigned char)*text < ' ') {
            return false;
        }
    }
    return true;
}

static void test_shape(void **state)
{
    struct fixture *f = *state;
    struct seal_place place = {{{0}}, 0, 0};
    static struct seal_names seen[NAMES];

    for (uint32_t i = 0; i < NAMES; i++) {
        struct seal_names *n = &seen[i];

        place.index = i / 2;
        place.attempt = i % 2;
        assert_int_equal(seal_segment_names(f->s, &f->volume, &place, n), OK);
        assert_int_equal(strlen(n->id.text), 42);
        assert_int_equal(strlen(n->from), SEAL_FROM_LEN);
        assert_int_equal(strlen(n->subject), SEAL_SUBJECT_LEN);
        assert_int_equal(strlen(n->file_name), SEAL_FILE_NAME_LEN);
        assert_true(all_lower(n->id.text) && all_lower(n->from) && all_lower(n->subject));
        for (uint32_t j = 0; j < i; j++) {
            assert_string_not_equal(n->id.text, seen[j].id.text);
            assert_string_not_equal(n->from, seen[j].from);
            assert_string_not_equal(n->subject, seen[j].subject);
            assert_string_not_equal(n->file_name, seen[j].file_name);
        }
    }
}

static void test_no_such_slot(void **state)
{
    struct fixture *f = *state;
    static const struct seal_slot bad[] = {
        {SEAL_BY_VERSION, 1, SEAL_SLOT_COUNT},
        {SEAL_BY_DAY, (uint64_t)UINT32_MAX + 1, 0},
        {(enum seal_family)2, 1, 0},
    };
    struct seal_names n;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(seal_head_names(f->s, &f->read, &bad[i], &n), ERR_LIMIT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segment_examples),
        cmocka_unit_test(test_head_examples),
        cmocka_unit_test(test_shape),
        cmocka_unit_test(test_no_such_slot),
    };

    return cmocka_run_group_tests(tests, fixture_new, fixture_free);
}
