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

/* The version that is asked for: the member "version", or 0 (the newest) when it is missing or
 * null. ERR_BAD_REQUEST: it is no number from 1 on. */
MUST_USE enum err control_link_version(const json_t *args, uint64_t *version);

/* Append the public link of a share of ours. Wipe *text. */
MUST_USE enum err control_link_make(
    struct control *control, const struct store_share *share, struct buf *text);

/* Append the write key of a share of ours: whoever has it publishes in our place. Wipe *text. */
MUST_USE enum err control_link_write_key(const struct store_share *share, struct buf *text);

/* What the write key in the JSON string `text` says, into share->write_seed and link_secret. Errors
 * as control_link_key(). */
MUST_USE enum err control_link_take_write_key(const json_t *text, struct store_share *share);

/* The key behind the public link of a share of ours. Wipe *key. */
MUST_USE enum err control_link_own_key(
    struct control *control, const struct store_share *share, struct restore_key *key);

#endif
