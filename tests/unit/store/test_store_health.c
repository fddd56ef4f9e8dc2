/* What checks found: kept for each volume, summed up for a share. */
#include "io/store/store_health.h"

#include <string.h>

#include "store_fixture.h"

#include "io/store/store_volume.h"

struct rows {
    struct store_health list[8];
    size_t count;
};

static enum err on_row(void *arg, const struct store_health *row)
{
    struct rows *rows = arg;

    assert_true(rows->count < 8);
    rows->list[rows->count++] = *row;
    return OK;
}

static const struct store_health fine = {.volume = 3, .checked = 300, .k = 1024, .m = 103};

static void what_was_found_is_kept(void **state)
{
    struct fixture *f = *state;
    const struct store_health rows[] = {
        {7, 700, 1024, 103, 4, 2, 3, true},
        fine,
        {0, 100, 1, 5, 0, 1, 0, false},
    };
    const struct store_health later = {7, 900, 1024, 103, 0, 1, 0, false};
    struct rows seen = {.count = 0};

    assert_int_equal(store_health_put(f->store, f->share, rows, 3), OK);
    fixture_reopen(f);
    assert_int_equal(store_health_each(f->store, f->share, 0, on_row, &seen), OK);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.list[0].volume, 0);
    assert_int_equal(seen.list[1].volume, 3);
    assert_int_equal(seen.list[2].checked, 700);
    assert_int_equal(seen.list[2].missing_data, 4);
    assert_int_equal(seen.list[2].missing_parity, 2);
    assert_int_equal(seen.list[2].damaged, 3);
    assert_true(seen.list[2].deep);

    assert_int_equal(store_health_put(f->store, f->share, &later, 1), OK); /* in its place */
    seen.count = 0;
    assert_int_equal(store_health_each(f->store, f->share, 4, on_row, &seen), OK);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.list[0].checked, 900);
    assert_int_equal(seen.list[0].damaged, 3); /* by name nobody sees that */
    assert_int_equal(seen.list[0].missing_data, 4);
    assert_int_equal(seen.list[0].missing_parity, 2);
    assert_true(seen.list[0].deep);
}

/* A look at the names after one at the contents: the worse of both; another look at the contents,
 * or a repair, puts both right. */
static void a_deep_look_outlives_a_shallow_one(void **state)
{
    static const struct {
        struct store_health row; /* k = 0: repaired, but for the missing ones */
        uint32_t data, parity, damaged;
    } steps[] = {
        {{5, 1, 10, 5, 2, 1, 0, false}, 2, 1, 0},
        {{5, 2, 10, 5, 4, 2, 6, true}, 4, 2, 6},
        {{5, 3, 10, 5, 0, 3, 0, false}, 4, 3, 6},
        {{5, 4, 10, 5, 5, 0, 0, false}, 5, 2, 6},
        {{5, 5, 10, 5, 1, 0, 1, true}, 1, 0, 1},
        {{5, 6, 10, 5, 0, 0, 0, false}, 1, 0, 1},
        {{5, 7, 0, 0, 0, 1, 0, false}, 0, 1, 0},
        {{5, 8, 10, 5, 0, 0, 0, false}, 0, 1, 0},
        {{5, 9, 10, 5, 0, 0, 0, true}, 0, 0, 0},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        const struct store_health *row = &steps[i].row;
        struct rows seen = {.count = 0};

        if (row->k == 0) {
            assert_int_equal(store_health_mend(f->store, f->share, row->volume, row->missing_data,
                                 row->missing_parity),
                OK);
        } else {
            assert_int_equal(store_health_put(f->store, f->share, row, 1), OK);
        }
        assert_int_equal(store_health_each(f->store, f->share, 0, on_row, &seen), OK);
        assert_int_equal(seen.count, 1);
        assert_int_equal(seen.list[0].missing_data, steps[i].data);
        assert_int_equal(seen.list[0].missing_parity, steps[i].parity);
        assert_int_equal(seen.list[0].damaged, steps[i].damaged);
    }
}

static enum err on_server(void *arg, const struct store_health_server *row)
{
    return buf_printf(arg, "%s %d: %u of %u, %u;", row->server, (int)row->checked, row->missing,
        row->asked, row->damaged);
}

static void servers_are_summed_up(void **state)
{
    struct fixture *f = *state;
    const struct store_health_server rows[] = {
        {"b", 700, 1, 100, 3, 0},
        {"a", 700, 1, 100, 0, 0},
        {"b", 600, 2, 50, 1, 2},
    };
    const struct store_health_server later = {"b", 900, 1, 100, 0, 1};
    struct buf text = {0};

    assert_int_equal(store_health_server_put(f->store, f->share, rows, 3), OK);
    assert_int_equal(store_health_server_put(f->store, f->share, &later, 1), OK);
    assert_int_equal(store_health_server_sum(f->store, f->share, on_server, &text), OK);
    assert_true(bytes_equal(buf_view(&text), bytes_str("a 700: 0 of 100, 0;b 600: 1 of 150, 3;")));
    assert_int_equal(store_health_mend(f->store, f->share, 1, 0, 0), OK);
    buf_clear(&text); /* of what was posted again nobody was asked yet */
    assert_int_equal(store_health_server_sum(f->store, f->share, on_server, &text), OK);
    assert_true(bytes_equal(buf_view(&text), bytes_str("b 600: 1 of 50, 2;")));
    buf_clear(&text);
}

/* Number, time, K, M, what is missing of each. */
#define ROW(a, b, c, d, e, f)                                                                      \
    {                                                                                              \
        .volume = (a), .checked = (b), .k = (c), .m = (d), .missing_data = (e),                    \
        .missing_parity = (f)                                                                      \
    }

static const struct {
    const char *what;
    struct store_health rows[3];
    uint64_t repairable, lost;
    uint32_t worst;
} sums[] = {
    {"all is there: the one with the least parity",
        {ROW(1, 5, 10, 9, 0, 0), ROW(2, 6, 10, 8, 0, 0), ROW(3, 7, 4, 9, 0, 0)}, 0, 0, 2},
    {"something is missing: before those with less parity",
        {ROW(1, 5, 10, 9, 1, 1), ROW(2, 6, 1, 0, 0, 0), ROW(3, 7, 9, 8, 0, 0)}, 1, 0, 1},
    {"as much is missing as parity is left",
        {ROW(1, 5, 10, 9, 0, 9), ROW(2, 6, 10, 9, 9, 0), ROW(3, 7, 9, 8, 0, 0)}, 2, 0, 1},
    {"more is missing than parity is left",
        {ROW(1, 5, 10, 9, 9, 0), ROW(2, 6, 100, 50, 49, 2), ROW(3, 7, 9, 8, 1, 8)}, 1, 2, 2},
    {"without parity one is too many",
        {ROW(1, 5, 10, 0, 1, 0), ROW(2, 6, 10, 9, 9, 0), ROW(3, 7, 9, 8, 0, 0)}, 1, 1, 1},
};

static void a_share_at_a_glance(void **state)
{
    struct fixture *f = *state;
    struct store_health_sum sum;

    assert_int_equal(store_health_sum(f->store, f->share, &sum), ERR_NO_ROW);
    for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
        assert_int_equal(store_health_put(f->store, f->share, sums[i].rows, 3), OK);
        assert_int_equal(store_health_sum(f->store, f->share, &sum), OK);
        if (sum.repairable != sums[i].repairable || sum.lost != sums[i].lost ||
            sum.worst.volume != sums[i].worst) {
            fail_msg("%s: %u repairable, %u lost, worst %u", sums[i].what, (unsigned)sum.repairable,
                (unsigned)sum.lost, sum.worst.volume);
        }
        assert_int_equal(sum.volumes, 3);
        assert_int_equal(sum.head.k, 0);
        assert_false(sum.deep);
        assert_int_equal(sum.oldest, 5);
        assert_int_equal(sum.newest, 7);
    }
    assert_int_equal(store_health_sum(f->store, f->share + 1, &sum), ERR_NO_ROW);
}

/* The head stands beside the volumes; a meta volume is known by its row in the catalogue. */
static void heads_and_meta_volumes(void **state)
{
    struct fixture *f = *state;
    static const uint8_t key[KEY_LEN] = {7};
    struct store_health rows[] = {
        {.checked = 3, .k = 1, .m = 5, .missing_parity = 2, .deep = true},
        {.checked = 4, .k = 10, .m = 1, .missing_data = 2, .damaged = 1, .deep = true},
        {.checked = 5, .k = 20, .m = 1, .missing_data = 3, .missing_parity = 1, .deep = true},
    };
    struct store_health_sum sum;

    assert_int_equal(
        store_volume_add(f->store, f->share, STORE_VOLUME_DATA, 1, key, &rows[1].volume), OK);
    assert_int_equal(
        store_volume_add(f->store, f->share, STORE_VOLUME_META, 1, key, &rows[2].volume), OK);
    assert_int_equal(store_health_put(f->store, f->share, rows, 3), OK);
    assert_int_equal(store_health_sum(f->store, f->share, &sum), OK);
    assert_int_equal(sum.head.missing_parity, 2);
    assert_int_equal(sum.volumes, 2);
    assert_int_equal(sum.lost, 2);
    assert_int_equal(sum.lost_meta, 1);
    assert_int_equal(sum.articles, 32);
    assert_int_equal(sum.missing, 6);
    assert_int_equal(sum.damaged, 1);
    assert_int_equal(sum.oldest, 3);
    assert_int_equal(sum.worst.volume, rows[2].volume);
    assert_true(sum.deep);
}

static void it_goes_with_its_share(void **state)
{
    struct fixture *f = *state;
    struct rows seen = {.count = 0};

    assert_int_equal(store_health_put(f->store, f->share, &fine, 1), OK);
    assert_int_equal(store_share_forget(f->store, f->share), OK);
    assert_int_equal(store_health_each(f->store, f->share, 0, on_row, &seen), OK);
    assert_int_equal(seen.count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_was_found_is_kept),
        TEST(a_share_at_a_glance),
        TEST(heads_and_meta_volumes),
        TEST(a_deep_look_outlives_a_shallow_one),
        TEST(servers_are_summed_up),
        TEST(it_goes_with_its_share),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
