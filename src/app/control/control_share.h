/* Shares of ours, as people name them. */
#ifndef APP_CONTROL_CONTROL_SHARE_H
#define APP_CONTROL_CONTROL_SHARE_H

#include "app/control/control_own.h"
#include "io/store/store_share.h"

/* The share that `asked` (its title, or its number) names. ERR_NO_ROW: none. ERR_BAD_REQUEST:
 * several have this title, or it is no name. Wipe *share: it holds keys. */
MUST_USE enum err control_share_find(
    struct control *control, const json_t *asked, struct store_share *share);

/* End the call with a sentence about such an error. */
void control_share_fail(struct control_call *call, enum err err);

/* End the call: the share is not to be used before it has been taken over. */
void control_share_fail_adopting(struct control_call *call, const struct store_share *share);

#endif
