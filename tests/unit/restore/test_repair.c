/* Volumes that lost articles, and the recovery segments that bring them back: each article is
 * fetched once, what can be made is made, and what cannot is named. */
#include "flow/restore/repairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plot.h"

enum { K = PLOT_K, M = PLOT_M, ROUNDS = 16 };

/* Choose `count` of the first `all` numbers; the rest of the order does not matter. */
static void choose(uint32_t *numbers, uint32_t all, uint32_t count, unsigned *seed)
{
    for (uint32_t i = 0; i < all; i++) {
        numbers[i] = i;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t j = i + (uint32_t)rand_r(seed) % (all - i);
        uint32_t kept = numbers[i];

        numbers[i] = numbers[j];
        numbers[j] = kept;
    }
}

/* Up to M articles are gone, data and parity alike: all comes back, each article that is there
 * comes once, and of recovery segments just as many as are needed. */
static void any_m_articles(void **state)
{
    struct plot *p = *state;
    uint32_t numbers[K + M];
    unsigned seed = 1;

    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t count = round % (M + 1);
        uint32_t data = 0;

        server_heal(&p->rig.server);
        choose(numbers, K + M, count, &seed);
        for (uint32_t i = 0; i < count; i++) {
            server_vanish(&p->rig.server, plot_id(p, numbers[i]), 0);
            data += numbers[i] < K;
        }
        assert_int_equal(rig_restore(&p->rig, NULL), OK);
        plot_assert_whole(p, K);
        plot_assert_counters(p, data, data);
        assert_int_equal(plot_asked(p, 0, K), K - data);
        assert_int_equal(plot_asked(p, K, K + M), data);
        rig_remove_target(&p->rig);
    }
}

/* Damaged for good is as good as gone, for data and for parity. */
static void damaged_articles(void **state)
{
    struct plot *p = *state;
    static const uint32_t bad[] = {2, 7, K, K + 3};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        server_damage(&p->rig.server, plot_id(p, bad[i]), 1000);
    }
    assert_int_equal(rig_restore(&p->rig, NULL), OK);
    plot_assert_whole(p, K);
    plot_assert_counters(p, 2, 2);
    assert_int_equal(plot_asked(p, K + 1, K + M), 2);
}

static void a_burst(void **state)
{
    struct plot *p = *state;

    for (uint32_t i = K - M; i < K; i++) {
        server_vanish(&p->rig.server, plot_id(p, i), 0);
    }
    assert_int_equal(rig_restore(&p->rig, NULL), OK);
    plot_assert_whole(p, K);
    plot_assert_counters(p, M, M);
}

/* One more than can be made: what is lost is named, all else is there, and nothing is fetched in
 * vain, least of all recovery segments. */
static void one_too_many(void **state)
{
    struct plot *p = *state;
    char line[64];

    for (uint32_t i = 0; i <= M; i++) {
        server_vanish(&p->rig.server, plot_id(p, 2 * i), 0);
    }
    assert_int_equal(rig_restore(&p->rig, NULL), ERR_ARTICLES_LOST);
    plot_assert_counters(p, M + 1, 0);
    assert_int_equal(p->rig.result.lost_files, M + 1);
    assert_non_null(strstr(p->rig.events, "volume 1 cannot be repaired"));
    for (uint32_t i = 0; i < K; i++) {
        (void)snprintf(line, sizeof(line), "%s could not be restored", plot_name(i));
        if (i % 2 == 0 && i / 2 <= M) {
            assert_non_null(strstr(p->rig.events, line));
            rig_assert_absent(&p->rig, plot_name(i));
        } else {
            assert_null(strstr(p->rig.events, line));
            rig_assert_file(&p->rig, plot_name(i), plot_bytes(p, i), 0640);
        }
    }
    assert_int_equal(plot_asked(p, 0, K), K - M - 1);
    assert_int_equal(plot_asked(p, K, K + M), 0);
}

/* Enough were there for the data that is lost, but they are gone as well. */
static void parity_is_gone_too(void **state)
{
    struct plot *p = *state;

    for (uint32_t j = 1; j < M; j++) {
        server_vanish(&p->rig.server, plot_id(p, K + j), 0);
    }
    server_vanish(&p->rig.server, plot_id(p, 0), 0);
    server_vanish(&p->rig.server, plot_id(p, 5), 0);
    assert_int_equal(rig_restore(&p->rig, NULL), ERR_ARTICLES_LOST);
    plot_assert_counters(p, 2, 0);
    assert_int_equal(p->rig.result.lost_files, 2);
    assert_int_equal(plot_asked(p, 0, K), K - 2);
}

/* One file: the volume's other data segments and one recovery segment. */
static void one_file_of_it(void **state)
{
    struct plot *p = *state;
    const char *only[] = {"f04", NULL};

    server_vanish(&p->rig.server, plot_id(p, 4), 0);
    assert_int_equal(rig_restore(&p->rig, only), OK);
    rig_assert_file(&p->rig, "f04", plot_bytes(p, 4), 0640);
    plot_assert_counters(p, 1, 1);
    assert_int_equal(plot_asked(p, 0, K), K - 1);
    assert_int_equal(plot_asked(p, K, K + M), 1);
    assert_int_equal(p->rig.result.articles, K + 1); /* and the head */
}

/* With the least of windows much has come and gone before the loss is met. That much comes once
 * more, and nothing else does. */
static void met_late(void **state)
{
    struct plot *p = *state;

    p->rig.window_bytes = 4 * (size_t)SEGMENT_LEN; /* two segments */
    server_vanish(&p->rig.server, plot_id(p, 8), 0);
    assert_int_equal(rig_restore(&p->rig, NULL), OK);
    plot_assert_whole(p, K);
    plot_assert_counters(p, 1, 1);
    for (uint32_t i = 0; i < K; i++) {
        assert_true(server_asked(&p->rig.server, plot_id(p, i)) <= (i < 8 ? 2 : 1));
    }
    assert_int_equal(plot_asked(p, K, K + M), 1);
}

/* A volume of one segment, which is lost: nothing but parity is there to make it from. */
static int setup_one(void **state)
{
    struct plot *p = plot_new();

    p->rig.maker->data.parity = 4;
    plot_add(p, 0, 1);
    maker_publish(p->rig.maker);
    *state = p;
    return 0;
}

static void the_only_segment(void **state)
{
    struct plot *p = *state;

    server_vanish(&p->rig.server, plot_id(p, 0), 0);
    server_vanish(&p->rig.server, plot_id(p, 1), 0);
    server_vanish(&p->rig.server, plot_id(p, 3), 0);
    assert_int_equal(rig_restore(&p->rig, NULL), OK);
    plot_assert_whole(p, 1);
    plot_assert_counters(p, 1, 1);
}

/* Recovery segments that are what their author says, and fit nothing: what is made of them is not
 * what was lost, so it stays lost. */
static void spoil(struct maker *m, uint32_t j, uint8_t *slice)
{
    (void)m;
    slice[1000] ^= (uint8_t)(1 + j);
}

static int setup_spoiled(void **state)
{
    struct plot *p = plot_new();

    p->rig.maker->data.parity = M;
    p->rig.maker->spoil_parity = spoil;
    plot_add(p, 0, K);
    maker_publish(p->rig.maker);
    *state = p;
    return 0;
}

static void parity_that_fits_nothing(void **state)
{
    struct plot *p = *state;

    server_vanish(&p->rig.server, plot_id(p, 3), 0);
    server_vanish(&p->rig.server, plot_id(p, 4), 0);
    assert_int_equal(rig_restore(&p->rig, NULL), ERR_ARTICLES_LOST);
    assert_int_equal(p->rig.result.lost_files, 2);
    rig_assert_absent(&p->rig, "f03");
    rig_assert_absent(&p->rig, "f04");
    rig_assert_file(&p->rig, "f05", plot_bytes(p, 5), 0640);
}

/* --- the listing --- */

static int setup_meta(void **state)
{
    struct plot *p = plot_new();

    p->rig.maker->tables = MAKER_META;
    p->rig.maker->meta.parity = 2;
    p->rig.maker->data.parity = M;
    plot_add(p, 0, 3);
    maker_publish(p->rig.maker);
    *state = p;
    return 0;
}

static void the_listing_is_lost(void **state)
{
    struct plot *p = *state;
    struct rig *rig = &p->rig;

    assert_int_equal(rig->maker->meta.count, 1);
    server_vanish(&rig->server, rig->maker->meta.ids[0], 0);
    server_vanish(&rig->server, rig->maker->meta.ids[1], 0);
    assert_int_equal(rig_list(rig, "", LISTING_RECURSIVE), OK);
    assert_string_equal(
        (char *)rig->listed.ptr, "f 640 786416 f00\nf 640 786416 f01\nf 640 786416 f02\n");
    rig->dry_run = RESTORE_DRY_RUN;
    assert_int_equal(rig_restore(rig, NULL), OK);
    assert_int_equal(rig_count(rig), 0);
    rig->dry_run = RESTORE_REAL_RUN;
    server_vanish(&rig->server, plot_id(p, 1), 0);
    assert_int_equal(rig_restore(rig, NULL), OK);
    plot_assert_whole(p, 3);
    plot_assert_counters(p, 2, 2);
    server_vanish(&rig->server, rig->maker->meta.ids[2], 0);
    assert_int_equal(rig_list(rig, "", LISTING_RECURSIVE), ERR_ARTICLES_LOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_m_articles, plot_setup, plot_teardown),
        cmocka_unit_test_setup_teardown(damaged_articles, plot_setup, plot_teardown),
        cmocka_unit_test_setup_teardown(a_burst, plot_setup, plot_teardown),
        cmocka_unit_test_setup_teardown(one_too_many, plot_setup, plot_teardown),
        cmocka_unit_test_setup_teardown(parity_is_gone_too, plot_setup, plot_teardown),
        cmocka_unit_test_setup_teardown(one_file_of_it, plot_setup, plot_teardown),
        cmocka_unit_test_setup_teardown(met_late, plot_setup, plot_teardown),
        cmocka_unit_test_setup_teardown(the_only_segment, setup_one, plot_teardown),
        cmocka_unit_test_setup_teardown(parity_that_fits_nothing, setup_spoiled, plot_teardown),
        cmocka_unit_test_setup_teardown(the_listing_is_lost, setup_meta, plot_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
