/* getopt_long, driven by the table of commands. */
#include "app/cli/cli_args.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_BASE = 256 };

static const struct {
    const char *name;
    int has_value;
} options[CLI_OPTIONS] = {
    [CLI_STATE] = {"state", required_argument},
    [CLI_JSON] = {"json", no_argument},
    [CLI_HELP] = {"help", no_argument},
    [CLI_TITLE] = {"title", required_argument},
    [CLI_NO_WAIT] = {"no-wait", no_argument},
    [CLI_ONLY] = {"only", required_argument},
    [CLI_RECURSIVE] = {"recursive", no_argument},
    [CLI_HOST] = {"host", required_argument},
    [CLI_PORT] = {"port", required_argument},
    [CLI_TLS] = {"tls", no_argument},
    [CLI_TLS_CA] = {"tls-ca", required_argument},
    [CLI_USER] = {"user", required_argument},
    [CLI_PASSWORD_FILE] = {"password-file", required_argument},
    [CLI_CONNECTIONS] = {"connections", required_argument},
    [CLI_GROUP] = {"group", required_argument},
    [CLI_PLAIN_PASSWORD] = {"allow-plain-password", no_argument},
    [CLI_ALL] = {"all", no_argument},
    [CLI_VERSION] = {"version", required_argument},
    [CLI_CONFLICT] = {"conflict", required_argument},
    [CLI_DRY_RUN] = {"dry-run", no_argument},
    [CLI_VERIFY] = {"verify", no_argument},
    [CLI_WRITE_KEY] = {"write-key", no_argument},
    [CLI_IGNORE] = {"ignore", required_argument},
    [CLI_IGNORE_RULE] = {"ignore-rule", required_argument},
    [CLI_ONE_FILE_SYSTEM] = {"one-file-system", no_argument},
    [CLI_DEEP] = {"deep", no_argument},
    [CLI_ALL_FILE_SYSTEMS] = {"all-file-systems", no_argument},
    [CLI_REDUNDANCY] = {"redundancy", required_argument},
    [CLI_NO_OPEN] = {"no-open", no_argument},
    [CLI_LOGOUT_ALL] = {"logout-all", no_argument},
    [CLI_METRICS_TOKEN] = {"metrics-token", no_argument},
    [CLI_UP] = {"up", required_argument},
    [CLI_DOWN] = {"down", required_argument},
    [CLI_WORKERS] = {"workers", required_argument},
    [CLI_NICE] = {"nice", required_argument},
    [CLI_MEMORY] = {"memory", required_argument},
    [CLI_FOR] = {"for", required_argument},
    [CLI_YES] = {"yes", no_argument},
    [CLI_SET_PASSWORD] = {"set-password", no_argument},
    [CLI_ROLE] = {"role", required_argument},
    [CLI_ORDER] = {"order", required_argument},
    [CLI_QUOTA] = {"quota", required_argument},
    [CLI_SPENT] = {"spent", required_argument},
    [CLI_HEAL] = {"heal", no_argument},
};

int cli_args_word(int argc, char **argv, int from)
{
    int i = from;

    while (i < argc && argv[i][0] == '-' && argv[i][1] != '\0' && strcmp(argv[i], "--") != 0) {
        i += strcmp(argv[i], "--state") == 0 ? 2 : 1;
    }
    return i < argc ? i : argc;
}

/* Does `name`, one or two words, stand in argv? Its words' places in at[]. */
static bool command_at(const struct cli_command *command, int argc, char **argv, int at[2])
{
    const char *space = strchr(command->name, ' ');
    size_t first = space == NULL ? strlen(command->name) : (size_t)(space - command->name);

    at[0] = cli_args_word(argc, argv, 1);
    at[1] = -1;
    if (at[0] >= argc || strlen(argv[at[0]]) != first ||
        memcmp(argv[at[0]], command->name, first) != 0) {
        return false;
    }
    if (space != NULL) {
        at[1] = cli_args_word(argc, argv, at[0] + 1);
        return at[1] < argc && strcmp(argv[at[1]], space + 1) == 0;
    }
    return true;
}

/* Find the command and take its words out of argv. */
static bool take_command(struct cli_args *args, int *argc, char **argv)
{
    int at[2];

    for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
        if (!command_at(c, *argc, argv, at)) {
            continue;
        }
        for (int i = 1; i >= 0; i--) {
            if (at[i] > 0) {
                memmove(&argv[at[i]], &argv[at[i] + 1], (size_t)(*argc - at[i]) * sizeof(*argv));
                (*argc)--;
            }
        }
        args->command = c;
        return true;
    }
    return false;
}

static void fill(struct option *row, enum cli_option option)
{
    *row = (struct option){
        options[option].name, options[option].has_value, NULL, OPTION_BASE + (int)option};
}

static void take_value(struct cli_args *args, enum cli_option option)
{
    if (option == CLI_ONLY || option == CLI_IGNORE_RULE) {
        args->list[args->list_count++] = optarg;
    }
    args->value[option] = optarg != NULL ? optarg : "";
}

static bool take_options(struct cli_args *args, int argc, char **argv)
{
    struct option table[CLI_OPTIONS + 1] = {{0}};
    int count = 0;
    int found;

    for (int i = CLI_STATE; i <= CLI_HELP; i++) {
        fill(&table[count++], (enum cli_option)i);
    }
    for (int i = 0; args->command->takes[i] != CLI_STATE; i++) {
        fill(&table[count++], args->command->takes[i]);
    }
    optind = 0; /* glibc: start afresh */
    while ((found = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
        if (found == 'h') {
            args->value[CLI_HELP] = "";
        } else if (found >= OPTION_BASE) {
            take_value(args, (enum cli_option)(found - OPTION_BASE));
        } else {
            (void)snprintf(args->wrong, sizeof(args->wrong),
                found == ':' ? "%.100s needs a value" : "unknown option %.100s", argv[optind - 1]);
            return false;
        }
    }
    args->operands = argv + optind;
    args->operand_count = argc - optind;
    return true;
}

static bool check_operands(struct cli_args *args)
{
    const struct cli_command *c = args->command;
    const char *problem = args->operand_count < c->operands_min ? "something is missing" : NULL;

    if (c->operands_max >= 0 && args->operand_count > c->operands_max) {
        problem = "there is too much";
    }
    if (problem != NULL) {
        (void)snprintf(
            args->wrong, sizeof(args->wrong), "%s: usenetsync %s %s", problem, c->name, c->usage);
    }
    return problem == NULL;
}

bool cli_args_init(struct cli_args *args, int argc, char **argv)
{
    int word;

    *args = (struct cli_args){0};
    args->list = calloc((size_t)argc + 1, sizeof(*args->list));
    word = cli_args_word(argc, argv, 1);
    if (args->list == NULL || word == argc) {
        (void)snprintf(args->wrong, sizeof(args->wrong), "which command?");
        return false;
    }
    if (!take_command(args, &argc, argv)) {
        (void)snprintf(
            args->wrong, sizeof(args->wrong), "there is no command \"%.100s\"", argv[word]);
        return false;
    }
    if (!take_options(args, argc, argv)) {
        return false;
    }
    return args->value[CLI_HELP] != NULL || check_operands(args);
}

void cli_args_clear(struct cli_args *args)
{
    free(args->list);
    *args = (struct cli_args){0};
}
