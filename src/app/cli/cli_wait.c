/* Looking at a job five times a second. */
#include "app/cli/cli_wait.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "app/cli/cli_progress.h"
#include "base/bytes.h"
#include "base/clock.h"

enum { LOOK_MS = 200, JSON_MS = 1000, MS = 1000000, WARNINGS_MAX = 20, COLUMNS_DEFAULT = 80 };

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* What has been shown so far. */
struct view {
    struct cli *cli;
    json_int_t id;
    int terminal; /* is standard error one? */
    int drawn;    /* a progress line stands there */
    char phase[32];
    uint64_t json_ms;
};

static void wipe_line(struct view *view)
{
    if (view->drawn) {
        (void)fputs("\r\033[K", stderr);
        view->drawn = 0;
    }
}

static size_t columns(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1U
                                                                           : COLUMNS_DEFAULT - 1;
}

static void draw(struct view *view, const json_t *job)
{
    struct buf line = {0};

    if (cli_progress_line(job, columns(), &line) == OK) {
        (void)fprintf(stderr, "\r\033[K%.*s", (int)line.len, (const char *)line.ptr);
        (void)fflush(stderr);
        view->drawn = 1;
    }
    buf_clear(&line);
}

static void print_progress(struct view *view, const json_t *job, int changed)
{
    uint64_t now = clock_mono_ns() / MS;
    json_t *object;

    if (!changed && now < view->json_ms + JSON_MS) {
        return;
    }
    view->json_ms = now;
    object = json_pack("{s:I, s:O, s:O?}", "job", view->id, "state", json_object_get(job, "state"),
        "progress", json_object_get(job, "progress"));
    cli_print_json(object);
    json_decref(object);
}

static void show(struct view *view, const json_t *job)
{
    const char *phase = cli_progress_phase(job);
    int changed = strcmp(phase, view->phase) != 0;
    struct buf line = {0};

    (void)snprintf(view->phase, sizeof(view->phase), "%s", phase);
    if (view->cli->json) {
        print_progress(view, job, changed);
    } else if (view->terminal) {
        draw(view, job);
    } else if (changed && phase[0] != '\0' && cli_progress_milestone(job, &line) == OK) {
        (void)fprintf(stderr, "%.*s\n", (int)line.len, (const char *)line.ptr);
    }
    buf_clear(&line);
}

struct telling {
    int count;
    const char *failure; /* of a failed job: its errors are told, but for this one; else NULL */
};

static bool is_told(const struct telling *t, const char *level, const char *text)
{
    if (strcmp(level, "warn") == 0) {
        return true;
    }
    return t->failure != NULL && strcmp(level, "error") == 0 &&
           strncmp(text, t->failure, strlen(t->failure)) != 0;
}

static enum err on_event(void *arg, const json_t *row)
{
    struct telling *t = arg;
    const char *level = json_string_value(json_object_get(row, "level"));
    const char *text = json_string_value(json_object_get(row, "text"));

    if (level != NULL && text != NULL && is_told(t, level, text) && t->count++ < WARNINGS_MAX) {
        (void)fprintf(stderr, "%s: %s\n", level[0] == 'w' ? "warning" : level, text);
    }
    return OK;
}

/* What the job could not do for some files is said, not hidden in a log. */
static void show_warnings(struct view *view, const char *failure)
{
    char path[64];
    struct telling telling = {.failure = failure};
    struct cli_request request = {"GET", path, NULL, on_event, &telling};

    (void)snprintf(path, sizeof(path), "/api/jobs/%lld/events", (long long)view->id);
    if (!view->cli->json && cli_ask_rows(view->cli, &request) == OK &&
        telling.count > WARNINGS_MAX) {
        (void)fprintf(stderr, "and %d more; `usenetsync logs %lld` has all\n",
            telling.count - WARNINGS_MAX, (long long)view->id);
    }
}

/* The error of a failed job, with its number in the hint. */
static int tell_failed(struct view *view, const json_t *job)
{
    const json_t *result = json_object_get(job, "result");
    const json_t *error = json_object_get(result, "error");
    const char *text = json_string_value(json_object_get(error, "text"));
    const char *hint = json_string_value(json_object_get(error, "hint"));
    const char *detail = json_string_value(json_object_get(result, "detail"));
    const char *place = hint != NULL ? strstr(hint, "resume JOB") : NULL;
    struct cli_failure failure = {
        .err = cli_exit_err(json_string_value(json_object_get(error, "code")))};

    (void)snprintf(failure.text, sizeof(failure.text), "%s%s%s", text != NULL ? text : "",
        detail != NULL ? ": " : "", detail != NULL ? detail : "");
    if (place != NULL) {
        (void)snprintf(failure.hint, sizeof(failure.hint), "%.*sresume %lld%s", (int)(place - hint),
            hint, (long long)view->id, place + strlen("resume JOB"));
    } else {
        (void)snprintf(failure.hint, sizeof(failure.hint), "%s", hint != NULL ? hint : "");
    }
    if (view->cli->json) {
        cli_print_json(job);
    }
    return cli_tell(view->cli, &failure);
}

static int tell_detached(struct view *view)
{
    if (view->cli->json) {
        json_t *object = json_pack("{s:I, s:b}", "job", view->id, "detached", 1);

        cli_print_json(object);
        json_decref(object);
    }
    (void)fprintf(stderr,
        "the job goes on: `usenetsync jobs` shows it, `usenetsync cancel %lld` ends it\n",
        (long long)view->id);
    return CLI_EXIT_INTERRUPTED;
}

static int is_state(const json_t *job, const char *state)
{
    const char *is = json_string_value(json_object_get(job, "state"));

    return is != NULL && strcmp(is, state) == 0;
}

/* The job is not queued or running any more. */
static int tell_end(struct view *view, const json_t *job)
{
    const json_t *error = json_object_get(json_object_get(job, "result"), "error");
    const char *text = json_string_value(json_object_get(error, "text"));
    char sentence[128];

    wipe_line(view);
    if (is_state(job, "done")) {
        show_warnings(view, NULL);
        return CLI_EXIT_OK;
    }
    if (is_state(job, "failed")) {
        show_warnings(view, text != NULL ? text : "");
        return tell_failed(view, job);
    }
    (void)snprintf(sentence, sizeof(sentence), "job %lld is %s", (long long)view->id,
        is_state(job, "paused") ? "paused" : "cancelled");
    return cli_tell_err(view->cli, ERR_CANCELLED, sentence,
        is_state(job, "paused") ? "`usenetsync resume` lets it go on" : "");
}

static int look_until_end(struct view *view, json_t **job)
{
    struct timespec nap = {.tv_nsec = (long)LOOK_MS * MS};
    char path[64];

    (void)snprintf(path, sizeof(path), "/api/jobs/%lld", (long long)view->id);
    for (;;) {
        json_decref(*job);
        if (cli_ask(view->cli, "GET", path, NULL, job) != OK) {
            wipe_line(view);
            return cli_tell(view->cli, &view->cli->failure);
        }
        if (!is_state(*job, "queued") && !is_state(*job, "running")) {
            return tell_end(view, *job);
        }
        show(view, *job);
        if (!interrupted) {
            (void)nanosleep(&nap, NULL);
        }
        if (interrupted) {
            wipe_line(view);
            return tell_detached(view);
        }
    }
}

int cli_wait_job(struct cli *cli, json_int_t id, json_t **job)
{
    struct view view = {.cli = cli, .id = id, .terminal = isatty(STDERR_FILENO)};
    struct sigaction action = {.sa_handler = on_interrupt};
    int code;

    *job = NULL;
    (void)sigaction(SIGINT, &action, NULL);
    code = look_until_end(&view, job);
    if (code != CLI_EXIT_OK) {
        json_decref(*job);
        *job = NULL;
    }
    return code;
}
