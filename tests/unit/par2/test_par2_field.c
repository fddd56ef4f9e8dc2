/* The field's tables against numbers reckoned by hand and against the oracle. */
#include "codec/par2/par2_field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "oracle.h"

static struct par2_field *field;

/* Powers of 2: 2^16 is what is left of the polynomial. */
static const struct {
    uint16_t a, b, product;
} by_hand[] = {
    {0, 0, 0},
    {0, 0xffff, 0},
    {1, 0xffff, 0xffff},
    {2, 2, 4},
    {2, 0x8000, 0x100b},
    {0x100, 0x100, 0x100b},
    {0x200, 0x100, 0x2016},
    {3, 0x8001, 0x9008},
    {0x8000, 0x8000, 0x8efa},
};

static void test_products(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof by_hand / sizeof by_hand[0]; i++) {
        uint16_t product = by_hand[i].product;

        assert_int_equal(oracle_mul(by_hand[i].a, by_hand[i].b), product);
        assert_int_equal(par2_mul(field, by_hand[i].a, by_hand[i].b), product);
        assert_int_equal(par2_mul_plain(by_hand[i].a, by_hand[i].b), product);
    }
}

static void test_random_products(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        uint16_t a = (uint16_t)oracle_random(&seed);
        uint16_t b = (uint16_t)oracle_random(&seed);

        assert_int_equal(par2_mul(field, a, b), oracle_mul(a, b));
        assert_int_equal(par2_mul_plain(a, b), oracle_mul(a, b));
    }
}

static void test_inverses(void **state)
{
    (void)state;
    for (uint32_t a = 1; a <= 0xffff; a++) {
        assert_int_equal(oracle_mul((uint16_t)a, par2_inverse(field, (uint16_t)a)), 1);
    }
}

/* 1, 2, 4, 7, 8, 11, 13, 14, 16 ... are coprime to 65535; the last is 65534. */
static void test_constants(void **state)
{
    static const uint16_t first[] = {2, 4, 16, 128, 256, 2048, 8192, 16384, 0x100b};

    (void)state;
    for (uint32_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        assert_int_equal(par2_input_power(field, i, 1), first[i]);
        assert_int_equal(oracle_constant(i), first[i]);
    }
    for (uint32_t i = 0; i < PAR2_INPUTS_MAX; i += 1111) {
        assert_int_equal(par2_input_power(field, i, 1), oracle_constant(i));
    }
    assert_int_equal(field->input_log[PAR2_INPUTS_MAX - 1], 65534);
}

static void test_powers(void **state)
{
    uint64_t seed = 2;

    (void)state;
    for (size_t n = 0; n < 200; n++) {
        uint32_t i = (uint32_t)oracle_below(&seed, 500);
        uint32_t e = (uint32_t)oracle_below(&seed, 65535);

        assert_int_equal(par2_input_power(field, i, e), oracle_power(oracle_constant(i), e));
    }
    assert_int_equal(
        par2_input_power(field, 32767, 65534), oracle_power(oracle_power(2, 65534), 65534));
}

static int make_field(void **state)
{
    (void)state;
    field = malloc(sizeof *field);
    if (field != NULL) {
        par2_field_init(field);
    }
    return field == NULL;
}

static int free_field(void **state)
{
    (void)state;
    free(field);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_random_products),
        cmocka_unit_test(test_inverses),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_powers),
    };

    return cmocka_run_group_tests(tests, make_field, free_field);
}
