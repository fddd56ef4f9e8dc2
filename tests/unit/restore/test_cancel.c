/* Stopping: at any moment, with whatever is under way, nothing stays behind. */
#include "flow/restore/restore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "restore_rig.h"

enum { BLOCKS = 12 };

static int setup(void **state)
{
    struct rig *rig = malloc(sizeof(*rig));
    struct buf data = rig_noise(BLOCKS * (size_t)PAYLOAD_LEN + 100, 9);
    uint64_t folder;
    char name[16];

    assert_non_null(rig);
    rig_init(rig);
    rig->maker->tables = MAKER_META;
    folder = maker_folder(rig->maker, MAKER_TOP, "d", 0700);
    maker_file(rig->maker, folder, "big", buf_view(&data), MAKER_PLAIN);
    for (int i = 0; i < 40; i++) {
        (void)snprintf(name, sizeof(name), "s%02d", i);
        maker_file(rig->maker, MAKER_TOP, name, bytes_at(data.ptr + i, 20000), MAKER_PLAIN);
    }
    maker_publish(rig->maker);
    buf_clear(&data);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    rig_clear(*state);
    free(*state);
    return 0;
}

/* The server falls silent after so many articles; then the restore is cancelled. */
static void in_the_middle(void **state)
{
    struct rig *rig = *state;
    struct restore *restore;

    /* the head took 79 questions (the next version has 64 slots), the tree one */
    rig->server.silent_at = 90;
    rig->stop_at = 1;
    restore = rig_start(rig, NULL);
    rig_pass(rig, 20000);
    assert_int_equal(rig->calls, 0);
    assert_true(rig->bytes_done > 0);
    restore_cancel(restore);
    rig_pass(rig, 50);
    assert_int_equal(rig->calls, 0);
    rig_assert_tidy(rig);
    rig_assert_absent(rig, "d/big");
}

/* At every moment, with workers in the middle of something. */
static void at_any_time(void **state)
{
    struct rig *rig = *state;

    rig->conflict = RESTORE_KEEP_EXISTING;
    for (uint64_t ms = 0; ms < 40; ms += 2) {
        struct restore *restore = rig_start(rig, NULL);

        rig_pass(rig, ms);
        if (rig->calls > 0) {
            assert_int_equal(rig->err, OK);
            continue;
        }
        restore_cancel(restore);
        rig_pass(rig, 10);
        assert_int_equal(rig->calls, 0);
        rig_assert_tidy(rig);
    }
    assert_int_equal(rig_restore(rig, NULL), OK);
}

/* The workers end right after the cancel: what they were doing is tidied up all the same. */
static void and_the_workers_end(void **state)
{
    struct rig *rig = *state;
    struct restore *restore = rig_start(rig, NULL);

    rig_pass(rig, 12);
    if (rig->calls == 0) {
        restore_cancel(restore);
    }
    rig_pass(rig, 0);
    workers_free(rig->workers);
    rig->workers = NULL;
    rig_assert_tidy(rig);
}

static void before_the_first_turn(void **state)
{
    struct rig *rig = *state;

    restore_cancel(rig_start(rig, NULL));
    rig_pass(rig, 30);
    assert_int_equal(rig->calls, 0);
    rig_assert_absent(rig, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_the_middle, setup, teardown),
        cmocka_unit_test_setup_teardown(at_any_time, setup, teardown),
        cmocka_unit_test_setup_teardown(and_the_workers_end, setup, teardown),
        cmocka_unit_test_setup_teardown(before_the_first_turn, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
