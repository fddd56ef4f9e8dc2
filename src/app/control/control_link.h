/* Links: what a reader's link opens, and the link of a share of ours. */
#ifndef APP_CONTROL_CONTROL_LINK_H
#define APP_CONTROL_CONTROL_LINK_H

#include "app/control/control_own.h"
#include "flow/restore/restore.h"
#include "io/store/store_share.h"

/* The keys behind the link in the JSON string `text`. ERR_LINK_KIND: it is a good link, but not one
 * that restore can use. Else as link_decode(). Wipe *key. */
MUST_USE enum err control_link_key(
    struct control *control, const json_t *text, struct restore_key *key);

/* End `call`, whose link gave `err`, with a sentence that names the kind of mistake. */
void control_link_fail(struct control_call *call, const json_t *text, enum err err);

/* Append the public link of a share of ours. Wipe *text. */
MUST_USE enum err control_link_make(
    struct control *control, const struct store_share *share, struct buf *text);

#endif
