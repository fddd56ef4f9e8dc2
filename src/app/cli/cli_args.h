/* The command line, understood: which command, its options, its operands. One table of commands
 * (cli_commands.c) says what each takes. */
#ifndef APP_CLI_CLI_ARGS_H
#define APP_CLI_CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>

struct cli;
struct cli_args;

enum cli_option {
    CLI_STATE, /* the first three go with every command */
    CLI_JSON,
    CLI_HELP,
    CLI_TITLE,
    CLI_NO_WAIT,
    CLI_ONLY, /* may be repeated */
    CLI_RECURSIVE,
    CLI_HOST,
    CLI_PORT,
    CLI_TLS,
    CLI_TLS_CA,
    CLI_USER,
    CLI_PASSWORD_FILE,
    CLI_CONNECTIONS,
    CLI_GROUP,
    CLI_PLAIN_PASSWORD,
    CLI_ALL,
    CLI_VERSION,
    CLI_CONFLICT,
    CLI_DRY_RUN,
    CLI_VERIFY,
    CLI_WRITE_KEY,
    CLI_IGNORE,
    CLI_IGNORE_RULE, /* may be repeated */
    CLI_ONE_FILE_SYSTEM,
    CLI_ALL_FILE_SYSTEMS,
    CLI_REDUNDANCY,
    CLI_DEEP,
    CLI_NO_OPEN,
    CLI_LOGOUT_ALL,
    CLI_METRICS_TOKEN,
    CLI_UP,
    CLI_DOWN,
    CLI_WORKERS,
    CLI_NICE,
    CLI_MEMORY,
    CLI_FOR,
    CLI_YES,
    CLI_SET_PASSWORD,
    CLI_ROLE,
    CLI_ORDER,
    CLI_QUOTA,
    CLI_SPENT,
    CLI_HEAL,
    CLI_OPTIONS,
};

struct cli_command {
    const char *name;    /* "share", "server add" */
    const char *usage;   /* what follows the name */
    const char *summary; /* one line for people */
    int (*run)(struct cli *cli, const struct cli_args *args);
    int operands_min, operands_max; /* max -1: any number */
    enum cli_option takes[15];      /* besides those of every command; ends with CLI_STATE */
};

struct cli_args {
    const struct cli_command *command;
    const char *value[CLI_OPTIONS]; /* NULL: not given; "" for one that takes no value */
    const char **list;              /* all values of the option that may be repeated */
    size_t list_count;
    char **operands;
    int operand_count;
    char wrong[256]; /* what cannot be understood */
};

/* Understand argv; its strings are borrowed, its order changes. True: it can be run. False: `wrong`
 * says why; `command` is set when it was found. Call cli_args_clear() whatever it returns. */
bool cli_args_init(struct cli_args *args, int argc, char **argv);
void cli_args_clear(struct cli_args *args);

/* The commands, in the order help shows them; the last has no name. */
extern const struct cli_command cli_commands[];

/* The index in argv of the first word that is no option (--state takes the one behind it); argc if
 * there is none. `from` is where to begin. */
int cli_args_word(int argc, char **argv, int from);

#endif
