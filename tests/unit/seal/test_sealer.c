/* The algorithms: against RFC vectors, and libcrypto against libsodium. */
#include "seal_fixture.h"

#include <sodium.h>

#include "codec/seal/sealer_cipher.h"

enum { DIFFERENTIAL_RUNS = 2000, INPUT_MAX = 300 };

static void test_labels(void **state)
{
    (void)state;
    for (int i = 0; i < SEAL_LABEL_COUNT; i++) {
        const char *text = seal_label_text((enum seal_label)i);

        assert_in_range(strlen(text), 1, SEAL_LABEL_MAX);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(text, seal_label_text((enum seal_label)j));
        }
    }
}

/* The page lists every label there is. */
static void test_labels_on_the_page(void **state)
{
    static char page[1 << 17];
    FILE *file = fopen(TEST_DATA_DIR "/../docs/format.md", "r");
    size_t len;

    (void)state;
    assert_non_null(file);
    len = fread(page, 1, sizeof(page) - 1, file);
    (void)fclose(file);
    assert_in_range(len, 1, sizeof(page) - 2);
    for (int i = 0; i < SEAL_LABEL_COUNT; i++) {
        char quoted[SEAL_LABEL_MAX + 3];

        (void)snprintf(quoted, sizeof(quoted), "`%s`", seal_label_text((enum seal_label)i));
        if (strstr(page, quoted) == NULL) {
            fail_msg("docs/format.md does not list %s", quoted);
        }
    }
}

static void test_kdf_is_libsodiums(void **state)
{
    struct fixture *f = *state;
    uint8_t input[INPUT_MAX];
    uint8_t key[KEY_LEN];
    static const uint8_t no_salt[16];

    for (uint32_t run = 0; run < DIFFERENTIAL_RUNS; run++) {
        uint8_t seed[32] = {(uint8_t)run, (uint8_t)(run >> 8)};
        enum seal_label label = (enum seal_label)(run % SEAL_LABEL_COUNT);
        uint8_t personal[16] = "u1:";
        uint8_t want[32];
        uint8_t got[32];
        size_t len = run % INPUT_MAX;

        randombytes_buf_deterministic(input, sizeof(input), seed);
        seed[2] = 1;
        randombytes_buf_deterministic(key, sizeof(key), seed);
        memcpy(personal + 3, seal_label_text(label), strlen(seal_label_text(label)));
        assert_int_equal(crypto_generichash_blake2b_salt_personal(
                             want, 32, input, len, key, 32, no_salt, personal),
            0);
        assert_int_equal(seal_kdf(f->s, key, label, bytes_at(input, len), got), OK);
        assert_memory_equal(got, want, 32);
    }
}

static void test_kdf_in_place(void **state)
{
    struct fixture *f = *state;
    uint8_t key[KEY_LEN] = {1, 2, 3};
    uint8_t want[KEY_LEN];

    assert_int_equal(seal_kdf(f->s, key, SEAL_SEG, bytes_str("x"), want), OK);
    assert_int_equal(seal_kdf(f->s, key, SEAL_SEG, bytes_str("x"), key), OK);
    assert_memory_equal(key, want, KEY_LEN);
}

/* RFC 8439 appendix A.1, vectors 1 and 2: blocks 0 and 1 of the zero key. */
static void test_chacha20_of_the_rfc(void **state)
{
    struct fixture *f = *state;
    static const uint8_t key[KEY_LEN];
    uint8_t blocks[128] = {0};
    struct buf want = {0};

    format_append_hex("76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
                      "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"
                      "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
                      "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f",
        &want);
    assert_int_equal(sealer_xor(f->s, key, blocks, sizeof(blocks)), OK);
    assert_int_equal(want.len, sizeof(blocks));
    assert_memory_equal(blocks, want.ptr, sizeof(blocks));
    buf_clear(&want);
}

static void test_aead_is_libsodiums(void **state)
{
    struct fixture *f = *state;
    static const uint8_t nonce[12];
    uint8_t plain[INPUT_MAX];
    uint8_t want[INPUT_MAX + SEAL_TAG_LEN];
    uint8_t got[INPUT_MAX + SEAL_TAG_LEN];

    for (uint32_t run = 0; run < DIFFERENTIAL_RUNS; run++) {
        uint8_t seed[32] = {(uint8_t)run, (uint8_t)(run >> 8), 7};
        size_t len = 1 + run % (INPUT_MAX - 1);
        struct bytes aad = bytes_at(plain, run % 64);
        unsigned long long want_len;

        randombytes_buf_deterministic(plain, sizeof(plain), seed);
        assert_int_equal(crypto_aead_chacha20poly1305_ietf_encrypt(
                             want, &want_len, plain, len, aad.ptr, aad.len, NULL, nonce, seed),
            0);
        assert_int_equal(sealer_lock(f->s, seed, aad, bytes_at(plain, len), got), OK);
        assert_memory_equal(got, want, want_len);
        assert_int_equal(sealer_unlock(f->s, seed, aad, bytes_at(got, want_len), got), OK);
        assert_memory_equal(got, plain, len);
    }
}

/* Every bit of a short locked text matters, and so does its AAD. */
static void test_unlock_refuses_changes(void **state)
{
    struct fixture *f = *state;
    uint8_t key[KEY_LEN] = {9};
    uint8_t locked[20 + SEAL_TAG_LEN];
    uint8_t out[20];

    assert_int_equal(
        sealer_lock(f->s, key, bytes_str("aad"), bytes_str("twenty bytes of text"), locked), OK);
    for (size_t bit = 0; bit < sizeof(locked) * 8; bit++) {
        locked[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(
            sealer_unlock(f->s, key, bytes_str("aad"), bytes_at(locked, sizeof(locked)), out),
            ERR_BAD_SEAL);
        locked[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(
        sealer_unlock(f->s, key, bytes_str("aae"), bytes_at(locked, sizeof(locked)), out),
        ERR_BAD_SEAL);
    assert_int_equal(
        sealer_unlock(f->s, key, bytes_str("aad"), bytes_at(locked, sizeof(locked)), out), OK);
    assert_memory_equal(out, "twenty bytes of text", 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_labels_on_the_page),
        cmocka_unit_test(test_kdf_is_libsodiums),
        cmocka_unit_test(test_kdf_in_place),
        cmocka_unit_test(test_chacha20_of_the_rfc),
        cmocka_unit_test(test_aead_is_libsodiums),
        cmocka_unit_test(test_unlock_refuses_changes),
    };

    return cmocka_run_group_tests(tests, fixture_new, fixture_free);
}
