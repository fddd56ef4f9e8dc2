/* Jobs in the user's hands: paused, moved, tried again, forgotten, one and all; what is shown of
 * them; and what stays over restarts. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/control/control_live.h"
#include "desk.h"

static const char *word(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static long long number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* A news server that takes connections and never says a word: jobs stay under way. */
static int deaf_server(struct desk *d)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    (void)desk_post(d, "/api/servers",
        json_pack("{s:s, s:s, s:i}", "name", "deaf", "host", "127.0.0.1", "port",
            (int)ntohs(address.sin_port)));
    return fd;
}

/* Jobs 1 to `count`, each a share of a folder of its own; the first two run. */
static int make_jobs(struct desk *d, int count)
{
    int fd = deaf_server(d);

    for (int i = 1; i <= count; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "%d/file", i);
        desk_file(d, name, 100);
        (void)snprintf(name, sizeof(name), "%d", i);
        (void)desk_post(d, "/api/shares", json_pack("{s:[s]}", "paths", desk_path(d, name)));
        assert_int_equal(number(d->answer, "job"), i);
    }
    (void)desk_job(d, count < 2 ? count : 2, "running");
    return fd;
}

static enum err job_post(struct desk *d, int64_t id, const char *what, json_t *args)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/api/jobs/%lld/%s", (long long)id, what);
    return desk_ask(d, "POST", path, args);
}

/* "1:running 2:running 3:queued#1 " */
static void expect_jobs(struct desk *d, const char *want)
{
    char got[512] = "";
    const json_t *row;
    size_t i;

    (void)desk_get(d, "/api/jobs", NULL);
    for (i = json_array_size(d->rows); i-- > 0;) {
        char one[64];

        row = json_array_get(d->rows, i);
        (void)snprintf(one, sizeof(one), "%lld:%s", number(row, "id"), word(row, "state"));
        (void)strcat(got, one);
        if (json_is_integer(json_object_get(row, "position"))) {
            (void)snprintf(one, sizeof(one), "#%lld", number(row, "position"));
            (void)strcat(got, one);
        }
        (void)strcat(got, " ");
    }
    assert_string_equal(got, want);
}

static void jobs_wait_and_move(void **state)
{
    struct desk *d = *state;
    int fd = make_jobs(d, 5);

    expect_jobs(d, "1:running 2:running 3:queued#1 4:queued#2 5:queued#3 ");
    assert_int_equal(job_post(d, 5, "move", json_pack("{s:s}", "to", "top")), OK);
    assert_string_equal(word(d->answer, "state"), "queued");
    expect_jobs(d, "1:running 2:running 3:queued#2 4:queued#3 5:queued#1 ");
    assert_int_equal(job_post(d, 4, "priority", json_pack("{s:i}", "priority", 5)), OK);
    expect_jobs(d, "1:running 2:running 3:queued#3 4:queued#1 5:queued#2 ");
    assert_int_equal(job_post(d, 1, "move", json_pack("{s:s}", "to", "up")), ERR_JOB_STATE);
    assert_int_equal(job_post(d, 5, "move", json_pack("{s:s}", "to", "left")), ERR_BAD_REQUEST);
    assert_int_equal(job_post(d, 5, "move", NULL), ERR_BAD_REQUEST);
    assert_int_equal(job_post(d, 99, "priority", json_pack("{s:i}", "priority", 5)), ERR_NO_JOB);
    assert_int_equal(
        job_post(d, 5, "priority", json_pack("{s:i}", "priority", 101)), ERR_BAD_REQUEST);
    assert_int_equal(job_post(d, 5, "priority", NULL), ERR_BAD_REQUEST);
    assert_int_equal(job_post(d, 1, "pause", NULL), OK); /* who is first in the queue comes next */
    (void)desk_job(d, 4, "running");
    expect_jobs(d, "1:paused 2:running 3:queued#2 4:running 5:queued#1 ");
    desk_restart(d, DESK_KILLED); /* it all stays */
    (void)desk_job(d, 2, "running");
    (void)desk_job(d, 4, "running");
    expect_jobs(d, "1:paused 2:running 3:queued#2 4:running 5:queued#1 ");
    (void)close(fd);
}

static void all_at_once(void **state)
{
    struct desk *d = *state;
    int fd = make_jobs(d, 4);

    assert_int_equal(number(desk_post(d, "/api/queue/pause", NULL), "jobs"), 4);
    expect_jobs(d, "1:paused 2:paused 3:paused 4:paused ");
    assert_int_equal(number(desk_post(d, "/api/queue/pause", NULL), "jobs"), 0);
    assert_int_equal(number(desk_post(d, "/api/queue/resume", NULL), "jobs"), 4);
    (void)desk_job(d, 2, "running");
    expect_jobs(d, "1:running 2:running 3:queued#1 4:queued#2 ");
    assert_int_equal(number(desk_post(d, "/api/queue/forget", NULL), "jobs"), 0);
    assert_int_equal(number(desk_post(d, "/api/queue/cancel", NULL), "jobs"), 4);
    expect_jobs(d, "1:cancelled 2:cancelled 3:cancelled 4:cancelled ");
    assert_int_equal(number(desk_post(d, "/api/queue/retry", NULL), "jobs"), 0); /* none failed */
    assert_int_equal(job_post(d, 3, "retry", NULL), OK);
    (void)desk_job(d, 3, "running");
    assert_int_equal(job_post(d, 3, "retry", NULL), ERR_JOB_STATE);
    assert_int_equal(job_post(d, 3, "forget", NULL), ERR_JOB_STATE);
    assert_int_equal(job_post(d, 1, "forget", NULL), OK);
    assert_int_equal(number(desk_post(d, "/api/queue/forget", NULL), "jobs"), 2);
    expect_jobs(d, "3:running ");
    (void)close(fd);
}

static void filters(void **state)
{
    struct desk *d = *state;
    int fd = make_jobs(d, 3);

    (void)job_post(d, 1, "cancel", NULL);
    (void)desk_get(d, "/api/jobs", json_pack("{s:s}", "state", "cancelled,paused"));
    assert_int_equal(json_array_size(d->rows), 1);
    (void)desk_get(d, "/api/jobs", json_pack("{s:s}", "kind", "get"));
    assert_int_equal(json_array_size(d->rows), 0);
    (void)desk_get(d, "/api/jobs", json_pack("{s:s, s:s}", "kind", "share", "share", "2"));
    assert_int_equal(json_array_size(d->rows), 1);
    (void)desk_get(d, "/api/jobs", json_pack("{s:s, s:s}", "limit", "1", "before", "3"));
    assert_int_equal(number(json_array_get(d->rows, 0), "id"), 2);
    assert_int_equal(
        desk_ask(d, "GET", "/api/jobs", json_pack("{s:s}", "state", "lost")), ERR_BAD_REQUEST);
    assert_int_equal(
        desk_ask(d, "GET", "/api/jobs", json_pack("{s:s}", "limit", "0")), ERR_BAD_REQUEST);
    (void)close(fd);
}

/* The clock cannot be waited for: what is kept is looked at, and made to be over. */
static void a_pause_has_an_end(void **state)
{
    struct desk *d = *state;
    int fd = make_jobs(d, 1);
    char command[2 * DESK_PATH_MAX];
    long long until;

    assert_int_equal(job_post(d, 1, "pause", json_pack("{s:i}", "minutes", 0)), ERR_BAD_REQUEST);
    assert_int_equal(
        job_post(d, 1, "pause", json_pack("{s:i}", "minutes", 43201)), ERR_BAD_REQUEST);
    assert_int_equal(job_post(d, 1, "pause", json_pack("{s:i}", "minutes", 30)), OK);
    until = number(desk_job(d, 1, "paused"), "paused_until");
    assert_true(until > 0);
    desk_restart(d, DESK_KILLED);
    assert_int_equal(number(desk_job(d, 1, "paused"), "paused_until"), until);
    desk_restart(d, DESK_STOPPED);
    (void)snprintf(command, sizeof(command),
        "python3 -c \"import sqlite3; c = sqlite3.connect('%s/state/catalogue.db'); "
        "c.execute('UPDATE jobs SET resume_at = 1'); c.commit()\"",
        d->dir);
    assert_int_equal(system(command), 0);
    desk_restart(d, DESK_STOPPED);
    (void)desk_job(d, 1, "running");
    assert_true(json_object_get(d->answer, "paused_until") == NULL);
    (void)close(fd);
}

static const json_t *bar(const json_t *job, const char *name)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(job, "phases"), i, one)
    {
        if (strcmp(word(one, "name"), name) == 0) {
            return one;
        }
    }
    fail_msg("no phase %s", name);
    return NULL;
}

static void a_job_tells_its_story(void **state)
{
    struct desk *d = *state;
    const json_t *job, *totals;

    desk_file(d, "a/large", 3 << 20);
    desk_file(d, "a/small", 10);
    desk_newsd(d);
    (void)desk_post(d, "/api/shares", json_pack("{s:[s]}", "paths", desk_path(d, "a")));
    job = desk_job(d, 1, "done|failed");
    assert_string_equal(word(job, "state"), "done");
    assert_string_equal(word(bar(job, "scan"), "state"), "done");
    assert_int_equal(number(bar(job, "read"), "total"), (3 << 20) + 10);
    assert_int_equal(number(bar(job, "post"), "done"), (3 << 20) + 10);
    assert_int_equal(number(bar(job, "publish"), "permille"), 1000);
    totals = json_object_get(job, "totals");
    assert_true(number(totals, "bytes") > 3 << 20);
    assert_int_equal(number(totals, "retries"), 0);
    assert_true(json_object_get(job, "files") == NULL); /* nothing is in work any more */
    assert_true(json_object_get(json_object_get(job, "progress"), "phases") == NULL);
}

/* The files in work, while the job is running. */
static void files_in_work_are_named(void **state)
{
    struct desk *d = *state;
    const json_t *job, *files;

    desk_newsd(d);
    for (int i = 0; i < 20; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "a/f%02d", i);
        desk_file(d, name, 8 << 20);
    }
    (void)desk_post(d, "/api/shares", json_pack("{s:[s]}", "paths", desk_path(d, "a")));
    do {
        desk_run(d, 2);
        job = desk_get(d, "/api/jobs/1", NULL);
        files = json_object_get(job, "files");
    } while (json_array_size(files) == 0 && strcmp(word(job, "state"), "done") != 0);
    assert_in_range(json_array_size(files), 1, 8);
    assert_int_equal(number(json_array_get(files, 0), "bytes_total"), 8 << 20);
    assert_true(strncmp(word(json_array_get(files, 0), "path"), "f", 1) == 0);
}

static void events_come_filtered(void **state)
{
    struct desk *d = *state;
    const json_t *page;
    json_t *next;

    desk_file(d, "a/x", 10);
    desk_newsd(d);
    (void)desk_post(d, "/api/shares", json_pack("{s:[s]}", "paths", desk_path(d, "a")));
    (void)desk_job(d, 1, "done|failed");
    page = desk_get(d, "/api/events", json_pack("{s:i}", "limit", 1));
    assert_string_equal(word(json_array_get(json_object_get(page, "items"), 0), "text"), "done");
    next = json_deep_copy(json_object_get(page, "next"));
    page = desk_get(d, "/api/events", json_pack("{s:i, s:o}", "limit", 1, "after", next));
    assert_non_null(
        strstr(word(json_array_get(json_object_get(page, "items"), 0), "text"), "found 1 files"));
    assert_true(json_is_null(json_object_get(page, "next")));
    page = desk_get(d, "/api/events", json_pack("{s:s}", "find", "FOUND"));
    assert_int_equal(json_array_size(json_object_get(page, "items")), 1);
    page = desk_get(d, "/api/events", json_pack("{s:s}", "level", "warn"));
    assert_int_equal(json_array_size(json_object_get(page, "items")), 0);
    page = desk_get(d, "/api/events", json_pack("{s:i}", "job", 7));
    assert_int_equal(json_array_size(json_object_get(page, "items")), 0);
    assert_int_equal(
        desk_ask(d, "GET", "/api/events", json_pack("{s:s}", "level", "loud")), ERR_BAD_REQUEST);
    assert_int_equal(
        desk_ask(d, "GET", "/api/events", json_pack("{s:s}", "after", "YQ")), ERR_BAD_REQUEST);
}

static void what_is_live(void **state)
{
    struct desk *d = *state;
    json_t *live = control_live(d->control);
    const json_t *attention = json_object_get(live, "attention");
    int fd;

    assert_string_equal(word(json_object_get(attention, "no-server"), "code"), "no_server");
    assert_int_equal(json_object_size(json_object_get(live, "jobs")), 0);
    assert_true(json_is_integer(json_object_get(live, "disk_free")));
    assert_true(json_is_null(json_object_get(json_object_get(live, "limits"), "upload_rate")));
    json_decref(live);

    fd = make_jobs(d, 3);
    assert_int_equal(job_post(d, 3, "pause", NULL), OK);
    desk_run(d, 5);
    live = control_live(d->control);
    assert_true(json_object_get(json_object_get(live, "attention"), "no-server") == NULL);
    assert_int_equal(json_object_size(json_object_get(live, "jobs")), 3);
    assert_int_equal(number(json_object_get(live, "counts"), "running"), 2);
    assert_int_equal(number(json_object_get(live, "counts"), "paused"), 1);
    assert_non_null(json_object_get(json_object_get(live, "servers"), "deaf"));
    json_decref(live);

    (void)job_post(d, 1, "cancel", NULL); /* what ended is shown for a moment */
    live = control_live(d->control);
    assert_string_equal(
        word(json_object_get(json_object_get(live, "jobs"), "1"), "state"), "cancelled");
    json_decref(live);
    (void)close(fd);
}

static void a_failed_job_needs_attention(void **state)
{
    struct desk *d = *state;
    char command[2 * DESK_PATH_MAX];
    json_t *live;
    const json_t *item;

    desk_file(d, "a/x", 10);
    desk_newsd(d);
    (void)snprintf(command, sizeof(command), "mv %s %s", desk_path(d, "a"), desk_path(d, "b"));
    (void)desk_post(d, "/api/shares", json_pack("{s:[s]}", "paths", desk_path(d, "a")));
    (void)desk_job(d, 1, "done");
    assert_int_equal(system(command), 0);
    assert_int_equal(desk_ask(d, "POST", "/api/shares/1/publish", NULL), OK);
    (void)desk_job(d, 2, "failed");
    live = control_live(d->control);
    item = json_object_get(json_object_get(live, "attention"), "job-2");
    assert_string_equal(word(item, "code"), "job_failed");
    assert_int_equal(number(item, "job"), 2);
    assert_non_null(strstr(word(item, "text"), "no such file"));
    json_decref(live);
    (void)snprintf(command, sizeof(command), "mv %s %s", desk_path(d, "b"), desk_path(d, "a"));
    assert_int_equal(system(command), 0);
    assert_int_equal(number(desk_post(d, "/api/queue/retry", NULL), "jobs"), 1);
    (void)desk_job(d, 2, "done");
    live = control_live(d->control);
    assert_true(json_object_get(json_object_get(live, "attention"), "job-2") == NULL);
    json_decref(live);
}

/* Everything that must not be in a bundle stands somewhere in the state. */
static void a_bundle_holds_no_secret(void **state)
{
    static const char *const secrets[] = {
        "usync", "hunter2", "anna", "diary", "secret-folder", "news-host", "My Title", "/tmp"};
    struct desk *d = *state;
    const json_t *bundle;
    char *text;
    FILE *log;
    char path[DESK_PATH_MAX + 64];

    desk_file(d, "secret-folder/diary.txt", 10);
    assert_int_equal(symlink("x", desk_path(d, "secret-folder/anna")), 0);
    desk_newsd(d);
    (void)desk_post(d, "/api/shares",
        json_pack("{s:[s], s:s, s:s}", "paths", desk_path(d, "secret-folder"), "title", "My Title",
            "ignore", "anna\n"));
    (void)desk_job(d, 1, "done");
    assert_int_equal(
        desk_ask(d, "POST", "/api/gets",
            json_pack("{s:o, s:s}", "link",
                json_deep_copy(json_object_get(
                    desk_post(d, "/api/link", json_pack("{s:i}", "share", 1)), "link")),
                "target", desk_path(d, "anna-target"))),
        OK);
    (void)desk_job(d, 2, "done|failed");
    (void)desk_post(d, "/api/servers",
        json_pack("{s:s, s:s, s:s, s:s, s:b}", "name", "anna-account", "host", "news-host.invalid",
            "user", "anna", "password", "hunter2", "tls", 1));
    (void)desk_post(d, "/api/settings",
        json_pack("{s:[s], s:{s:s}}", "roots", "/home/anna", "defaults", "ignore", "diary\n"));
    (void)snprintf(path, sizeof(path), "%s/state/daemon.log", d->dir);
    log = fopen(path, "w");
    assert_non_null(log);
    (void)fputs("2026-11-23T19:03:11.015Z warn news provider out name=anna-account text=\"bad "
                "anna\"\n2026-11-23T19:03:11.015Z info control job started job=1 attempt=1\n",
        log);
    (void)fclose(log);
    bundle = desk_get(d, "/api/support", NULL);
    assert_int_equal(json_array_size(json_object_get(bundle, "jobs")), 2);
    assert_int_equal(json_array_size(json_object_get(bundle, "log")), 2);
    assert_int_equal(json_array_size(json_object_get(bundle, "servers")), 2);
    assert_true(json_array_size(json_object_get(bundle, "events")) > 1);
    text = json_dumps(bundle, JSON_COMPACT);
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        if (strstr(text, secrets[i]) != NULL) {
            fail_msg("\"%s\" in %s", secrets[i], text);
        }
    }
    assert_non_null(strstr(text, "job started job=1"));
    free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)
    const struct CMUnitTest tests[] = {
        TEST(jobs_wait_and_move),
        TEST(all_at_once),
        TEST(filters),
        TEST(a_pause_has_an_end),
        TEST(a_job_tells_its_story),
        TEST(files_in_work_are_named),
        TEST(events_come_filtered),
        TEST(what_is_live),
        TEST(a_failed_job_needs_attention),
        TEST(a_bundle_holds_no_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
