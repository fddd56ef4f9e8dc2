/* The tree of keys, against the page's examples. */
#include "seal_fixture.h"

static void test_examples(void **state)
{
    struct fixture *f = *state;
    struct cid nothing;

    assert_int_equal(seal_cid(f->s, f->share.ck, (struct bytes){0}, &nothing), OK);
    format_assert("spk", bytes_at(f->share.spk, sizeof(f->share.spk)));
    format_assert("seed", bytes_at(f->share.ssk, 32)); /* libsodium keeps the seed in front */
    format_assert("fp", bytes_at(f->share.fp, sizeof(f->share.fp)));
    format_assert("ck", bytes_at(f->share.ck, KEY_LEN));
    format_assert("r", bytes_at(f->r, KEY_LEN));
    format_assert("k_loc", bytes_at(f->read.loc, KEY_LEN));
    format_assert("k_meta", bytes_at(f->read.meta, KEY_LEN));
    format_assert("vl", bytes_at(f->volume.vl, KEY_LEN));
    format_assert("vd", bytes_at(f->volume.vd, KEY_LEN));
    format_assert("cid of nothing", bytes_at(nothing.b, sizeof(nothing.b)));
    assert_memory_equal(f->volume.ck, f->share.ck, KEY_LEN);
}

/* The hash in a pointer is the cid of the object's stored bytes; that of a head is over its core.
 */
static void test_hashes_of_the_manifest(void **state)
{
    struct fixture *f = *state;
    struct buf bytes = {0};
    struct cid cid;

    format_example("leaf page as an object, as it is", &bytes);
    assert_int_equal(seal_cid(f->s, f->share.ck, buf_view(&bytes), &cid), OK);
    format_assert("cid of that object", bytes_at(cid.b, sizeof(cid.b)));
    bytes.len = 0;
    format_example("core", &bytes);
    assert_int_equal(buf_reserve(&bytes, SEAL_HEAD_PAYLOAD_LEN), OK);
    memset(bytes.ptr + bytes.len, 0, SEAL_HEAD_PAYLOAD_LEN - 132 - bytes.len);
    bytes.len = SEAL_HEAD_PAYLOAD_LEN - 132;
    assert_int_equal(seal_head_hash(f->s, f->share.ck, buf_view(&bytes), cid.b), OK);
    format_assert("headhash of that core", bytes_at(cid.b, sizeof(cid.b)));
    buf_clear(&bytes);
}

static void test_password(void **state)
{
    struct fixture *f = *state;
    struct seal_argon argon = {6, 2};
    uint8_t stretched[KEY_LEN];
    uint8_t other[KEY_LEN];
    uint8_t r[KEY_LEN];

    assert_int_equal(
        seal_stretch(f->s, &argon, f->link_secret, bytes_str("correct horse"), stretched), OK);
    format_assert("stretched", bytes_at(stretched, KEY_LEN));
    assert_int_equal(seal_read_password(f->s, f->link_secret, f->share.fp, stretched, r), OK);
    format_assert("r with password", bytes_at(r, KEY_LEN));
    assert_int_equal(
        seal_stretch(f->s, &argon, f->link_secret, bytes_str("correct horsf"), other), OK);
    assert_memory_not_equal(other, stretched, KEY_LEN);
}

static void test_argon_bounds(void **state)
{
    struct fixture *f = *state;
    static const struct seal_argon bad[] = {{5, 3}, {11, 3}, {8, 1}, {8, 11}, {0, 0}, {255, 3}};
    static const char text[SEAL_PASSWORD_MAX + 1];
    struct seal_argon good = {6, 2};
    uint8_t out[KEY_LEN];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(
            seal_stretch(f->s, &bad[i], f->link_secret, bytes_str("x"), out), ERR_LIMIT);
    }
    assert_int_equal(
        seal_stretch(f->s, &good, f->link_secret, bytes_at(text, sizeof(text)), out), ERR_LIMIT);
}

/* No two keys of a share are the same, and another W changes them all. */
static void test_keys_differ(void **state)
{
    struct fixture *f = *state;
    struct share_keys other;
    uint8_t w[KEY_LEN];

    memcpy(w, f->share.w, sizeof(w));
    w[31] ^= 1;
    assert_int_equal(seal_share_keys(f->s, w, &other), OK);
    assert_memory_not_equal(other.ck, f->share.ck, KEY_LEN);
    assert_memory_not_equal(other.spk, f->share.spk, SEAL_SPK_LEN);
    assert_memory_not_equal(other.fp, f->share.fp, SEAL_FP_LEN);
    assert_memory_not_equal(f->volume.vl, f->volume.vd, KEY_LEN);
    assert_memory_not_equal(f->read.loc, f->read.meta, KEY_LEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_hashes_of_the_manifest),
        cmocka_unit_test(test_password),
        cmocka_unit_test(test_argon_bounds),
        cmocka_unit_test(test_keys_differ),
    };

    return cmocka_run_group_tests(tests, fixture_new, fixture_free);
}
