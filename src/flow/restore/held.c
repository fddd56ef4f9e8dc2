/* Counting holders. */
#include "flow/restore/held.h"

#include <stdlib.h>

struct held *held_new(size_t len)
{
    struct held *held = malloc(sizeof(*held) + len);

    if (held != NULL) {
        atomic_init(&held->holders, 1);
        held->len = len;
    }
    return held;
}

struct held *held_keep(struct held *held)
{
    atomic_fetch_add(&held->holders, 1);
    return held;
}

void held_drop(struct held *held)
{
    if (held != NULL && atomic_fetch_sub(&held->holders, 1) == 1) {
        free(held);
    }
}
