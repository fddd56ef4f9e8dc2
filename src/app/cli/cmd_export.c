/* export: the volumes of a share as sealed files with PAR2 files. */
#include <stdio.h>

#include "app/cli/cli_text.h"
#include "app/cli/cli_wait.h"
#include "app/cli/cmd.h"

enum { LINK_ROOM = 1025 };

static unsigned long long count_of(const json_t *result, const char *key)
{
    return (unsigned long long)json_integer_value(json_object_get(result, key));
}

static enum err put_done(const json_t *result, struct buf *text)
{
    enum err err = buf_printf(text, "version %llu: exported ", count_of(result, "version"));

    if (err == OK) {
        err = cli_text_count(count_of(result, "complete"), text);
    }
    if (err == OK) {
        err = buf_append_str(text, " volumes, ");
    }
    if (err == OK) {
        err = cli_text_bytes(count_of(result, "bytes"), text);
    }
    if (err == OK && count_of(result, "found") > 0) {
        err = buf_printf(text, "; %llu were there already", count_of(result, "found"));
    }
    if (err == OK && count_of(result, "repaired_segments") > 0) {
        err = buf_printf(
            text, "; %llu segments were repaired", count_of(result, "repaired_segments"));
    }
    if (err == OK && count_of(result, "volumes") == 0) {
        err = buf_append_str(text, "; all of this share lies in its head, and that is no volume");
    }
    return err;
}

static void print_done(const struct cli *cli, const json_t *job)
{
    struct buf text = {0};

    if (cli->json) {
        cli_print_json(job);
    } else if (put_done(json_object_get(job, "result"), &text) == OK) {
        (void)printf("%.*s\n", (int)text.len, (const char *)text.ptr);
    }
    buf_clear(&text);
}

static int run(struct cli *cli, const struct cli_args *args, const json_t *body)
{
    json_t *answer = NULL;
    json_t *job = NULL;
    json_int_t id;
    int code;

    if (cli_ask(cli, "POST", "/api/exports", body, &answer) != OK) {
        return cli_tell(cli, &cli->failure);
    }
    id = json_integer_value(json_object_get(answer, "job"));
    if (args->value[CLI_NO_WAIT] != NULL) {
        if (cli->json) {
            cli_print_json(answer);
        } else {
            (void)printf("%lld\n", (long long)id);
        }
        json_decref(answer);
        return CLI_EXIT_OK;
    }
    code = cli_wait_job(cli, id, &job);
    if (code == CLI_EXIT_OK) {
        print_done(cli, job);
    }
    json_decref(job);
    json_decref(answer);
    return code;
}

int cmd_export(struct cli *cli, const struct cli_args *args)
{
    char room[LINK_ROOM];
    const char *share = cmd_link_text(args->operands[0], room, sizeof(room));
    json_t *body;
    int code;

    if (share == NULL) {
        return cli_tell_err(cli, ERR_LINK_BAD, "there is no link on standard input", NULL);
    }
    code = cli_connect(cli, args);
    if (code == CLI_EXIT_OK) {
        body = json_pack("{s:o, s:o, s:o*}", "share", cli_name(share), "target",
            cli_path(args->operands[1]), "version", cmd_number(args->value[CLI_VERSION]));
        code = run(cli, args, body);
        json_decref(body);
    }
    bytes_wipe(room, sizeof(room));
    return code;
}
