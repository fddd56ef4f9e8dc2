/* Everything that moves, as one JSON object: what the page shows live and /metrics counts.
 * docs/openapi.yaml has it as LiveState. */
#ifndef APP_CONTROL_CONTROL_LIVE_H
#define APP_CONTROL_CONTROL_LIVE_H

#include <jansson.h>

#include "app/control/control.h"

/* The state now: new, NULL without memory. It is asked for up to five times a second while somebody
 * looks, and compared with the one before: what did not change must look the same. It is bounded
 * (jobs under way, the first queued ones, the servers), whatever the catalogue holds. Home loop's
 * thread. */
json_t *control_live(struct control *control);

/* How many jobs there are in each state. */
MUST_USE enum err control_counts_json(struct control *control, json_t **counts);

/* What was counted for server `i` since the start: new, NULL without memory. */
json_t *control_counters_json(struct control *control, size_t i);

/* "sound", "damaged", "being checked". */
const char *control_catalogue_word(const struct control *control);

#endif
