/* ls: what is in a share, one line an entry. */
#include <stdio.h>
#include <string.h>

#include "app/cli/cli_text.h"
#include "app/cli/cmd.h"

enum { LINK_ROOM = 1025 };

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text != NULL ? text : "";
}

/* "drwxr-xr-x". */
static void mode_text(const json_t *row, char text[11])
{
    static const char letters[] = "rwxrwxrwx";
    json_int_t mode = json_integer_value(json_object_get(row, "mode"));
    const char *type = text_of(row, "type");

    text[0] = type[0] == 'd' ? 'd' : type[0] == 's' ? 'l' : '-';
    for (int i = 0; i < 9; i++) {
        text[1 + i] = (mode >> (8 - i) & 1) != 0 ? letters[i] : '-';
    }
    text[10] = '\0';
}

static enum err print_entry(const json_t *row)
{
    char mode[11];
    struct buf line = {0};
    json_int_t mtime = json_integer_value(json_object_get(row, "mtime_ns"));
    enum err err;

    mode_text(row, mode);
    err = buf_printf(
        &line, "%s %15lld  ", mode, (long long)json_integer_value(json_object_get(row, "size")));
    if (err == OK) {
        err = cli_text_time(mtime / 1000000000, &line);
    }
    if (err == OK) {
        err = buf_append_str(&line, "  ");
    }
    if (err == OK) {
        err = cli_text_name(row, "path", &line);
    }
    if (err == OK && mode[0] == 'd') {
        err = buf_append_byte(&line, '/');
    }
    if (err == OK && mode[0] == 'l') {
        err = buf_append_str(&line, " -> ");
        err = err == OK ? cli_text_name(row, "target", &line) : err;
    }
    if (err == OK && printf("%.*s\n", (int)line.len, (const char *)line.ptr) < 0) {
        err = ERR_DISK_IO;
    }
    buf_clear(&line);
    return err;
}

static enum err on_row(void *arg, const json_t *row)
{
    const struct cli *cli = arg;

    if (cli->json) {
        cli_print_json(row);
        return OK;
    }
    return json_object_get(row, "share") == NULL ? print_entry(row) : OK;
}

int cmd_ls(struct cli *cli, const struct cli_args *args)
{
    char room[LINK_ROOM];
    const char *link = cmd_link_text(args->operands[0], room, sizeof(room));
    struct cli_request request = {"POST", "/api/ls", NULL, on_row, cli};
    json_t *body;
    int code;

    if (link == NULL) {
        return cli_tell_err(cli, ERR_LINK_BAD, "there is no link on standard input", NULL);
    }
    code = cli_connect(cli, args);
    if (code != CLI_EXIT_OK) {
        return code;
    }
    body = json_pack("{s:o, s:o*, s:b, s:o*}", "link", cli_name(link), "path",
        args->operand_count > 1 ? cli_name(args->operands[1]) : NULL, "recursive",
        args->value[CLI_RECURSIVE] != NULL, "version", cmd_number(args->value[CLI_VERSION]));
    request.body = body;
    if (cli_ask_rows(cli, &request) != OK) {
        code = cli_tell(cli, &cli->failure);
    }
    json_decref(body);
    bytes_wipe(room, sizeof(room));
    return code;
}
