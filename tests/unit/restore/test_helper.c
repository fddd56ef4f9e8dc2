/* Restores and their helper: what it cannot do itself, and its death. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "house.h"

/* A folder whose mode shuts us out: by path a helper may set no mode, and is helped. */
static void a_folder_that_is_shut(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;
    char folder[256], path[256];

    assert_int_equal(rig_restore(rig, NULL), OK);
    house_full(rig, "d/small", path);
    assert_int_equal(unlink(path), 0);
    house_full(rig, "d", folder);
    assert_int_equal(chmod(folder, 0), 0);
    rig->conflict = RESTORE_REPLACE;
    assert_int_equal(rig_restore(rig, NULL), OK);
    house_assert_whole(h);
}

/* Kill every child of this process. There is none but helpers. */
static unsigned kill_children(void)
{
    char path[64], text[512] = "";
    unsigned count = 0;
    int fd;
    ssize_t n;

    (void)snprintf(path, sizeof(path), "/proc/self/task/%ld/children", (long)getpid());
    fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    n = read(fd, text, sizeof(text) - 1);
    (void)close(fd);
    assert_true(n >= 0);
    for (char *at = text, *end; *at != '\0'; at = end + strspn(end, " ")) {
        long pid = strtol(at, &end, 10);

        assert_true(pid > 1);
        assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
        count++;
    }
    return count;
}

static void kill_at_first_bytes(struct rig *rig, const struct progress *progress)
{
    unsigned *killed = rig->watch_arg;

    if (*killed == 0 && progress->bytes_done > 0) {
        *killed = kill_children();
    }
}

static void a_helper_that_is_killed(void **state)
{
    struct house *h = *state;
    struct rig *rig = &h->rig;
    unsigned killed = 0;

    rig->watch = kill_at_first_bytes;
    rig->watch_arg = &killed;
    assert_int_equal(rig_restore(rig, NULL), ERR_HELPER);
    assert_int_equal(killed, 1);
    workers_settle(rig->workers);         /* the last of them waits for it */
    assert_int_equal(kill_children(), 0); /* so that nothing is left of it */
    assert_true(rig_marked(rig));         /* so that it can be gone on with */
    rig->watch = NULL;
    assert_int_equal(rig_restore(rig, NULL), OK);
    house_assert_whole(h);
    workers_settle(rig->workers);
    assert_int_equal(kill_children(), 0);
}

static void no_helper_to_be_had(void **state)
{
    struct house *h = *state;

    h->rig.helper = "/nonexistent";
    assert_int_equal(rig_restore(&h->rig, NULL), ERR_HELPER);
    rig_assert_absent(&h->rig, "big");
}

/* Both sides of the wall work alike. */
static void and_without_one(void **state)
{
    struct house *h = *state;

    h->rig.helper = NULL;
    assert_int_equal(rig_restore(&h->rig, NULL), OK);
    house_assert_whole(h);
}

#define HOUSE(test) cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOUSE(a_folder_that_is_shut),
        HOUSE(a_helper_that_is_killed),
        HOUSE(no_helper_to_be_had),
        HOUSE(and_without_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
