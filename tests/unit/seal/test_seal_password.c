/* What is kept of a login password: the same for ever, and good for that password alone. */
#include "codec/seal/seal_password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* argon2 (the reference program): echo -n "correct horse" | argon2 0123456789abcdef -id -t 3 -k
 * 65536 -p 1 -l 32 -r */
static const char known[] = "92599c67f23f1d9dce9b6f0cfb5a9b18ce110336de00799947472465edd9e49a";

static struct seal_password kept_of(const char *password)
{
    struct seal_password kept;

    memcpy(kept.salt, "0123456789abcdef", sizeof(kept.salt));
    assert_int_equal(seal_password_make(bytes_str(password), &kept), OK);
    return kept;
}

static void test_known(void **state)
{
    struct seal_password kept = kept_of("correct horse");
    char text[2 * SEAL_PASSWORD_HASH_LEN + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(kept.hash); i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", kept.hash[i]);
    }
    assert_string_equal(text, known);
}

static void test_check(void **state)
{
    static const char *const wrong[] = {"", "correct hors", "correct horse ", "Correct horse"};
    struct seal_password kept = kept_of("correct horse");

    (void)state;
    assert_int_equal(seal_password_check(bytes_str("correct horse"), &kept), OK);
    assert_int_equal(seal_password_check(bytes_at(NULL, 0), &kept), ERR_LOGIN);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(seal_password_check(bytes_str(wrong[i]), &kept), ERR_LOGIN);
    }
    kept.salt[0] ^= 1;
    assert_int_equal(seal_password_check(bytes_str("correct horse"), &kept), ERR_LOGIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
