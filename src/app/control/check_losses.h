/* What a check finds missing of a share of ours, while it goes on: told place by place in the log,
 * summed up by server, and gathered for being posted again. */
#ifndef APP_CONTROL_CHECK_LOSSES_H
#define APP_CONTROL_CHECK_LOSSES_H

#include "app/control/control_own.h"
#include "flow/check/share_check.h"

struct check_losses;

/* Of share `share` of ours; 0: of somebody else's, of which nothing is gathered. */
MUST_USE enum err check_losses_new(
    struct control *control, int64_t share, struct check_losses **losses);
void check_losses_free(struct check_losses *losses); /* NULL is allowed */

/* A volume was asked about. */
void check_losses_add(struct check_losses *losses, const struct check_volume *volume);

/* What each server said, for docs/openapi.yaml's Health: new. */
json_t *check_losses_servers(const struct check_losses *losses);

/* What is to be made good: of data volumes that miss more than a quarter of their parity, and parts
 * of the listing. */
struct check_due {
    size_t volumes, articles, listings;
};
struct check_due check_losses_due(const struct check_losses *losses);

/* Note it in the catalogue, for the next publication. Not while a flow works on the share. */
MUST_USE enum err check_losses_note(const struct check_losses *losses);

#endif
