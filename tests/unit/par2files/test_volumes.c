/* Slices' length from their number, and the sharing out of recovery slices: what par2cmdline does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flow/par2files/volumes.h"

static const struct {
    const char *what;
    uint32_t first, count, files;
    enum par2files_scheme scheme;
    uint64_t largest; /* slices of the largest file */
    enum err err;
    const char *names; /* all, one after the other */
} shares[] = {
    {"doubling", 5, 20, 0, PAR2FILES_DOUBLING, 9, OK,
        "x.vol05+1.par2 x.vol06+2.par2 x.vol08+4.par2 x.vol12+8.par2 x.vol20+5.par2 "},
    {"three files", 0, 12, 3, PAR2FILES_DOUBLING, 9, OK,
        "x.vol00+2.par2 x.vol02+4.par2 x.vol06+6.par2 "},
    {"one slice", 0, 1, 0, PAR2FILES_DOUBLING, 9, OK, "x.vol0+1.par2 "},
    {"even", 0, 10, 4, PAR2FILES_EVEN, 9, OK,
        "x.vol00+3.par2 x.vol03+3.par2 x.vol06+2.par2 x.vol08+2.par2 "},
    {"limited", 0, 12, 0, PAR2FILES_LIMITED, 4, OK,
        "x.vol00+1.par2 x.vol01+2.par2 x.vol03+4.par2 x.vol07+4.par2 x.vol11+1.par2 "},
    {"more files than slices", 0, 2, 3, PAR2FILES_DOUBLING, 9, ERR_BAD_REQUEST, ""},
    {"nothing", 0, 0, 0, PAR2FILES_DOUBLING, 9, OK, ""},
};

static void test_shares(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        struct par2files_create options = {
            .volume_count = shares[i].files, .scheme = shares[i].scheme};
        struct volume all = {shares[i].first, shares[i].count};
        struct buf volumes = {0};
        struct buf names = {0};

        print_message("%s\n", shares[i].what);
        assert_int_equal(volumes_share(&options, &all, shares[i].largest, &volumes), shares[i].err);
        for (size_t k = 0; k < volumes.len / sizeof(struct volume); k++) {
            assert_int_equal(volumes_name("x", (const struct volume *)(const void *)volumes.ptr,
                                 volumes.len / sizeof(struct volume), k, &names),
                OK);
            assert_int_equal(buf_append_byte(&names, ' '), OK);
        }
        assert_true(bytes_equal(buf_view(&names), bytes_str(shares[i].names)));
        buf_clear(&volumes);
        buf_clear(&names);
    }
}

static const struct {
    uint64_t lens[3];
    size_t files;
    uint64_t wanted;
    enum err err;
    uint64_t slice_len;
} lengths[] = {
    {{100, 0, 0}, 1, 1, OK, 100},
    {{101, 0, 0}, 1, 1, OK, 104},
    {{100, 0, 0}, 1, 1000, OK, 4},
    {{1000, 500, 1}, 3, 3, OK, 1000},
    {{1000, 500, 1}, 3, 4, OK, 500},
    {{1000, 500, 1}, 3, 2, ERR_LIMIT, 0},
    {{1, 0, 0}, 1, 0, ERR_LIMIT, 0},
};

static void test_slice_len(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint64_t len = 0;

        assert_int_equal(
            volumes_slice_len(lengths[i].lens, lengths[i].files, lengths[i].wanted, &len),
            lengths[i].err);
        assert_int_equal(len, lengths[i].slice_len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_slice_len),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
