/* Published volumes that lost articles. What is to be made good is noted in the catalogue; the next
 * publication posts it again (mend.h), and its head tells readers where it is. Not while a flow
 * works on the share. */
#ifndef FLOW_PUBLISH_HEAL_H
#define FLOW_PUBLISH_HEAL_H

#include "io/store/store.h"

/* These places of data volume `number` are lost; rising. They go out again, from the files where
 * they are unchanged, else made from parity. Durable on return. ERR_NO_ROW: no such volume, or no
 * head lists it. */
struct heal_places {
    uint32_t number;
    const uint32_t *indices;
    size_t count;
};
MUST_USE enum err heal_volume(struct store *store, int64_t share, const struct heal_places *places);

/* Meta volume `number` lost so much that the parts of the listing in it are to be written anew,
 * elsewhere. Durable on return. */
MUST_USE enum err heal_listing(struct store *store, int64_t share, uint32_t number);

/* Version `version` is about to be published: say in the health of the volumes that were posted
 * again for it what is still missing of them. */
MUST_USE enum err heal_done(struct store *store, int64_t share, uint64_t version);

#endif
