/* The desk of desk.h. */
#include "desk.h"

#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/control/control_call.h"

static void on_stop(void *arg)
{
    (void)arg;
}

static void start(struct desk *d)
{
    char path[DESK_PATH_MAX + 32], state[DESK_PATH_MAX + 32];

    (void)snprintf(state, sizeof(state), "%s/state", d->dir);
    (void)snprintf(path, sizeof(path), "%s/state/catalogue.db", d->dir);
    assert_int_equal(loop_new(&d->loop), OK);
    assert_int_equal(loop_new(&d->net), OK);
    assert_int_equal(loop_thread_start(d->net, "net"), OK);
    assert_int_equal(store_open(path, &d->store), OK);
    assert_int_equal(control_new(
                         &(struct control_options){
                             .loop = d->loop,
                             .net = d->net,
                             .store = d->store,
                             .home = d->home,
                             .state = state,
                             .helper = "/proc/self/exe",
                             .threads = 2,
                             .on_stop = on_stop,
                         },
                         &d->control),
        OK);
}

static void stop(struct desk *d)
{
    control_stop(d->control);
    desk_run(d, 1);
    control_free(d->control);
    loop_thread_join(d->net);
    loop_free(d->net);
    store_close(d->store);
    loop_free(d->loop);
}

int desk_setup(void **state)
{
    static const char base[] = "/tmp/usenetsync-desk-XXXXXX";
    struct desk *d = calloc(1, sizeof(*d));
    char path[DESK_PATH_MAX + 32];

    assert_non_null(d);
    (void)signal(SIGPIPE, SIG_IGN);
    memcpy(d->dir, base, sizeof(base));
    assert_non_null(mkdtemp(d->dir));
    (void)snprintf(d->home, sizeof(d->home), "%.400s/home", d->dir);
    assert_int_equal(mkdir(d->home, 0755), 0);
    (void)snprintf(path, sizeof(path), "%s/state", d->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    start(d);
    *state = d;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int desk_teardown(void **state)
{
    struct desk *d = *state;

    stop(d);
    if (d->newsd != NULL) {
        loop_thread_join(d->server);
        newsd_free(d->newsd);
        loop_free(d->server);
    }
    json_decref(d->answer);
    json_decref(d->rows);
    (void)nftw(d->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(d);
    return 0;
}

void desk_restart(struct desk *d, enum desk_end how)
{
    char command[4 * DESK_PATH_MAX];

    if (how == DESK_KILLED) { /* what was committed is all that stays */
        (void)snprintf(command, sizeof(command), "cd %s && cp -a state killed", d->dir);
        assert_int_equal(system(command), 0);
    }
    stop(d);
    if (how == DESK_KILLED) {
        (void)snprintf(
            command, sizeof(command), "cd %s && rm -rf state && mv killed state", d->dir);
        assert_int_equal(system(command), 0);
    }
    start(d);
}

/* --- calls ------------------------------------------------------------------------------------ */

static void on_row(void *arg, const json_t *row)
{
    struct desk *d = arg;

    assert_int_equal(json_array_append_new(d->rows, json_deep_copy(row)), 0);
}

static void on_done(void *arg, const struct control_outcome *outcome)
{
    struct desk *d = arg;

    d->err = outcome->err;
    (void)snprintf(d->text, sizeof(d->text), "%s", outcome->text != NULL ? outcome->text : "");
    d->answer = outcome->answer != NULL ? json_deep_copy(outcome->answer) : NULL;
    loop_stop(d->loop);
}

enum err desk_ask(struct desk *d, const char *method, const char *path, json_t *args)
{
    struct control_call *call = NULL;

    json_decref(d->answer);
    json_decref(d->rows);
    d->answer = NULL;
    d->rows = json_array();
    assert_int_equal(control_call_start(d->control,
                         &(struct control_request){
                             .method = method, .path = path, .args = args, .confined = d->confined},
                         &(struct control_reply){on_row, on_done, d}, &call),
        OK);
    loop_run(d->loop);
    json_decref(args);
    return d->err;
}

static const json_t *must(struct desk *d, const char *method, const char *path, json_t *args)
{
    if (desk_ask(d, method, path, args) != OK) {
        fail_msg("%s %s: %s (%s)", method, path, err_name(d->err), d->text);
    }
    return d->answer != NULL ? d->answer : d->rows;
}

const json_t *desk_get(struct desk *d, const char *path, json_t *args)
{
    return must(d, "GET", path, args);
}

const json_t *desk_post(struct desk *d, const char *path, json_t *args)
{
    return must(d, "POST", path, args);
}

/* --- the world around ------------------------------------------------------------------------- */

void desk_newsd(struct desk *d)
{
    char spool[DESK_PATH_MAX + 32];
    struct newsd_options options = {.host = "127.0.0.1", .spool = spool};

    (void)snprintf(spool, sizeof(spool), "%s/spool", d->dir);
    assert_int_equal(loop_new(&d->server), OK);
    assert_int_equal(newsd_start(d->server, &options, &d->newsd), OK);
    assert_int_equal(loop_thread_start(d->server, "newsd"), OK);
    (void)desk_post(d, "/api/servers",
        json_pack("{s:s, s:s, s:i, s:i}", "name", "test", "host", "127.0.0.1", "port",
            (int)newsd_port(d->newsd), "connections", 4));
}

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

void desk_run(struct desk *d, unsigned ms)
{
    struct loop_timer *timer;

    assert_int_equal(loop_timer_new(d->loop, stop_loop, d->loop, &timer), OK);
    loop_timer_set(timer, ms);
    loop_run(d->loop);
    loop_timer_free(timer);
}

const json_t *desk_job(struct desk *d, int64_t id, const char *states)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/api/jobs/%lld", (long long)id);
    for (;;) {
        const json_t *job = desk_get(d, path, NULL);

        if (strstr(states, json_string_value(json_object_get(job, "state"))) != NULL) {
            return job;
        }
        desk_run(d, 5);
    }
}

const char *desk_path(struct desk *d, const char *name)
{
    static char paths[8][2 * DESK_PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 8];

    (void)snprintf(path, sizeof(paths[0]), "%s%s%s", d->home, name[0] != '\0' ? "/" : "", name);
    return path;
}

void desk_file(struct desk *d, const char *name, long len)
{
    char path[2 * DESK_PATH_MAX];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", d->home, name);
    for (char *slash = path + strlen(d->home) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        (void)mkdir(path, 0755);
        *slash = '/';
    }
    if (len < 0) {
        assert_int_equal(mkdir(path, 0755), 0);
        return;
    }
    file = fopen(path, "w");
    assert_non_null(file);
    for (long i = 0; i < len; i++) {
        (void)fputc((int)(random() & 0xff), file);
    }
    assert_int_equal(fclose(file), 0);
}
