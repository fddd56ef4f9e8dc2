/* How a share was found to be, as JSON: docs/openapi.yaml has it as Health. */
#ifndef APP_CONTROL_CONTROL_HEALTH_H
#define APP_CONTROL_CONTROL_HEALTH_H

#include "app/control/control_own.h"
#include "io/store/store_health.h"

/* What a check found that has just ended. */
struct control_health {
    struct store_health_sum sum;
    uint64_t version;
    uint64_t unread_tables; /* of volumes, which are lost themselves */
    uint64_t unknown;       /* articles of which the servers said nothing */
};

/* New, NULL without memory. */
json_t *control_health_json(const struct control_health *health);

/* What the catalogue knows of a share of ours; {"state":"unknown"} when it was never checked. New,
 * NULL when the catalogue cannot be read. */
json_t *control_health_of_share(struct control *control, int64_t share);

#endif
