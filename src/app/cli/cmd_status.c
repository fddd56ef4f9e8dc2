/* status, version, daemon stop. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/cli/cli_start.h"
#include "app/cli/cli_text.h"
#include "app/cli/cmd.h"

enum { STOP_TENTHS = 600, TENTH_NS = 100000000 };

static long long number(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text != NULL ? text : "";
}

static void print_server(const json_t *server)
{
    struct buf line = {0};
    enum err err = buf_printf(&line, "news server %s: %lld of %lld connections open, sent ",
        text_of(server, "name"), number(server, "connections_open"),
        number(server, "connections_allowed"));

    if (err == OK) {
        err = cli_text_bytes((uint64_t)number(server, "bytes_out"), &line);
    }
    if (err == OK) {
        err = buf_append_str(&line, ", received ");
    }
    if (err == OK) {
        err = cli_text_bytes((uint64_t)number(server, "bytes_in"), &line);
    }
    if (err == OK) {
        (void)printf("%.*s\n", (int)line.len, (const char *)line.ptr);
    }
    if (text_of(server, "last_error")[0] != '\0') {
        (void)printf("  last trouble: %s ", text_of(server, "last_error"));
        cli_print_safe(text_of(server, "last_text"));
        (void)putchar('\n');
    }
    buf_clear(&line);
}

static void print_status(const json_t *status)
{
    const json_t *jobs = json_object_get(status, "jobs");
    const json_t *server;
    struct buf since = {0};
    size_t i;

    if (cli_text_time(number(status, "started"), &since) == OK) {
        (void)printf("usenetsync %s, daemon %lld since %.*s\n", text_of(status, "version"),
            number(status, "pid"), (int)since.len, (const char *)since.ptr);
    }
    buf_clear(&since);
    (void)fputs("state folder ", stdout);
    cli_print_safe(text_of(status, "state"));
    (void)printf("\njobs: %lld running, %lld queued, %lld paused, %lld failed, %lld done\n",
        number(jobs, "running"), number(jobs, "queued"), number(jobs, "paused"),
        number(jobs, "failed"), number(jobs, "done"));
    if (text_of(status, "page")[0] != '\0') {
        (void)printf("web page %s (`usenetsync ui` logs you in)\n", text_of(status, "page"));
    }
    if (strcmp(text_of(status, "catalogue"), "damaged") == 0) {
        (void)puts("the catalogue is DAMAGED: `usenetsync daemon stop`, then `usenetsync recover`");
    }
    json_array_foreach(json_object_get(status, "servers"), i, server)
    {
        print_server(server);
    }
}

int cmd_status(struct cli *cli, const struct cli_args *args)
{
    json_t *answer = NULL;
    int code = cli_connect(cli, args);

    if (code != CLI_EXIT_OK) {
        return code;
    }
    if (cli_ask(cli, "GET", "/api/status", NULL, &answer) != OK) {
        return cli_tell(cli, &cli->failure);
    }
    if (cli->json) {
        cli_print_json(answer);
    } else {
        print_status(answer);
    }
    json_decref(answer);
    return CLI_EXIT_OK;
}

int cmd_version(struct cli *cli, const struct cli_args *args)
{
    (void)args;
    if (cli->json) {
        json_t *version = json_pack("{s:s}", "version", USENETSYNC_VERSION);

        cli_print_json(version);
        json_decref(version);
    } else {
        (void)puts("usenetsync " USENETSYNC_VERSION);
    }
    return CLI_EXIT_OK;
}

/* Stopped means that its socket is gone, and then the process: until its end it holds the state
 * folder. A zombie, which nobody may have fetched yet, runs no program; what one that lives runs,
 * it does not let us see (EACCES), unless we are root. */
static int wait_gone(const struct cli_state *state, long long pid)
{
    struct timespec nap = {.tv_nsec = TENTH_NS};
    char exe[64], to[1];

    (void)snprintf(exe, sizeof(exe), "/proc/%lld/exe", pid);
    for (int i = 0; i < STOP_TENTHS; i++) {
        if (access(state->socket, F_OK) != 0 && readlink(exe, to, sizeof(to)) < 0 &&
            errno != EACCES) {
            return 1;
        }
        (void)nanosleep(&nap, NULL);
    }
    return 0;
}

int cmd_daemon_stop(struct cli *cli, const struct cli_args *args)
{
    json_t *answer = NULL;
    int code = cli_find_state(cli, args);

    if (code != CLI_EXIT_OK) {
        return code;
    }
    if (!cli_start_is_up(&cli->state)) {
        return cli_tell_err(cli, ERR_NO_ROW, "no daemon is running on this state folder", NULL);
    }
    cli->failure.err = cli_api_new(cli->state.socket, &cli->api);
    if (cli->failure.err != OK || cli_ask(cli, "POST", "/api/daemon/stop", NULL, &answer) != OK) {
        return cli_tell(cli, &cli->failure);
    }
    if (!wait_gone(&cli->state, number(answer, "pid"))) {
        code = cli_tell_err(cli, ERR_TIMEOUT, "the daemon is still busy stopping", NULL);
    } else if (cli->json) {
        cli_print_json(answer);
    } else {
        (void)printf("daemon %lld has stopped\n", number(answer, "pid"));
    }
    json_decref(answer);
    return code;
}
