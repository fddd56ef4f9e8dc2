/* Comparing ids. */
#include "base/ids.h"

#include <stddef.h>

bool cid_equal(const struct cid *a, const struct cid *b)
{
    uint8_t diff = 0;

    for (size_t i = 0; i < sizeof(a->b); i++) {
        diff |= a->b[i] ^ b->b[i];
    }
    return diff == 0;
}
