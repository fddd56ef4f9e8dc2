/* bech32m against BIP 350's own test vectors. */
#include "../../golden/format/format_example.h"

#include "codec/link/bech32m.h"

/* BIP 350, "Test vectors for Bech32m": the valid ones. Those whose data is not a whole number of
 * bytes are told by ERR_LINK_BAD, which comes after the checksum was right. */
static const struct {
    const char *text;
    enum err err;
} valid[] = {
    {"A1LQFN3A", OK},
    {"a1lqfn3a", OK},
    {"an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
        OK},
    {"abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx", OK},
    {"11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
        ERR_LINK_BAD},
    {"split1checkupstagehandshakeupstreamerranterredcaperredlc445v", OK},
    {"?1v759aa", OK},
};

/* The invalid ones that are text, and mistakes of our own. */
static const char *const invalid[] = {
    "qyrz8wqd2c9m", "1qyrz8wqd2c9m", "y1b0jsk6g", "lt1igcx5c0", "in1muywd", "mm1crxm3i",
    "au1s5cgom", "M1VUXWEZ", "16plkw9", "1p2gdwpf",
    "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4",
    "a1LQFN3A", /* mixed case */
    "a1lqfn3b", "a1lqfn3", "a 1lqfn3a", "\1771lqfn3a", "", "1",
    "A12UEL5L", /* bech32, not bech32m */
};

static void test_valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
        char hrp[BECH32M_HRP_MAX + 1];
        struct buf data = {0};
        enum err err = bech32m_decode(bytes_str(valid[i].text), hrp, &data);

        if (err != valid[i].err) {
            fail_msg("%s: %s", valid[i].text, err_name(err));
        }
        buf_clear(&data);
    }
}

static void test_invalid(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
        char hrp[BECH32M_HRP_MAX + 1];
        struct buf data = {0};
        enum err err = bech32m_decode(bytes_str(invalid[i]), hrp, &data);

        if (err != ERR_LINK_BAD && err != ERR_LINK_TYPO) {
            fail_msg("%s: %s", invalid[i], err_name(err));
        }
        buf_clear(&data);
    }
}

static void test_round_trip(void **state)
{
    uint8_t in[140];

    (void)state;
    format_count_up(0x5a, in, sizeof(in));
    for (size_t len = 0; len <= sizeof(in); len++) {
        char hrp[BECH32M_HRP_MAX + 1];
        struct buf text = {0};
        struct buf data = {0};

        assert_int_equal(bech32m_encode("hrp", bytes_at(in, len), &text), OK);
        assert_int_equal(bech32m_decode(buf_view(&text), hrp, &data), OK);
        assert_string_equal(hrp, "hrp");
        assert_true(bytes_equal(buf_view(&data), bytes_at(in, len)));
        buf_clear(&text);
        buf_clear(&data);
    }
}

static void test_too_long(void **state)
{
    static const uint8_t in[1000];
    static const size_t too_long[] = {154, 256, 1000};
    char hrp[BECH32M_HRP_MAX + 1];
    struct buf out = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(bech32m_encode("hrp", bytes_at(in, too_long[i]), &out), ERR_LIMIT);
    }
    assert_int_equal(out.len, 0);
    assert_int_equal(bech32m_decode(bytes_at(in, 256), hrp, &out), ERR_LINK_BAD);
    buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
