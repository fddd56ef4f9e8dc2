/* Many volumes in repair that take turns, and repairs that are stopped at any moment. */
#include "flow/restore/repairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plot.h"

enum { K = PLOT_K, M = PLOT_M };

/* --- several volumes --- */

enum { VOLUMES = 6, EACH = 4 };

static struct maker_volume *volume(struct plot *p, uint32_t v)
{
    struct maker *m = p->rig.maker;

    return v < m->full_count ? &m->full[v] : &m->data;
}

/* File i lies in volume i % VOLUMES: a restore goes round and round. */
static int setup_many(void **state)
{
    struct plot *p = plot_new();
    struct maker *m = p->rig.maker;

    m->data.parity = 2;
    for (uint32_t v = 0; v < VOLUMES; v++) {
        if (v > 0) {
            maker_next_volume(m);
        }
        for (uint32_t i = 0; i < EACH; i++) {
            plot_add(p, i * VOLUMES + v, i * VOLUMES + v + 1);
        }
    }
    maker_publish(m);
    *state = p;
    return 0;
}

/* All volumes lost two segments but one, which lost too many. They take turns. */
static void many_volumes(void **state)
{
    struct plot *p = *state;
    struct rig *rig = &p->rig;

    for (size_t slots = 2; slots <= 64; slots *= 4) {
        server_heal(&rig->server);
        rig->window_bytes = slots * 2 * SEGMENT_LEN;
        for (uint32_t v = 0; v < VOLUMES; v++) {
            server_vanish(&rig->server, volume(p, v)->ids[0], 0);
            server_vanish(&rig->server, volume(p, v)->ids[v % EACH], 0);
        }
        assert_int_equal(rig_restore(rig, NULL), OK);
        plot_assert_whole(p, VOLUMES * EACH);
        plot_assert_counters(p, 10, 10);
        rig_remove_target(rig);
        server_vanish(&rig->server, volume(p, 3)->ids[1], 0);
        assert_int_equal(rig_restore(rig, NULL), ERR_ARTICLES_LOST);
        assert_int_equal(rig->result.lost_files, 3);
        assert_int_equal(rig_count(rig), VOLUMES * EACH - 3 + 1);
        rig_remove_target(rig);
    }
}

/* A long volume, then a short one. */
enum { LONG = 30 };

static int setup_row(void **state)
{
    struct plot *p = plot_new();
    struct maker *m = p->rig.maker;

    m->data.parity = 2;
    plot_add(p, 0, LONG);
    maker_next_volume(m);
    plot_add(p, LONG, LONG + EACH);
    maker_publish(m);
    *state = p;
    return 0;
}

/* Once a volume has lost something, what comes of the next ones is kept from the beginning: their
 * losses are met late, and still nothing has to come twice. */
static void watched_volume(void **state)
{
    struct plot *p = *state;
    struct rig *rig = &p->rig;

    rig->window_bytes = 4 * (size_t)SEGMENT_LEN;
    server_vanish(&rig->server, volume(p, 0)->ids[0], 0);
    server_vanish(&rig->server, volume(p, 1)->ids[EACH - 1], 0);
    assert_int_equal(rig_restore(rig, NULL), OK);
    plot_assert_whole(p, LONG + EACH);
    plot_assert_counters(p, 2, 2);
    assert_int_equal(plot_asked(p, 0, EACH), EACH - 1);
    assert_int_equal(plot_asked(p, EACH, EACH + 2), 1);
}

/* A segment comes for the repair of its volume, and is gone when it is wanted once more: the volume
 * is repaired again. */
static void lost_afterwards(void **state)
{
    struct plot *p = *state;
    struct rig *rig = &p->rig;

    rig->window_bytes = 4 * (size_t)SEGMENT_LEN;
    for (uint32_t v = 0; v < VOLUMES; v++) {
        server_vanish(&rig->server, volume(p, v)->ids[0], 0);
        server_vanish(&rig->server, volume(p, v)->ids[EACH - 1], 1);
    }
    assert_int_equal(rig_restore(rig, NULL), OK);
    plot_assert_whole(p, VOLUMES * EACH);
    assert_true(rig->result.lost_segments > VOLUMES);
    assert_int_equal(rig->result.repaired_segments, rig->result.lost_segments);
}

/* --- stopping --- */

static void cancel_and_look(struct plot *p, struct restore *restore)
{
    restore_cancel(restore);
    workers_settle(p->rig.workers);
    rig_pass(&p->rig, 1);
    assert_int_equal(p->rig.calls, 0);
    rig_assert_tidy(&p->rig);
    rig_remove_target(&p->rig);
}

enum { HEAD_QUESTIONS = 18 }; /* before anything else is asked for */

/* The server falls silent after so many articles: data, then parity is waited for in vain. */
static void cancelled_while_it_waits(void **state)
{
    struct plot *p = *state;

    for (size_t n = HEAD_QUESTIONS; n < HEAD_QUESTIONS + K + M; n++) {
        struct restore *restore;

        server_heal(&p->rig.server);
        server_vanish(&p->rig.server, plot_id(p, 0), 0);
        server_vanish(&p->rig.server, plot_id(p, 5), 0);
        server_silence(&p->rig.server, n);
        restore = rig_start(&p->rig, NULL);
        rig_pass(&p->rig, 60);
        if (p->rig.calls > 0) {
            assert_int_equal(p->rig.err, OK);
            rig_remove_target(&p->rig);
        } else {
            cancel_and_look(p, restore);
        }
        server_silence(&p->rig.server, SERVER_NEVER);
    }
    assert_int_equal(rig_restore(&p->rig, NULL), OK);
    plot_assert_whole(p, K);
}

/* With workers in the middle of something. */
static void cancelled_at_any_time(void **state)
{
    struct plot *p = *state;
    unsigned cancelled = 0;

    server_vanish(&p->rig.server, plot_id(p, 0), 0);
    server_vanish(&p->rig.server, plot_id(p, 7), 0);
    for (uint64_t ms = 0; ms < 400; ms += 1 + ms / 20) {
        struct restore *restore = rig_start(&p->rig, NULL);

        rig_pass(&p->rig, ms);
        if (p->rig.calls > 0) {
            assert_int_equal(p->rig.err, OK);
            rig_remove_target(&p->rig);
            continue;
        }
        cancelled++;
        cancel_and_look(p, restore);
    }
    assert_true(cancelled > 0);
    assert_int_equal(rig_restore(&p->rig, NULL), OK);
    plot_assert_whole(p, K);
}

static void stop_in_repair(struct rig *rig, const struct progress *progress)
{
    assert_true(progress->repair_here <= progress->repair_needed + M);
    if (progress->repair_needed > 0) {
        loop_stop(rig->loop);
    }
}

/* People are told, and the workers may end right after. */
static void cancelled_and_the_workers_end(void **state)
{
    struct plot *p = *state;
    struct restore *restore;

    server_vanish(&p->rig.server, plot_id(p, 0), 0);
    p->rig.watch = stop_in_repair;
    restore = rig_start(&p->rig, NULL);
    rig_pass(&p->rig, 20000);
    assert_int_equal(p->rig.calls, 0);
    assert_int_equal(p->rig.progress.repair_needed, K);
    assert_non_null(strstr(p->rig.events, "volume 1: articles are lost"));
    p->rig.watch = NULL;
    restore_cancel(restore);
    workers_free(p->rig.workers);
    p->rig.workers = NULL;
    rig_assert_tidy(&p->rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_volumes, setup_many, plot_teardown),
        cmocka_unit_test_setup_teardown(watched_volume, setup_row, plot_teardown),
        cmocka_unit_test_setup_teardown(lost_afterwards, setup_many, plot_teardown),
        cmocka_unit_test_setup_teardown(cancelled_while_it_waits, plot_setup, plot_teardown),
        cmocka_unit_test_setup_teardown(cancelled_at_any_time, plot_setup, plot_teardown),
        cmocka_unit_test_setup_teardown(cancelled_and_the_workers_end, plot_setup, plot_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
