/* Repairs where the disk is small: with too little room they say so, with enough for one volume
 * they go one by one, and room elsewhere will do. */
#include "flow/restore/repairs.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "plot.h"

enum { VOLUMES = 3, EACH = 10, FILES = VOLUMES * EACH };

/* All volumes have lost something. */
static int setup(void **state)
{
    struct plot *p = plot_new();
    struct maker *m = p->rig.maker;

    m->data.parity = 3;
    for (uint32_t v = 0; v < VOLUMES; v++) {
        if (v > 0) {
            maker_next_volume(m);
        }
        plot_add(p, v * EACH, v * EACH + EACH);
    }
    maker_publish(m);
    for (uint32_t v = 0; v < VOLUMES; v++) {
        const struct maker_volume *volume = v + 1 < VOLUMES ? &m->full[v] : &m->data;

        server_vanish(&p->rig.server, volume->ids[v], 0);
        server_vanish(&p->rig.server, volume->ids[v + 5], 0);
    }
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct plot *p = *state;
    char small[80];

    (void)snprintf(small, sizeof(small), "%s/small", p->rig.root);
    (void)umount2(small, MNT_DETACH);
    return plot_teardown(state);
}

/* A file system of its own for the target, with room for so many segments; again: another size. */
static void mount_small(struct rig *rig, unsigned segments)
{
    bool first = strstr(rig->target, "/small/") == NULL;
    char small[80], options[64];

    (void)snprintf(small, sizeof(small), "%s/small", rig->root);
    (void)snprintf(options, sizeof(options), "size=%u", segments * SEGMENT_LEN);
    if (first) {
        assert_int_equal(mkdir(small, 0755), 0);
        (void)snprintf(rig->target, sizeof(rig->target), "%.60s/small/target", rig->root);
    }
    if (mount("tmpfs", small, "tmpfs", first ? 0 : MS_REMOUNT, options) != 0) {
        print_message("no file system can be mounted here: %s\n", strerror(errno));
        skip();
    }
}

static void assert_files(struct plot *p)
{
    for (uint32_t i = 0; i < FILES; i++) {
        rig_assert_file(&p->rig, plot_name(i), plot_bytes(p, i), 0640);
    }
    assert_int_equal(p->rig.result.repaired_segments, p->rig.result.lost_segments);
    assert_true(p->rig.result.repaired_segments > 0);
}

/* The files fit, a volume beside them does not. It stops and says what it takes; given that, it
 * goes on. */
static void too_little(void **state)
{
    struct plot *p = *state;
    struct rig *rig = &p->rig;

    mount_small(rig, FILES + 2);
    (void)snprintf(rig->spare, sizeof(rig->spare), "%s", rig->target);
    rig->window_bytes = 4 * (size_t)SEGMENT_LEN;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rig_restore(rig, NULL), ERR_DISK_FULL);
        assert_non_null(strstr(rig->text, " takes 8 MB of free space"));
        assert_int_equal(rig->result.lost_files, 0);
        assert_true(rig_marked(rig));
    }
    mount_small(rig, FILES + 2 * EACH + 5);
    assert_int_equal(rig_restore(rig, NULL), OK);
    assert_files(p);
}

/* One volume fits, two do not: they take turns. */
static void one_at_a_time(void **state)
{
    struct plot *p = *state;

    mount_small(&p->rig, FILES + EACH + 5);
    (void)snprintf(p->rig.spare, sizeof(p->rig.spare), "%s", p->rig.target);
    assert_int_equal(rig_restore(&p->rig, NULL), OK);
    assert_files(p);
}

static void room_elsewhere(void **state)
{
    struct plot *p = *state;

    mount_small(&p->rig, FILES + 2);
    assert_int_equal(rig_restore(&p->rig, NULL), OK);
    assert_files(p);
}

/* No folder at all is no fault of the share. */
static void nowhere(void **state)
{
    struct plot *p = *state;

    mount_small(&p->rig, FILES + 2);
    (void)snprintf(p->rig.spare, sizeof(p->rig.spare), "/proc");
    assert_int_equal(rig_restore(&p->rig, NULL), ERR_DISK_FULL);
    assert_int_equal(p->rig.result.lost_files, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(too_little, setup, teardown),
        cmocka_unit_test_setup_teardown(one_at_a_time, setup, teardown),
        cmocka_unit_test_setup_teardown(room_elsewhere, setup, teardown),
        cmocka_unit_test_setup_teardown(nowhere, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
