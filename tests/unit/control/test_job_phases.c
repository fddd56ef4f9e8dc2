/* A bar for each phase. */
#include "app/control/job_phases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* "scan:done 5/5 1000, ..." */
static void text_of(const struct job_phases *phases, char out[512])
{
    json_t *list = job_phases_json(phases);
    const json_t *bar;
    size_t i;

    out[0] = '\0';
    json_array_foreach(list, i, bar)
    {
        const json_t *total = json_object_get(bar, "total");
        const json_t *permille = json_object_get(bar, "permille");
        char one[100];

        (void)snprintf(one, sizeof(one), "%s%s:%s %d/%d %d", i > 0 ? ", " : "",
            json_string_value(json_object_get(bar, "name")),
            json_string_value(json_object_get(bar, "state")),
            (int)json_integer_value(json_object_get(bar, "done")),
            json_is_null(total) ? -1 : (int)json_integer_value(total),
            json_is_null(permille) ? -1 : (int)json_integer_value(permille));
        (void)strcat(out, one);
    }
    json_decref(list);
}

struct step {
    struct progress progress;
    const char *bars;
};

static void walk(struct job_phases *phases, const struct step *steps, size_t count)
{
    char text[512];

    for (size_t i = 0; i < count; i++) {
        job_phases_update(phases, &steps[i].progress);
        text_of(phases, text);
        assert_string_equal(text, steps[i].bars);
    }
}

#define REST ", confirm:waiting 0/-1 0, publish:waiting 0/-1 0"

static const struct step share_steps[] = {
    {{.phase = PROGRESS_IDLE},
        "scan:waiting 0/-1 0, read:waiting 0/-1 0, post:waiting 0/-1 0" REST},
    {{.phase = PROGRESS_SCAN, .entries_found = 5},
        "scan:running 5/-1 -1, read:waiting 0/-1 0, post:waiting 0/-1 0" REST},
    {{.phase = PROGRESS_SCAN, .entries_found = 9},
        "scan:running 9/-1 -1, read:waiting 0/-1 0, post:waiting 0/-1 0" REST},
    /* another flow begins, with counters of its own */
    {{.phase = PROGRESS_SEND, .bytes_read = 10},
        "scan:done 9/9 1000, read:running 10/-1 -1, post:running 0/-1 -1" REST},
    {{.phase = PROGRESS_SEND,
         .bytes_read = 500,
         .bytes_done = 100,
         .bytes_total = 1000,
         .totals_known = true},
        "scan:done 9/9 1000, read:running 500/1000 499, post:running 100/1000 99" REST},
    /* read once more: never more than all, and not full before its end */
    {{.phase = PROGRESS_SEND,
         .bytes_read = 2000,
         .bytes_done = 50,
         .bytes_total = 1000,
         .totals_known = true},
        "scan:done 9/9 1000, read:running 1000/1000 999, post:running 50/1000 99" REST},
    {{.phase = PROGRESS_CONFIRM,
         .bytes_read = 2000,
         .bytes_done = 1000,
         .bytes_total = 1000,
         .totals_known = true,
         .articles_total = 10,
         .articles_known = true,
         .articles_confirmed = 4},
        "scan:done 9/9 1000, read:done 1000/1000 1000, post:done 1000/1000 1000, "
        "confirm:running 4/10 399, publish:waiting 0/-1 0"},
    /* something was lost: sent again, the bars that were full stay so */
    {{.phase = PROGRESS_SEND, .articles_total = 12, .articles_confirmed = 4},
        "scan:done 9/9 1000, read:done 1000/1000 1000, post:done 1000/1000 1000, "
        "confirm:waiting 4/10 399, publish:waiting 0/-1 0"},
    {{.phase = PROGRESS_CONFIRM,
         .articles_total = 12,
         .articles_known = true,
         .articles_confirmed = 4},
        "scan:done 9/9 1000, read:done 1000/1000 1000, post:done 1000/1000 1000, "
        "confirm:running 4/12 399, publish:waiting 0/-1 0"},
    {{.phase = PROGRESS_PUBLISH,
         .articles_total = 12,
         .articles_known = true,
         .articles_confirmed = 12},
        "scan:done 9/9 1000, read:done 1000/1000 1000, post:done 1000/1000 1000, "
        "confirm:done 12/12 1000, publish:running 0/1 0"},
    {{.phase = PROGRESS_DONE},
        "scan:done 9/9 1000, read:done 1000/1000 1000, post:done 1000/1000 1000, "
        "confirm:done 12/12 1000, publish:done 1/1 1000"},
};

static void a_share(void **state)
{
    struct job_phases phases;

    (void)state;
    job_phases_init(&phases, STORE_JOB_SHARE, JOB_WRITES);
    walk(&phases, share_steps, sizeof(share_steps) / sizeof(share_steps[0]));
}

static const struct step get_steps[] = {
    {{.phase = PROGRESS_LOCATE},
        "locate:running 0/1 0, list:waiting 0/-1 0, fetch:waiting 0/-1 0, write:waiting 0/-1 0"},
    {{.phase = PROGRESS_LIST, .articles_fetched = 3},
        "locate:done 1/1 1000, list:running 3/-1 -1, fetch:waiting 0/-1 0, write:waiting 0/-1 0"},
    {{.phase = PROGRESS_FETCH,
         .articles_fetched = 7,
         .bytes_done = 50,
         .bytes_total = 100,
         .files_done = 1,
         .files_total = 4,
         .totals_known = true},
        "locate:done 1/1 1000, list:done 7/7 1000, fetch:running 50/100 499, "
        "write:running 1/4 249"},
    {{.phase = PROGRESS_WRITE,
         .bytes_done = 100,
         .bytes_total = 100,
         .files_done = 3,
         .files_total = 4,
         .totals_known = true},
        "locate:done 1/1 1000, list:done 7/7 1000, fetch:done 100/100 1000, "
        "write:running 3/4 749"},
};

static void a_get(void **state)
{
    struct job_phases phases;
    char text[512];

    (void)state;
    job_phases_init(&phases, STORE_JOB_GET, JOB_WRITES);
    walk(&phases, get_steps, sizeof(get_steps) / sizeof(get_steps[0]));
    job_phases_finish(&phases);
    text_of(&phases, text);
    assert_string_equal(text, "locate:done 1/1 1000, list:done 7/7 1000, "
                              "fetch:done 100/100 1000, write:done 4/4 1000");
}

static const struct {
    enum store_job_kind kind;
    enum job_writes writes;
    const char *bars;
} kinds[] = {
    {STORE_JOB_GET, JOB_ONLY_LOOKS, "locate:waiting 0/-1 0, list:waiting 0/-1 0"},
    {STORE_JOB_GET, JOB_COMPARES,
        "locate:waiting 0/-1 0, list:waiting 0/-1 0, compare:waiting 0/-1 0"},
    {STORE_JOB_ADOPT, JOB_WRITES, "locate:waiting 0/-1 0, list:waiting 0/-1 0"},
    {STORE_JOB_CHECK, JOB_WRITES,
        "locate:waiting 0/-1 0, list:waiting 0/-1 0, check:waiting 0/-1 0"},
    {STORE_JOB_EXPORT, JOB_WRITES,
        "locate:waiting 0/-1 0, list:waiting 0/-1 0, fetch:waiting 0/-1 0, write:waiting 0/-1 0"},
};

static void every_kind_has_its_bars(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct job_phases phases;
        char text[512];

        job_phases_init(&phases, kinds[i].kind, kinds[i].writes);
        text_of(&phases, text);
        assert_string_equal(text, kinds[i].bars);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share),
        cmocka_unit_test(a_get),
        cmocka_unit_test(every_kind_has_its_bars),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
