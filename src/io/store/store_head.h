/* What is to be remembered of heads: where ours were sent on a day, and the newest of each share
 * that was read here. */
#ifndef IO_STORE_STORE_HEAD_H
#define IO_STORE_STORE_HEAD_H

#include "base/ids.h"
#include "io/store/store.h"

enum { STORE_FINGERPRINT_LEN = 16 };

/* A place by day, and the version that is to be sent there. */
struct store_head_place {
    int64_t share;
    uint32_t day, slot;
    uint64_t version;
};

/* Take the place, durable on return: what goes there from now on is this version. ERR_EXISTS:
 * another one was sent there, and no other bytes may go out under its id. */
MUST_USE enum err store_head_take(struct store *store, const struct store_head_place *place);

/* The newest head that was seen of somebody's share. */
struct store_head_seen {
    uint8_t fingerprint[STORE_FINGERPRINT_LEN]; /* of the share's key */
    uint64_t version;
    uint8_t hash[KEY_LEN];
};

/* Fill in version and hash by the fingerprint. ERR_NO_ROW: none was seen. */
MUST_USE enum err store_head_seen_get(struct store *store, struct store_head_seen *seen);

/* Remember it in the place of an older one; of two with one number the first stays. */
MUST_USE enum err store_head_seen_put(struct store *store, const struct store_head_seen *seen);

#endif
