/* Wiring: lock, log, catalogue, loops, control, socket; and the way back. */
#include "app/daemon/daemon.h"

#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "app/cli/cli.h"
#include "app/cli/cli_start.h"
#include "app/control/control.h"
#include "app/control/control_call.h"
#include "app/daemon/daemon_config.h"
#include "app/daemon/daemon_log.h"
#include "app/web/web.h"
#include "base/log.h"
#include "io/disk/disk_file.h"

/* Bands of a repair and of PAR2, tens of MiB each, go back to the system when they are freed; left
 * to itself the allocator learns to keep them, once for every thread. Segments and articles stay
 * with it: fresh pages for them cost more than their arithmetic. */
enum { MAPPED_FROM = 4 << 20, TRIMMED_FROM = 64 << 20 };

enum daemon_mode {
    MODE_START,      /* start one in the background */
    MODE_FOREGROUND, /* be it, on this terminal */
    MODE_BACKGROUND, /* be it, the parent waits until standard error closes */
};

enum { THREADS_MIN = 2, THREADS_MAX = 64, STOP_MS = 200 };

struct daemon {
    struct cli cli; /* for telling errors */
    const char *state_arg;
    enum daemon_mode mode;
    struct daemon_config config;
    struct disk_lock *lock;
    struct store *store;
    struct loop *home, *net;
    struct control *control;
    struct web *web;
    struct loop_signal *term, *interrupt;
    struct loop_timer *stop; /* somebody asked through the socket: the answer goes first */
};

static int parse(struct daemon *d, int argc, char **argv)
{
    static const struct option options[] = {
        {"state", required_argument, NULL, 's'},
        {"json", no_argument, NULL, 'j'},
        {"foreground", no_argument, NULL, 'f'},
        {"background", no_argument, NULL, 'b'},
        {NULL, 0, NULL, 0},
    };
    int found;

    optind = 0; /* glibc: start afresh */
    while ((found = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        switch (found) {
        case 's':
            d->state_arg = optarg;
            break;
        case 'j':
            d->cli.json = true;
            break;
        case 'f':
            d->mode = MODE_FOREGROUND;
            break;
        case 'b':
            d->mode = MODE_BACKGROUND;
            break;
        default:
            return cli_tell_err(&d->cli, ERR_BAD_REQUEST, "unknown option for daemon",
                "usenetsync [--state DIR] daemon [--foreground]");
        }
    }
    if (argc > optind) {
        return cli_tell_err(&d->cli, ERR_BAD_REQUEST, "there is too much behind daemon",
            "usenetsync [--state DIR] daemon [--foreground]");
    }
    return CLI_EXIT_OK;
}

/* The last words of a daemon that cannot run go to the log and to who started it. */
static int tell(struct daemon *d, enum err err, const char *what)
{
    char text[CLI_TEXT_MAX];

    (void)snprintf(text, sizeof(text), "%s%s%s", what != NULL ? what : "", what != NULL ? ": " : "",
        err_text(err));
    if (d->mode == MODE_BACKGROUND) {
        log_error("daemon", "cannot start: %s", text);
    }
    return cli_tell_err(&d->cli, err, text, control_hint(err));
}

static int take_lock(struct daemon *d)
{
    char path[PATH_MAX], text[128];
    long holder = 0;
    enum err err;

    (void)snprintf(path, sizeof(path), "%.4080s/daemon.lock", d->cli.state.folder);
    err = disk_lock(path, &d->lock, &holder);
    if (err == OK) {
        return CLI_EXIT_OK;
    }
    if (err != ERR_LOCKED) {
        return tell(d, err, "the state folder cannot be used");
    }
    (void)snprintf(
        text, sizeof(text), "another daemon (pid %ld) is using this state folder", holder);
    return cli_tell_err(&d->cli, err, text, "`usenetsync daemon stop` ends it");
}

static int read_config(struct daemon *d)
{
    char text[DAEMON_CONFIG_TEXT];
    enum err err = daemon_config_read(d->cli.state.folder, &d->config, text);

    if (err == ERR_BAD_REQUEST) {
        log_error("daemon", "cannot start: %s", text);
        return cli_tell_err(&d->cli, err, text, "put it right, or remove the line");
    }
    return err == OK ? CLI_EXIT_OK : tell(d, err, "daemon.ini cannot be read");
}

static int open_store(struct daemon *d)
{
    char path[PATH_MAX];
    enum err err;

    (void)snprintf(path, sizeof(path), "%.4080s/" CONTROL_CATALOGUE, d->cli.state.folder);
    err = store_open(path, &d->store);
    return err == OK ? CLI_EXIT_OK : tell(d, err, "the catalogue cannot be opened");
}

static void on_stop(void *arg)
{
    struct daemon *d = arg;

    log_info("daemon", "stopping");
    loop_stop(d->home);
}

static void on_asked_to_stop(void *arg)
{
    struct daemon *d = arg;

    loop_timer_set(d->stop, STOP_MS);
}

static unsigned thread_count(void)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);

    return cpus < THREADS_MIN ? THREADS_MIN : cpus > THREADS_MAX ? THREADS_MAX : (unsigned)cpus;
}

/* Where the user's own files are. */
static const char *home_folder(void)
{
    const char *home = getenv("HOME");
    const struct passwd *user = NULL;

    if (home == NULL || home[0] != '/') {
        user = getpwuid(geteuid());
        home = user != NULL ? user->pw_dir : NULL;
    }
    return home;
}

static enum err wire(struct daemon *d)
{
    enum err err = loop_new(&d->home);

    if (err == OK) {
        err = loop_new(&d->net);
    }
    if (err == OK) {
        err = loop_thread_start(d->net, "net");
    }
    if (err == OK) {
        err = loop_signal_new(d->home, SIGTERM, on_stop, d, &d->term);
    }
    if (err == OK) {
        err = loop_signal_new(d->home, SIGINT, on_stop, d, &d->interrupt);
    }
    if (err == OK) {
        err = loop_timer_new(d->home, on_stop, d, &d->stop);
    }
    if (err == OK) {
        err = control_new(
            &(struct control_options){
                .loop = d->home,
                .net = d->net,
                .store = d->store,
                .home = home_folder(),
                .state = d->cli.state.folder,
                .helper = "/proc/self/exe",
                .threads = thread_count(),
                .waits = &d->config.waits,
                .on_stop = on_asked_to_stop,
                .arg = d,
            },
            &d->control);
    }
    return err;
}

static enum err listen_on(struct daemon *d)
{
    enum err err = web_new(
        &(struct web_options){
            .loop = d->home,
            .control = d->control,
            .socket = d->cli.state.socket,
            .state = d->cli.state.folder,
            .reach = &d->config.page,
        },
        &d->web);

    if (err == OK) {
        control_set_page(d->control, web_address(d->web));
    }
    return err;
}

/* The reverse of wire(); everything durable is durable already. */
static void unwire(struct daemon *d)
{
    if (d->control != NULL) {
        control_stop(d->control);
    }
    if (d->web != NULL) {
        web_free(d->web); /* turns the loop for a moment */
    }
    control_free(d->control);
    loop_timer_free(d->stop);
    if (d->term != NULL) {
        loop_signal_free(d->term);
    }
    if (d->interrupt != NULL) {
        loop_signal_free(d->interrupt);
    }
    if (d->net != NULL) {
        loop_thread_join(d->net);
        loop_free(d->net);
    }
    if (d->home != NULL) {
        loop_free(d->home);
    }
    store_close(d->store);
    if (d->lock != NULL) {
        disk_unlock(d->lock);
    }
}

/* Whoever started us reads standard error until it closes: now we answer. */
static void let_parent_go(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (null >= 0) {
        (void)dup2(null, STDERR_FILENO);
        (void)close(null);
    }
}

/* As much as may be. */
static void raise_limit(__rlimit_resource_t what)
{
    struct rlimit limit;

    if (getrlimit(what, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(what, &limit);
    }
}

/* JSON holds links, and passwords that somebody just typed. */
static void free_wiped(void *at)
{
    if (at != NULL) {
        bytes_wipe(at, malloc_usable_size(at));
    }
    free(at);
}

/* Memory holds keys: no core files, and no other process of the same user looks in. Writing to a
 * closed connection is an error, not an end. */
static void prepare_process(void)
{
    struct rlimit none = {0, 0};

    (void)umask(077);
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
    (void)mallopt(M_TRIM_THRESHOLD, TRIMMED_FROM);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
    raise_limit(RLIMIT_NOFILE);
    raise_limit(RLIMIT_MEMLOCK); /* base/secret.h */
    json_set_alloc_funcs(malloc, free_wiped);
}

static int serve(struct daemon *d)
{
    int code = take_lock(d);
    enum err err;

    if (code == CLI_EXIT_OK && d->mode == MODE_BACKGROUND) {
        err = daemon_log_start(d->cli.state.folder);
        if (err != OK) {
            code = tell(d, err, "the log cannot be written");
        }
    }
    if (code == CLI_EXIT_OK) {
        code = read_config(d);
    }
    if (code == CLI_EXIT_OK) {
        code = open_store(d);
    }
    if (code == CLI_EXIT_OK) {
        err = wire(d);
        if (err == OK) {
            err = listen_on(d);
        }
        code = err == OK ? CLI_EXIT_OK : tell(d, err, "the daemon cannot start");
    }
    if (code == CLI_EXIT_OK) {
        log_info("daemon", "ready version=%s pid=%ld", USENETSYNC_VERSION, (long)getpid());
        if (d->mode == MODE_BACKGROUND) {
            let_parent_go();
        }
        loop_run(d->home);
    }
    unwire(d);
    if (code == CLI_EXIT_OK) {
        log_info("daemon", "stopped");
    }
    daemon_log_stop();
    return code;
}

static int start(struct daemon *d)
{
    struct cli_failure failure;

    if (cli_start_daemon(&d->cli.state, &failure) != OK) {
        return cli_tell(&d->cli, &failure);
    }
    if (!d->cli.json) {
        (void)puts("the daemon is running");
    }
    return CLI_EXIT_OK;
}

int daemon_main(int argc, char **argv)
{
    struct daemon d = {.mode = MODE_START};
    struct cli_args args = {0};
    int code = parse(&d, argc, argv);

    if (code == CLI_EXIT_OK) {
        args.value[CLI_STATE] = d.state_arg;
        code = cli_find_state(&d.cli, &args);
    }
    if (code != CLI_EXIT_OK) {
        return code;
    }
    if (d.mode == MODE_START) {
        return start(&d);
    }
    prepare_process();
    if (d.mode == MODE_FOREGROUND) {
        log_setup(LOG_INFO, NULL, NULL);
    }
    return serve(&d);
}
