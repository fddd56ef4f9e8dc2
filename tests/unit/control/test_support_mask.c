/* Texts for strangers hold nothing of the user's. */
#include "app/control/support_mask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct row {
    const char *text, *want;
};

static const struct row events[] = {
    {"found 12 files, 3 folders, 0 symlinks, 12345678 bytes",
        "found 12 files, 3 folders, 0 symlinks, 12345678 bytes"},
    {"done", "done"},
    {"left out: /home/anna/My Diary.txt: permission denied", "left out: ... permission denied"},
    {"Holiday 2024.jpg could not be restored: the server does not have this article",
        "... could not be restored: the server does not have this article"},
    {"the server refused the user name or password: 481 no such user bob@example.com",
        "the server refused the user name or password: 481 no such user ..."},
    {"volume 17: 3 of 1127 articles are missing; parity makes them good",
        "volume 17: 3 of 1127 articles are missing; parity makes them good"},
    {"usync1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", "..."},
    {"1234567890123456", "..."},
    {"", ""},
};

static const struct row lines[] = {
    {"2026-11-23T19:03:11.015Z info control job started job=12 attempt=1",
        "2026-11-23T19:03:11.015Z info control job started job=12 attempt=1"},
    {"2026-11-23T19:03:11.015Z info control job ended job=12 err=ERR_TIMEOUT",
        "2026-11-23T19:03:11.015Z info control job ended job=12 err=ERR_TIMEOUT"},
    {"x warn news provider out name=bobs error=ERR_LOGIN seconds=5 text=\"481 bob\"",
        "x warn news provider out name=..."},
    {"error store sqlite code=26 errno=0 text=file is not /home/anna/x",
        "error store sqlite code=26 errno=0 text=..."},
    {"info web the page is at http://127.0.0.1:8642/", "info web the page is at ..."},
    {"info daemon ready version=0.1.0 pid=12", "info daemon ready version=..."},
    {"warn x Anna /home/anna ok", "warn x ... ok"},
};

static void expect(
    const struct row *rows, size_t count, enum err (*mask)(struct bytes text, struct buf *out))
{
    for (size_t i = 0; i < count; i++) {
        struct buf out = {0};

        assert_int_equal(mask(bytes_str(rows[i].text), &out), OK);
        assert_int_equal(buf_append_byte(&out, 0), OK);
        assert_string_equal((const char *)out.ptr, rows[i].want);
        buf_clear(&out);
    }
}

static void test_events(void **state)
{
    (void)state;
    expect(events, sizeof(events) / sizeof(events[0]), support_mask_event);
}

static void test_lines(void **state)
{
    (void)state;
    expect(lines, sizeof(lines) / sizeof(lines[0]), support_mask_log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
