/* The command line: one run of the program. */
#ifndef APP_CLI_CLI_H
#define APP_CLI_CLI_H

#include <stdbool.h>

#include "app/cli/cli_api.h"
#include "app/cli/cli_args.h"
#include "app/cli/cli_exit.h"
#include "app/cli/cli_state.h"
#include "base/bytes.h"

struct cli {
    bool json;
    struct cli_state state;
    struct cli_api *api;        /* NULL until cli_connect() */
    struct cli_failure failure; /* of the last cli_ask...(), for cli_tell() */
};

/* Run `usenetsync COMMAND ...`; the exit code. */
int cli_main(int argc, char **argv);

/* Settle the state folder. On error it has been told; the exit code. */
int cli_find_state(struct cli *cli, const struct cli_args *args);

/* Reach the daemon, starting it if need be. On error it has been told; the exit code. */
int cli_connect(struct cli *cli, const struct cli_args *args);

/* Ask the daemon; the one object it answers is put into *answer (owned). */
MUST_USE enum err cli_ask(
    struct cli *cli, const char *method, const char *path, const json_t *body, json_t **answer);

/* Ask the daemon for rows. */
MUST_USE enum err cli_ask_rows(struct cli *cli, const struct cli_request *request);

/* Tell an error: a sentence, a hint on a second line; with --json also an object on standard
 * output. The exit code. */
int cli_tell(const struct cli *cli, const struct cli_failure *failure);

/* The same for an error of ours; NULL `text`: its own sentence. */
int cli_tell_err(const struct cli *cli, enum err err, const char *text, const char *hint);

/* Print an object on a line of standard output. */
void cli_print_json(const json_t *object);

/* Print text that may hold anything, so that a terminal obeys none of it. */
void cli_print_safe(const char *text);

/* Append the contents of a file, or of standard input for "-". ERR_LIMIT: more than `max` bytes. */
MUST_USE enum err cli_read_file(const char *name, size_t max, struct buf *out);

/* An operand or option as a JSON name: absolute when it is a path of this machine. NULL: no memory.
 */
json_t *cli_name(const char *text);
json_t *cli_path(const char *path);

#endif
