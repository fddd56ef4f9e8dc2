/* Bytes with several holders, which may be on different threads. Nobody changes them once a second
 * holder is there. */
#ifndef FLOW_RESTORE_HELD_H
#define FLOW_RESTORE_HELD_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct held {
    atomic_uint holders;
    size_t len;
    uint8_t bytes[];
};

/* `len` bytes, not set, with one holder. NULL: no memory. */
struct held *held_new(size_t len);

/* One holder more; returns `held`. */
struct held *held_keep(struct held *held);

/* One holder less; the last one frees. NULL is allowed. */
void held_drop(struct held *held);

#endif
