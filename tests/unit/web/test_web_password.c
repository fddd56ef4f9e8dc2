/* The page's password: one try at a time, a pause after a wrong one, kept over restarts. The clock
 * of tries is an argument; what slows down reads the real one, so that only "later" is told here.
 */
#include "app/web/web_password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

enum { MS = 1000000 };

static char folder[64], path[80];
static struct loop *loop;

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/usenetsync-password-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/kept", folder);
    return loop_new(&loop) == OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    loop_free(loop);
    (void)unlink(path);
    return rmdir(folder);
}

static struct web_password *fresh(void)
{
    struct web_password *password = NULL;

    assert_int_equal(web_password_new(loop, path, &password), OK);
    return password;
}

static void on_done(void *arg, enum err err)
{
    *(enum err *)arg = err;
    loop_stop(loop);
}

/* Long after any pause. */
static uint64_t later(void)
{
    return clock_mono_ns() / MS + 10ULL * WEB_PASSWORD_PAUSE_MAX_MS;
}

static enum err set(struct web_password *password, const char *text)
{
    enum err said = ERR_COUNT;
    enum err err = web_password_set(password, bytes_str(text), on_done, &said);

    if (err == OK) {
        loop_run(loop);
        err = said;
    }
    return err;
}

static enum err try_at(struct web_password *password, const char *text, uint64_t now_ms)
{
    enum err said = ERR_COUNT;
    enum err err = web_password_try(password, bytes_str(text), now_ms, on_done, &said);

    if (err == OK) {
        loop_run(loop);
        err = said;
    }
    return err;
}

static void test_set_and_try(void **state)
{
    static char endless[WEB_PASSWORD_MAX + 2];
    struct web_password *password = fresh();
    struct stat st;

    (void)state;
    memset(endless, 'x', sizeof(endless) - 1);
    assert_false(web_password_is_set(password));
    assert_int_equal(try_at(password, "correct horse", later()), ERR_LOGIN); /* none is set */
    assert_int_equal(set(password, "too short"), ERR_BAD_REQUEST);
    assert_int_equal(set(password, "correct horse"), OK);
    assert_true(web_password_is_set(password));
    assert_int_equal(try_at(password, "correct horse", later()), OK);
    assert_int_equal(try_at(password, "correct hors", later()), ERR_LOGIN);
    assert_int_equal(try_at(password, "", later()), ERR_LOGIN);
    assert_int_equal(try_at(password, endless, later()), ERR_BAD_REQUEST);
    assert_int_equal(set(password, endless), ERR_BAD_REQUEST);
    web_password_free(password);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    password = fresh();
    assert_true(web_password_is_set(password));
    assert_int_equal(try_at(password, "correct horse", later()), OK);
    assert_int_equal(set(password, "another horse"), OK);
    assert_int_equal(try_at(password, "correct horse", later()), ERR_LOGIN);
    assert_int_equal(try_at(password, "another horse", later()), OK);
    web_password_free(password);
}

static void test_pace(void **state)
{
    struct web_password *password = fresh();
    uint64_t start = clock_mono_ns() / MS;

    (void)state;
    assert_int_equal(set(password, "correct horse"), OK);
    assert_int_equal(try_at(password, "correct horse", start), OK); /* a right one costs nothing */
    assert_int_equal(try_at(password, "wrong", start), ERR_LOGIN);
    /* whatever the clock says now, it is not a second after what was before the wrong one */
    assert_int_equal(try_at(password, "correct horse", start), ERR_LIMIT);
    assert_int_equal(
        try_at(password, "correct horse", start + WEB_PASSWORD_PAUSE_MS - 1), ERR_LIMIT);
    assert_int_equal(try_at(password, "wrong", later()), ERR_LOGIN);
    assert_int_equal(
        try_at(password, "correct horse", start + 2ULL * WEB_PASSWORD_PAUSE_MS - 1), ERR_LIMIT);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(try_at(password, "wrong", later()), ERR_LOGIN);
    }
    assert_int_equal(
        try_at(password, "correct horse", start + WEB_PASSWORD_PAUSE_MAX_MS - 1), ERR_LIMIT);
    assert_int_equal(try_at(password, "correct horse", later()), OK); /* it never is for ever */
    assert_int_equal(try_at(password, "correct horse", start), ERR_LIMIT);
    web_password_free(password);
}

static void test_one_at_a_time(void **state)
{
    struct web_password *password = fresh();
    enum err first = ERR_COUNT, second = ERR_COUNT;

    (void)state;
    assert_int_equal(set(password, "correct horse"), OK);
    assert_int_equal(
        web_password_try(password, bytes_str("correct horse"), later(), on_done, &first), OK);
    assert_int_equal(
        web_password_try(password, bytes_str("correct horse"), later(), on_done, &second),
        ERR_LIMIT);
    assert_int_equal(
        web_password_set(password, bytes_str("another horse"), on_done, &second), ERR_LIMIT);
    web_password_leave(password, &second); /* somebody else's leaving changes nothing */
    loop_run(loop);
    assert_int_equal(first, OK);
    assert_int_equal(second, ERR_COUNT);
    web_password_free(password);
}

/* Who goes away hears nothing, and what it tried counts all the same. */
static void test_leaving(void **state)
{
    struct web_password *password = fresh();
    enum err gone = ERR_COUNT;
    uint64_t start = clock_mono_ns() / MS;

    (void)state;
    assert_int_equal(set(password, "correct horse"), OK);
    assert_int_equal(web_password_try(password, bytes_str("wrong"), start, on_done, &gone), OK);
    web_password_leave(password, &gone);
    while (try_at(password, "correct horse", later()) == ERR_LIMIT) { /* until the first is done */
        struct loop_timer *timer = NULL;

        assert_int_equal(loop_timer_new(loop, (loop_fn)loop_stop, loop, &timer), OK);
        loop_timer_set(timer, 10);
        loop_run(loop);
        loop_timer_free(timer);
    }
    assert_int_equal(gone, ERR_COUNT);
    assert_int_equal(web_password_try(password, bytes_str("wrong"), later(), on_done, &gone), OK);
    web_password_free(password); /* with one under way */
    assert_int_equal(gone, ERR_COUNT);
}

static void test_damaged_file(void **state)
{
    FILE *file = fopen(path, "w");
    struct web_password *password;

    (void)state;
    assert_non_null(file);
    (void)fputs("not a password", file);
    (void)fclose(file);
    password = fresh();
    assert_false(web_password_is_set(password));
    web_password_free(password);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_set_and_try, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pace, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_at_a_time, setup, teardown),
        cmocka_unit_test_setup_teardown(test_leaving, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged_file, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
