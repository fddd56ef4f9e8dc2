/* Command lines: what each looks like, and that nothing can be smuggled in. */
#include "codec/nntp/nntp_cmd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    enum nntp_cmd cmd;
    const char *arg;
    const char *line; /* NULL: refused */
} rows[] = {
    {NNTP_CMD_CAPABILITIES, "", "CAPABILITIES\r\n"},
    {NNTP_CMD_MODE_READER, "", "MODE READER\r\n"},
    {NNTP_CMD_AUTH_USER, "me", "AUTHINFO USER me\r\n"},
    {NNTP_CMD_AUTH_PASS, "se cret\t\xc3\xa4", "AUTHINFO PASS se cret\t\xc3\xa4\r\n"},
    {NNTP_CMD_GROUP, "alt.binaries.test", "GROUP alt.binaries.test\r\n"},
    {NNTP_CMD_LIST_ACTIVE, "", "LIST ACTIVE\r\n"},
    {NNTP_CMD_LIST_ACTIVE, "alt.test", "LIST ACTIVE alt.test\r\n"},
    {NNTP_CMD_STAT, "<a@b>", "STAT <a@b>\r\n"},
    {NNTP_CMD_HEAD, "<a@b>", "HEAD <a@b>\r\n"},
    {NNTP_CMD_BODY, "<a@b>", "BODY <a@b>\r\n"},
    {NNTP_CMD_ARTICLE, "<a@b>", "ARTICLE <a@b>\r\n"},
    {NNTP_CMD_POST, "", "POST\r\n"},
    {NNTP_CMD_DATE, "", "DATE\r\n"},
    {NNTP_CMD_QUIT, "", "QUIT\r\n"},
    /* refused */
    {NNTP_CMD_GREETING, "", NULL},
    {NNTP_CMD_POST_DATA, "", NULL},
    {NNTP_CMD_COUNT, "", NULL},
    {(enum nntp_cmd) - 1, "", NULL},
    {NNTP_CMD_POST, "x", NULL},
    {NNTP_CMD_QUIT, "\r\nPOST", NULL},
    {NNTP_CMD_AUTH_USER, "", NULL},
    {NNTP_CMD_AUTH_USER, "me\r\nPOST", NULL},
    {NNTP_CMD_AUTH_USER, "me\n", NULL},
    {NNTP_CMD_AUTH_PASS, "me\r", NULL},
    {NNTP_CMD_AUTH_PASS, "", NULL},
    {NNTP_CMD_STAT, "", NULL},
    {NNTP_CMD_STAT, "a@b", NULL},
    {NNTP_CMD_STAT, "1", NULL},
    {NNTP_CMD_BODY, "<a@b>\r\nPOST", NULL},
    {NNTP_CMD_BODY, "<a@b> <c@d>", NULL},
    {NNTP_CMD_GROUP, "", NULL},
    {NNTP_CMD_GROUP, "a b", NULL},
    {NNTP_CMD_GROUP, "a\r\nPOST", NULL},
    {NNTP_CMD_LIST_ACTIVE, "alt.*", NULL},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out = {0};
        enum err err;

        assert_int_equal(buf_append_str(&out, "kept"), OK);
        err = nntp_cmd_append(&out, rows[i].cmd, bytes_str(rows[i].arg));
        if (err != (rows[i].line == NULL ? ERR_BAD_REQUEST : OK)) {
            fail_msg("%d %s: %s", (int)rows[i].cmd, rows[i].arg, err_name(err));
        }
        assert_true(bytes_equal(bytes_at(out.ptr + 4, out.len - 4),
            bytes_str(rows[i].line == NULL ? "" : rows[i].line)));
        buf_clear(&out);
    }
}

static void test_nul_is_refused(void **state)
{
    struct buf out = {0};

    (void)state;
    assert_int_equal(
        nntp_cmd_append(&out, NNTP_CMD_AUTH_PASS, bytes_at("a\0b", 3)), ERR_BAD_REQUEST);
    assert_int_equal(nntp_cmd_append(&out, NNTP_CMD_GROUP, bytes_at("a\0b", 3)), ERR_BAD_REQUEST);
    assert_int_equal(out.len, 0);
    buf_clear(&out);
}

static void test_line_limit(void **state)
{
    static const char words[] = "AUTHINFO PASS ";
    uint8_t pass[NNTP_COMMAND_MAX];
    size_t most = NNTP_COMMAND_MAX - 2 - (sizeof words - 1);
    struct buf out = {0};

    (void)state;
    memset(pass, 'p', sizeof pass);
    assert_int_equal(nntp_cmd_append(&out, NNTP_CMD_AUTH_PASS, bytes_at(pass, most)), OK);
    assert_int_equal(out.len, NNTP_COMMAND_MAX);
    assert_int_equal(
        nntp_cmd_append(&out, NNTP_CMD_AUTH_PASS, bytes_at(pass, most + 1)), ERR_BAD_REQUEST);
    assert_int_equal(out.len, NNTP_COMMAND_MAX);
    buf_clear(&out);
}

static const struct {
    const char *name;
    bool valid;
} groups[] = {
    {"alt.test", true},
    {"a", true},
    {"comp.lang.c++", true},
    {"alt.binaries.a_b-c.9", true},
    {"", false},
    {".", false},
    {".a", false},
    {"a.", false},
    {"a..b", false},
    {"a b", false},
    {"a,b", false},
    {"a\r\n", false},
    {"alt.\xc3\xa4", false},
    {"alt.*", false},
};

static void test_groups(void **state)
{
    char name[200];

    (void)state;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        if (nntp_group_valid(bytes_str(groups[i].name)) != groups[i].valid) {
            fail_msg("%s", groups[i].name);
        }
    }
    memset(name, 'a', sizeof name);
    assert_true(nntp_group_valid(bytes_at(name, 128)));
    assert_false(nntp_group_valid(bytes_at(name, 129)));
}

static void test_shapes(void **state)
{
    (void)state;
    assert_int_equal(nntp_cmd_shape(NNTP_CMD_BODY), NNTP_MULTI);
    assert_int_equal(nntp_cmd_shape(NNTP_CMD_CAPABILITIES), NNTP_MULTI);
    assert_int_equal(nntp_cmd_shape(NNTP_CMD_STAT), NNTP_SINGLE);
    assert_int_equal(nntp_cmd_shape(NNTP_CMD_GREETING), NNTP_SINGLE);
    assert_int_equal(nntp_cmd_shape(NNTP_CMD_COUNT), NNTP_SINGLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_nul_is_refused),
        cmocka_unit_test(test_line_limit),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
