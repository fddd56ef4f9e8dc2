/* How many parity segments a volume gets. */
#ifndef FLOW_PUBLISH_PARITY_COUNT_H
#define FLOW_PUBLISH_PARITY_COUNT_H

#include "io/store/store_volume.h"

enum {
    PARITY_LEAN = 5, /* percent of a large volume */
    PARITY_NORMAL = 10,
    PARITY_LONG_TERM = 15,
};

/* M of a volume with `k` data segments. Small volumes get more of it than `percent` says (0:
 * PARITY_NORMAL), for few losses are a large part of them; meta volumes at least half. Grows with
 * `k`. */
uint32_t parity_count(enum store_volume_kind kind, uint32_t k, unsigned percent);

#endif
