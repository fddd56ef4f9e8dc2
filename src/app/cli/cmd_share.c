/* share: paths go out, a link comes back. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli_text.h"
#include "app/cli/cli_wait.h"
#include "app/cli/cmd.h"

enum { RULES_MAX = 512 << 10 }; /* bytes: a request holds 1 MiB, base64 in it a third more */

/* Append the ignore file to *text. */
static enum err read_file(const char *name, struct buf *text)
{
    FILE *file = fopen(name, "re");
    size_t from = text->len;
    enum err err;

    if (file == NULL) {
        return err_from_errno(errno);
    }
    err = buf_resize(text, from + RULES_MAX + 1);
    if (err == OK) {
        text->len = from + fread(text->ptr + from, 1, RULES_MAX + 1, file);
        err = ferror(file) != 0 ? err_from_errno(errno) : OK;
    }
    (void)fclose(file);
    return err;
}

/* All rules that were given, the file's first; as a string. */
static enum err read_rules(const struct cli_args *args, struct buf *text)
{
    enum err err = OK;

    if (args->value[CLI_IGNORE] != NULL) {
        err = read_file(args->value[CLI_IGNORE], text);
    }
    for (size_t i = 0; err == OK && i < args->list_count; i++) {
        err = buf_printf(text, "\n%s", args->list[i]);
    }
    if (err == OK && text->len > RULES_MAX) {
        err = ERR_LIMIT;
    }
    if (err == OK && text->len > 0 && memchr(text->ptr, 0, text->len) != NULL) {
        err = ERR_BAD_FORMAT;
    }
    return err == OK ? buf_append_byte(text, 0) : err;
}

static json_t *body_of(const struct cli_args *args, const struct buf *rules)
{
    json_t *paths = json_array();
    json_t *body;

    for (int i = 0; i < args->operand_count; i++) {
        (void)json_array_append_new(paths, cli_path(args->operands[i]));
    }
    body = json_pack("{s:o, s:s*, s:s*}", "paths", paths, "title", args->value[CLI_TITLE],
        "redundancy", args->value[CLI_REDUNDANCY]);
    if (args->value[CLI_IGNORE] != NULL || args->list_count > 0) {
        (void)json_object_set_new(body, "ignore", cli_name((const char *)rules->ptr));
    }
    if (args->value[CLI_ONE_FILE_SYSTEM] != NULL || args->value[CLI_ALL_FILE_SYSTEMS] != NULL) {
        (void)json_object_set_new(
            body, "one_file_system", json_boolean(args->value[CLI_ONE_FILE_SYSTEM] != NULL));
    }
    return body;
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
        const json_t *result = json_object_get(job, "result");

        if (json_is_true(json_object_get(result, "unchanged"))) {
            (void)printf("nothing has changed since version %lld\n",
                (long long)json_integer_value(json_object_get(result, "version")));
        } else {
            print_summary(job);
        }
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

/* Send the request and see the job through. */
static int share(struct cli *cli, const struct cli_args *args, const json_t *body)
{
    json_t *answer = NULL;
    json_t *job = NULL;
    int code = CLI_EXIT_OK;

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
    json_decref(job);
    json_decref(answer);
    return code;
}

int cmd_share(struct cli *cli, const struct cli_args *args)
{
    struct buf rules = {0};
    json_t *body = NULL;
    enum err err = read_rules(args, &rules);
    int code;

    if (err != OK) {
        buf_clear(&rules);
        return cli_tell_err(cli, err, "the ignore rules cannot be read",
            "--ignore takes a text file of at most 512 KiB, one pattern a line");
    }
    code = cli_connect(cli, args);
    if (code == CLI_EXIT_OK) {
        body = body_of(args, &rules);
        code = share(cli, args, body);
    }
    json_decref(body);
    buf_clear(&rules);
    return code;
}
