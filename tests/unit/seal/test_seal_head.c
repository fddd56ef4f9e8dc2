/* Heads: the page's examples, the way back, and what must not pass. */
#include "seal_fixture.h"

#include "codec/seal/sealer_cipher.h"

enum { FLIPS = 150, CORE_LEN = SEAL_HEAD_PAYLOAD_LEN - 132 };

static void test_sealing(void **state)
{
    struct fixture *f = *state;
    struct seal_slot version = {SEAL_BY_VERSION, 5, 2};
    struct seal_slot day = {SEAL_BY_DAY, 20000, 0};
    uint8_t *payload = fixture_bytes(SEAL_HEAD_PAYLOAD_LEN, 239);
    uint8_t *opened = fixture_bytes(SEAL_HEAD_PAYLOAD_LEN, 2);
    uint8_t *body = fixture_bytes(SEGMENT_LEN, 1);

    assert_int_equal(seal_head(f->s, &f->read, &day, payload, body), OK);
    fixture_assert_digest("digest of day body", body, SEGMENT_LEN);
    assert_int_equal(seal_open_head(f->s, &f->read, &version, body, opened), ERR_BAD_SEAL);
    assert_int_equal(seal_head(f->s, &f->read, &version, payload, body), OK);
    fixture_assert_digest("digest of version body", body, SEGMENT_LEN);
    assert_int_equal(seal_open_head(f->s, &f->read, &version, body, opened), OK);
    assert_memory_equal(opened, payload, SEAL_HEAD_PAYLOAD_LEN);
    free(payload);
    free(opened);
    free(body);
}

static void test_flips(void **state)
{
    struct fixture *f = *state;
    struct seal_slot slot = {SEAL_BY_VERSION, 1, 0};
    uint8_t *payload = fixture_bytes(SEAL_HEAD_PAYLOAD_LEN, 239);
    uint8_t *body = fixture_bytes(SEGMENT_LEN, 1);

    assert_int_equal(seal_head(f->s, &f->read, &slot, payload, body), OK);
    for (size_t i = 0; i < FLIPS; i++) {
        /* all of the siv, then all along */
        size_t byte = i < 32 ? i : (i - 32) * (SEGMENT_LEN - 32) / (FLIPS - 33) + 31;

        body[byte] ^= (uint8_t)(1 << i % 8);
        assert_int_equal(seal_open_head(f->s, &f->read, &slot, body, payload), ERR_BAD_SEAL);
        assert_int_equal(payload[i], 0);
        body[byte] ^= (uint8_t)(1 << i % 8);
    }
    assert_int_equal(seal_open_head(f->s, &f->read, &slot, body, payload), OK);
    free(payload);
    free(body);
}

static void test_wrong_keys(void **state)
{
    struct fixture *f = *state;
    struct seal_slot slot = {SEAL_BY_VERSION, 1, 0};
    struct seal_slot none = {SEAL_BY_VERSION, 1, SEAL_SLOT_COUNT};
    struct read_keys other = f->read;
    uint8_t *payload = fixture_bytes(SEAL_HEAD_PAYLOAD_LEN, 239);
    uint8_t *body = fixture_bytes(SEGMENT_LEN, 1);

    assert_int_equal(seal_head(f->s, &f->read, &none, payload, body), ERR_LIMIT);
    assert_int_equal(seal_head(f->s, &f->read, &slot, payload, body), OK);
    other.meta[0] ^= 1;
    assert_int_equal(seal_open_head(f->s, &other, &slot, body, payload), ERR_BAD_SEAL);
    other = f->read;
    other.loc[0] ^= 1;
    assert_int_equal(seal_open_head(f->s, &other, &slot, body, payload), ERR_BAD_SEAL);
    free(payload);
    free(body);
}

/* A reader has the keys and can seal a payload under a siv that is not its own: the tag is right,
 * but the key is not committed to the payload. */
static void test_foreign_siv(void **state)
{
    struct fixture *f = *state;
    struct seal_slot slot = {SEAL_BY_VERSION, 1, 0};
    static const uint8_t ctx[13] = {SEAL_BY_VERSION, 1};
    uint8_t *payload = fixture_bytes(SEAL_HEAD_PAYLOAD_LEN, 239);
    uint8_t *body = fixture_bytes(SEGMENT_LEN, 251);
    uint8_t key[KEY_LEN];

    assert_int_equal(seal_kdf(f->s, f->read.meta, SEAL_HKEY, bytes_at(body, 32), key), OK);
    assert_int_equal(sealer_lock(f->s, key, bytes_str("usync1 head"),
                         bytes_at(payload, SEAL_HEAD_PAYLOAD_LEN), body + 32),
        OK);
    assert_int_equal(sealer_unlock(f->s, key, bytes_str("usync1 head"),
                         bytes_at(body + 32, SEGMENT_LEN - 32), payload),
        OK);
    assert_int_equal(seal_kdf(f->s, f->read.loc, SEAL_HMASK, bytes_at(ctx, sizeof(ctx)), key), OK);
    assert_int_equal(sealer_xor(f->s, key, body, SEGMENT_LEN), OK);
    assert_int_equal(seal_open_head(f->s, &f->read, &slot, body, payload), ERR_BAD_SEAL);
    assert_int_equal(payload[1], 0);
    free(payload);
    free(body);
}

static void test_signatures(void **state)
{
    struct fixture *f = *state;
    uint8_t *core = fixture_bytes(CORE_LEN, 239);
    uint8_t hash[KEY_LEN];
    uint8_t sig[SEAL_SIGNATURE_LEN];

    assert_int_equal(seal_head_hash(f->s, f->share.ck, bytes_at(core, CORE_LEN), hash), OK);
    format_assert("headhash", bytes_at(hash, KEY_LEN));
    assert_int_equal(seal_sign_head(&f->share, bytes_at(core, CORE_LEN), sig), OK);
    format_assert("head signature", bytes_at(sig, sizeof(sig)));
    assert_int_equal(seal_check_head(f->share.spk, bytes_at(core, CORE_LEN), sig), OK);
    core[CORE_LEN - 1] ^= 1;
    assert_int_equal(
        seal_check_head(f->share.spk, bytes_at(core, CORE_LEN), sig), ERR_BAD_SIGNATURE);
    assert_int_equal(seal_sign_alive(&f->share, hash, 20000, sig), OK);
    format_assert("alive signature, day 20000", bytes_at(sig, sizeof(sig)));
    assert_int_equal(seal_check_alive(f->share.spk, hash, 20000, sig), OK);
    assert_int_equal(seal_check_alive(f->share.spk, hash, 20001, sig), ERR_BAD_SIGNATURE);
    hash[0] ^= 1;
    assert_int_equal(seal_check_alive(f->share.spk, hash, 20000, sig), ERR_BAD_SIGNATURE);
    free(core);
}

/* A signature of one domain is none in the other, and none of another share's key. */
static void test_domains(void **state)
{
    struct fixture *f = *state;
    uint8_t hash[KEY_LEN] = {1};
    uint8_t message[KEY_LEN + 4] = {1};
    uint8_t sig[SEAL_SIGNATURE_LEN];
    uint8_t spk[SEAL_SPK_LEN];

    memcpy(spk, f->share.spk, sizeof(spk));
    spk[0] ^= 1;
    assert_int_equal(seal_sign_alive(&f->share, hash, 0, sig), OK);
    assert_int_equal(
        seal_check_head(f->share.spk, bytes_at(message, sizeof(message)), sig), ERR_BAD_SIGNATURE);
    assert_int_equal(seal_check_alive(spk, hash, 0, sig), ERR_BAD_SIGNATURE);
    for (size_t bit = 0; bit < sizeof(sig) * 8; bit++) {
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(seal_check_alive(f->share.spk, hash, 0, sig), ERR_BAD_SIGNATURE);
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sealing),
        cmocka_unit_test(test_flips),
        cmocka_unit_test(test_wrong_keys),
        cmocka_unit_test(test_foreign_siv),
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_domains),
    };

    return cmocka_run_group_tests(tests, fixture_new, fixture_free);
}
