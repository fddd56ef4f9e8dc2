/* Things of which a room keeps one for each loop (io/net: its read buffer, TLS contexts and streams
 * that are saying goodbye). They die with the loop. */
#ifndef IO_LOOP_LOOP_LOCAL_H
#define IO_LOOP_LOOP_LOCAL_H

#include "io/loop/loop.h"

/* Lies at the front of the room's own structure. */
struct loop_local {
    struct list node;
    const void *key; /* any address that is the room's alone */
    void (*free)(struct loop_local *local);
};

/* What was put under `key`, or NULL. Loop thread only. */
struct loop_local *loop_local_get(struct loop *loop, const void *key);

/* Put `local` (key and free are set); its free() is called by loop_free(), which lets the loop turn
 * until what free() closes is closed. */
void loop_local_put(struct loop *loop, struct loop_local *local);

#endif
