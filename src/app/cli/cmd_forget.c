/* forget: a share of mine is no longer known here. */
#include <stdio.h>
#include <string.h>

#include "app/cli/cmd.h"

static const char sentence[] =
    "nothing that was posted can be deleted: whoever has the link keeps reading it until the news "
    "servers drop it. The share's keys go with it: without its write key, kept elsewhere, nobody "
    "can publish it again";

struct search {
    const char *wanted; /* a title or a number */
    json_int_t id;
    unsigned by_title;
    bool by_id;
};

static enum err on_share(void *arg, const json_t *row)
{
    struct search *search = arg;
    const char *title = json_string_value(json_object_get(row, "title"));
    json_int_t id = json_integer_value(json_object_get(row, "id"));
    char number[32];

    (void)snprintf(number, sizeof(number), "%lld", (long long)id);
    if (title != NULL && strcmp(title, search->wanted) == 0) {
        search->by_title++;
        search->id = id;
    } else if (search->by_title == 0 && strcmp(number, search->wanted) == 0) {
        search->by_id = true;
        search->id = id;
    }
    return OK;
}

static int find(struct cli *cli, struct search *search)
{
    struct cli_request request = {"GET", "/api/shares", NULL, on_share, search};

    if (cli_ask_rows(cli, &request) != OK) {
        return cli_tell(cli, &cli->failure);
    }
    if (search->by_title > 1) {
        return cli_tell_err(cli, ERR_BAD_REQUEST, "several shares have this title",
            "name it by its number: `usenetsync shares` lists them");
    }
    if (search->by_title == 0 && !search->by_id) {
        return cli_tell_err(
            cli, ERR_NO_ROW, "there is no such share of yours", "`usenetsync shares` lists yours");
    }
    return CLI_EXIT_OK;
}

int cmd_forget(struct cli *cli, const struct cli_args *args)
{
    struct search search = {.wanted = args->operands[0]};
    json_t *answer = NULL;
    char path[64];
    int code;

    if (args->value[CLI_YES] == NULL) {
        return cli_tell_err(cli, ERR_BAD_REQUEST, sentence, "say --yes if that is what you want");
    }
    code = cli_connect(cli, args);
    if (code == CLI_EXIT_OK) {
        code = find(cli, &search);
    }
    if (code != CLI_EXIT_OK) {
        return code;
    }
    (void)snprintf(path, sizeof(path), "/api/shares/%lld/forget", (long long)search.id);
    if (cli_ask(cli, "POST", path, NULL, &answer) != OK) {
        return cli_tell(cli, &cli->failure);
    }
    if (cli->json) {
        cli_print_json(answer);
    } else {
        (void)printf("share %lld is forgotten here; %s\n", (long long)search.id, sentence);
    }
    json_decref(answer);
    return CLI_EXIT_OK;
}
