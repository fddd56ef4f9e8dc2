/* Segments: the page's examples, the way back, and everything that must not open. */
#include "seal_fixture.h"

enum { FLIPS = 200 };

/* A sealed segment 3, and room to open it into. */
struct sealed {
    struct seal_place place;
    uint8_t *payload;
    uint8_t *body;
    uint8_t *opened;
};

static struct sealed sealed_new(struct fixture *f)
{
    struct sealed x = {{{{0}}, 3, 0}, fixture_bytes(PAYLOAD_LEN, 251),
        fixture_bytes(SEGMENT_LEN, 1), fixture_bytes(PAYLOAD_LEN, 2)};

    assert_int_equal(seal_segment(f->s, &f->volume, &x.place, x.payload, x.body), OK);
    return x;
}

static void sealed_free(struct sealed *x)
{
    free(x->payload);
    free(x->body);
    free(x->opened);
}

static void assert_zeros(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(bytes[i], 0);
    }
}

static void test_examples(void **state)
{
    struct fixture *f = *state;
    struct sealed x = sealed_new(f);

    format_assert("cid", bytes_at(x.place.cid.b, 32));
    format_assert("sealed, front", bytes_at(x.body, 32));
    format_assert("tag", bytes_at(x.body + PAYLOAD_LEN, SEAL_TAG_LEN));
    fixture_assert_digest("digest of sealed", x.body, SEGMENT_LEN);
    x.place.attempt = 1;
    assert_int_equal(seal_mask(f->s, &f->volume, &x.place, x.body), OK);
    fixture_assert_digest("digest of body, attempt 1", x.body, SEGMENT_LEN);
    sealed_free(&x);
}

/* Many at once, some of them not what they should be: each is judged by itself. */
static void test_many(void **state)
{
    struct fixture *f = *state;
    struct seal_place places[SEAL_OPEN_MAX];
    struct seal_opening each[SEAL_OPEN_MAX];
    struct volume_keys foreign = f->volume;
    uint8_t *payload = fixture_bytes(PAYLOAD_LEN, 251);

    for (uint32_t i = 0; i < SEAL_OPEN_MAX; i++) {
        bool parity = i == 2 || i == 5;

        places[i] = (struct seal_place){{{0}}, i, 0};
        each[i] = (struct seal_opening){.keys = &f->volume,
            .place = &places[i],
            .kind = parity ? SEAL_KIND_PARITY : SEAL_KIND_DATA,
            .bytes = fixture_bytes(SEGMENT_LEN, (uint8_t)(i + 1)),
            .err = ERR_BUG};
        payload[0] = (uint8_t)i;
        if (parity) {
            assert_int_equal(
                seal_cid(f->s, f->share.ck, bytes_at(each[i].bytes, SEGMENT_LEN), &places[i].cid),
                OK);
        } else {
            assert_int_equal(
                seal_segment(f->s, &f->volume, &places[i], payload, each[i].bytes), OK);
        }
    }
    each[1].bytes[77] ^= 1;              /* the tag is wrong */
    each[5].bytes[SEGMENT_LEN - 1] ^= 1; /* the cid is */
    places[6].cid.b[3] ^= 1;             /* another content is meant */
    assert_int_equal(seal_open_many(f->s, each, SEAL_OPEN_MAX), OK);
    for (uint32_t i = 0; i < SEAL_OPEN_MAX; i++) {
        if (i == 1 || i == 5 || i == 6) {
            assert_int_equal(each[i].err, ERR_BAD_SEAL);
            assert_zeros(each[i].bytes, SEGMENT_LEN);
        } else {
            assert_int_equal(each[i].err, OK);
            payload[0] = (uint8_t)i;
            if (each[i].kind == SEAL_KIND_DATA) {
                assert_memory_equal(each[i].bytes, payload, PAYLOAD_LEN);
            }
        }
    }
    foreign.ck[0] ^= 1;
    each[3].keys = &foreign;
    assert_int_equal(seal_open_many(f->s, each, SEAL_OPEN_MAX), ERR_BUG);
    for (uint32_t i = 0; i < SEAL_OPEN_MAX; i++) {
        free(each[i].bytes);
    }
    free(payload);
}

static void test_parity(void **state)
{
    struct fixture *f = *state;
    uint8_t *raw = fixture_bytes(SEGMENT_LEN, 241);
    struct seal_place place = {{{0}}, 7, 0};

    assert_int_equal(seal_cid(f->s, f->share.ck, bytes_at(raw, SEGMENT_LEN), &place.cid), OK);
    format_assert("parity cid", bytes_at(place.cid.b, 32));
    assert_int_equal(seal_check_parity(f->s, &f->volume, &place, raw), OK);
    assert_int_equal(seal_mask(f->s, &f->volume, &place, raw), OK);
    fixture_assert_digest("digest of parity body, attempt 0", raw, SEGMENT_LEN);
    assert_int_equal(seal_check_parity(f->s, &f->volume, &place, raw), ERR_BAD_SEAL);
    assert_int_equal(seal_mask(f->s, &f->volume, &place, raw), OK);
    assert_int_equal(seal_check_parity(f->s, &f->volume, &place, raw), OK);
    raw[SEGMENT_LEN - 1] ^= 0x80;
    assert_int_equal(seal_check_parity(f->s, &f->volume, &place, raw), ERR_BAD_SEAL);
    free(raw);
}

static void test_way_back(void **state)
{
    struct fixture *f = *state;
    struct sealed x = sealed_new(f);
    uint8_t *known = fixture_bytes(SEGMENT_LEN, 3);

    assert_int_equal(seal_open(f->s, &f->volume, &x.place, x.body, x.opened), OK);
    assert_memory_equal(x.opened, x.payload, PAYLOAD_LEN);
    assert_int_equal(seal_segment_known(f->s, &f->volume, &x.place, x.payload, known), OK);
    assert_memory_equal(known, x.body, SEGMENT_LEN);
    /* in place, both ways */
    memcpy(known, x.payload, PAYLOAD_LEN);
    assert_int_equal(seal_segment(f->s, &f->volume, &x.place, known, known), OK);
    assert_memory_equal(known, x.body, SEGMENT_LEN);
    assert_int_equal(seal_open(f->s, &f->volume, &x.place, known, known), OK);
    assert_memory_equal(known, x.payload, PAYLOAD_LEN);
    free(known);
    sealed_free(&x);
}

/* Flip one bit here and there, and all along the tag: nothing opens, nothing leaks. */
static void test_flips(void **state)
{
    struct fixture *f = *state;
    struct sealed x = sealed_new(f);

    for (size_t i = 0; i < FLIPS + SEAL_TAG_LEN * 8; i++) {
        size_t bit =
            i < FLIPS ? i * (PAYLOAD_LEN * 8 / FLIPS) + i % 8 : (size_t)PAYLOAD_LEN * 8 + i - FLIPS;

        x.body[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(seal_open(f->s, &f->volume, &x.place, x.body, x.opened), ERR_BAD_SEAL);
        x.body[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_zeros(x.opened, PAYLOAD_LEN);
    sealed_free(&x);
}

static void test_wrong_place(void **state)
{
    struct fixture *f = *state;
    struct sealed x = sealed_new(f);
    struct seal_place place = x.place;
    struct volume_keys keys = f->volume;

    place.index = 4;
    assert_int_equal(seal_open(f->s, &keys, &place, x.body, x.opened), ERR_BAD_SEAL);
    place = x.place;
    place.cid.b[31] ^= 1;
    assert_int_equal(seal_open(f->s, &keys, &place, x.body, x.opened), ERR_BAD_SEAL);
    keys.vd[0] ^= 1;
    assert_int_equal(seal_open(f->s, &keys, &x.place, x.body, x.opened), ERR_BAD_SEAL);
    keys = f->volume;
    keys.ck[0] ^= 1; /* the tag is right, but the content is not what that key would name so */
    assert_int_equal(seal_open(f->s, &keys, &x.place, x.body, x.opened), ERR_BAD_SEAL);
    assert_zeros(x.opened, PAYLOAD_LEN);
    sealed_free(&x);
}

/* Any reader can seal other bytes under a listed cid; opening must notice. */
static void test_forged_by_a_reader(void **state)
{
    struct fixture *f = *state;
    struct sealed x = sealed_new(f);
    struct seal_opening one = {&f->volume, &x.place, SEAL_KIND_DATA, x.body, OK};

    x.payload[12345] ^= 1;
    assert_int_equal(seal_segment_known(f->s, &f->volume, &x.place, x.payload, x.body), OK);
    assert_int_equal(seal_open(f->s, &f->volume, &x.place, x.body, x.opened), ERR_BAD_SEAL);
    assert_zeros(x.opened, PAYLOAD_LEN);
    assert_int_equal(seal_open_many(f->s, &one, 1), OK);
    assert_int_equal(one.err, ERR_BAD_SEAL);
    assert_zeros(x.body, SEGMENT_LEN);
    sealed_free(&x);
}

static void test_masks(void **state)
{
    struct fixture *f = *state;
    struct sealed x = sealed_new(f);
    uint8_t *other = fixture_bytes(SEGMENT_LEN, 1);
    struct seal_place second = x.place;

    assert_false(seal_needs_mask(SEAL_KIND_DATA, 0));
    assert_true(seal_needs_mask(SEAL_KIND_DATA, 1));
    assert_true(seal_needs_mask(SEAL_KIND_PARITY, 0));
    memcpy(other, x.body, SEGMENT_LEN);
    x.place.attempt = 1;
    second.attempt = 2;
    assert_int_equal(seal_mask(f->s, &f->volume, &x.place, x.body), OK);
    assert_int_equal(seal_mask(f->s, &f->volume, &second, other), OK);
    assert_memory_not_equal(x.body, other, SEGMENT_LEN);
    assert_int_equal(seal_mask(f->s, &f->volume, &x.place, x.body), OK);
    assert_int_equal(seal_open(f->s, &f->volume, &x.place, x.body, x.opened), OK);
    assert_memory_equal(x.opened, x.payload, PAYLOAD_LEN);
    free(other);
    sealed_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_parity),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_way_back),
        cmocka_unit_test(test_flips),
        cmocka_unit_test(test_wrong_place),
        cmocka_unit_test(test_forged_by_a_reader),
        cmocka_unit_test(test_masks),
    };

    return cmocka_run_group_tests(tests, fixture_new, fixture_free);
}
