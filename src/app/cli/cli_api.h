/* The daemon over its socket: one request, its rows. docs/api.md lists what can be asked. */
#ifndef APP_CLI_CLI_API_H
#define APP_CLI_CLI_API_H

#include <jansson.h>

#include "base/err.h"

enum { CLI_TEXT_MAX = 2304 };

/* What went wrong, in words; "" when the error's own sentence says it all. */
struct cli_failure {
    enum err err;
    char text[CLI_TEXT_MAX];
    char hint[CLI_TEXT_MAX];
};

struct cli_api;

/* Nothing is connected yet. */
MUST_USE enum err cli_api_new(const char *socket, struct cli_api **api);
void cli_api_free(struct cli_api *api);

/* Called with each row (borrowed); anything but OK ends the request with that error. */
typedef enum err (*cli_row_fn)(void *arg, const json_t *row);

struct cli_request {
    const char *method;
    const char *path;
    const json_t *body; /* NULL: none */
    cli_row_fn row;
    void *arg;
};

/* Ask and wait for the whole answer. ERR_NO_DAEMON: nobody listens. ERR_CONNECTION_LOST: the daemon
 * went away in the middle. Otherwise what the daemon says. *failure is set when it is not OK. */
MUST_USE enum err cli_api_call(
    struct cli_api *api, const struct cli_request *request, struct cli_failure *failure);

#endif
