/* help: the table of commands, read aloud. */
#include <stdio.h>
#include <string.h>

#include "app/cli/cmd.h"

int cmd_help_of(const struct cli_command *command)
{
    (void)printf("usage: usenetsync [--state DIR] [--json] %s %s\n\n%s\n", command->name,
        command->usage, command->summary);
    return CLI_EXIT_OK;
}

/* Every command whose name begins with these words. */
static int help_about(struct cli *cli, const char *first, const char *second)
{
    char words[128];
    size_t len;
    int found = 0;

    (void)snprintf(words, sizeof(words), "%.60s%s%.60s", first, second != NULL ? " " : "",
        second != NULL ? second : "");
    len = strlen(words);
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
        if (strncmp(c->name, words, len) == 0 && (c->name[len] == '\0' || c->name[len] == ' ')) {
            (void)printf(found > 0 ? "\n" : "");
            found += cmd_help_of(c) == CLI_EXIT_OK;
        }
    }
    return found > 0 ? CLI_EXIT_OK
                     : cli_tell_err(cli, ERR_BAD_REQUEST, "there is no such command",
                           "`usenetsync help` lists the commands");
}

int cmd_help(struct cli *cli, const struct cli_args *args)
{
    if (args->operand_count > 0) {
        return help_about(
            cli, args->operands[0], args->operand_count > 1 ? args->operands[1] : NULL);
    }
    for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
        if (cli->json) {
            json_t *row = json_pack(
                "{s:s, s:s, s:s}", "command", c->name, "usage", c->usage, "summary", c->summary);

            cli_print_json(row);
            json_decref(row);
        } else {
            (void)printf("  %-14s %s\n", c->name, c->summary);
        }
    }
    if (!cli->json) {
        (void)puts("\n--state DIR and --json go with every command; `usenetsync help COMMAND` "
                   "explains one.");
    }
    return CLI_EXIT_OK;
}
