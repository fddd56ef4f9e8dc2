/* The progress line: what is known, and nothing that is not. */
#include "app/cli/cli_progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const struct {
    const char *what;
    const char *progress; /* members of the object */
    size_t columns;
    const char *line;
} rows[] = {
    {"not begun", "", 0, "waiting"},
    {"scan has no total and no ETA",
        "\"phase\":\"scan\",\"words\":\"looking at files\",\"entries_found\":12345,"
        "\"bytes_found\":1048576,\"eta\":null",
        0, "looking at files  12,345 entries  1.0 MiB"},
    {"sending, totals not known",
        "\"phase\":\"send\",\"words\":\"sending\",\"totals_known\":false,\"bytes_done\":2048,"
        "\"files_done\":1,\"bytes_total\":99999,\"rate\":null,\"average\":null,\"permille\":null,"
        "\"eta\":null",
        0, "sending  2.0 KiB  1 files  ETA unknown"},
    {"sending, all known",
        "\"phase\":\"send\",\"words\":\"sending\",\"totals_known\":true,\"bytes_done\":1048576,"
        "\"bytes_total\":4194304,\"files_done\":3,\"files_total\":12,\"rate\":1048576,"
        "\"average\":524288,\"permille\":250,\"eta\":63,\"retries\":1",
        0,
        "sending  1.0 MiB of 4.0 MiB  25 %  3 of 12 files  1.0 MiB/s (average 512.0 KiB/s)  "
        "ETA 1:03  1 retry"},
    {"fetching with losses",
        "\"phase\":\"fetch\",\"words\":\"fetching\",\"totals_known\":true,\"bytes_done\":0,"
        "\"bytes_total\":10,\"files_total\":1,\"permille\":0,\"retries\":5,\"skipped\":2",
        0, "fetching  0 B of 10 B  0 %  0 of 1 files  ETA unknown  5 retries  2 skipped"},
    {"fetching, and repairing volumes",
        "\"phase\":\"fetch\",\"words\":\"fetching\",\"totals_known\":true,\"bytes_done\":0,"
        "\"bytes_total\":10,\"files_total\":1,\"repair_needed\":2048,"
        "\"repair_here\":17",
        0, "fetching  0 B of 10 B  0 of 1 files  ETA unknown  repairing: 17 of 2,048 articles"},
    {"confirming counts articles",
        "\"phase\":\"confirm\",\"words\":\"asking\",\"articles_known\":true,"
        "\"articles_confirmed\":50,\"articles_total\":1000,\"permille\":50,\"eta\":0",
        0, "asking  50 of 1,000 articles  5 %  ETA 0 s"},
    {"99.9 % is not 100 %",
        "\"phase\":\"confirm\",\"words\":\"asking\",\"articles_known\":true,"
        "\"articles_confirmed\":999,\"articles_total\":1000,\"permille\":999",
        0, "asking  999 of 1,000 articles  99 %  ETA unknown"},
    {"cut to the terminal",
        "\"phase\":\"send\",\"words\":\"sending\",\"bytes_done\":2048,\"eta\":null", 12,
        "sending  2.0"},
    {"negative and foreign values are nothing",
        "\"phase\":\"send\",\"words\":\"sending\",\"bytes_done\":-5,\"files_done\":\"x\"", 0,
        "sending  0 B  0 files  ETA unknown"},
    {"a phase of a newer daemon", "\"phase\":\"polish\",\"words\":\"polishing\"", 0, "polishing"},
};

static json_t *job_of(const char *members)
{
    json_t *progress = NULL;
    char text[1024];

    (void)snprintf(text, sizeof(text), "{%s}", members);
    progress = json_loads(text, 0, NULL);
    assert_non_null(progress);
    return json_pack("{s:o}", "progress", progress);
}

static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *job = job_of(rows[i].progress);
        struct buf line = {0};

        print_message("%s\n", rows[i].what);
        assert_int_equal(cli_progress_line(job, rows[i].columns, &line), OK);
        assert_int_equal(buf_append_byte(&line, '\0'), OK);
        assert_string_equal((const char *)line.ptr, rows[i].line);
        buf_clear(&line);
        json_decref(job);
    }
}

static void test_no_progress_at_all(void **state)
{
    json_t *job = json_object();
    struct buf line = {0};

    (void)state;
    assert_int_equal(cli_progress_line(job, 0, &line), OK);
    assert_true(bytes_equal(buf_view(&line), bytes_str("waiting")));
    assert_string_equal(cli_progress_phase(job), "");
    buf_clear(&line);
    json_decref(job);
}

static void test_milestones(void **state)
{
    json_t *known = job_of("\"phase\":\"fetch\",\"words\":\"fetching\",\"totals_known\":true,"
                           "\"files_total\":1234,\"bytes_total\":1024");
    json_t *unknown = job_of("\"phase\":\"fetch\",\"words\":\"fetching\",\"totals_known\":false,"
                             "\"files_total\":1234");
    struct buf line = {0};

    (void)state;
    assert_int_equal(cli_progress_milestone(known, &line), OK);
    assert_true(bytes_equal(buf_view(&line), bytes_str("fetching: 1,234 files, 1.0 KiB")));
    line.len = 0;
    assert_int_equal(cli_progress_milestone(unknown, &line), OK);
    assert_true(bytes_equal(buf_view(&line), bytes_str("fetching")));
    buf_clear(&line);
    json_decref(known);
    json_decref(unknown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_no_progress_at_all),
        cmocka_unit_test(test_milestones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
