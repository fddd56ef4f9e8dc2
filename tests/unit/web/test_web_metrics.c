/* What Prometheus reads: every line is a comment or a sample, and the samples say what the state
 * says. */
#include "app/web/web_metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *metrics_of(const char *state)
{
    json_t *live = json_loads(state, 0, NULL);
    struct buf text = {0};
    char *copy;

    assert_non_null(live);
    assert_int_equal(web_metrics_put(live, &text), OK);
    assert_int_equal(buf_append_byte(&text, '\0'), OK);
    copy = strdup((const char *)text.ptr);
    assert_non_null(copy);
    buf_clear(&text);
    json_decref(live);
    return copy;
}

/* Is `line` a line of `text`? */
static int has_line(const char *text, const char *line)
{
    const char *at = text;
    size_t len = strlen(line);

    while ((at = strstr(at, line)) != NULL) {
        if ((at == text || at[-1] == '\n') && at[len] == '\n') {
            return 1;
        }
        at++;
    }
    return 0;
}

static const char state_text[] =
    "{\"catalogue\":\"sound\",\"rates\":{\"up\":12,\"down\":34},\"disk_free\":99,"
    "\"counts\":{\"running\":1,\"failed\":2},\"attention\":{\"a\":{},\"b\":{}},"
    "\"jobs\":{\"7\":{\"progress\":{\"bytes_done\":5,\"bytes_total\":9007199254740993,\"retries\":"
    "1}}},"
    "\"servers\":{\"a\\\"b\\\\c\\nd\":{\"counters\":{\"posted\":3,\"bytes_out\":4,\"connections_"
    "open\":2}},"
    "\"quiet\":{}}}";

static void test_samples(void **state)
{
    static const char *const lines[] = {
        "usenetsync_jobs{state=\"running\"} 1",
        "usenetsync_jobs{state=\"failed\"} 2",
        "usenetsync_job_done_bytes{job=\"7\"} 5",
        "usenetsync_job_total_bytes{job=\"7\"} 9007199254740993",
        "usenetsync_job_retries{job=\"7\"} 1",
        "usenetsync_articles_posted_total{server=\"a\\\"b\\\\c\\nd\"} 3",
        "usenetsync_sent_bytes_total{server=\"a\\\"b\\\\c\\nd\"} 4",
        "usenetsync_connections_open{server=\"a\\\"b\\\\c\\nd\"} 2",
        "usenetsync_sent_bytes_per_second 12",
        "usenetsync_received_bytes_per_second 34",
        "usenetsync_catalogue_damaged 0",
        "usenetsync_attention 2",
        "usenetsync_state_free_bytes 99",
        "# TYPE usenetsync_articles_posted_total counter",
        "# TYPE usenetsync_connections_open gauge",
    };
    char *text = metrics_of(state_text);

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        print_message("%s\n", lines[i]);
        assert_true(has_line(text, lines[i]));
    }
    assert_null(strstr(text, "quiet"));
    free(text);
}

/* "# HELP name words", "# TYPE name kind", or "name{label="value"} number". */
static void test_every_line(void **state)
{
    char *text = metrics_of(state_text), *rest = NULL;

    (void)state;
    assert_int_equal(text[strlen(text) - 1], '\n');
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        char name[80], kind[80];
        char *number = strrchr(line, ' ');

        if (line[0] == '#') {
            assert_true(sscanf(line, "# HELP %79s %79s", name, kind) == 2 ||
                        sscanf(line, "# TYPE %79s %79s", name, kind) == 2);
            assert_int_equal(strncmp(name, "usenetsync_", 11), 0);
        } else {
            assert_non_null(number);
            assert_int_equal(strspn(number + 1, "0123456789"), strlen(number + 1));
            assert_int_equal(strncmp(line, "usenetsync_", 11), 0);
        }
    }
    free(text);
}

static void test_damage_and_nothing(void **state)
{
    char *damaged = metrics_of("{\"catalogue\":\"damaged\"}");
    char *nothing = metrics_of("{}");

    (void)state;
    assert_true(has_line(damaged, "usenetsync_catalogue_damaged 1"));
    assert_true(has_line(nothing, "usenetsync_catalogue_damaged 0"));
    assert_null(strstr(nothing, "usenetsync_state_free_bytes "));
    free(damaged);
    free(nothing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_every_line),
        cmocka_unit_test(test_damage_and_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
