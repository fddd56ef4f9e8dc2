/* A daemon for this state folder: found or started. */
#ifndef APP_CLI_CLI_START_H
#define APP_CLI_CLI_START_H

#include "app/cli/cli_api.h"
#include "app/cli/cli_state.h"

/* Start a daemon in the background and wait until it answers. When it cannot start, *failure has
 * its own last words. ERR_LOCKED: there is one already. */
MUST_USE enum err cli_start_daemon(const struct cli_state *state, struct cli_failure *failure);

/* Make sure that a daemon answers. */
MUST_USE enum err cli_start_ensure(const struct cli_state *state, struct cli_failure *failure);

/* Does a daemon answer? */
int cli_start_is_up(const struct cli_state *state);

#endif
