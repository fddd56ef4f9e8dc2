/* recover: by itself, without the daemon, which must not run meanwhile. */
#include "app/daemon/recover.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "app/cli/cli.h"
#include "app/cli/cli_start.h"
#include "app/control/control_call.h"
#include "app/control/control_recover.h"
#include "base/log.h"
#include "io/disk/disk_file.h"

enum { LOCK_TRIES = 100, LOCK_NAP_NS = 50000000 };

static int parse(struct cli *cli, struct cli_args *args, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            cli->json = true;
        } else if (strcmp(argv[i], "--state") == 0 && i + 1 < argc) {
            args->value[CLI_STATE] = argv[++i];
        } else if (strncmp(argv[i], "--state=", 8) == 0) {
            args->value[CLI_STATE] = argv[i] + 8;
        } else {
            return cli_tell_err(
                cli, ERR_BAD_REQUEST, "recover takes nothing", "usenetsync [--state DIR] recover");
        }
    }
    return cli_find_state(cli, args);
}

static void print_result(const struct cli *cli, const struct control_recovered *r)
{
    if (cli->json) {
        json_t *row = json_pack("{s:b, s:s, s:i, s:i, s:i}", "damaged", r->aside[0] != '\0',
            "aside", r->aside, "shares", (int)r->shares, "published", (int)r->published, "servers",
            (int)r->servers);

        cli_print_json(row);
        json_decref(row);
        return;
    }
    if (r->aside[0] == '\0') {
        (void)puts("the catalogue is sound; nothing was done");
        return;
    }
    (void)fputs("the damaged catalogue is now ", stdout);
    cli_print_safe(r->aside);
    (void)printf("\nits keys of %u shares and its %u news servers are in a new one\n", r->shares,
        r->servers);
    if (r->published > 0) {
        (void)printf("jobs will take %u published shares over from the news server; `usenetsync "
                     "jobs` shows them\n",
            r->published);
    }
    (void)puts("a share that is missing is taken over by its write key: `usenetsync adopt`");
}

/* What is said to the log would only repeat what is said to the user. */
static void say_nothing(void *arg, enum log_level level, const char *room, const char *line)
{
    (void)arg;
    (void)level;
    (void)room;
    (void)line;
}

/* A daemon that has just ended lets go of its lock last: wait a little, but not for one that runs.
 */
static enum err take_lock(const struct cli *cli, struct disk_lock **lock)
{
    struct timespec nap = {.tv_nsec = LOCK_NAP_NS};
    char path[PATH_MAX];
    long holder = 0;
    enum err err = ERR_LOCKED;

    (void)snprintf(path, sizeof(path), "%.4080s/daemon.lock", cli->state.folder);
    for (int i = 0; i < LOCK_TRIES && err == ERR_LOCKED; i++) {
        err = disk_lock(path, lock, &holder);
        if (err == ERR_LOCKED && cli_start_is_up(&cli->state)) {
            return err;
        }
        if (err == ERR_LOCKED) {
            (void)nanosleep(&nap, NULL);
        }
    }
    return err;
}

int recover_main(int argc, char **argv)
{
    struct cli cli = {0};
    struct cli_args args = {0};
    struct control_recovered result;
    struct disk_lock *lock = NULL;
    enum err err;
    int code = parse(&cli, &args, argc, argv);

    if (code != CLI_EXIT_OK) {
        return code;
    }
    (void)umask(077);
    log_setup(LOG_ERROR, say_nothing, NULL);
    err = take_lock(&cli, &lock);
    if (err == ERR_LOCKED) {
        return cli_tell_err(&cli, err, "the daemon is running on this state folder",
            "`usenetsync daemon stop` ends it; then recover");
    }
    if (err == OK) {
        err = control_recover(cli.state.folder, &result);
        disk_unlock(lock);
    }
    if (err != OK) {
        return cli_tell_err(&cli, err,
            err == ERR_NOT_FOUND ? "there is no catalogue in this state folder" : NULL,
            control_hint(err));
    }
    print_result(&cli, &result);
    return CLI_EXIT_OK;
}
