/* server add, list, test, pause, resume, remove. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "app/cli/cmd.h"
#include "base/bytes.h"

enum { PASSWORD_ROOM = 520 };

/* The first line of a file, without its end. */
static enum err read_line(FILE *from, char room[PASSWORD_ROOM])
{
    size_t len;

    if (fgets(room, PASSWORD_ROOM, from) == NULL) {
        return ferror(from) ? err_from_errno(errno) : ERR_BAD_FORMAT;
    }
    len = strcspn(room, "\r\n");
    if (room[len] == '\0' && len == PASSWORD_ROOM - 1) {
        return ERR_LIMIT;
    }
    room[len] = '\0';
    return OK;
}

/* Ask on the terminal without showing what is typed. */
static enum err ask_password(char room[PASSWORD_ROOM])
{
    FILE *terminal = fopen("/dev/tty", "r+");
    struct termios before, quiet;
    enum err err;

    if (terminal == NULL || tcgetattr(fileno(terminal), &before) != 0) {
        if (terminal != NULL) {
            (void)fclose(terminal);
        }
        return ERR_NOT_FOUND;
    }
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    (void)fputs("password: ", terminal);
    (void)fflush(terminal);
    (void)tcsetattr(fileno(terminal), TCSAFLUSH, &quiet);
    err = read_line(terminal, room);
    (void)tcsetattr(fileno(terminal), TCSAFLUSH, &before);
    (void)fputc('\n', terminal);
    (void)fclose(terminal);
    return err;
}

static int read_password(struct cli *cli, const struct cli_args *args, char room[PASSWORD_ROOM])
{
    const char *name = args->value[CLI_PASSWORD_FILE];
    char text[CLI_TEXT_MAX];
    FILE *file;
    enum err err;

    room[0] = '\0';
    if (name == NULL) {
        if (args->value[CLI_USER] == NULL || ask_password(room) == OK) {
            return CLI_EXIT_OK;
        }
        return cli_tell_err(
            cli, ERR_BAD_REQUEST, "a user needs a password", "give it with --password-file FILE");
    }
    file = fopen(name, "re");
    err = file != NULL ? read_line(file, room) : err_from_errno(errno);
    if (file != NULL) {
        (void)fclose(file);
    }
    if (err == OK) {
        return CLI_EXIT_OK;
    }
    (void)snprintf(text, sizeof(text), "the password file %.1000s cannot be read: %s", name,
        err == ERR_BAD_FORMAT ? "it is empty" : err_text(err));
    return cli_tell_err(cli, err == ERR_BAD_FORMAT ? ERR_BAD_REQUEST : err, text, NULL);
}

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

static json_t *add_body(const struct cli_args *args, const char *password)
{
    const char *ca = args->value[CLI_TLS_CA];

    return json_pack("{s:o, s:s*, s:o*, s:b, s:o*, s:s*, s:s, s:o*, s:s*, s:b}", "name",
        cli_name(args->operands[0]), "host", args->value[CLI_HOST], "port",
        cmd_number(args->value[CLI_PORT]), "tls", args->value[CLI_TLS] != NULL || ca != NULL,
        "tls_ca", ca != NULL ? cli_path(ca) : NULL, "user", args->value[CLI_USER], "password",
        password, "connections", cmd_number(args->value[CLI_CONNECTIONS]), "group",
        args->value[CLI_GROUP], "plain_password", args->value[CLI_PLAIN_PASSWORD] != NULL);
}

int cmd_server_add(struct cli *cli, const struct cli_args *args)
{
    char password[PASSWORD_ROOM];
    json_t *body, *answer = NULL;
    int code = read_password(cli, args, password);

    if (code == CLI_EXIT_OK) {
        code = cli_connect(cli, args);
    }
    if (code != CLI_EXIT_OK) {
        return code;
    }
    body = add_body(args, password);
    if (cli_ask(cli, "POST", "/api/servers", body, &answer) != OK) {
        code = cli_tell(cli, &cli->failure);
    } else if (cli->json) {
        cli_print_json(answer);
    } else {
        (void)printf("news server %s is set up; `usenetsync server test %s` tries it\n",
            args->operands[0], args->operands[0]);
    }
    json_decref(body);
    json_decref(answer);
    bytes_wipe(password, sizeof(password));
    return code;
}

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text != NULL ? text : "";
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
