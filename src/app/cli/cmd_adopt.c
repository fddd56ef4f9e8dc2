/* adopt: a published share becomes ours again by its write key. The key comes from a file or
 * standard input, never from the command line, where others could read it. */
#include <stdio.h>
#include <string.h>

#include "app/cli/cli_text.h"
#include "app/cli/cli_wait.h"
#include "app/cli/cmd.h"
#include "base/bytes.h"

enum { KEY_MAX = 1024 };

static json_t *body_of(const struct cli_args *args, const struct buf *key)
{
    json_t *paths = json_array();

    for (int i = 1; i < args->operand_count; i++) {
        (void)json_array_append_new(paths, cli_path(args->operands[i]));
    }
    return json_pack("{s:s%, s:o}", "write_key", (const char *)key->ptr, key->len, "paths", paths);
}

/* The file's text without white space around it. */
static int read_key(struct cli *cli, const char *name, struct buf *key)
{
    char text[CLI_TEXT_MAX];
    enum err err;

    if (strncmp(name, "usyncw1", strlen("usyncw1")) == 0) {
        return cli_tell_err(cli, ERR_BAD_REQUEST,
            "a write key on the command line can be read by others; give it on standard input",
            "usenetsync adopt - PATH...");
    }
    err = cli_read_file(name, KEY_MAX, key);
    while (err == OK && key->len > 0 && strchr(" \t\r\n", key->ptr[key->len - 1]) != NULL) {
        key->len--;
    }
    if (err == OK && key->len > 0) {
        return CLI_EXIT_OK;
    }
    (void)snprintf(text, sizeof(text), "the write key cannot be read from %.1000s: %s", name,
        err == OK ? "it is empty" : err_text(err));
    return cli_tell_err(cli, err == OK ? ERR_LINK_BAD : err, text, "");
}

static void print_done(const struct cli *cli, const json_t *job)
{
    const json_t *result = json_object_get(job, "result");

    if (cli->json) {
        cli_print_json(job);
        return;
    }
    (void)printf("version %lld of the share is yours again; `usenetsync share` of the same paths "
                 "goes on from there\n",
        (long long)json_integer_value(json_object_get(result, "version")));
}

static int run(struct cli *cli, const struct cli_args *args, const json_t *body)
{
    json_t *answer = NULL, *job = NULL;
    json_int_t id;
    int code = CLI_EXIT_OK;

    if (cli_ask(cli, "POST", "/api/adopts", body, &answer) != OK) {
        return cli_tell(cli, &cli->failure);
    }
    id = json_integer_value(json_object_get(answer, "job"));
    if (args->value[CLI_NO_WAIT] == NULL) {
        code = cli_wait_job(cli, id, &job);
        if (code == CLI_EXIT_OK) {
            print_done(cli, job);
        }
    } else if (cli->json) {
        cli_print_json(answer);
    } else {
        (void)printf("%lld\n", (long long)id);
    }
    json_decref(job);
    json_decref(answer);
    return code;
}

int cmd_adopt(struct cli *cli, const struct cli_args *args)
{
    struct buf key = {0};
    int code = read_key(cli, args->operands[0], &key);

    if (code == CLI_EXIT_OK) {
        code = cli_connect(cli, args);
    }
    if (code == CLI_EXIT_OK) {
        json_t *body = body_of(args, &key);

        code = run(cli, args, body);
        json_decref(body);
    }
    buf_wipe(&key);
    return code;
}
