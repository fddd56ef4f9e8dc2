/* get: a share comes back. */
#include <stdio.h>
#include <string.h>

#include "app/cli/cli_text.h"
#include "app/cli/cli_wait.h"
#include "app/cli/cmd.h"

enum { LINK_ROOM = 1025 };

const char *cmd_link_text(const char *given, char *room, int cap)
{
    static const char white[] = " \t\r\n";
    char *from;
    size_t len;

    if (strcmp(given, "-") != 0) {
        return given;
    }
    if (fgets(room, cap, stdin) == NULL) {
        return NULL;
    }
    from = room + strspn(room, white);
    len = strlen(from);
    while (len > 0 && strchr(white, from[len - 1]) != NULL) {
        len--;
    }
    from[len] = '\0';
    return from;
}

static json_t *body_of(const struct cli_args *args, const char *link)
{
    json_t *only = args->list_count > 0 ? json_array() : NULL;

    for (size_t i = 0; i < args->list_count; i++) {
        (void)json_array_append_new(only, cli_name(args->list[i]));
    }
    return json_pack("{s:o, s:o, s:o*, s:o*, s:s*, s:b, s:b}", "link", cli_name(link), "target",
        cli_path(args->operands[1]), "only", only, "version", cmd_number(args->value[CLI_VERSION]),
        "conflict", args->value[CLI_CONFLICT], "dry_run", args->value[CLI_DRY_RUN] != NULL,
        "verify", args->value[CLI_VERIFY] != NULL);
}

static unsigned long long count_of(const json_t *result, const char *key)
{
    return (unsigned long long)json_integer_value(json_object_get(result, key));
}

struct other {
    const char *key, *words;
};

/* "; 3 got another name" for what is not zero; the last of `others` has no key. */
static enum err put_others(const json_t *result, const struct other *others, struct buf *text)
{
    enum err err = OK;

    for (; err == OK && others->key != NULL; others++) {
        if (count_of(result, others->key) > 0) {
            err = buf_append_str(text, "; ");
            if (err == OK) {
                err = cli_text_count(count_of(result, others->key), text);
            }
            if (err == OK) {
                err = buf_printf(text, " %s", others->words);
            }
        }
    }
    return err;
}

static bool all_right(const json_t *result)
{
    return count_of(result, "differing_files") + count_of(result, "missing_files") +
               count_of(result, "blocked_entries") ==
           0;
}

static enum err put_compared(const json_t *job, struct buf *text)
{
    static const struct other others[] = {{"differing_files", "differ"},
        {"missing_files", "are missing"}, {"blocked_entries", "could not be compared"}, {0}};
    const json_t *result = json_object_get(job, "result");
    enum err err = cli_text_count(count_of(result, "verified_files"), text);

    if (err == OK) {
        err = buf_printf(text, " files are as in version %llu", count_of(result, "version"));
    }
    if (err == OK && all_right(result)) {
        return buf_append_str(text, "; nothing differs and nothing is missing");
    }
    if (err == OK) {
        err = put_others(result, others, text);
    }
    return err == OK ? buf_printf(text, ": `usenetsync logs %llu` names them", count_of(job, "id"))
                     : err;
}

static enum err put_done(const json_t *result, bool dry_run, struct buf *text)
{
    static const struct other others[] = {{"verified_files", "were right already"},
        {"kept_files", "left as they are"}, {"replaced_files", "took the place of others"},
        {"renamed_files", "got another name"}, {0}};
    enum err err = buf_append_str(text, dry_run ? "would restore " : "restored ");

    if (err == OK) {
        err = cli_text_count(count_of(result, "files"), text);
    }
    if (err == OK) {
        err = buf_append_str(text, " files, ");
    }
    if (err == OK) {
        err = cli_text_bytes(count_of(result, "bytes"), text);
    }
    if (err == OK) {
        err = put_others(result, others, text);
    }
    if (err == OK && dry_run) {
        err = buf_append_str(text, "; to fetch: ");
        if (err == OK) {
            err = cli_text_count(count_of(result, "needed_articles"), text);
        }
        if (err == OK) {
            err = buf_append_str(text, " articles");
        }
    }
    return err;
}

static enum err put_job(const struct cli_args *args, const json_t *job, struct buf *text)
{
    return args->value[CLI_VERIFY] != NULL
               ? put_compared(job, text)
               : put_done(json_object_get(job, "result"), args->value[CLI_DRY_RUN] != NULL, text);
}

static int print_done(const struct cli *cli, const struct cli_args *args, const json_t *job)
{
    struct buf text = {0};

    if (cli->json) {
        cli_print_json(job);
    } else if (put_job(args, job, &text) == OK) {
        (void)printf("%.*s\n", (int)text.len, (const char *)text.ptr);
    }
    buf_clear(&text);
    return args->value[CLI_VERIFY] != NULL && !all_right(json_object_get(job, "result"))
               ? CLI_EXIT_DIFFERS
               : CLI_EXIT_OK;
}

static int run(struct cli *cli, const struct cli_args *args, json_t *body)
{
    json_t *answer = NULL;
    json_t *job = NULL;
    json_int_t id;
    int code;

    if (cli_ask(cli, "POST", "/api/gets", body, &answer) != OK) {
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
        code = print_done(cli, args, job);
    }
    json_decref(job);
    json_decref(answer);
    return code;
}

int cmd_get(struct cli *cli, const struct cli_args *args)
{
    char room[LINK_ROOM];
    const char *link = cmd_link_text(args->operands[0], room, sizeof(room));
    json_t *body;
    int code;

    if (link == NULL) {
        return cli_tell_err(cli, ERR_LINK_BAD, "there is no link on standard input", NULL);
    }
    code = cli_connect(cli, args);
    if (code != CLI_EXIT_OK) {
        return code;
    }
    body = body_of(args, link);
    code = run(cli, args, body);
    json_decref(body);
    bytes_wipe(room, sizeof(room));
    return code;
}
