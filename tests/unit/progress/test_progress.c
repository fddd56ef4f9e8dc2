/* Per mille that never lies or goes back; names; listeners that are not there. */
#include "flow/progress/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
    const char *what;
    struct progress p;
    int permille;
};

static const struct row rows[] = {
    {"nothing yet", {.phase = PROGRESS_IDLE}, -1},
    {"a scan has no total", {.phase = PROGRESS_SCAN, .bytes_done = 5, .bytes_total = 10}, -1},
    {"total not final", {.phase = PROGRESS_SEND, .bytes_done = 5, .bytes_total = 10}, -1},
    {"half", {.phase = PROGRESS_SEND, .totals_known = true, .bytes_done = 5, .bytes_total = 10},
        499},
    {"almost is not all",
        {.phase = PROGRESS_FETCH,
            .totals_known = true,
            .bytes_done = UINT64_MAX - 1,
            .bytes_total = UINT64_MAX},
        999},
    {"all", {.phase = PROGRESS_SEND, .totals_known = true, .bytes_done = 9, .bytes_total = 9},
        1000},
    {"empty files only",
        {.phase = PROGRESS_WRITE, .totals_known = true, .files_done = 1, .files_total = 4}, 249},
    {"nothing to do", {.phase = PROGRESS_WRITE, .totals_known = true}, 1000},
    {"confirmed",
        {.phase = PROGRESS_CONFIRM,
            .articles_known = true,
            .articles_confirmed = 3,
            .articles_total = 3},
        1000},
    {"articles not known", {.phase = PROGRESS_CONFIRM, .articles_confirmed = 3}, -1},
    {"done", {.phase = PROGRESS_DONE}, 1000},
};

static void permille_by_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct progress p = rows[i].p;
        int permille = progress_permille(&p);

        if (permille != rows[i].permille) {
            fail_msg("%s: %d", rows[i].what, permille);
        }
    }
}

static void never_backwards_within_a_phase(void **state)
{
    struct progress p = {.totals_known = true, .bytes_total = 100, .bytes_done = 50};

    (void)state;
    p.phase = PROGRESS_SEND;
    assert_int_equal(progress_permille(&p), 499);
    p.bytes_done = 20; /* a file changed and is read again */
    assert_int_equal(progress_permille(&p), 499);
    p.bytes_done = 60;
    assert_int_equal(progress_permille(&p), 599);
    p.phase = PROGRESS_WRITE; /* another phase starts anew */
    p.bytes_done = 1;
    assert_int_equal(progress_permille(&p), 9);
}

struct heard {
    int changed;
    char text[2000];
};

static void on_changed(void *arg, const struct progress *p)
{
    ((struct heard *)arg)->changed += p->phase == PROGRESS_SEND;
}

static void on_event(void *arg, enum log_level level, const char *text)
{
    struct heard *h = arg;

    (void)snprintf(h->text, sizeof(h->text), "%d:%s", (int)level, text);
}

static void listeners(void **state)
{
    struct heard h = {0};
    struct progress_sink sink = {on_changed, on_event, &h};
    struct progress_sink deaf = {0};
    struct progress p = {0};
    char longer[3000];

    (void)state;
    progress_enter(&p, &sink, PROGRESS_SEND);
    progress_changed(&p, &sink);
    assert_int_equal(h.changed, 2);
    progress_event(&sink, LOG_WARN, "a %d", 5);
    assert_string_equal(h.text, "1:a 5");
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = 0;
    progress_event(&sink, LOG_INFO, "%s", longer);
    assert_int_equal(strlen(h.text), 2 + 1023);
    progress_enter(&p, NULL, PROGRESS_SEND);
    progress_enter(&p, &deaf, PROGRESS_SEND);
    progress_event(NULL, LOG_INFO, "x");
    progress_event(&deaf, LOG_INFO, "x");
}

static void add_up(void *arg, const char *name, uint64_t value)
{
    assert_non_null(name);
    *(uint64_t *)arg += value;
}

static void names_and_counters(void **state)
{
    struct progress p = {.entries_found = 1, .bytes_found = 20, .skipped = 300};
    uint64_t sum = 0;

    (void)state;
    assert_string_equal(progress_phase_name(PROGRESS_SCAN), "scan");
    assert_string_equal(progress_phase_words(PROGRESS_DONE), "done");
    assert_string_equal(progress_phase_name((enum progress_phase)99), "idle");
    for (int i = 0; i < PROGRESS_PHASE_COUNT; i++) {
        assert_true(strlen(progress_phase_name((enum progress_phase)i)) > 0);
    }
    progress_each(&p, add_up, &sum);
    assert_int_equal(sum, 321);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(permille_by_table),
        cmocka_unit_test(never_backwards_within_a_phase),
        cmocka_unit_test(listeners),
        cmocka_unit_test(names_and_counters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
