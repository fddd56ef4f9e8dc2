/* shares and link: what is mine. */
#include <stdio.h>

#include "app/cli/cli_text.h"
#include "app/cli/cmd.h"

/* When the daemon looks at it next by itself. */
static enum err put_next(const json_t *health, struct buf *line)
{
    const json_t *next = json_object_get(health, "next_check");
    enum err err = json_is_integer(next) ? buf_append_str(line, "; next check ") : OK;

    return err == OK && json_is_integer(next) ? cli_text_time(json_integer_value(next), line) : err;
}

/* What the last check found, if there was one. */
static enum err put_health(const json_t *row, struct buf *line)
{
    const json_t *health = json_object_get(row, "health");
    const json_t *worst = json_object_get(health, "worst");
    const char *state = json_string_value(json_object_get(health, "state"));
    json_int_t missing = json_integer_value(json_object_get(worst, "missing"));
    enum err err;

    if (state == NULL || !json_is_integer(json_object_get(health, "checked"))) {
        return OK;
    }
    err = buf_printf(line, "  (%s", state);
    if (err == OK && missing > 0) {
        err = buf_printf(line, ": volume %lld misses %lld, can spare %lld",
            (long long)json_integer_value(json_object_get(worst, "volume")), (long long)missing,
            (long long)json_integer_value(json_object_get(worst, "spare")));
    }
    if (err == OK) {
        err = buf_append_str(line, "; checked ");
    }
    if (err == OK) {
        err = cli_text_time(json_integer_value(json_object_get(health, "checked")), line);
    }
    if (err == OK) {
        err = put_next(health, line);
    }
    return err == OK ? buf_append_byte(line, ')') : err;
}

static enum err on_share(void *arg, const json_t *row)
{
    const struct cli *cli = arg;
    struct buf line = {0};
    enum err err;

    if (cli->json) {
        cli_print_json(row);
        return OK;
    }
    err = buf_printf(&line, "%4lld  version %-4lld ",
        (long long)json_integer_value(json_object_get(row, "id")),
        (long long)json_integer_value(json_object_get(row, "version")));
    if (err == OK) {
        err = cli_text_time(json_integer_value(json_object_get(row, "published")), &line);
    }
    if (err == OK) {
        err = buf_append_str(&line, "  ");
    }
    if (err == OK) {
        err = cli_text_bytes((uint64_t)json_integer_value(json_object_get(row, "bytes")), &line);
    }
    if (err == OK) {
        err = buf_append_str(&line, "  ");
    }
    if (err == OK) {
        err = cli_text_name(row, "title", &line);
    }
    if (err == OK) {
        err = put_health(row, &line);
    }
    (void)printf("%.*s\n", (int)line.len, (const char *)line.ptr);
    buf_clear(&line);
    return err;
}

int cmd_shares(struct cli *cli, const struct cli_args *args)
{
    struct cli_request request = {"GET", "/api/shares", NULL, on_share, cli};
    int code = cli_connect(cli, args);

    if (code == CLI_EXIT_OK && cli_ask_rows(cli, &request) != OK) {
        code = cli_tell(cli, &cli->failure);
    }
    return code;
}

int cmd_link(struct cli *cli, const struct cli_args *args)
{
    bool write_key = args->value[CLI_WRITE_KEY] != NULL;
    json_t *body, *answer = NULL;
    int code = cli_connect(cli, args);

    if (code != CLI_EXIT_OK) {
        return code;
    }
    body = json_pack("{s:o, s:b}", "share", cli_name(args->operands[0]), "write_key", write_key);
    if (cli_ask(cli, "POST", "/api/link", body, &answer) != OK) {
        code = cli_tell(cli, &cli->failure);
    } else {
        if (write_key) {
            (void)fputs("whoever has this key publishes in your place and reads everything: keep "
                        "it where only you can\n",
                stderr);
        }
        if (cli->json) {
            cli_print_json(answer);
        } else {
            (void)puts(
                json_string_value(json_object_get(answer, write_key ? "write_key" : "link")));
        }
    }
    json_decref(body);
    json_decref(answer);
    return code;
}
