/* What so many files come to on a news server. Pure. */
#ifndef APP_CONTROL_ESTIMATE_H
#define APP_CONTROL_ESTIMATE_H

#include "flow/index/index_look.h"

struct estimate {
    uint64_t articles; /* contents, listing, heads, and recovery data for them */
    uint64_t bytes;    /* of these on the wire */
};

/* `percent` of recovery data: 5, 10 or 15. Nothing is taken to shrink or to be there already. */
void estimate_make(const struct index_sum *sum, unsigned percent, struct estimate *estimate);

#endif
