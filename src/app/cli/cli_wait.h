/* Waiting for a job in front of the terminal: progress, Ctrl-C, the end. */
#ifndef APP_CLI_CLI_WAIT_H
#define APP_CLI_CLI_WAIT_H

#include "app/cli/cli.h"

/* Show job `id` until it ends, is paused, or the user detaches. CLI_EXIT_OK: it is done, *job is
 * its last state (owned). Else everything has been told. */
int cli_wait_job(struct cli *cli, json_int_t id, json_t **job);

#endif
