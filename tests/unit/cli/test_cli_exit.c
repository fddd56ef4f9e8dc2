/* Exit codes: the table of docs/cli.md. */
#include "app/cli/cli_exit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const struct {
    enum err err;
    int code;
} rows[] = {
    {OK, 0},
    {ERR_BUG, 1},
    {ERR_CANCELLED, 1},
    {ERR_BAD_REQUEST, 2},
    {ERR_LINK_TYPO, 2},
    {ERR_LINK_KIND, 2},
    {ERR_LINK_BAD, 2},
    {ERR_TOO_NEW, 2},
    {ERR_SHARE_NOT_FOUND, 3},
    {ERR_PATH_NOT_IN_SHARE, 3},
    {ERR_NO_ARTICLE, 3},
    {ERR_NOT_FOUND, 3},
    {ERR_NO_JOB, 3},
    {ERR_NO_PROVIDER, 4},
    {ERR_CONNECT, 4},
    {ERR_DNS, 4},
    {ERR_LOGIN, 4},
    {ERR_POSTING_DENIED, 4},
    {ERR_TLS_CERTIFICATE, 4},
    {ERR_RETRIES_USED_UP, 4},
    {ERR_DISK_FULL, 5},
    {ERR_PERMISSION, 5},
    {ERR_NOT_EMPTY, 5},
    {ERR_NOT_DIRECTORY, 5},
    {ERR_STORE_CORRUPT, 5},
    {ERR_NO_PAGE, 5},
    {ERR_NO_DAEMON, 5},
    {ERR_ARTICLES_LOST, 6},
    {ERR_NOT_KEPT, 4},
    {ERR_BAD_SEAL, 6},
    {ERR_BAD_CRC, 6},
    {ERR_LOCKED, 7},
    {ERR_FORK, 7},
    {ERR_JOB_STATE, 7},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", err_name(rows[i].err));
        assert_int_equal(cli_exit_code(rows[i].err), rows[i].code);
    }
}

/* Only success is 0, and every error has one of the documented codes. */
static void test_every_error(void **state)
{
    (void)state;
    for (int err = OK; err < ERR_COUNT; err++) {
        int code = (int)cli_exit_code((enum err)err);

        assert_true(code >= 0 && code <= 7);
        assert_int_equal(code == 0, err == OK);
        assert_int_equal(cli_exit_err(err_name((enum err)err)), err);
    }
    assert_int_equal(cli_exit_err("ERR_OF_TOMORROW"), ERR_BUG);
    assert_int_equal(cli_exit_err(NULL), ERR_BUG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_every_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
