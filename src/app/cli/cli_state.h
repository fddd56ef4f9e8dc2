/* Where the state of this user lies, and how to reach the daemon that owns it. The command line and
 * the daemon both ask here, so that they always agree. */
#ifndef APP_CLI_CLI_STATE_H
#define APP_CLI_CLI_STATE_H

#include <limits.h>

#include "base/err.h"

enum { CLI_SOCKET_MAX = 108 }; /* sun_path, its NUL included */

struct cli_state {
    char folder[PATH_MAX];       /* absolute, no symlinks */
    char socket[CLI_SOCKET_MAX]; /* in the folder; in the runtime folder when that is too long */
};

/* Settle the paths and make the folder (0700) if it is missing. `given` is --state, NULL: the XDG
 * state folder. ERR_PERMISSION: it belongs to somebody else. ERR_NOT_FOUND: there is no HOME. */
MUST_USE enum err cli_state_init(struct cli_state *state, const char *given);

#endif
