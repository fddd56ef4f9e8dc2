/* server add, list, test, pause, resume, remove. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/cli_text.h"
#include "app/cli/cmd.h"
#include "base/bytes.h"

json_t *cmd_number(const char *text)
{
    char *end = NULL;
    long long value;

    if (text == NULL) {
        return NULL;
    }
    value = strtoll(text, &end, 10);
    return end != text && *end == '\0' ? json_integer(value) : json_string("");
}

/* "post,read" as a list; "all" as null; NULL as NULL. */
static json_t *roles_of(const char *text)
{
    json_t *list;

    if (text == NULL || strcmp(text, "all") == 0) {
        return text != NULL ? json_null() : NULL;
    }
    list = json_array();
    while (list != NULL) {
        size_t len = strcspn(text, ",");

        (void)json_array_append_new(list, json_stringn(text, len));
        if (text[len] == '\0') {
            break;
        }
        text += len + 1;
    }
    return list;
}

/* What the options say, and no more. */
static json_t *settings_of(const struct cli_args *args)
{
    const char *ca = args->value[CLI_TLS_CA];
    json_t *body = json_pack("{s:s*, s:o*, s:o*, s:s*, s:o*, s:s*, s:o*, s:o*, s:o*, s:o*}", "host",
        args->value[CLI_HOST], "port", cmd_number(args->value[CLI_PORT]), "tls_ca",
        ca != NULL ? cli_path(ca) : NULL, "user", args->value[CLI_USER], "connections",
        cmd_number(args->value[CLI_CONNECTIONS]), "group", args->value[CLI_GROUP], "roles",
        roles_of(args->value[CLI_ROLE]), "order", cmd_number(args->value[CLI_ORDER]), "quota",
        cmd_size(args->value[CLI_QUOTA]), "spent", cmd_size(args->value[CLI_SPENT]));

    if (body != NULL && (args->value[CLI_TLS] != NULL || ca != NULL)) {
        (void)json_object_set_new(body, "tls", json_true());
    }
    if (body != NULL && args->value[CLI_PLAIN_PASSWORD] != NULL) {
        (void)json_object_set_new(body, "plain_password", json_true());
    }
    return body;
}

/* A name that may stand in a path as it is. */
static bool name_ok(const char *name)
{
    return name[0] != '\0' && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789._-") == strlen(name);
}

static int tell_no_server(const struct cli *cli)
{
    return cli_tell_err(cli, ERR_NO_ROW, "there is no news server of this name",
        "`usenetsync server list` lists them");
}

/* Send the settings to `path`, with a password where the options speak of one, and say so. */
static int send_settings(
    struct cli *cli, const struct cli_args *args, const char *path, const char *done)
{
    char password[CMD_PASSWORD_ROOM] = "";
    json_t *body, *answer = NULL;
    bool needed = args->value[CLI_USER] != NULL || args->value[CLI_PASSWORD_FILE] != NULL;
    int code = needed ? cmd_password(cli, args, password) : CLI_EXIT_OK;

    if (code == CLI_EXIT_OK) {
        code = cli_connect(cli, args);
    }
    if (code != CLI_EXIT_OK) {
        return code;
    }
    body = settings_of(args);
    (void)json_object_set_new(body, "name", cli_name(args->operands[0]));
    if (needed) {
        (void)json_object_set_new(body, "password", json_string(password));
    }
    if (cli_ask(cli, "POST", path, body, &answer) != OK) {
        code = cli_tell(cli, &cli->failure);
    } else if (cli->json) {
        cli_print_json(answer);
    } else {
        (void)printf("news server %s is %s; `usenetsync server test %s` tries it\n",
            args->operands[0], done, args->operands[0]);
    }
    json_decref(body);
    json_decref(answer);
    bytes_wipe(password, sizeof(password));
    return code;
}

int cmd_server_add(struct cli *cli, const struct cli_args *args)
{
    return send_settings(cli, args, "/api/servers", "set up");
}

int cmd_server_change(struct cli *cli, const struct cli_args *args)
{
    char path[256];

    if (!name_ok(args->operands[0])) {
        return tell_no_server(cli);
    }
    (void)snprintf(path, sizeof(path), "/api/servers/%.64s", args->operands[0]);
    return send_settings(cli, args, path, "changed");
}

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text != NULL ? text : "";
}

enum { ROLES = 3 };

/* What is out of the ordinary: what it is for, where it is not for everything; its quota. */
static void print_use(const json_t *row)
{
    const json_t *roles = json_object_get(row, "roles");
    const json_t *quota = json_object_get(row, "quota");
    const json_t *role;
    struct buf line = {0};
    size_t i;

    if (json_array_size(roles) < ROLES) {
        json_array_foreach(roles, i, role)
        {
            (void)printf("%s%s", i == 0 ? "  only for " : ", ", json_string_value(role));
        }
    }
    if (json_is_integer(quota) && buf_append_str(&line, "  quota ") == OK &&
        cli_text_bytes((uint64_t)json_integer_value(quota), &line) == OK &&
        buf_append_str(&line, ", used ") == OK &&
        cli_text_bytes((uint64_t)json_integer_value(json_object_get(row, "spent")), &line) == OK) {
        (void)printf("%.*s", (int)line.len, (const char *)line.ptr);
    }
    buf_clear(&line);
}

static enum err on_server(void *arg, const json_t *row)
{
    const struct cli *cli = arg;

    if (cli->json) {
        cli_print_json(row);
        return OK;
    }
    (void)printf("%s  ", text_of(row, "name"));
    cli_print_safe(text_of(row, "host"));
    (void)printf(":%lld  %s  %lld connections  ",
        (long long)json_integer_value(json_object_get(row, "port")),
        json_is_true(json_object_get(row, "tls")) ? "TLS" : "plain",
        (long long)json_integer_value(json_object_get(row, "connections")));
    cli_print_safe(text_of(row, "group"));
    if (text_of(row, "user")[0] != '\0') {
        (void)fputs("  user ", stdout);
        cli_print_safe(text_of(row, "user"));
    }
    (void)printf("  order %lld", (long long)json_integer_value(json_object_get(row, "order")));
    print_use(row);
    (void)puts(json_is_true(json_object_get(row, "paused")) ? "  paused" : "");
    return OK;
}

int cmd_server_list(struct cli *cli, const struct cli_args *args)
{
    struct cli_request request = {"GET", "/api/servers", NULL, on_server, cli};
    int code = cli_connect(cli, args);

    if (code == CLI_EXIT_OK && cli_ask_rows(cli, &request) != OK) {
        code = cli_tell(cli, &cli->failure);
    }
    return code;
}

static enum err on_step(void *arg, const json_t *row)
{
    const struct cli *cli = arg;

    if (cli->json) {
        cli_print_json(row);
        return OK;
    }
    (void)printf("%-11s %-8s ", text_of(row, "step"), text_of(row, "verdict"));
    cli_print_safe(text_of(row, "text"));
    (void)putchar('\n');
    (void)fflush(stdout);
    return OK;
}

int cmd_server_test(struct cli *cli, const struct cli_args *args)
{
    char path[256];
    struct cli_request request = {"POST", path, NULL, on_step, cli};
    int code = cli_connect(cli, args);

    if (code != CLI_EXIT_OK) {
        return code;
    }
    if (!name_ok(args->operands[0])) {
        return tell_no_server(cli);
    }
    (void)snprintf(path, sizeof(path), "/api/servers/%.64s/test", args->operands[0]);
    return cli_ask_rows(cli, &request) == OK ? CLI_EXIT_OK : cli_tell(cli, &cli->failure);
}

/* POST /api/servers/NAME/WHAT, and the sentence `said` when it is done. */
static int change(struct cli *cli, const struct cli_args *args, const char *what, const char *said)
{
    char path[256];
    json_t *answer = NULL;
    int code = cli_connect(cli, args);

    if (code != CLI_EXIT_OK) {
        return code;
    }
    if (!name_ok(args->operands[0])) {
        return tell_no_server(cli);
    }
    (void)snprintf(path, sizeof(path), "/api/servers/%.64s/%s", args->operands[0], what);
    if (cli_ask(cli, "POST", path, NULL, &answer) != OK) {
        return cli_tell(cli, &cli->failure);
    }
    if (cli->json) {
        cli_print_json(answer);
    } else {
        (void)printf("news server %s %s\n", args->operands[0], said);
    }
    json_decref(answer);
    return CLI_EXIT_OK;
}

int cmd_server_pause(struct cli *cli, const struct cli_args *args)
{
    return change(cli, args, "pause", "is not used until `usenetsync server resume`");
}

int cmd_server_resume(struct cli *cli, const struct cli_args *args)
{
    return change(cli, args, "resume", "is used again");
}

int cmd_server_remove(struct cli *cli, const struct cli_args *args)
{
    return change(cli, args, "remove", "is forgotten, its password is gone");
}
