/* share: paths go out, a link comes back. */
#include <stdio.h>

#include "app/cli/cli_text.h"
#include "app/cli/cli_wait.h"
#include "app/cli/cmd.h"

static json_t *body_of(const struct cli_args *args)
{
    json_t *paths = json_array();

    for (int i = 0; i < args->operand_count; i++) {
        (void)json_array_append_new(paths, cli_path(args->operands[i]));
    }
    return json_pack("{s:o, s:s*}", "paths", paths, "title", args->value[CLI_TITLE]);
}

static void print_summary(const json_t *job)
{
    const json_t *result = json_object_get(job, "result");
    struct buf text = {0};
    enum err err = buf_printf(
        &text, "version %lld: ", (long long)json_integer_value(json_object_get(result, "version")));

    if (err == OK) {
        err = cli_text_count((uint64_t)json_integer_value(json_object_get(result, "files")), &text);
    }
    if (err == OK) {
        err = buf_append_str(&text, " files, ");
    }
    if (err == OK) {
        err = cli_text_bytes((uint64_t)json_integer_value(json_object_get(result, "bytes")), &text);
    }
    if (err == OK) {
        err = buf_append_str(&text, "; sent ");
    }
    if (err == OK) {
        err = cli_text_bytes(
            (uint64_t)json_integer_value(json_object_get(result, "bytes_posted")), &text);
    }
    if (err == OK) {
        err = buf_printf(&text, " in %lld articles",
            (long long)json_integer_value(json_object_get(result, "articles")));
    }
    if (err == OK) {
        (void)printf("%.*s\n", (int)text.len, (const char *)text.ptr);
    }
    buf_clear(&text);
}

/* The link is a line of its own, and the last. */
static int print_link(struct cli *cli, json_int_t share, const json_t *job)
{
    json_t *body = json_pack("{s:I}", "share", share);
    json_t *answer = NULL;
    enum err err = cli_ask(cli, "POST", "/api/link", body, &answer);

    json_decref(body);
    if (err != OK) {
        return cli_tell(cli, &cli->failure);
    }
    if (cli->json) {
        json_t *last = json_pack("{s:O, s:O, s:O}", "job", json_object_get(job, "id"), "result",
            json_object_get(job, "result"), "link", json_object_get(answer, "link"));

        cli_print_json(last);
        json_decref(last);
    } else {
        print_summary(job);
        (void)puts(json_string_value(json_object_get(answer, "link")));
    }
    json_decref(answer);
    return CLI_EXIT_OK;
}

static void print_started(const struct cli *cli, const json_t *answer)
{
    long long job = (long long)json_integer_value(json_object_get(answer, "job"));

    if (cli->json) {
        cli_print_json(answer);
    } else {
        (void)printf("%lld\n", job);
        (void)fprintf(stderr, "job %lld is on its way; `usenetsync jobs` shows it\n", job);
    }
}

int cmd_share(struct cli *cli, const struct cli_args *args)
{
    json_t *answer = NULL;
    json_t *job = NULL;
    json_t *body;
    int code = cli_connect(cli, args);

    if (code != CLI_EXIT_OK) {
        return code;
    }
    body = body_of(args);
    if (cli_ask(cli, "POST", "/api/shares", body, &answer) != OK) {
        code = cli_tell(cli, &cli->failure);
    } else if (args->value[CLI_NO_WAIT] != NULL) {
        print_started(cli, answer);
    } else {
        code = cli_wait_job(cli, json_integer_value(json_object_get(answer, "job")), &job);
        if (code == CLI_EXIT_OK) {
            code = print_link(cli, json_integer_value(json_object_get(answer, "share")), job);
        }
    }
    json_decref(body);
    json_decref(job);
    json_decref(answer);
    return code;
}
