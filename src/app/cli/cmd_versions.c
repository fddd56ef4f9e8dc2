/* versions: which states of a share there are. */
#include <stdio.h>
#include <string.h>

#include "app/cli/cli_text.h"
#include "app/cli/cmd.h"
#include "base/bytes.h"

enum { LINK_ROOM = 1025 };

static enum err row_text(const json_t *row, const char *state, struct buf *line)
{
    enum err err =
        buf_printf(line, "%6lld  ", (long long)json_integer_value(json_object_get(row, "version")));

    if (err == OK && strcmp(state, "missing") == 0) {
        return buf_append_str(line, "not found on the news server");
    }
    if (err == OK) {
        err = cli_text_time(json_integer_value(json_object_get(row, "created")), line);
    }
    if (err == OK) {
        err = buf_append_str(line, "  ");
    }
    if (err == OK) {
        err = cli_text_count((uint64_t)json_integer_value(json_object_get(row, "entries")), line);
    }
    if (err == OK) {
        err = buf_append_str(line, " entries, ");
    }
    if (err == OK) {
        err = cli_text_bytes((uint64_t)json_integer_value(json_object_get(row, "bytes")), line);
    }
    if (err == OK && strcmp(state, "newest") == 0) {
        err = buf_append_str(line, "  newest");
    }
    if (err == OK && strcmp(state, "forked") == 0) {
        err = buf_append_str(line, "  NOT what the next version was made from");
    }
    return err;
}

static enum err on_row(void *arg, const json_t *row)
{
    const struct cli *cli = arg;
    const char *state = json_string_value(json_object_get(row, "state"));
    struct buf line = {0};
    enum err err = OK;

    if (cli->json) {
        cli_print_json(row);
        return OK;
    }
    err = row_text(row, state != NULL ? state : "", &line);
    if (err == OK) {
        (void)printf("%.*s\n", (int)line.len, (const char *)line.ptr);
        (void)fflush(stdout); /* each one may take a while */
    }
    buf_clear(&line);
    return err;
}

int cmd_versions(struct cli *cli, const struct cli_args *args)
{
    char room[LINK_ROOM];
    const char *link = cmd_link_text(args->operands[0], room, sizeof(room));
    struct cli_request request = {"POST", "/api/versions", NULL, on_row, cli};
    json_t *body;
    int code;

    if (link == NULL) {
        return cli_tell_err(cli, ERR_LINK_BAD, "there is no link on standard input", NULL);
    }
    code = cli_connect(cli, args);
    if (code != CLI_EXIT_OK) {
        return code;
    }
    body = json_pack("{s:o}", "share", cli_name(link));
    request.body = body;
    if (cli_ask_rows(cli, &request) != OK) {
        code = cli_tell(cli, &cli->failure);
    }
    json_decref(body);
    bytes_wipe(room, sizeof(room));
    return code;
}
