/* CRC-32 against its check value, and the sliding window against CRCs made anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/par2/par2_crc.h"

enum { DATA_LEN = 700 };

static void fill(uint8_t data[DATA_LEN])
{
    uint32_t state = 1;

    for (size_t i = 0; i < DATA_LEN; i++) {
        state = state * 1664525 + 1013904223;
        data[i] = (uint8_t)(state >> 24);
    }
}

static void test_check_value(void **state)
{
    (void)state;
    assert_int_equal(par2_crc(0, bytes_str("123456789")), 0xcbf43926);
    assert_int_equal(par2_crc(par2_crc(0, bytes_str("1234")), bytes_str("56789")), 0xcbf43926);
    assert_int_equal(par2_crc(0, bytes_at(NULL, 0)), 0);
    assert_int_equal(par2_crc(7, bytes_at(NULL, 0)), 7);
}

static void test_slide(void **state)
{
    static const size_t lens[] = {1, 2, 4, 63, 64, 100, 256, 333};
    uint8_t data[DATA_LEN];

    (void)state;
    fill(data);
    for (size_t k = 0; k < sizeof lens / sizeof lens[0]; k++) {
        struct par2_crc_window window;
        uint32_t crc = par2_crc(0, bytes_at(data, lens[k]));

        par2_crc_window_init(&window, lens[k]);
        for (size_t at = 0; at + lens[k] < DATA_LEN; at++) {
            crc = par2_crc_slide(&window, crc, data[at], data[at + lens[k]]);
            assert_int_equal(crc, par2_crc(0, bytes_at(data + at + 1, lens[k])));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_value),
        cmocka_unit_test(test_slide),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
