/* What all commands share: state, daemon, errors, output. */
#include "app/cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/cli/cli_start.h"
#include "app/cli/cmd.h"
#include "base/text.h"

enum { REACH_TRIES = 5, AGAIN_NS = 100000000 };

static const char *kind_name(enum err err)
{
    static const char *const names[] = {
        "none", "retry", "missing", "corrupt", "refused", "user", "local", "cancelled", "bug"};

    return names[err_kind(err)];
}

static void print_safe_to(FILE *to, const char *text)
{
    struct buf clean = {0};

    if (text_escape(bytes_str(text), &clean) == OK) {
        (void)fwrite(clean.ptr, 1, clean.len, to);
    }
    buf_clear(&clean);
}

void cli_print_safe(const char *text)
{
    print_safe_to(stdout, text);
}

void cli_print_json(const json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);

    if (text != NULL) {
        (void)puts(text);
        (void)fflush(stdout);
    }
    free(text);
}

int cli_tell(const struct cli *cli, const struct cli_failure *failure)
{
    const char *text = failure->text[0] != '\0' ? failure->text : err_text(failure->err);

    if (cli->json) {
        json_t *object =
            json_pack("{s:{s:s, s:s, s:s, s:s}}", "error", "code", err_name(failure->err), "kind",
                kind_name(failure->err), "text", text, "hint", failure->hint);

        cli_print_json(object);
        json_decref(object);
    }
    (void)fflush(stdout);
    (void)fputs("usenetsync: ", stderr);
    print_safe_to(stderr, text);
    (void)fputc('\n', stderr);
    if (failure->hint[0] != '\0') {
        print_safe_to(stderr, failure->hint);
        (void)fputc('\n', stderr);
    }
    return (int)cli_exit_code(failure->err);
}

int cli_tell_err(const struct cli *cli, enum err err, const char *text, const char *hint)
{
    struct cli_failure failure = {.err = err};

    (void)snprintf(failure.text, sizeof(failure.text), "%s", text != NULL ? text : "");
    (void)snprintf(failure.hint, sizeof(failure.hint), "%s", hint != NULL ? hint : "");
    return cli_tell(cli, &failure);
}

int cli_find_state(struct cli *cli, const struct cli_args *args)
{
    enum err err = cli_state_init(&cli->state, args->value[CLI_STATE]);
    char text[CLI_TEXT_MAX];

    if (err == OK) {
        return CLI_EXIT_OK;
    }
    (void)snprintf(text, sizeof(text), "the state folder cannot be used: %s", err_text(err));
    return cli_tell_err(cli, err, text, "give another with --state DIR");
}

/* A daemon that is dying may still take a connection: only one that answers counts. */
static enum err reach(struct cli *cli)
{
    struct cli_request hello = {"GET", "/api/version", NULL, NULL, NULL};
    struct timespec nap = {.tv_nsec = AGAIN_NS};
    enum err err = ERR_NO_DAEMON;

    for (int tries = 0; tries < REACH_TRIES; tries++) {
        err = cli_start_ensure(&cli->state, &cli->failure);
        if (err == OK) {
            err = cli_api_call(cli->api, &hello, &cli->failure);
        }
        if (err != ERR_CONNECTION_LOST && err != ERR_NO_DAEMON) {
            break;
        }
        if (cli->failure.text[0] != '\0' && err == ERR_NO_DAEMON) {
            break; /* it could not start, and said why */
        }
        (void)nanosleep(&nap, NULL);
    }
    return err;
}

int cli_connect(struct cli *cli, const struct cli_args *args)
{
    int code = cli_find_state(cli, args);

    if (code != CLI_EXIT_OK) {
        return code;
    }
    cli->failure = (struct cli_failure){.err = cli_api_new(cli->state.socket, &cli->api)};
    if (cli->failure.err != OK || reach(cli) != OK) {
        return cli_tell(cli, &cli->failure);
    }
    return CLI_EXIT_OK;
}

static enum err keep_row(void *arg, const json_t *row)
{
    json_t **answer = arg;

    json_decref(*answer);
    *answer = json_deep_copy(row);
    return *answer != NULL ? OK : ERR_NO_MEMORY;
}

enum err cli_ask(
    struct cli *cli, const char *method, const char *path, const json_t *body, json_t **answer)
{
    struct cli_request request = {method, path, body, keep_row, answer};
    enum err err;

    *answer = NULL;
    err = cli_api_call(cli->api, &request, &cli->failure);
    if (err == OK && *answer == NULL) {
        err = cli->failure.err = ERR_BAD_FORMAT;
    }
    if (err != OK) {
        json_decref(*answer);
        *answer = NULL;
    }
    return err;
}

enum err cli_ask_rows(struct cli *cli, const struct cli_request *request)
{
    return cli_api_call(cli->api, request, &cli->failure);
}

json_t *cli_name(const char *text)
{
    struct bytes name = bytes_str(text);
    struct buf coded = {0};
    json_t *value = NULL;

    if (text_is_utf8(name)) {
        return json_string(text);
    }
    if (text_base64_encode(name, &coded) == OK) {
        value = json_pack("{s:s%}", "base64", (const char *)coded.ptr, coded.len);
    }
    buf_clear(&coded);
    return value;
}

json_t *cli_path(const char *path)
{
    char here[PATH_MAX];
    char *whole = NULL;
    json_t *value;

    if (path[0] == '/') {
        return cli_name(path);
    }
    if (getcwd(here, sizeof(here)) == NULL || asprintf(&whole, "%s/%s", here, path) < 0) {
        return NULL;
    }
    value = cli_name(whole);
    free(whole);
    return value;
}

static enum err read_all(FILE *file, size_t max, struct buf *out)
{
    uint8_t chunk[4096];
    size_t len;
    enum err err = OK;

    while (err == OK && (len = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        err = out->len + len > max ? ERR_LIMIT : buf_append(out, bytes_at(chunk, len));
    }
    bytes_wipe(chunk, sizeof(chunk));
    return err == OK && ferror(file) ? err_from_errno(errno) : err;
}

enum err cli_read_file(const char *name, size_t max, struct buf *out)
{
    FILE *file;
    enum err err;

    if (strcmp(name, "-") == 0) {
        return read_all(stdin, max, out);
    }
    file = fopen(name, "re");
    if (file == NULL) {
        return err_from_errno(errno);
    }
    err = read_all(file, max, out);
    (void)fclose(file);
    return err;
}

int cli_main(int argc, char **argv)
{
    struct cli cli = {0};
    struct cli_args args;
    int code;

    (void)signal(SIGPIPE, SIG_DFL);
    (void)umask(077);
    if (cli_args_init(&args, argc, argv)) {
        cli.json = args.value[CLI_JSON] != NULL;
        code = args.value[CLI_HELP] != NULL ? cmd_help_of(args.command)
                                            : args.command->run(&cli, &args);
    } else {
        for (int i = 1; argv[i] != NULL; i++) { /* it may be shorter now */
            cli.json = cli.json || strcmp(argv[i], "--json") == 0;
        }
        code = cli_tell_err(&cli, ERR_BAD_REQUEST, args.wrong,
            "`usenetsync help` lists the commands, `usenetsync help COMMAND` explains one");
    }
    cli_api_free(cli.api);
    cli_args_clear(&args);
    return fflush(stdout) == 0 ? code : CLI_EXIT_LOCAL;
}
