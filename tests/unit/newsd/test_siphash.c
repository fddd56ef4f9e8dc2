/* SipHash against libcrypto's own, for every length up to 64. */
#include "app/newsd/siphash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>

static void test_like_libcrypto(void **state)
{
    uint8_t key[16], in[64], ours[16], theirs[32];

    (void)state;
    for (size_t i = 0; i < sizeof(in); i++) {
        in[i] = (uint8_t)i;
        key[i % 16] = (uint8_t)(i % 16);
    }
    for (size_t len = 0; len <= sizeof(in); len++) {
        size_t got = 0;

        siphash(key, bytes_at(in, len), ours);
        assert_non_null(EVP_Q_mac(NULL, "SIPHASH", NULL, NULL, NULL, key, sizeof(key), in, len,
            theirs, sizeof(theirs), &got));
        assert_int_equal(got, 16);
        assert_memory_equal(ours, theirs, 16);
    }
}

/* The first vector of the reference implementation's list for 128 bits. */
static void test_published_vector(void **state)
{
    static const uint8_t expected[16] = {0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6,
        0x72, 0x14, 0xc7, 0x55, 0x02, 0x93};
    uint8_t key[16], out[16];

    (void)state;
    for (int i = 0; i < 16; i++) {
        key[i] = (uint8_t)i;
    }
    siphash(key, bytes_at(NULL, 0), out);
    assert_memory_equal(out, expected, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_like_libcrypto),
        cmocka_unit_test(test_published_vector),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
