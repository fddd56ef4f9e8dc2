/* Articles for so many files. */
#include "app/control/estimate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/ids.h"

#define GIB ((uint64_t)1 << 30)

static const struct {
    const char *what;
    uint64_t files, bytes, blocks;
    unsigned percent;
    uint64_t articles;
} rows[] = {
    {"nothing", 0, 0, 0, 10, 6},
    {"so little that it fits into the head", 10, 100000, 0, 10, 6},
    /* 2 of data and 2 + ceil(.05*2 + 1.1*sqrt 2) of parity; 1 + 4 of listing; 6 heads */
    {"a bit more", 1, PAYLOAD_LEN + 1, 1, 10, 6 + 2 + 4 + 1 + 4},
    {"one volume of 1,024", 1, (uint64_t)1024 * PAYLOAD_LEN, 1024, 10, 6 + 1024 + 103 + 1 + 4},
    {"lean", 1, (uint64_t)1024 * PAYLOAD_LEN, 1024, 5, 6 + 1024 + 52 + 1 + 3},
    {"long-term", 1, (uint64_t)1024 * PAYLOAD_LEN, 1024, 15, 6 + 1024 + 154 + 1 + 4},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct index_sum sum = {
            .files = rows[i].files, .bytes = rows[i].bytes, .blocks = rows[i].blocks};
        struct estimate estimate;

        print_message("%s\n", rows[i].what);
        estimate_make(&sum, rows[i].percent, &estimate);
        assert_int_equal(estimate.articles, rows[i].articles);
        assert_true(estimate.bytes > estimate.articles * SEGMENT_LEN);
        assert_true(estimate.bytes < estimate.articles * SEGMENT_LEN / 100 * 104);
    }
}

/* 20 TB in 3 million files: no overflow, and about 10 % on top. */
static void test_huge(void **state)
{
    struct index_sum sum = {.files = 3000000, .bytes = 20000 * GIB};
    struct estimate estimate;

    (void)state;
    sum.blocks = sum.bytes / PAYLOAD_LEN - 1500000;
    estimate_make(&sum, 10, &estimate);
    assert_true(estimate.articles > 20000 * GIB / PAYLOAD_LEN / 100 * 110);
    assert_true(estimate.articles < 20000 * GIB / PAYLOAD_LEN / 100 * 111);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_huge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
