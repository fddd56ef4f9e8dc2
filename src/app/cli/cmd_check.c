/* check: is a share still whole? One sentence, then what is not. */
#include <stdio.h>
#include <string.h>

#include "app/cli/cli_text.h"
#include "app/cli/cli_wait.h"
#include "app/cli/cmd.h"

enum { LINK_ROOM = 1025 };

static unsigned long long count_of(const json_t *object, const char *key)
{
    return (unsigned long long)json_integer_value(json_object_get(object, key));
}

static unsigned long long missing_of(const json_t *result)
{
    return count_of(result, "missing_data") + count_of(result, "missing_parity");
}

static bool is_verdict(const json_t *object, const char *verdict)
{
    const char *is = json_string_value(json_object_get(object, "verdict"));

    return is != NULL && strcmp(is, verdict) == 0;
}

static int exit_code(const json_t *result)
{
    return is_verdict(result, "whole")        ? CLI_EXIT_OK
           : is_verdict(result, "repairable") ? CLI_EXIT_REPAIRABLE
           : is_verdict(result, "unknown")    ? CLI_EXIT_SERVER
                                              : CLI_EXIT_LOST;
}

/* "12 of 1,234". */
static enum err put_of(unsigned long long part, unsigned long long all, struct buf *out)
{
    enum err err = cli_text_count(part, out);

    if (err == OK) {
        err = buf_append_str(out, " of ");
    }
    return err == OK ? cli_text_count(all, out) : err;
}

static enum err put_whole(const json_t *result, struct buf *out)
{
    enum err err = buf_printf(out, "version %llu is whole: all ", count_of(result, "version"));

    if (err == OK) {
        err = cli_text_count(count_of(result, "articles"), out);
    }
    if (err == OK) {
        err = buf_append_str(out, " articles are there");
    }
    return err == OK && json_is_true(json_object_get(result, "deep"))
               ? buf_append_str(out, ", with the right contents")
               : err;
}

static enum err put_repairable(const json_t *result, struct buf *out)
{
    enum err err = buf_printf(
        out, "version %llu is not whole, but nothing is lost: ", count_of(result, "version"));

    if (err == OK && missing_of(result) > 0) {
        err = put_of(missing_of(result), count_of(result, "articles"), out);
        if (err == OK) {
            err = buf_append_str(out, count_of(result, "damaged") > 0
                                          ? " articles are missing or damaged"
                                          : " articles are missing");
        }
        if (err == OK) {
            err = buf_append_str(out, ", and parity makes them good");
        }
    } else if (err == OK) {
        err = buf_append_str(out, "all articles but copies of the head are there");
    }
    return err;
}

static enum err put_unknown(const json_t *result, struct buf *out)
{
    enum err err = buf_printf(
        out, "version %llu: the servers gave no answer for ", count_of(result, "version"));

    if (err == OK) {
        err = put_of(count_of(result, "unknown"), count_of(result, "articles"), out);
    }
    return err == OK ? buf_append_str(out, " articles; nothing is known to be lost") : err;
}

static enum err put_lost(const json_t *result, struct buf *out)
{
    enum err err =
        buf_printf(out, "version %llu is damaged for good: ", count_of(result, "version"));

    if (err == OK) {
        err = put_of(count_of(result, "volumes_lost"), count_of(result, "volumes"), out);
    }
    if (err == OK) {
        err = buf_append_str(out, " volumes miss more than parity makes good");
    }
    if (err == OK && count_of(result, "unread_tables") > 0) {
        err = buf_append_str(out, ", and a list of volumes is lost");
    }
    if (err == OK && count_of(result, "lost_files") > 0) {
        err = buf_append_str(out, "; with them ");
        if (err == OK) {
            err = cli_text_count(count_of(result, "lost_files"), out);
        }
        if (err == OK) {
            err = buf_append_str(out, " files, ");
        }
        if (err == OK) {
            err = cli_text_bytes(count_of(result, "lost_bytes"), out);
        }
    }
    if (err == OK && !json_is_true(json_object_get(result, "files_known"))) {
        err = buf_append_str(out, "; which files these are, or all of them, cannot be told");
    }
    return err;
}

/* The sentence that says it all. */
static enum err put_summary(const json_t *result, struct buf *out)
{
    unsigned long long copies = count_of(json_object_get(result, "head"), "missing");
    enum err err = is_verdict(result, "whole")        ? put_whole(result, out)
                   : is_verdict(result, "repairable") ? put_repairable(result, out)
                   : is_verdict(result, "unknown")    ? put_unknown(result, out)
                                                      : put_lost(result, out);

    if (err == OK && copies > 0) {
        err = buf_printf(out, "; %llu of 6 copies of its head are missing", copies);
    }
    return err == OK ? buf_append_str(out, ".\n") : err;
}

/* With several servers, what each of them lacks; and who posts it again. */
static enum err put_care(const json_t *result, struct buf *out)
{
    const json_t *servers = json_object_get(result, "servers");
    const json_t *healing = json_object_get(result, "healing");
    const json_t *server;
    size_t i;
    enum err err = OK;

    json_array_foreach(servers, i, server)
    {
        if (err != OK || json_array_size(servers) < 2) {
            break;
        }
        err = json_is_true(json_object_get(server, "away"))
                  ? buf_printf(out, "server %s gave no answer\n",
                        json_string_value(json_object_get(server, "name")))
                  : buf_printf(out, "server %s misses %llu of %llu that it was asked for\n",
                        json_string_value(json_object_get(server, "name")),
                        count_of(server, "missing") + count_of(server, "damaged"),
                        count_of(server, "asked"));
    }
    if (err == OK && json_is_object(healing)) {
        err = buf_printf(out, "job %llu posts again what is missing: %llu articles\n",
            count_of(healing, "job"), count_of(healing, "articles"));
    }
    return err;
}

static enum err put_volume(const json_t *v, struct buf *out)
{
    char data[64], parity[64];

    (void)snprintf(
        data, sizeof(data), "%llu of %llu", count_of(v, "missing_data"), count_of(v, "k"));
    (void)snprintf(
        parity, sizeof(parity), "%llu of %llu", count_of(v, "missing_parity"), count_of(v, "m"));
    return buf_printf(out, "%8llu  %-4s  %14s  %14s  %7llu  %7llu  %s\n", count_of(v, "volume"),
        json_string_value(json_object_get(v, "kind")), data, parity, count_of(v, "damaged"),
        count_of(v, "unknown"), json_string_value(json_object_get(v, "verdict")));
}

/* "and 3 more; `usenetsync logs 7` has all". */
static enum err put_more(unsigned long long all, size_t shown, const json_t *job, struct buf *out)
{
    return all > shown ? buf_printf(out, "and %llu more; `usenetsync logs %llu` has them\n",
                             all - shown, count_of(job, "id"))
                       : OK;
}

static enum err put_volumes(const json_t *job, const json_t *result, struct buf *out)
{
    const json_t *list = json_object_get(result, "not_whole");
    unsigned long long all = count_of(result, "volumes_repairable") +
                             count_of(result, "volumes_unknown") + count_of(result, "volumes_lost");
    size_t i;
    json_t *volume;
    enum err err = all == 0 ? OK
                            : buf_append_str(out, "  volume  kind    missing data  missing parity"
                                                  "  damaged  unknown  verdict\n");

    json_array_foreach(list, i, volume)
    {
        if (err == OK) {
            err = put_volume(volume, out);
        }
    }
    return err == OK ? put_more(all, json_array_size(list), job, out) : err;
}

static enum err put_files(const json_t *job, const json_t *result, struct buf *out)
{
    const json_t *list = json_object_get(result, "files");
    size_t i;
    json_t *file;
    enum err err = OK;

    json_array_foreach(list, i, file)
    {
        if (err == OK) {
            err = buf_append_str(out, "lost: ");
        }
        if (err == OK) {
            err = cli_text_name(file, "path", out);
        }
        if (err == OK) {
            err = buf_append_str(out, "\n");
        }
    }
    return err == OK ? put_more(count_of(result, "lost_files"), json_array_size(list), job, out)
                     : err;
}

static void print_result(const struct cli *cli, const json_t *job)
{
    const json_t *result = json_object_get(job, "result");
    struct buf text = {0};
    enum err err;

    if (cli->json) {
        cli_print_json(job);
        return;
    }
    err = put_summary(result, &text);
    if (err == OK) {
        err = put_volumes(job, result, &text);
    }
    if (err == OK) {
        err = put_files(job, result, &text);
    }
    if (err == OK) {
        err = put_care(result, &text);
    }
    if (err == OK) {
        (void)fwrite(text.ptr, 1, text.len, stdout);
    }
    buf_clear(&text);
}

static int run(struct cli *cli, const struct cli_args *args, const json_t *body)
{
    json_t *answer = NULL;
    json_t *job = NULL;
    json_int_t id;
    int code;

    if (cli_ask(cli, "POST", "/api/checks", body, &answer) != OK) {
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
        print_result(cli, job);
        code = exit_code(json_object_get(job, "result"));
    }
    json_decref(job);
    json_decref(answer);
    return code;
}

int cmd_check(struct cli *cli, const struct cli_args *args)
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
        body = json_pack("{s:o, s:b, s:o*}", "share", cli_name(share), "deep",
            args->value[CLI_DEEP] != NULL, "version", cmd_number(args->value[CLI_VERSION]));
        if (args->value[CLI_HEAL] != NULL) {
            (void)json_object_set_new(body, "heal", json_true());
        }
        code = run(cli, args, body);
        json_decref(body);
    }
    bytes_wipe(room, sizeof(room));
    return code;
}
