/* The texts that servers really send, and what each must make us do. */
#include "codec/nntp/nntp_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BYE NNTP_DO_RECONNECT, ERR_SERVER_BUSY
#define FEWER NNTP_DO_FEWER, ERR_TOO_MANY_CONNECTIONS
#define DUPLICATE NNTP_DO_DUPLICATE, ERR_DUPLICATE
#define LATER NNTP_DO_LATER, ERR_SERVER_BUSY
#define MISSING NNTP_DO_MISSING, ERR_NO_ARTICLE
#define STRAY NNTP_DO_CLOSE, ERR_PROTOCOL
#define REJECTED NNTP_DO_REFUSE, ERR_REJECTED

static const struct {
    enum nntp_cmd cmd;
    int code;
    const char *text;
    enum nntp_verdict verdict;
    enum err err;
} rows[] = {
    /* what each command hopes for */
    {NNTP_CMD_GREETING, 200, "news.example ready", NNTP_DO_NEXT, OK},
    {NNTP_CMD_GREETING, 201, "no posting", NNTP_DO_NEXT, OK},
    {NNTP_CMD_CAPABILITIES, 101, "list follows", NNTP_DO_NEXT, OK},
    {NNTP_CMD_MODE_READER, 200, "ok", NNTP_DO_NEXT, OK},
    {NNTP_CMD_AUTH_USER, 381, "more", NNTP_DO_GO_ON, OK},
    {NNTP_CMD_AUTH_USER, 281, "ok", NNTP_DO_NEXT, OK},
    {NNTP_CMD_AUTH_PASS, 281, "ok", NNTP_DO_NEXT, OK},
    {NNTP_CMD_GROUP, 211, "3 1 3 alt.test", NNTP_DO_NEXT, OK},
    {NNTP_CMD_LIST_ACTIVE, 215, "list", NNTP_DO_NEXT, OK},
    {NNTP_CMD_STAT, 223, "0 <a@b>", NNTP_DO_NEXT, OK},
    {NNTP_CMD_HEAD, 221, "0 <a@b>", NNTP_DO_NEXT, OK},
    {NNTP_CMD_BODY, 222, "0 <a@b>", NNTP_DO_NEXT, OK},
    {NNTP_CMD_ARTICLE, 220, "0 <a@b>", NNTP_DO_NEXT, OK},
    {NNTP_CMD_POST, 340, "Ok, recommended Message-ID <x@y>", NNTP_DO_GO_ON, OK},
    {NNTP_CMD_POST_DATA, 240, "Article received", NNTP_DO_NEXT, OK},
    {NNTP_CMD_DATE, 111, "20260101000000", NNTP_DO_NEXT, OK},
    {NNTP_CMD_QUIT, 205, "bye", NNTP_DO_NEXT, OK},
    /* the id is taken, in all wordings */
    {NNTP_CMD_POST_DATA, 441, "435 Duplicate", DUPLICATE},
    {NNTP_CMD_POST_DATA, 441, "435", DUPLICATE},
    {NNTP_CMD_POST_DATA, 441, "Article already exists", DUPLICATE},
    {NNTP_CMD_POST_DATA, 441, "Message-ID is not unique", DUPLICATE},
    {NNTP_CMD_POST_DATA, 441, "posting failed: duplicate article", DUPLICATE},
    {NNTP_CMD_POST_DATA, 441, "437 Duplicate", DUPLICATE},
    {NNTP_CMD_POST_DATA, 441, "We ALREADY HAVE that one", DUPLICATE},
    {NNTP_CMD_POST_DATA, 435, "no", DUPLICATE},
    /* looks like it, and is not */
    {NNTP_CMD_POST_DATA, 441, "435 Bad Message-ID", REJECTED},
    {NNTP_CMD_POST_DATA, 441, "Duplicate \"From\" header", REJECTED},
    {NNTP_CMD_POST_DATA, 441, "Posting failed <435.duplicate@not.unique>", REJECTED},
    {NNTP_CMD_POST_DATA, 441, "Line 435 without its initial dot doubled", REJECTED},
    /* the article is refused */
    {NNTP_CMD_POST_DATA, 441, "Posting failed", REJECTED},
    {NNTP_CMD_POST_DATA, 441, "437 TooOld", REJECTED},
    {NNTP_CMD_POST_DATA, 441, "Article refused E3", REJECTED},
    {NNTP_CMD_POST_DATA, 441, "", REJECTED},
    {NNTP_CMD_POST_DATA, 437, "no", REJECTED},
    {NNTP_CMD_POST_DATA, 441, "437 Too big", NNTP_DO_REFUSE, ERR_TOO_BIG},
    {NNTP_CMD_POST_DATA, 441, "Article too large", NNTP_DO_REFUSE, ERR_TOO_BIG},
    {NNTP_CMD_POST_DATA, 441, "437 Article of 9 bytes exceeds local limit of 8 bytes",
        NNTP_DO_REFUSE, ERR_TOO_BIG},
    {NNTP_CMD_POST_DATA, 441, "No valid newsgroups in \"x\"", NNTP_DO_REFUSE, ERR_NO_GROUP},
    {NNTP_CMD_POST_DATA, 441, "437 Unwanted newsgroup \"x\"", NNTP_DO_REFUSE, ERR_NO_GROUP},
    {NNTP_CMD_POST_DATA, 441, "You are not allowed to post to x", NNTP_DO_REFUSE,
        ERR_POSTING_DENIED},
    {NNTP_CMD_POST_DATA, 441, "436 Server throttled", LATER},
    {NNTP_CMD_POST_DATA, 441, "436 something", LATER},
    {NNTP_CMD_POST_DATA, 436, "try later", LATER},
    /* posting denied, or only now */
    {NNTP_CMD_POST, 440, "Posting not allowed", NNTP_DO_STOP, ERR_POSTING_DENIED},
    {NNTP_CMD_POST, 440, "posting not permitted", NNTP_DO_STOP, ERR_POSTING_DENIED},
    {NNTP_CMD_POST, 440, "Posting rejected, retry later", LATER},
    {NNTP_CMD_POST_DATA, 440, "Too fast: try again", LATER},
    {NNTP_CMD_POST, 502, "no", NNTP_DO_STOP, ERR_POSTING_DENIED},
    /* log in */
    {NNTP_CMD_GROUP, 480, "Authentication required", NNTP_DO_LOGIN, ERR_LOGIN_NEEDED},
    {NNTP_CMD_POST, 480, "log in first", NNTP_DO_LOGIN, ERR_LOGIN_NEEDED},
    {NNTP_CMD_BODY, 480, "", NNTP_DO_LOGIN, ERR_LOGIN_NEEDED},
    {NNTP_CMD_AUTH_PASS, 480, "", NNTP_DO_STOP, ERR_LOGIN},
    {NNTP_CMD_AUTH_PASS, 481, "Authentication failed", NNTP_DO_STOP, ERR_LOGIN},
    {NNTP_CMD_AUTH_PASS, 482, "Invalid username or password", NNTP_DO_STOP, ERR_LOGIN},
    {NNTP_CMD_AUTH_PASS, 452, "Authorization rejected", NNTP_DO_STOP, ERR_LOGIN},
    {NNTP_CMD_AUTH_PASS, 381, "again", NNTP_DO_STOP, ERR_LOGIN},
    {NNTP_CMD_AUTH_PASS, 502, "Access denied", NNTP_DO_STOP, ERR_LOGIN},
    {NNTP_CMD_AUTH_USER, 501, "empty user", NNTP_DO_STOP, ERR_LOGIN},
    {NNTP_CMD_GREETING, 502, "authentication failure", NNTP_DO_STOP, ERR_LOGIN},
    {NNTP_CMD_AUTH_USER, 482, "commands out of sequence", STRAY},
    {NNTP_CMD_AUTH_USER, 502, "Already authenticated", NNTP_DO_NEXT, OK},
    {NNTP_CMD_AUTH_USER, 483, "use TLS", NNTP_DO_STOP, ERR_TLS_NEEDED},
    {NNTP_CMD_GROUP, 483, "", NNTP_DO_STOP, ERR_TLS_NEEDED},
    /* connection limits */
    {NNTP_CMD_GREETING, 400, "Too many connections", FEWER},
    {NNTP_CMD_GREETING, 502, "connection limit (20) reached", FEWER},
    {NNTP_CMD_AUTH_PASS, 482, "too many connections for your user", FEWER},
    {NNTP_CMD_AUTH_PASS, 481, "max connections exceeded", FEWER},
    {NNTP_CMD_AUTH_PASS, 502, "Exceeded number of threads", FEWER},
    {NNTP_CMD_BODY, 502, "Connection limit exceeded", FEWER},
    {NNTP_CMD_AUTH_PASS, 502, "Too many simultaneous IP addresses", NNTP_DO_STOP,
        ERR_TOO_MANY_ADDRESSES},
    {NNTP_CMD_AUTH_PASS, 481, "used from multiple IPs", NNTP_DO_STOP, ERR_TOO_MANY_ADDRESSES},
    /* quota and money */
    {NNTP_CMD_BODY, 502, "download limit exceeded", NNTP_DO_STOP, ERR_ACCOUNT},
    {NNTP_CMD_AUTH_PASS, 482, "byte limit reached", NNTP_DO_STOP, ERR_ACCOUNT},
    {NNTP_CMD_AUTH_PASS, 481, "account expired", NNTP_DO_STOP, ERR_ACCOUNT},
    {NNTP_CMD_AUTH_PASS, 502, "no credits left", NNTP_DO_STOP, ERR_ACCOUNT},
    {NNTP_CMD_AUTH_PASS, 452, "payment required", NNTP_DO_STOP, ERR_ACCOUNT},
    {NNTP_CMD_GREETING, 502, "You have no permission to talk. Goodbye", NNTP_DO_STOP, ERR_ACCOUNT},
    /* the session ends */
    {NNTP_CMD_BODY, 400, "closing", BYE},
    {NNTP_CMD_BODY, 400, "idle timeout exceeded", BYE},
    {NNTP_CMD_BODY, 500, "Max connect time exceeded", BYE},
    {NNTP_CMD_STAT, 502, "Session time limit reached", BYE},
    {NNTP_CMD_BODY, 205, "bye", BYE},
    {NNTP_CMD_GREETING, 400, "loadav too high", BYE},
    {NNTP_CMD_GREETING, 500, "go away", BYE},
    /* not there */
    {NNTP_CMD_STAT, 430, "no such article", MISSING},
    {NNTP_CMD_BODY, 423, "no such number", MISSING},
    {NNTP_CMD_HEAD, 420, "no current article", MISSING},
    {NNTP_CMD_ARTICLE, 451, "removed (DMCA)", MISSING},
    {NNTP_CMD_GROUP, 411, "no such group", NNTP_DO_REFUSE, ERR_NO_GROUP},
    {NNTP_CMD_STAT, 412, "no group selected", NNTP_DO_REFUSE, ERR_NO_GROUP},
    /* trouble is not "missing" */
    {NNTP_CMD_STAT, 503, "backend down", LATER},
    {NNTP_CMD_BODY, 403, "internal fault", LATER},
    {NNTP_CMD_STAT, 500, "what?", REJECTED},
    /* commands a server may lack */
    {NNTP_CMD_CAPABILITIES, 500, "Invalid command", REJECTED},
    {NNTP_CMD_MODE_READER, 501, "", REJECTED},
    {NNTP_CMD_LIST_ACTIVE, 503, "", REJECTED},
    /* answers to something else */
    {NNTP_CMD_STAT, 221, "0 <a@b>", STRAY},
    {NNTP_CMD_BODY, 223, "0 <a@b>", STRAY},
    {NNTP_CMD_BODY, 201, "restarted", STRAY},
    {NNTP_CMD_POST, 240, "", STRAY},
    {NNTP_CMD_POST_DATA, 340, "", STRAY},
    {NNTP_CMD_POST, 430, "", STRAY},
    {NNTP_CMD_GROUP, 441, "", STRAY},
    {NNTP_CMD_GREETING, 281, "", STRAY},
    {NNTP_CMD_AUTH_USER, 599, "", STRAY},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct nntp_reply reply;

        nntp_reply_judge(rows[i].cmd, rows[i].code, bytes_str(rows[i].text), &reply);
        if (reply.verdict != rows[i].verdict || reply.err != rows[i].err) {
            fail_msg("%d %s: verdict %d, %s", rows[i].code, rows[i].text, (int)reply.verdict,
                err_name(reply.err));
        }
    }
}

static const struct {
    enum nntp_cmd cmd;
    int code;
    const char *text;
    const char *id;
} ids[] = {
    {NNTP_CMD_POST_DATA, 240, "Article received <other@server>", "<other@server>"},
    {NNTP_CMD_POST_DATA, 240, "<a@b>", "<a@b>"},
    {NNTP_CMD_POST_DATA, 240, "Article received", ""},
    {NNTP_CMD_POST_DATA, 240, "took <not an id> and <real@id> ok", "<real@id>"},
    {NNTP_CMD_STAT, 223, "0 <a@b>", "<a@b>"},
    {NNTP_CMD_BODY, 222, "0 <a@b> body", "<a@b>"},
    {NNTP_CMD_POST, 340, "recommended <a@b>", ""},
    {NNTP_CMD_STAT, 430, "no <a@b>", ""},
};

static void test_ids(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct nntp_reply reply;

        nntp_reply_judge(ids[i].cmd, ids[i].code, bytes_str(ids[i].text), &reply);
        assert_string_equal(reply.id.text, ids[i].id);
    }
}

static void test_posting(void **state)
{
    struct nntp_reply reply;

    (void)state;
    nntp_reply_judge(NNTP_CMD_GREETING, 200, bytes_str(""), &reply);
    assert_int_equal(reply.posting, NNTP_POSTING_YES);
    nntp_reply_judge(NNTP_CMD_MODE_READER, 201, bytes_str(""), &reply);
    assert_int_equal(reply.posting, NNTP_POSTING_NO);
    nntp_reply_judge(NNTP_CMD_GROUP, 211, bytes_str(""), &reply);
    assert_int_equal(reply.posting, NNTP_POSTING_UNKNOWN);
}

/* OK goes with success, and with nothing else; for any command, code and text. */
static void test_every_code(void **state)
{
    static const char *const texts[] = {"", "too many connections", "password", "<", "<a@b", "\xff",
        "435 already exists", "try again later", "download limit exceeded", "connect time"};

    (void)state;
    for (int cmd = -1; cmd <= NNTP_CMD_COUNT; cmd++) {
        for (int code = 0; code < 700; code++) {
            for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
                struct nntp_reply reply;
                bool good;

                nntp_reply_judge((enum nntp_cmd)cmd, code, bytes_str(texts[i]), &reply);
                good = reply.verdict == NNTP_DO_NEXT || reply.verdict == NNTP_DO_GO_ON;
                assert_int_equal(good, reply.err == OK);
            }
        }
    }
}

static void test_long_text(void **state)
{
    static uint8_t text[4096];
    struct nntp_reply reply;

    (void)state;
    memset(text, '<', sizeof text);
    nntp_reply_judge(NNTP_CMD_POST_DATA, 240, bytes_at(text, sizeof text), &reply);
    assert_string_equal(reply.id.text, "");
    memset(text, 'x', sizeof text);
    nntp_reply_judge(NNTP_CMD_POST_DATA, 441, bytes_at(text, sizeof text), &reply);
    assert_int_equal(reply.err, ERR_REJECTED);
    memset(text, 0, sizeof text);
    nntp_reply_judge(NNTP_CMD_POST_DATA, 441, bytes_at(text, sizeof text), &reply);
    assert_int_equal(reply.err, ERR_REJECTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_posting),
        cmocka_unit_test(test_every_code),
        cmocka_unit_test(test_long_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
