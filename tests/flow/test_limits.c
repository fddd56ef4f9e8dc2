/* Limits that change while jobs run, by hand and by the clock, and what several jobs get of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/control/control_live.h"
#include "base/clock.h"
#include "desk.h"

enum {
    MIB = 1 << 20,
    SMALL = 64 * MIB, /* windows */
    LARGE = 96 * MIB,
    BETWEEN = 16 * MIB, /* what the larger one holds more, at least */
    MUCH = 20 * MIB,
    RATE = 64 << 10,
    ARTICLE = 830000,         /* what one is on the wire, at most */
    MONDAY_0759 = 1795420798, /* 2026-11-23 07:59:58, UTC, a Monday */
    HOUR = 3600,
    TURN_MS = 20,
};

/* The room's clock on the wall: this takes the place of libc's. */
static time_t moved;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): libc's is reserved */
time_t time(time_t *out)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec += moved;
    if (out != NULL) {
        *out = now.tv_sec;
    }
    return now.tv_sec;
}

static void put_clock(time_t to)
{
    moved = 0;
    moved = to - time(NULL);
}

static void change(struct desk *d, json_t *settings)
{
    (void)desk_post(d, "/api/settings", settings);
}

/* Member `key` of the server's counters. */
static int64_t counted(struct desk *d, const char *key)
{
    const json_t *server = desk_get(d, "/api/servers/test", NULL);

    return json_integer_value(json_object_get(json_object_get(server, "counters"), key));
}

/* A member of a job's progress. */
static int64_t progress(struct desk *d, int64_t job, const char *key)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/api/jobs/%lld", (long long)job);
    return json_integer_value(
        json_object_get(json_object_get(desk_get(d, path, NULL), "progress"), key));
}

/* The upload's rate that holds now; 0: no limit. */
static int64_t rate_in_force(struct desk *d)
{
    json_t *live = control_live(d->control);
    int64_t rate =
        json_integer_value(json_object_get(json_object_get(live, "limits"), "upload_rate"));

    json_decref(live);
    return rate;
}

/* Random bytes, fast: blocks of a file are never alike. */
static void large_file(struct desk *d, const char *name, unsigned mib)
{
    static uint8_t noise[MIB];
    FILE *file;

    desk_file(d, name, 1);
    file = fopen(desk_path(d, name), "w");
    assert_non_null(file);
    for (size_t i = 0; i < sizeof(noise); i++) {
        noise[i] = (uint8_t)random();
    }
    for (unsigned i = 0; i < mib; i++) {
        noise[i] ^= 0x55;
        assert_int_equal(fwrite(noise, 1, sizeof(noise), file), sizeof(noise));
    }
    assert_int_equal(fclose(file), 0);
}

static void share(struct desk *d, const char *name)
{
    (void)desk_post(d, "/api/shares", json_pack("{s:[s]}", "paths", desk_path(d, name)));
}

/* --- the timetable ---------------------------------------------------------------------------- */

/* Until the clock has brought this rate into force. */
static void wait_for_rate(struct desk *d, int64_t rate)
{
    while (rate_in_force(d) != rate) {
        desk_run(d, TURN_MS);
    }
}

/* At eight the limit begins, by the clock alone; what a job sends keeps to it; at nine it ends, and
 * the job with it, which would have taken minutes. */
static void hours_come_and_go(void **state)
{
    struct desk *d = *state;
    uint64_t begun, ms;
    int64_t sent;

    desk_newsd(d);
    large_file(d, "big/file", 8);
    put_clock(MONDAY_0759);
    change(d, json_pack("{s:[{s:[i], s:s, s:s, s:i, s:n}]}", "timetable", "days", 1, "from",
                  "08:00", "to", "09:00", "upload_rate", RATE, "download_rate"));
    assert_int_equal(rate_in_force(d), 0);
    wait_for_rate(d, RATE);
    begun = clock_mono_ns();
    share(d, "big");
    while (progress(d, 1, "articles_posted") < 1) {
        desk_run(d, TURN_MS);
    }
    desk_run(d, 500);
    sent = counted(d, "bytes_out");
    ms = (clock_mono_ns() - begun) / 1000000;
    if (sent > (int64_t)ms * RATE / 1000 + RATE + (int64_t)2 * ARTICLE) {
        fail_msg("%lld bytes in %llu ms", (long long)sent, (unsigned long long)ms);
    }
    put_clock(MONDAY_0759 + HOUR);
    change(d, json_pack("{s:s}", "theme", "dark")); /* the clock is looked at again */
    assert_int_equal(rate_in_force(d), RATE);
    wait_for_rate(d, 0);
    (void)desk_job(d, 1, "done");
    moved = 0;
}

/* --- memory ----------------------------------------------------------------------------------- */

/* Until a job that may send nothing has sealed as much as it may hold. */
static int64_t sealed_at_rest(struct desk *d)
{
    int64_t before, now = progress(d, 1, "bytes_sealed");
    unsigned still = 0;

    while (still < 20) {
        before = now;
        desk_run(d, 2 * TURN_MS);
        now = progress(d, 1, "bytes_sealed");
        still = now == before && now > 0 ? still + 1 : 0;
    }
    return now;
}

/* Nothing may leave, so what is sealed is what the window holds: it grows while the job runs, and
 * shrinks as articles leave. */
static void memory_changes_at_once(void **state)
{
    struct desk *d = *state;
    int64_t small, large;

    desk_newsd(d);
    large_file(d, "big/file", 110);
    change(d, json_pack("{s:{s:i}, s:[{s:[i,i,i,i,i,i,i], s:s, s:s, s:i, s:n}]}", "limits",
                  "memory", SMALL, "timetable", "days", 1, 2, 3, 4, 5, 6, 7, "from", "00:00", "to",
                  "00:00", "upload_rate", 0, "download_rate"));
    share(d, "big");
    small = sealed_at_rest(d);
    assert_in_range(small, SMALL / 2, SMALL);
    change(d, json_pack("{s:{s:i}}", "limits", "memory", LARGE));
    large = sealed_at_rest(d);
    assert_in_range(large, small + BETWEEN, LARGE);
    assert_int_equal(counted(d, "posted"), 0);
    change(d, json_pack("{s:{s:i}, s:[]}", "limits", "memory", SMALL, "timetable"));
    (void)desk_job(d, 1, "done");
}

/* --- several jobs ----------------------------------------------------------------------------- */

/* Two shares that have as much to send as one another, and one that came first: none gets much more
 * than another of a rate that is too small for all. */
static void jobs_share_the_rate(void **state)
{
    enum { JOBS = 3, SAMPLES = 6 };
    struct desk *d = *state;
    int64_t most = 0, least;

    desk_newsd(d);
    large_file(d, "1/file", 40);
    large_file(d, "2/file", 24);
    large_file(d, "3/file", 24);
    change(d, json_pack("{s:{s:i}, s:[{s:[i,i,i,i,i,i,i], s:s, s:s, s:i, s:n}]}", "limits",
                  "jobs_at_once", JOBS, "timetable", "days", 1, 2, 3, 4, 5, 6, 7, "from", "00:00",
                  "to", "00:00", "upload_rate", 0, "download_rate"));
    share(d, "1");
    (void)sealed_at_rest(d); /* all of it waits before the others begin */
    share(d, "2");
    share(d, "3");
    while (progress(d, 2, "bytes_sealed") < MUCH || progress(d, 3, "bytes_sealed") < MUCH) {
        desk_run(d, TURN_MS);
    }
    change(d, json_pack("{s:{s:i}, s:[]}", "limits", "upload_rate", 8 * MIB, "timetable"));
    for (int64_t goal = 4; goal <= INT64_C(4) * SAMPLES; goal += 4) {
        do {
            desk_run(d, TURN_MS);
            (void)desk_get(d, "/api/jobs", NULL);
            most = 0;
            least = INT64_MAX;
            for (size_t i = 0; i < JOBS; i++) {
                int64_t posted = json_integer_value(json_object_get(
                    json_object_get(json_array_get(d->rows, i), "progress"), "articles_posted"));

                most = posted > most ? posted : most;
                least = posted < least ? posted : least;
            }
        } while (most < goal);
        if (most - least > 3) {
            fail_msg("one has sent %d articles, one %d", (int)most, (int)least);
        }
    }
    change(d, json_pack("{s:{s:n}}", "limits", "upload_rate"));
    for (int64_t job = 1; job <= JOBS; job++) {
        (void)desk_job(d, job, "done");
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(hours_come_and_go),
        TEST(memory_changes_at_once),
        TEST(jobs_share_the_rate),
    };

    (void)setenv("TZ", "UTC", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
