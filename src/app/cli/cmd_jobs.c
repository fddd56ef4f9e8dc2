/* jobs, logs, pause, resume, cancel, retry, priority. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/cli_progress.h"
#include "app/cli/cli_text.h"
#include "app/cli/cmd.h"

/* A job's number from an operand; false: it is none. */
static bool job_path(const char *operand, const char *what, char path[64])
{
    char *end = NULL;
    long long id = strtoll(operand, &end, 10);

    (void)snprintf(path, 64, "/api/jobs/%lld%s", id, what);
    return end != operand && *end == '\0' && id >= 0;
}

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text != NULL ? text : "";
}

static enum err on_job(void *arg, const json_t *row)
{
    const struct cli *cli = arg;
    const char *state = text_of(row, "state");
    const json_t *error = json_object_get(json_object_get(row, "result"), "error");
    const char *name = strcmp(text_of(row, "kind"), "get") == 0 ? "target" : "title";
    struct buf line = {0};
    enum err err;

    if (cli->json) {
        cli_print_json(row);
        return OK;
    }
    err = buf_printf(&line, "%4lld  %-5s  %-9s  ",
        (long long)json_integer_value(json_object_get(row, "id")), text_of(row, "kind"), state);
    if (err == OK) {
        err = cli_text_name(row, name, &line);
    }
    if (err == OK && strcmp(state, "running") == 0) {
        err = buf_append_str(&line, "  ");
        err = err == OK ? cli_progress_line(row, 0, &line) : err;
    }
    if (err == OK && error != NULL && strcmp(state, "failed") == 0) {
        err = buf_printf(&line, "  %s", text_of(error, "text"));
    }
    (void)printf("%.*s\n", (int)line.len, (const char *)line.ptr);
    buf_clear(&line);
    return err;
}

int cmd_jobs(struct cli *cli, const struct cli_args *args)
{
    struct cli_request request = {"GET",
        args->value[CLI_ALL] != NULL ? "/api/jobs?limit=10000" : "/api/jobs?limit=50", NULL, on_job,
        cli};
    int code = cli_connect(cli, args);

    if (code == CLI_EXIT_OK && cli_ask_rows(cli, &request) != OK) {
        code = cli_tell(cli, &cli->failure);
    }
    return code;
}

static enum err on_event(void *arg, const json_t *row)
{
    const struct cli *cli = arg;
    struct buf line = {0};
    enum err err;

    if (cli->json) {
        cli_print_json(row);
        return OK;
    }
    err = cli_text_time(json_integer_value(json_object_get(row, "time_ns")) / 1000000000, &line);
    if (err == OK) {
        err = buf_printf(&line, "  %-5s  ", text_of(row, "level"));
    }
    if (err == OK) {
        err = cli_text_name(row, "text", &line);
    }
    (void)printf("%.*s\n", (int)line.len, (const char *)line.ptr);
    buf_clear(&line);
    return err;
}

static int tell_no_job(const struct cli *cli)
{
    return cli_tell_err(cli, ERR_NO_JOB, NULL, "`usenetsync jobs` lists them");
}

int cmd_logs(struct cli *cli, const struct cli_args *args)
{
    char path[64];
    struct cli_request request = {"GET", path, NULL, on_event, cli};
    int code = cli_connect(cli, args);

    if (code != CLI_EXIT_OK) {
        return code;
    }
    if (!job_path(args->operands[0], "/events", path)) {
        return tell_no_job(cli);
    }
    return cli_ask_rows(cli, &request) == OK ? CLI_EXIT_OK : cli_tell(cli, &cli->failure);
}

/* One job, or all of them: `body` (taken over) goes to what is done to it. */
static int change(struct cli *cli, const struct cli_args *args, const char *what, json_t *body)
{
    bool all = args->value[CLI_ALL] != NULL;
    json_t *answer = NULL;
    char path[64];
    int code = CLI_EXIT_OK;

    (void)snprintf(path, sizeof(path), "/api/queue%s", what);
    if (all == (args->operand_count > 0)) {
        code = cli_tell_err(cli, ERR_BAD_REQUEST, "either a job or --all", NULL);
    } else {
        code = cli_connect(cli, args);
    }
    if (code == CLI_EXIT_OK && !all && !job_path(args->operands[0], what, path)) {
        code = tell_no_job(cli);
    }
    if (code == CLI_EXIT_OK && cli_ask(cli, "POST", path, body, &answer) != OK) {
        code = cli_tell(cli, &cli->failure);
    }
    json_decref(body);
    if (code == CLI_EXIT_OK && cli->json) {
        cli_print_json(answer);
    } else if (code == CLI_EXIT_OK && all) {
        (void)printf(
            "jobs: %lld\n", (long long)json_integer_value(json_object_get(answer, "jobs")));
    } else if (code == CLI_EXIT_OK) {
        const char *note = text_of(answer, "note");

        (void)printf("job %s is %s%s%s\n", args->operands[0], text_of(answer, "state"),
            note[0] != '\0' ? "; " : "", note);
    }
    json_decref(answer);
    return code;
}

int cmd_pause(struct cli *cli, const struct cli_args *args)
{
    return change(
        cli, args, "/pause", json_pack("{s:o*}", "minutes", cmd_number(args->value[CLI_FOR])));
}

int cmd_resume(struct cli *cli, const struct cli_args *args)
{
    return change(cli, args, "/resume", NULL);
}

int cmd_cancel(struct cli *cli, const struct cli_args *args)
{
    return change(cli, args, "/cancel", NULL);
}

int cmd_retry(struct cli *cli, const struct cli_args *args)
{
    return change(cli, args, "/retry", NULL);
}

int cmd_priority(struct cli *cli, const struct cli_args *args)
{
    return change(
        cli, args, "/priority", json_pack("{s:o}", "priority", cmd_number(args->operands[1])));
}
